"""The events of one execution for its own caller, under a window that the caller's reading opens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker.execution import Execution
from beep_worker.log import Cursor, Record, timestamp
from beep_worker.outbox import Outbox

HEARTBEAT_S = 15.0

_OPENING = ("accepted", "started")


class Subscription:
    """Sends records in order while the window lasts; a caller that lags holds the code up, if it asked for that."""

    def __init__(
        self,
        execution: Execution,
        number: int,
        window_bytes: int,
        outbox: Outbox,
        on_done: Callable[[int], None],
    ) -> None:
        self.cursor = Cursor()
        self._execution = execution
        self._number = number
        self._window = window_bytes
        self._outbox = outbox
        self._on_done = on_done
        self._loop = asyncio.get_running_loop()
        self._stop: Callable[[], None] | None = None
        self._heartbeat: asyncio.TimerHandle | None = None
        self._sent_at = self._loop.time()

    @property
    def blocks(self) -> bool:
        """Whether the code waits for this caller."""
        return self._execution.request.when_behind != execute_pb2.WHEN_BEHIND_DROP

    def start(self) -> None:
        """Begins with what there is already."""
        self._execution.subscriptions.add(self)
        self._stop = self._execution.log.listen(self._pump)
        self._heartbeat = self._loop.call_later(HEARTBEAT_S, self._beat)
        self._pump()

    def grant(self, size: int) -> None:
        """The caller has read so much."""
        self._window += size
        self._pump()

    def close(self) -> None:
        """Sends no more."""
        if self._stop is not None:
            self._stop()
            self._stop = None
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        self._execution.subscriptions.discard(self)
        self._execution.relieve()

    def _pump(self) -> None:
        log = self._execution.log
        if self._window <= 0 or self.cursor.seq >= log.next_seq:
            return
        self._sent_at = self._loop.time()
        for record in log.read(self.cursor):
            self._send(record)
            if record.is_last:
                self.close()
                self._on_done(self._number)
                return
            if self._window <= 0:
                break
        self._execution.relieve()

    def _send(self, record: Record) -> None:
        body = record.encoded(self._execution.id)
        self._window -= len(body)
        kind = worker_pb2.ENVELOPE_KIND_FINISHED if record.is_last else worker_pb2.ENVELOPE_KIND_EVENT
        self._outbox.put(
            worker_pb2.Upward(envelope=worker_pb2.Envelope(number=self._number, seq=record.seq, kind=kind, body=body)),
            can_wait=record.kind in _OPENING,
        )

    def _beat(self) -> None:
        quiet_s = self._loop.time() - self._sent_at
        if quiet_s >= HEARTBEAT_S and self._window > 0:
            body = heartbeat(self._execution)
            self._outbox.put(
                worker_pb2.Upward(
                    envelope=worker_pb2.Envelope(number=self._number, kind=worker_pb2.ENVELOPE_KIND_EVENT, body=body)
                )
            )
            quiet_s = 0.0
        self._heartbeat = self._loop.call_later(max(0.1, HEARTBEAT_S - quiet_s), self._beat)


def heartbeat(execution: Execution) -> bytes:
    """An event that only says that the execution is still there."""
    return execute_pb2.ExecutionEvent(
        execution_id=execution.id,
        time=timestamp(time.time_ns()),
        heartbeat=execute_pb2.Heartbeat(next_seq=execution.log.next_seq),
    ).SerializeToString()
