"""What the gateway says on one `Attach` stream, whichever socket it comes by: first the session, then items for it."""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker.attachment import Attachment
from beep_worker.outbox import Outbox
from beep_worker.refusal import Refusal
from beep_worker.session import Session
from beep_worker.worker import Worker

# Requests that are longer are read beside the event loop, one after the other: arguments can take seconds.
_LARGE_BYTES = 64 * 1024
_reader = ThreadPoolExecutor(1, "large requests")


class Conversation:
    """Takes messages in order; what comes while a session is being opened waits for it."""

    def __init__(self, worker: Worker, outbox: Outbox) -> None:
        self._worker = worker
        self._outbox = outbox
        self._attachment: Attachment | None = None
        # What comes in waits until this is done.
        self._pending: asyncio.Task[None] | None = None
        self._waiting: deque[worker_pb2.Downward] = deque()
        self._has_ended = False

    def take(self, request: worker_pb2.AttachRequest) -> None:
        """One message of the gateway's."""
        self._waiting.extend(request.items)
        self._go_on()

    def close(self) -> None:
        """The stream has ended: everybody on it has gone."""
        self._has_ended = True
        self._waiting.clear()
        if self._attachment is not None:
            self._attachment.close()
        self._outbox.close()

    def _go_on(self) -> None:
        try:
            while self._waiting and self._pending is None and not self._has_ended:
                self._take(self._waiting.popleft())
        except Refusal as refusal:
            self._refuse(refusal)

    def _take(self, item: worker_pb2.Downward) -> None:
        attachment = self._attachment
        match item.WhichOneof("body"):
            case "session_id":
                self._attach(self._worker.session(item.session_id))
            case "open":
                self._pending = asyncio.create_task(self._open(item.open))
            case _ if attachment is None:
                raise Refusal("INTERNAL", "the first message names no session")
            case "submission" if len(item.submission.body) > _LARGE_BYTES:
                self._pending = asyncio.create_task(self._submit_large(attachment, item.submission))
            case "submission":
                attachment.submit(item.submission)
            case "grant":
                attachment.grant(item.grant)
            case "departure":
                attachment.depart(item.departure.number, item.departure.detach)

    async def _open(self, request: worker_pb2.OpenSessionRequest) -> None:
        try:
            session = await self._worker.open_session(request)
        except Refusal as refusal:
            self._refuse(refusal)
            return
        if self._has_ended:
            session.begin_close(execute_pb2.CLOSE_REASON_RELEASED, "whoever opened it had gone before it was there")
            return
        self._attach(session)
        self._outbox.put(worker_pb2.Upward(opened=session.to_message().SerializeToString()), can_wait=True)
        self._pending = None
        self._go_on()

    async def _submit_large(self, attachment: Attachment, submission: worker_pb2.Submission) -> None:
        loop = asyncio.get_running_loop()
        reading = loop.run_in_executor(_reader, attachment.read, submission)
        await asyncio.wait((reading,))
        reading.exception()  # taken: where nobody is left to be told, it is nobody's
        if not self._has_ended:
            attachment.submit(submission, reading.result)
        self._pending = None
        self._go_on()

    def _attach(self, session: Session) -> None:
        self._attachment = Attachment(session, self._worker.executions, self._worker.batches, self._outbox)

    def _refuse(self, refusal: Refusal) -> None:
        self._outbox.put(worker_pb2.Upward(refusal=worker_pb2.ItemRefusal(refusal=refusal.to_message())))
        self.close()
