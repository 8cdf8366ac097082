"""The events of one execution for its own caller."""

from __future__ import annotations

from collections.abc import Callable

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker.execution import Execution
from beep_worker.log import Cursor
from beep_worker.long_field import LONG_BYTES
from beep_worker.outbox import LongUpward, Outbox
from beep_worker.reader import Reader

_OPENING = ("accepted", "started")


class Subscription(Reader):
    """A caller that lags holds the code up, if it asked for that."""

    def __init__(
        self,
        execution: Execution,
        number: int,
        window_bytes: int,
        outbox: Outbox,
        on_done: Callable[[int], None],
    ) -> None:
        super().__init__(execution, Cursor(), window_bytes, self)
        self._number = number
        self._outbox = outbox
        self._on_done = on_done

    @property
    def blocks(self) -> bool:
        """Whether the code waits for this caller."""
        return self._execution.request.when_behind != execute_pb2.WHEN_BEHIND_DROP

    def start(self) -> None:
        self._execution.subscriptions.add(self)
        super().start()

    def close(self) -> None:
        super().close()
        self._execution.subscriptions.discard(self)
        self._execution.on_reader_gone()

    def pump(self) -> None:
        super().pump()
        self._execution.relieve()

    def put_event(self, envelope: worker_pb2.Envelope, body: tuple[bytes, ...], kind: str) -> None:
        envelope.number = self._number
        if len(body[-1]) < LONG_BYTES:
            envelope.body = b"".join(body)
            self._outbox.put(worker_pb2.Upward(envelope=envelope), can_wait=kind in _OPENING)
        else:
            self._outbox.put_long(LongUpward.of(envelope, body))

    def on_end(self) -> None:
        self._on_done(self._number)
