"""Plays the gateway's part: a real keeper and worker, and calls on them over their socket."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc

from beep.python.v1 import execute_pb2, object_pb2
from beep.python.worker.v1 import worker_pb2, worker_pb2_grpc

PYTHON_FOLDER = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
START_KEEPER = "import sys; sys.path.insert(0, sys.argv[1]); from beep_worker.keeper import main; sys.exit(main())"
TOKEN = "a token of this boot"
PATIENCE_S = 15.0
# More than any test sends.
WIDE_OPEN = 1 << 31

_ids = itertools.count(1)


def new_id(kind: str) -> str:
    """An id that no other test uses."""
    return f"{kind}-{next(_ids)}"


class WorkerProcess:
    """A keeper with its worker, started as the gateway does it."""

    def __init__(self, folder: Path, prefix: Sequence[str] = (), **settings: Any) -> None:
        self.folder = folder
        self.address = f"unix:{folder}/w.sock"
        self.log = folder / "worker.log"
        with self.log.open("wb") as log:
            self.keeper = subprocess.Popen(
                [*prefix, sys.executable, "-I", "-c", START_KEEPER, PYTHON_FOLDER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        assert self.keeper.stdin is not None
        assert self.keeper.stdout is not None
        configuration = {
            "socket": f"{folder}/w.sock",
            "token": TOKEN,
            "worker_id": "w1",
            "max_sessions": 256,
            "max_queued_items": 4,
            "max_message_bytes": 16 << 20,
            "max_output_bytes": 1 << 30,
            "interrupt_grace_ms": 2000,
            "log_folder": f"{folder}/logs",
            "max_kept_log_bytes": 4 << 30,
            **settings,
        }
        self.keeper.stdin.write(json.dumps(configuration).encode() + b"\n")
        self.keeper.stdin.flush()
        line = self.keeper.stdout.readline()
        assert line, f"the worker did not start: {self.log.read_text()}"
        self.pid: int = json.loads(line)["pid"]

    def cut_lifeline(self) -> None:
        """What the gateway's end does."""
        assert self.keeper.stdin is not None
        self.keeper.stdin.close()

    def close(self) -> None:
        """Ends it; all below has gone when this returns."""
        self.cut_lifeline()
        try:
            self.keeper.wait(PATIENCE_S)
        finally:
            self.keeper.kill()
            assert self.keeper.stdout is not None
            self.keeper.stdout.close()

    def complaints(self) -> str:
        """What of its own failures the worker wrote to its log."""
        return "\n".join(line for line in self.log.read_text().splitlines() if "Traceback" in line or "ERROR" in line)

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class Refused(Exception):
    """The worker refused a call or an item."""

    def __init__(self, refusal: worker_pb2.Refusal) -> None:
        super().__init__(f"{refusal.reason}: {refusal.message}")
        self.reason = refusal.reason
        self.message = refusal.message
        self.retry_after_ms = refusal.retry_after_ms
        self.metadata = dict(refusal.metadata)


