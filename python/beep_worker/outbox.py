"""What waits to be sent to the gateway on one `Attach` stream over gRPC."""

from __future__ import annotations

import asyncio
from typing import NamedTuple, Protocol

from beep.python.worker.v1 import worker_pb2
from beep_worker import long_field

# More than this is not put into one message while a smaller one would do.
MESSAGE_BYTES = 256 * 1024


class LongUpward(NamedTuple):
    """An `Upward` whose encoding ends with bytes that are not to be copied."""

    head: bytes
    tail: bytes

    @staticmethod
    def of(envelope: worker_pb2.Envelope, body: tuple[bytes, ...]) -> LongUpward:
        """From an envelope that lacks its body."""
        *first, tail = body
        inner = b"".join((long_field.head(envelope, "body", sum(map(len, body))), *first))
        return LongUpward(long_field.head(worker_pb2.Upward(), "envelope", len(inner) + len(tail)) + inner, tail)


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

    def put_long(self, item: LongUpward) -> None:
        """The same for one that is long."""

    def close(self) -> None:
        """No more will come; what waits is still sent."""


class StreamOutbox:
    """An outbox that a writer empties."""

    def __init__(self) -> None:
        self._items: list[worker_pb2.Upward | LongUpward] = []
        self._wake: asyncio.Future[None] | None = None
        self._is_closed = False

    def put(self, item: worker_pb2.Upward, can_wait: bool = False) -> None:
        self._items.append(item)
        self._stir()

    def put_long(self, item: LongUpward) -> None:
        self.put(worker_pb2.Upward.FromString(b"".join(item)))

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


def next_message(items: list[worker_pb2.Upward | LongUpward]) -> worker_pb2.AttachResponse:
    """Takes from the front what fits one message; at least one thing, but nothing that is long."""
    taken: list[worker_pb2.Upward] = []
    size = 0
    for item in items:
        if isinstance(item, LongUpward):
            break
        taken.append(item)
        size += len(item.envelope.body)
        if size >= MESSAGE_BYTES:
            break
    del items[: len(taken)]
    return worker_pb2.AttachResponse(items=taken)
