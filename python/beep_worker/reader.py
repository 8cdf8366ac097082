"""One reader of an execution's events, under a window that its reading opens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker.execution import Execution
from beep_worker.log import Cursor, Record, timestamp

HEARTBEAT_S = 15.0


class Recipient(Protocol):
    """Where the events go."""

    def put_event(self, envelope: worker_pb2.Envelope, body: tuple[bytes, ...], kind: str) -> None:
        """One more event, in an envelope that lacks its body; of what kind is known of those that are in memory."""

    def on_end(self) -> None:
        """It was the last one, or nothing comes after what was wanted. The reader is closed."""


class Reader:
    """Sends events in order while the window lasts, past and live; what lies in a file is fetched first."""

    def __init__(self, execution: Execution, cursor: Cursor, window_bytes: int, recipient: Recipient) -> None:
        self.cursor = cursor
        self._execution = execution
        self._window = window_bytes
        self._recipient = recipient
        self._loop = asyncio.get_running_loop()
        self._stop: Callable[[], None] | None = None
        self._heartbeat: asyncio.TimerHandle | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._sent_at = self._loop.time()

    def start(self) -> None:
        """Begins with what there is already."""
        self._stop = self._execution.log.listen(self.pump)
        self._heartbeat = self._loop.call_later(HEARTBEAT_S, self._beat)
        self.pump()

    def grant(self, size: int) -> None:
        """So much has been read."""
        self._window += size
        self.pump()

    def close(self) -> None:
        """Sends no more."""
        if self._stop is not None:
            self._stop()
            self._stop = None
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        if self._fetching is not None:
            self._fetching.cancel()

    def pump(self) -> None:
        """Sends what can be sent."""
        log = self._execution.log
        if self._stop is None or self._fetching is not None:
            return
        if self.cursor.seq >= log.next_seq:
            if log.is_finished:
                self._end()
            return
        if self._window <= 0:
            return
        self._sent_at = self._loop.time()
        for record in log.read(self.cursor):
            self._send(record)
            if record.is_last:
                self._end()
                return
            if self._window <= 0 or self._stop is None:
                return
        if log.is_in_file(self.cursor):
            self._fetching = self._loop.create_task(self._fetch())

    def _end(self) -> None:
        self.close()
        self._recipient.on_end()

    def _send(self, record: Record) -> None:
        body = record.pieces(self._execution.id)
        self._window -= sum(map(len, body))
        kind = worker_pb2.ENVELOPE_KIND_FINISHED if record.is_last else worker_pb2.ENVELOPE_KIND_EVENT
        self._recipient.put_event(worker_pb2.Envelope(seq=record.seq, kind=kind), body, record.kind)

    async def _fetch(self) -> None:
        await self._execution.log.fetch(self.cursor)
        self._fetching = None
        self.pump()

    def _beat(self) -> None:
        quiet_s = self._loop.time() - self._sent_at
        if quiet_s >= HEARTBEAT_S and self._window > 0:
            body = heartbeat(self._execution)
            envelope = worker_pb2.Envelope(kind=worker_pb2.ENVELOPE_KIND_EVENT)
            self._recipient.put_event(envelope, (body,), "heartbeat")
            quiet_s = 0.0
        self._heartbeat = self._loop.call_later(max(0.1, HEARTBEAT_S - quiet_s), self._beat)


def heartbeat(execution: Execution) -> bytes:
    """An event that only says that the execution is still there."""
    return execute_pb2.ExecutionEvent(
        execution_id=execution.id,
        time=timestamp(time.time_ns()),
        heartbeat=execute_pb2.Heartbeat(next_seq=execution.log.next_seq),
    ).SerializeToString()