@dataclass
class Item:
    """One submission, as its caller sees it."""

    stream: Stream
    number: int
    id: str
    events: list[execute_pb2.ExecutionEvent] = field(default_factory=list)
    arrived: asyncio.Queue[worker_pb2.Envelope | Refused | None] = field(default_factory=asyncio.Queue)

    async def next_envelope(self) -> worker_pb2.Envelope:
        """Raises Refused, and EOFError where the stream ends first."""
        async with asyncio.timeout(PATIENCE_S):
            envelope = await self.arrived.get()
        if envelope is None:
            raise EOFError("the stream has ended")
        if isinstance(envelope, Refused):
            raise envelope
        return envelope

    async def next(self) -> execute_pb2.ExecutionEvent:
        """The next event; it is kept in `events` too."""
        envelope = await self.next_envelope()
        event = execute_pb2.ExecutionEvent.FromString(envelope.body)
        assert event.seq == envelope.seq
        is_last = envelope.kind == worker_pb2.ENVELOPE_KIND_FINISHED
        assert is_last == (event.WhichOneof("body") == "finished")
        self.events.append(event)
        return event

    async def until(self, kind: str) -> execute_pb2.ExecutionEvent:
        """The next event of a kind."""
        while True:
            event = await self.next()
            if event.WhichOneof("body") == kind:
                return event
            assert not event.HasField("finished"), f"it ended without {kind}: {event}"

    async def says(self, text: str) -> None:
        """Returns when the code has written this."""
        while text not in self.written("stdout"):
            await self.until("output")

    async def finished(self) -> execute_pb2.Finished:
        """Reads to the end."""
        return (await self.until("finished")).finished

    async def result(self) -> execute_pb2.ExecutionResult:
        """Of an item delivered as a result."""
        envelope = await self.next_envelope()
        assert envelope.kind == worker_pb2.ENVELOPE_KIND_RESULT
        return execute_pb2.ExecutionResult.FromString(envelope.body)

    async def response(self) -> object_pb2.ApplyResponse:
        """Of a batch."""
        envelope = await self.next_envelope()
        assert envelope.kind == worker_pb2.ENVELOPE_KIND_RESULT
        return object_pb2.ApplyResponse.FromString(envelope.body)

    async def ended(self) -> None:
        """Of one that nobody waits for: it has ended."""
        envelope = await self.next_envelope()
        assert (envelope.kind, envelope.body) == (worker_pb2.ENVELOPE_KIND_FINISHED, b"")

    async def accepted(self) -> None:
        """Of an item of which only that is told."""
        assert (await self.next_envelope()).kind == worker_pb2.ENVELOPE_KIND_ACCEPTED

    def written(self, stream: str) -> str:
        """What has come of a stream so far."""
        return self.written_bytes(stream).decode()

    def written_bytes(self, stream: str) -> bytes:
        wanted = execute_pb2.OutputStream.Value(f"OUTPUT_STREAM_{stream.upper()}")
        return b"".join(e.output.data for e in self.events if e.output.stream == wanted)

    @property
    def kinds(self) -> list[str | None]:
        return [event.WhichOneof("body") for event in self.events]

    @property
    def has_more(self) -> bool:
        """Whether something has arrived that was not looked at."""
        return not self.arrived.empty()

    async def grant(self, size: int) -> None:
        """Lets so many more bytes come."""
        await self.stream.send(worker_pb2.Downward(grant=worker_pb2.WindowGrant(number=self.number, bytes=size)))

    async def depart(self, detach: bool = False) -> None:
        """Its caller goes."""
        departure = worker_pb2.Departure(number=self.number, detach=detach)
        await self.stream.send(worker_pb2.Downward(departure=departure))


class LaneCall:
    """An `Attach` call over the lane, with the methods that one over gRPC has."""

    def __init__(self, path: str, token: str = TOKEN) -> None:
        self._token = token
        self._connection = asyncio.create_task(asyncio.open_unix_connection(path))
        self._has_begun = False

    async def write(self, request: worker_pb2.AttachRequest) -> None:
        _, writer = await self._connection
        messages = [request.SerializeToString()]
        if not self._has_begun:
            self._has_begun = True
            messages.insert(0, self._token.encode())
        writer.write(b"".join(len(message).to_bytes(4, "big") + message for message in messages))
        await writer.drain()

    async def read(self) -> Any:
        reader, _ = await self._connection
        try:
            size = int.from_bytes(await reader.readexactly(4), "big")
            return worker_pb2.AttachResponse.FromString(await reader.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError):
            return grpc.aio.EOF

    async def done_writing(self) -> None:
        _, writer = await self._connection
        if writer.can_write_eof() and not writer.is_closing():
            writer.write_eof()

    def cancel(self) -> None:
        if self._connection.done():
            self._connection.result()[1].transport.abort()
        self._connection.cancel()


