"""One `Attach` stream: items into a session, events and results out of it; what waits goes together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker.batch import Batch, read_batch, read_release
from beep_worker.execution import Execution, State
from beep_worker.executions import Executions
from beep_worker.form import ReadRequest, read_request
from beep_worker.item import Item
from beep_worker.original import read_original
from beep_worker.outbox import Outbox
from beep_worker.refusal import Refusal
from beep_worker.session import Session
from beep_worker.subscription import Subscription


class Attachment:
    """The items that came in on one stream. Those whose caller leaves are cancelled, unless they asked to go on."""

    def __init__(
        self, session: Session, executions: Executions, batches: dict[tuple[str, str], Batch], outbox: Outbox
    ) -> None:
        self._session = session
        self._executions = executions
        self._batches = batches
        self._outbox = outbox
        self._items: dict[int, tuple[Execution, Callable[[], None]]] = {}
        self._running: dict[int, Batch] = {}
        self._subscriptions: dict[int, Subscription] = {}
        # Executions that nobody on this stream waits for, whose end is told all the same.
        self._ends: dict[int, Callable[[], None]] = {}
        self._is_closed = False

    def read(self, submission: worker_pb2.Submission) -> ReadRequest | Batch:
        """What an item asks for; may be called beside the event loop. Raises Refusal."""
        identity = self._session.identity
        read = _BATCHES.get(submission.kind)
        if read is not None:
            return read(identity.key.principal, submission.item_id, identity.id, submission.body)
        return read_request(submission.body, identity.workspace)

    def submit(self, submission: worker_pb2.Submission, read: Callable[[], ReadRequest | Batch] | None = None) -> None:
        """Gives an item its place, or says why not. `read` answers with what it asks for where that was read before."""
        try:
            if submission.kind in _BATCHES:
                batch = read() if read is not None else self.read(submission)
                assert isinstance(batch, Batch)
                self._submit_batch(batch, submission.number)
                return
            execution = self._place(submission, read)
        except Refusal as refusal:
            self._refuse(submission.number, refusal)
            return
        number = submission.number
        match submission.delivery:
            case worker_pb2.DELIVERY_EVENTS:
                execution.callers += 1
                subscription = Subscription(execution, number, submission.window_bytes, self._outbox, self._forget)
                self._subscriptions[number] = subscription
                self._items[number] = (execution, subscription.close)
                subscription.start()
            case worker_pb2.DELIVERY_RESULT:
                execution.callers += 1
                self._deliver_result(execution, number)
            case _:
                self._outbox.put(_upward(number, worker_pb2.ENVELOPE_KIND_ACCEPTED, b""))
                self._tell_end(execution, number)

    def grant(self, grant: worker_pb2.WindowGrant) -> None:
        """More events may be sent."""
        subscription = self._subscriptions.get(grant.number)
        if subscription is not None:
            subscription.grant(grant.bytes)

    def depart(self, number: int, detach: bool) -> None:
        """The caller of an item has gone."""
        batch = self._running.pop(number, None)
        if batch is not None:
            self._cancel(batch)
            return
        item = self._items.get(number)
        if item is None:
            return
        execution, stop = item
        self._forget(number)
        stop()
        asked = execution.request.on_disconnect
        if detach or asked == execute_pb2.ON_DISCONNECT_DETACH:
            self._tell_end(execution, number)
            return
        if execution.callers > 0:
            return
        self._cancel(execution)

    def _cancel(self, item: Item) -> None:
        if not item.has_finished:
            self._session.cancel(item, "its caller went away, or its deadline passed")

    def close(self) -> None:
        """The stream has ended: everybody on it has gone."""
        for stop in self._ends.values():
            stop()
        self._ends.clear()
        self._is_closed = True
        for number in [*self._items, *self._running]:
            self.depart(number, detach=False)
        session = self._session
        if session.identity.is_ephemeral and session.current is None and not session.queue:
            # Its one item was refused, or joined another's, or never came.
            session.begin_close(execute_pb2.CLOSE_REASON_RELEASED, "nothing was left to run in it")

    def _submit_batch(self, batch: Batch, number: int) -> None:
        if batch.key in self._batches:
            raise Refusal(
                "INVALID_ARGUMENT",
                f"batch_id: batch {batch.id} runs or waits already; choose another id, or none",
                field="batch_id",
            )

        def on_end() -> None:
            del self._batches[batch.key]
            if self._running.pop(number, None) is None:
                return  # its caller has gone
            try:
                self._outbox.put(_upward(number, worker_pb2.ENVELOPE_KIND_RESULT, batch.answer()))
            except Refusal as refusal:
                self._refuse(number, refusal)

        batch.on_end = on_end
        self._batches[batch.key] = self._running[number] = batch
        try:
            self._session.submit(batch)
        except Refusal:
            del self._batches[batch.key], self._running[number]
            raise

    def _place(self, submission: worker_pb2.Submission, read: Callable[[], ReadRequest | Batch] | None) -> Execution:
        session, principal = self._session, self._session.identity.key.principal
        digest = hashlib.blake2b(submission.body, digest_size=16).digest()
        known = self._executions.join(principal, submission.item_id, digest)
        if known is not None:
            return known
        asked = read() if read is not None else self.read(submission)
        assert not isinstance(asked, Batch)
        request, form = asked
        files = self._executions.files
        execution = Execution(principal, submission.item_id, session.identity.id, request, digest, form, files)
        self._executions.add(execution)
        try:
            session.submit(execution)
        except Refusal:
            self._executions.remove(execution)
            raise
        return execution

    def _deliver_result(self, execution: Execution, number: int) -> None:
        def send() -> None:
            self._outbox.put(
                _upward(number, worker_pb2.ENVELOPE_KIND_RESULT, execution.collected().SerializeToString())
            )

        if execution.state is State.FINISHED:
            execution.callers -= 1
            send()
            return

        def on_event() -> None:
            if execution.log.is_finished:
                self._forget(number)
                send()

        stop = execution.log.listen(on_event)
        self._items[number] = (execution, stop)

    def _tell_end(self, execution: Execution, number: int) -> None:
        def tell() -> None:
            self._outbox.put(_upward(number, worker_pb2.ENVELOPE_KIND_FINISHED, b""))

        def on_event() -> None:
            if execution.log.is_finished:
                self._ends.pop(number)()
                tell()

        if self._is_closed:
            return
        if execution.state is State.FINISHED:
            tell()
        else:
            self._ends[number] = execution.log.listen(on_event)

    def _forget(self, number: int) -> None:
        item = self._items.pop(number, None)
        if item is not None:
            item[0].callers -= 1
        self._subscriptions.pop(number, None)

    def _refuse(self, number: int, refusal: Refusal) -> None:
        self._outbox.put(worker_pb2.Upward(refusal=worker_pb2.ItemRefusal(number=number, refusal=refusal.to_message())))


_BATCHES = {
    worker_pb2.ITEM_KIND_BATCH: read_batch,
    worker_pb2.ITEM_KIND_RELEASE: read_release,
    worker_pb2.ITEM_KIND_ORIGINAL: read_original,
}


def _upward(number: int, kind: worker_pb2.EnvelopeKind, body: bytes) -> worker_pb2.Upward:
    return worker_pb2.Upward(envelope=worker_pb2.Envelope(number=number, kind=kind, body=body))
