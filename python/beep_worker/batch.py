"""A batch of operations on live objects: what was asked, and what has come of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from google.protobuf.message import DecodeError

from beep.python.v1 import execute_pb2, object_pb2
from beep_worker import encode
from beep_worker.ending import Ending, ending_of
from beep_worker.execution import Collected
from beep_worker.frames import Frame
from beep_worker.item import Item
from beep_worker.operations import operations_of
from beep_worker.process import STDOUT
from beep_worker.refusal import Refusal
from beep_worker.usage import UNKNOWN, CpuTime, Used

# A longer request waits for its turn here.
MAX_BYTES_AHEAD = 8192


class Told(NamedTuple):
    """What an `end` frame says of a batch."""

    ending: Ending
    results: list[object_pb2.OperationResult]
    released: int


def read_batch(principal: str, batch_id: str, session_id: str, body: bytes) -> Batch:
    """The batch of an `ApplyRequest`. Raises Refusal."""
    try:
        request = object_pb2.ApplyRequest.FromString(body)
    except DecodeError:
        raise Refusal("INVALID_ARGUMENT", "the request is no ApplyRequest") from None
    return Batch(principal, batch_id, session_id, request, len(body))


def read_release(principal: str, batch_id: str, session_id: str, body: bytes) -> Batch:
    """The batch of a `ReleaseHandlesRequest`. Raises Refusal."""
    try:
        request = object_pb2.ReleaseHandlesRequest.FromString(body)
    except DecodeError:
        raise Refusal("INVALID_ARGUMENT", "the request is no ReleaseHandlesRequest") from None
    return Release(principal, batch_id, session_id, request, len(body))


class Batch(Item):
    """Its text and its results are collected; nothing of it is kept when it has been answered."""

    is_measured = False

    def __init__(
        self, principal: str, batch_id: str, session_id: str, request: object_pb2.ApplyRequest, size: int
    ) -> None:
        super().__init__(principal, batch_id, session_id)
        self._size = size
        self.wanted_generation = request.generation
        if request.HasField("timeout"):
            self.timeout_s = request.timeout.ToNanoseconds() / 1e9
        # Until it runs.
        self._header: dict[str, Any] = {"op": "apply", "id": batch_id}
        self._blobs: list[bytes] = []
        operations_of(request, self._header, self._blobs)
        count = len(request.operations)
        self._told = count if not request.last_only else min(1, count)
        # How many handles went with it.
        self.released = 0
        # Called at its end.
        self.on_end: Callable[[], None] | None = None
        self._generation = 0
        self._stdout, self._stderr = Collected(), Collected()
        self._results: list[object_pb2.OperationResult] = []

    @property
    def may_go_ahead(self) -> bool:
        return self._size <= MAX_BYTES_AHEAD

    @property
    def output_bytes(self) -> int:
        return self._stdout.total + self._stderr.total

    def accept(self, generation: int, queue_position: int) -> None:
        self._generation = generation

    def hand_over(self, count: int, max_event_bytes: int) -> tuple[dict[str, Any], list[bytes]]:
        self._header["max_bytes"] = max_event_bytes // 2
        return self._header, self._blobs

    def start(self, pid: int, count: int, cpu: CpuTime | None, at_ns: int) -> None:
        self._header, self._blobs = {}, []
        self._leave_queue()

    def output(self, stream: int, data: bytes) -> None:
        (self._stdout if stream == STDOUT else self._stderr).add(data)

    def notice(self, notice: execute_pb2.Notice) -> None:
        pass  # a response has no place for it

    def display(self, display: execute_pb2.Display) -> None:
        pass

    def clear_output(self, wait: bool) -> None:
        pass

    def read_end(self, frame: Frame, max_event_bytes: int) -> Told:
        header, blobs = frame.header, frame.blobs
        told = header["results"]
        if len(told) != self._told:
            raise ValueError(f"{len(told)} results of {self._told} operations")
        results = [encode.operation_result(result, blobs, self.session_id, self._generation) for result in told]
        if sum(result.ByteSize() for result in results) > max_event_bytes:
            message = f"the results of the batch take more than {max_event_bytes} bytes; ask for handles, or for less"
            results = [self._failure("VALUE_TOO_LARGE", message) for _ in results]
        return Told(ending_of(header, self.ladder), results, int(header["released"]))

    def tell(self, words: Told) -> None:
        self._results, self.released = words.results, words.released

    def finish(self, how: Ending, *, state_preserved: bool, generation: int, used: Used = UNKNOWN) -> None:
        self._end(self._finished_by(how, state_preserved, generation))
        if not self._results and self._told:
            why = "SKIPPED" if state_preserved else "STALE_GENERATION"
            self._results = [self._failure(why, how.message) for _ in range(self._told)]
        if self.on_end is not None:
            self.on_end()
        self._wake_waiters()

    def answer(self) -> bytes:
        """An ApplyResponse; only once it has finished. Raises Refusal."""
        stdout, stderr = self._stdout, self._stderr
        response = object_pb2.ApplyResponse(
            batch_id=self.id,
            results=self._results,
            generation=self._generation,
            stdout=stdout.text() if stdout.total else "",
            stderr=stderr.text() if stderr.total else "",
            finished=self._finished if self.finished.outcome != execute_pb2.OUTCOME_OK else None,
        )
        return response.SerializeToString()

    def _failure(self, reason: str, message: str) -> object_pb2.OperationResult:
        failure = object_pb2.OperationFailure(reason=encode.error_reason(reason), message=message)
        return object_pb2.OperationResult(failure=failure)


class Release(Batch):
    """Nothing but handles to let go. It waits its turn: what they held may run code as it ends."""

    def __init__(
        self, principal: str, batch_id: str, session_id: str, request: object_pb2.ReleaseHandlesRequest, size: int
    ) -> None:
        super().__init__(principal, batch_id, session_id, object_pb2.ApplyRequest(release=request.handle_ids), size)
        if request.all:
            self._header["release"] = True

    def answer(self) -> bytes:
        """A ReleaseHandlesResponse."""
        if self.finished.outcome != execute_pb2.OUTCOME_OK:
            raise self.refusal("the release was stopped")
        return object_pb2.ReleaseHandlesResponse(released=self.released).SerializeToString()