class Stream:
    """One `Attach` stream."""

    def __init__(self, call: Any) -> None:
        self.session: execute_pb2.Session = execute_pb2.Session()
        self._call = call
        self._items: dict[int, Item] = {}
        self._opened: asyncio.Future[execute_pb2.Session] = asyncio.get_running_loop().create_future()
        self._opened.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._reader = asyncio.create_task(self._read())

    async def open(self, request: worker_pb2.OpenSessionRequest) -> execute_pb2.Session:
        """Opens a session on this stream. Raises Refused."""
        await self.send(worker_pb2.Downward(open=request))
        async with asyncio.timeout(PATIENCE_S):
            self.session = await asyncio.shield(self._opened)
        return self.session

    async def attach(self, session_id: str) -> None:
        """Attaches to a session that is there."""
        self.session.id = session_id
        await self.send(worker_pb2.Downward(session_id=session_id))

    async def send(self, *items: worker_pb2.Downward) -> None:
        """Raises EOFError where the worker has ended the stream."""
        try:
            await self._call.write(worker_pb2.AttachRequest(items=items))
        except (grpc.aio.AioRpcError, grpc.aio.UsageError, asyncio.InvalidStateError, ConnectionError):
            raise EOFError("the stream has ended") from None

    async def submit(
        self,
        code: str = "",
        *,
        id: str = "",
        body: bytes | None = None,
        delivery: worker_pb2.Delivery = worker_pb2.DELIVERY_EVENTS,
        window: int = WIDE_OPEN,
        kind: worker_pb2.ItemKind = worker_pb2.ITEM_KIND_EXECUTION,
        **fields: Any,
    ) -> Item:
        """Gives an item to the session; its answers are read from what is returned."""
        item = Item(self, len(self._items) + 1, id or new_id("x"))
        self._items[item.number] = item
        if self._reader.done():
            item.arrived.put_nowait(None)
        if body is None:
            body = execute_pb2.ExecuteRequest(code=code, **fields).SerializeToString()
        submission = worker_pb2.Submission(
            number=item.number,
            kind=kind,
            item_id=item.id,
            body=body,
            delivery=delivery,
            window_bytes=min(window, (1 << 32) - 1),
        )
        await self.send(worker_pb2.Downward(submission=submission))
        return item

    async def run(self, code: str, **fields: Any) -> execute_pb2.ExecutionResult:
        """Runs code and answers what came of it. Raises Refused."""
        return await (await self.submit(code, delivery=worker_pb2.DELIVERY_RESULT, **fields)).result()

    async def submit_batch(self, *operations: object_pb2.Operation, id: str = "", **fields: Any) -> Item:
        """Gives a batch to the session."""
        body = object_pb2.ApplyRequest(operations=operations, **fields).SerializeToString()
        delivery = worker_pb2.DELIVERY_RESULT
        return await self.submit(id=id, body=body, kind=worker_pb2.ITEM_KIND_BATCH, delivery=delivery)

    async def apply(self, *operations: object_pb2.Operation, **fields: Any) -> object_pb2.ApplyResponse:
        """Runs a batch and answers what came of it. Raises Refused."""
        return await (await self.submit_batch(*operations, **fields)).response()

    async def release(self, request: object_pb2.ReleaseHandlesRequest) -> object_pb2.ReleaseHandlesResponse:
        """Lets handles go. Raises Refused."""
        body, delivery = request.SerializeToString(), worker_pb2.DELIVERY_RESULT
        item = await self.submit(body=body, kind=worker_pb2.ITEM_KIND_RELEASE, delivery=delivery)
        return object_pb2.ReleaseHandlesResponse.FromString((await item.next_envelope()).body)

    async def value(self, code: str) -> Any:
        """What an expression of plain values gives; an assertion fails where the code does."""
        result = await self.run(code)
        assert result.finished.outcome == execute_pb2.OUTCOME_OK, result
        kind = result.value.WhichOneof("kind")
        found = getattr(result.value, kind)
        return json.loads(found) if kind == "json" else found

    async def end(self) -> None:
        """Everybody on it goes; returns when the worker has ended the stream too."""
        await self._call.done_writing()
        async with asyncio.timeout(PATIENCE_S):
            await self._reader
        self._call.cancel()

    async def ended(self) -> None:
        """Returns when the worker has ended it. Raises Refused where it said why."""
        async with asyncio.timeout(PATIENCE_S):
            await self._reader
        if self._opened.done() and isinstance(self._opened.exception(), Refused):
            self._opened.result()

    async def abort(self) -> None:
        """Ends it at once, as a gateway that dies."""
        self._call.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        try:
            while (message := await self._call.read()) is not grpc.aio.EOF:
                for item in message.items:
                    self._take(item)
        except (asyncio.CancelledError, grpc.aio.AioRpcError):
            pass
        finally:
            for waiting in self._items.values():
                waiting.arrived.put_nowait(None)
            if not self._opened.done():
                self._opened.set_exception(EOFError("the stream has ended"))

    def _take(self, upward: worker_pb2.Upward) -> None:
        match upward.WhichOneof("body"):
            case "opened":
                self._opened.set_result(execute_pb2.Session.FromString(upward.opened))
            case "envelope":
                self._items[upward.envelope.number].arrived.put_nowait(upward.envelope)
            case "refusal":
                refused = Refused(upward.refusal.refusal)
                if upward.refusal.number:
                    self._items[upward.refusal.number].arrived.put_nowait(refused)
                elif not self._opened.done():
                    self._opened.set_exception(refused)


