"""The events of an execution for whoever comes later: nobody waits for such a reader."""

from __future__ import annotations

import asyncio

from beep.python.worker.v1 import worker_pb2
from beep_worker.execution import Execution
from beep_worker.log import Record
from beep_worker.reader import Reader
from beep_worker.refusal import Refusal

# More than this is not put into one message while a smaller one would do.
MESSAGE_BYTES = 64 * 1024


class LaterReader(Reader):
    """What it is to be sent waits here; the window bounds how much."""

    def __init__(self, execution: Execution, from_seq: int, window_bytes: int) -> None:
        super().__init__(execution, execution.log.cursor(max(1, from_seq)), window_bytes, self)
        self._waiting: list[worker_pb2.Envelope] = []
        self._stirred = asyncio.Event()
        self._has_begun = False
        self._has_ended = False
        self._refusal: Refusal | None = None

    async def take(self) -> worker_pb2.ReadEventsResponse:
        """What waits, as much as goes into one message."""
        while not self._waiting and not self._has_ended:
            self._stirred.clear()
            await self._stirred.wait()
        count = size = 0
        for envelope in self._waiting:
            count += 1
            size += len(envelope.body)
            if size >= MESSAGE_BYTES:
                break
        response = worker_pb2.ReadEventsResponse(envelopes=self._waiting[:count])
        del self._waiting[:count]
        if self._has_ended and not self._waiting:
            response.is_last = True
            if self._refusal is not None:
                response.refusal.CopyFrom(self._refusal.to_message())
        return response

    def put_event(self, envelope: worker_pb2.Envelope, body: tuple[bytes, ...], kind: str) -> None:
        envelope.body = b"".join(body)
        self._waiting.append(envelope)
        self._stirred.set()

    def on_end(self) -> None:
        self._has_ended = True
        self._stirred.set()

    def _send(self, record: Record) -> None:
        if record.kind == "dropped" and self._has_begun:
            self._refuse(record.body.first_seq)
        elif self._refusal is None:
            self._has_begun = True
            super()._send(record)

    def _refuse(self, next_seq: int) -> None:
        """It began with what was there, and what it has not read is gone by now."""
        self._refusal = Refusal(
            "READER_TOO_SLOW",
            f"the reader lags so far behind that events are gone; read on from seq {next_seq} to hear which",
            executionId=self._execution.id,
            nextSeq=str(next_seq),
        )
        self.close()
        self.on_end()
