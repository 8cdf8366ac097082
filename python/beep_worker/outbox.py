"""What waits to be sent to the gateway on one `Attach` stream over gRPC."""

from __future__ import annotations

import asyncio
from typing import Protocol

from beep.python.worker.v1 import worker_pb2

# More than this is not put into one message while a smaller one would do.
MESSAGE_BYTES = 256 * 1024


class Burst:
    """Whether more is about to come of the same piece of work: an answer waits for it then, and they go together."""

    def __init__(self) -> None:
        self.is_on = False


# Of the event loop's only thread.
burst = Burst()


class Outbox(Protocol):
    """Takes what is to be sent; what waits goes together."""

    def put(self, item: worker_pb2.Upward, can_wait: bool = False) -> None:
        """One more thing to send; one that can wait goes with the next, or a moment later by itself."""

    def close(self) -> None:
        """No more will come; what waits is still sent."""


class StreamOutbox:
    """An outbox that a writer empties."""

    def __init__(self) -> None:
        self._items: list[worker_pb2.Upward] = []
        self._wake: asyncio.Future[None] | None = None
        self._is_closed = False

    def put(self, item: worker_pb2.Upward, can_wait: bool = False) -> None:
        self._items.append(item)
        self._stir()

    def close(self) -> None:
        self._is_closed = True
        self._stir()

    async def take(self) -> worker_pb2.AttachResponse | None:
        """All that waits, up to a bound; None after the close."""
        while not self._items:
            if self._is_closed:
                return None
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake
        return next_message(self._items)

    def _stir(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)


def next_message(items: list[worker_pb2.Upward]) -> worker_pb2.AttachResponse:
    """Takes from the front what fits one message; at least one thing."""
    count = size = 0
    for item in items:
        count += 1
        size += len(item.envelope.body)
        if size >= MESSAGE_BYTES:
            break
    response = worker_pb2.AttachResponse(items=items[:count])
    del items[:count]
    return response