class Gateway:
    """The calls on one worker."""

    def __init__(self, channel: grpc.aio.Channel, folder: Path, python: str, token: str = TOKEN) -> None:
        # How `Attach` streams travel: over gRPC, or over the lane beside it.
        self.lane = ""
        self.stub: Any = worker_pb2_grpc.WorkerServiceStub(channel)  # type: ignore[no-untyped-call]
        self.metadata = (("beep-worker-token", token),)
        self.folder = folder
        self.environment = worker_pb2.Environment(name="env", generation=1, python_path=python)

    async def call(self, name: str, request: Any) -> Any:
        """A unary call. Raises Refused."""
        try:
            return await getattr(self.stub, name)(request, metadata=self.metadata, timeout=PATIENCE_S)
        except grpc.aio.AioRpcError as error:
            for key, value in error.trailing_metadata() or ():
                if key == "beep-refusal-bin" and isinstance(value, bytes):
                    raise Refused(worker_pb2.Refusal.FromString(value)) from error
            raise

    def stream(self) -> Stream:
        """A new `Attach` stream."""
        return Stream(LaneCall(self.lane) if self.lane else self.stub.Attach(metadata=self.metadata))

    def request(
        self, spec: execute_pb2.SessionSpec | None = None, *, session_id: str = "", **fields: Any
    ) -> worker_pb2.OpenSessionRequest:
        """Asks for a session."""
        session_id = session_id or new_id("s")
        values: dict[str, Any] = {
            "principal": "p",
            "environment": self.environment,
            "workspace": str(self.folder / session_id),
            **fields,
        }
        spec_bytes = (spec or execute_pb2.SessionSpec()).SerializeToString()
        return worker_pb2.OpenSessionRequest(session_id=session_id, spec=spec_bytes, **values)

    @asynccontextmanager
    async def session(self, spec: execute_pb2.SessionSpec | None = None, **fields: Any) -> AsyncIterator[Stream]:
        """A session with a stream of its own, closed at the end if it is still there."""
        stream = self.stream()
        session = await stream.open(self.request(spec, **fields))
        try:
            yield stream
        finally:
            await unless_refused(self.close(session.id), "SESSION_CLOSED")
            await stream.end()

    async def close(self, session_id: str) -> execute_pb2.Session:
        """Closes a session; all of it has gone when this returns. Raises Refused."""
        request = worker_pb2.CloseSessionRequest(session_id=session_id)
        return execute_pb2.Session.FromString((await self.call("CloseSession", request)).session)

    async def sessions(self) -> list[execute_pb2.Session]:
        """Those that are open."""
        answer = await self.call("ListSessions", worker_pb2.ListSessionsRequest())
        return [execute_pb2.Session.FromString(session) for session in answer.sessions]

    async def describe(self, session_id: str) -> execute_pb2.Session:
        """A session as it is. Raises Refused."""
        request = worker_pb2.GetSessionRequest(session_id=session_id)
        return execute_pb2.Session.FromString((await self.call("GetSession", request)).session)

    async def renew(self, session_id: str, idle_s: float | None = None) -> execute_pb2.Session:
        """Moves a session's expiry. Raises Refused."""
        renewal = execute_pb2.RenewSessionRequest(session_id=session_id)
        if idle_s is not None:
            renewal.idle_timeout.FromNanoseconds(int(idle_s * 1e9))
        request = worker_pb2.RenewSessionRequest(request=renewal.SerializeToString())
        return execute_pb2.Session.FromString((await self.call("RenewSession", request)).session)

    async def restart(self, session_id: str) -> execute_pb2.Session:
        """Restarts a session; answers when the next generation is there. Raises Refused."""
        request = worker_pb2.RestartSessionRequest(session_id=session_id)
        return execute_pb2.Session.FromString((await self.call("RestartSession", request)).session)

    async def executions(
        self, principal: str, limit: int, before: worker_pb2.ExecutionPlace | None = None, **wanted: Any
    ) -> list[worker_pb2.ListedExecution]:
        """A page of a principal's executions."""
        body = execute_pb2.ListExecutionsRequest(**wanted).SerializeToString()
        request = worker_pb2.ListExecutionsRequest(principal=principal, request=body, limit=limit, before=before)
        return list((await self.call("ListExecutions", request)).executions)

    async def interrupt(
        self, session_id: str, item_id: str = "", *, grace_s: float | None = None, kill: bool = False
    ) -> execute_pb2.InterruptResponse:
        """Interrupts; answers when it has settled. Raises Refused."""
        request = execute_pb2.InterruptRequest(session_id=session_id, item_id=item_id, kill=kill)
        if grace_s is not None:
            request.grace.FromNanoseconds(int(grace_s * 1e9))
        control = worker_pb2.ControlRequest(principal="p", interrupt=request.SerializeToString())
        return execute_pb2.InterruptResponse.FromString((await self.call("Control", control)).body)

    async def send_input(
        self, execution_id: str, data: bytes = b"", *, eof: bool = False, request_id: int = 0, principal: str = "p"
    ) -> None:
        """Gives input to an execution. Raises Refused."""
        given = execute_pb2.InputData(data=data, end_of_file=eof, request_id=request_id)
        request = execute_pb2.SendInputRequest(execution_id=execution_id, input=given)
        control = worker_pb2.ControlRequest(principal=principal, send_input=request.SerializeToString())
        await self.call("Control", control)

    async def execution(self, execution_id: str, *, wait_s: float = 0.0) -> execute_pb2.ExecutionInfo:
        """An execution as it stands. Raises Refused."""
        request = worker_pb2.GetExecutionRequest(principal="p", execution_id=execution_id, wait_ms=int(wait_s * 1000))
        return execute_pb2.ExecutionInfo.FromString((await self.call("GetExecution", request)).info)

    async def read(self, execution_id: str, from_seq: int = 0) -> AsyncIterator[execute_pb2.ExecutionEvent]:
        """The events of an execution from a number on, to its end."""
        call = await self.reader(execution_id, from_seq)
        async for response in call:
            for envelope in response.envelopes:
                yield execute_pb2.ExecutionEvent.FromString(envelope.body)
            if response.HasField("refusal"):
                raise Refused(response.refusal)
            if response.is_last:
                break
            granted = sum(len(envelope.body) for envelope in response.envelopes)
            await call.write(worker_pb2.ReadEventsRequest(grant=granted))
        call.cancel()

    async def reader(self, execution_id: str, from_seq: int = 0, window: int = 256 * 1024) -> Any:
        """A call that reads events, as far as its window allows."""
        start = worker_pb2.ReadEventsStart(
            principal="p", execution_id=execution_id, from_seq=from_seq, window_bytes=window
        )
        call = self.stub.ReadEvents(metadata=self.metadata, timeout=PATIENCE_S)
        await call.write(worker_pb2.ReadEventsRequest(start=start))
        return call

    async def output(
        self, execution_id: str, stream: execute_pb2.OutputStream, offset: int = 0, max_bytes: int = 1 << 30
    ) -> tuple[list[execute_pb2.Output], worker_pb2.ReadOutputResponse]:
        """What an execution has written, and the answer that said so. Raises Refused."""
        request = worker_pb2.ReadOutputRequest(
            principal="p", execution_id=execution_id, stream=stream, offset=offset, max_bytes=max_bytes
        )
        answer = await self.call("ReadOutput", request)
        return [execute_pb2.Output.FromString(output) for output in answer.outputs], answer

    async def read_all(self, execution_id: str, from_seq: int = 0) -> list[execute_pb2.ExecutionEvent]:
        return [event async for event in self.read(execution_id, from_seq)]

    async def stats(self) -> worker_pb2.StatsResponse:
        answer: worker_pb2.StatsResponse = await self.call("Stats", worker_pb2.StatsRequest())
        return answer


async def unless_refused(call: Awaitable[Any], reason: str) -> None:
    """Waits for a call that may be refused, for this reason alone."""
    try:
        await call
    except Refused as refused:
        if refused.reason != reason:
            raise


@asynccontextmanager
async def connected(worker: WorkerProcess, folder: Path, python: str, token: str = TOKEN) -> AsyncIterator[Gateway]:
    """The calls on a worker, for as long as the block lasts."""
    options = [("grpc.max_receive_message_length", 64 << 20), ("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(worker.address, options=options) as channel:
        yield Gateway(channel, folder, python, token)


async def eventually(claim: Callable[[], bool], what: str, within_s: float = PATIENCE_S) -> None:
    """Waits for what the kernel does in its own time; fails by name."""
    try:
        pause_s = 0.005
        async with asyncio.timeout(within_s):
            while not claim():
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 1.1, 0.05)
    except TimeoutError:
        raise AssertionError(f"not within {within_s:g} s: {what}") from None


def process_is_there(pid: int) -> bool:
    """Whether a process lives; a zombie does not."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


def all_below(pid: int) -> Iterator[int]:
    """Every process below one, by the kernel's table."""
    parents: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(int(name))
    waiting = list(parents.get(pid, ()))
    while waiting:
        child = waiting.pop()
        yield child
        waiting.extend(parents.get(child, ()))


def waits_in_a_pipe(pid: int) -> bool:
    """Whether a thread of a process sleeps in a write to a pipe that is full."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/wchan") as file:
            if "pipe_write" in file.read():
                return True
    return False
