"""One execution: what was asked, what has come of it, and who waits for it."""

from __future__ import annotations

import enum
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from beep.python.v1 import error_pb2, execute_pb2
from beep_worker.ending import Ending, LastWords, last_words
from beep_worker.frames import Frame
from beep_worker.input import Input
from beep_worker.item import Item
from beep_worker.log import HELD_BYTES, MEMORY_BYTES, EventLog, duration, timestamp
from beep_worker.long_field import LONG_BYTES
from beep_worker.operations import RESULT_FORMS
from beep_worker.pipe import READ_BYTES
from beep_worker.process import STDOUT
from beep_worker.shown import Shown
from beep_worker.usage import UNKNOWN, CpuTime, Used

if TYPE_CHECKING:
    from beep_worker.form import Form
    from beep_worker.log_files import LogFiles
    from beep_worker.subscription import Subscription

# What the session takes where `run` says nothing else.
_DEFAULT_INLINE_BYTES = 65536

# What an ExecutionResult holds of each stream.
MAX_COLLECTED_BYTES = 1024 * 1024

MAX_COLLECTED_NOTICES = 100

# What one that has finished takes beside its events and its output: measured, with what knows it.
_KEPT_BYTES = 7 * 1024

# Longer source waits for its turn here.
MAX_CHARS_AHEAD = 8192

# What ExecutionInfo holds of the source.
MAX_SOURCE_CHARS = 64 * 1024
MAX_LISTED_SOURCE_CHARS = 1000


class State(enum.Enum):
    """Where an execution stands."""

    QUEUED = execute_pb2.EXECUTION_STATE_QUEUED
    RUNNING = execute_pb2.EXECUTION_STATE_RUNNING
    FINISHED = execute_pb2.EXECUTION_STATE_FINISHED


@dataclass
class Collected:
    """One stream's output, as far as a result holds it."""

    total: int = 0
    kept: int = 0
    chunks: list[bytes] = field(default_factory=list)

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = MAX_COLLECTED_BYTES - self.kept
        if room > 0:
            self.chunks.append(data[:room])
            self.kept += min(room, len(data))

    def text(self) -> str:
        return b"".join(self.chunks).decode("utf-8", "replace")


class Execution(Item):
    """Every event goes through here into the log, and through nothing else."""

    is_numbered = True

    # Thousands are kept, and more attributes than a shared dictionary takes make one of each instance's own.
    __slots__ = (
        "_accepted_ns",
        "_cpu_at_start",
        "_error",
        "_generation",
        "_is_forgotten",
        "_max_piece_bytes",
        "_notices",
        "_result",
        "_shown",
        "_started_at_ns",
        "_started_ns",
        "_stderr",
        "_stdout",
        "accepted_at_ns",
        "callers",
        "count",
        "digest",
        "finished_at_ns",
        "form",
        "input",
        "log",
        "outcome",
        "request",
        "state",
        "subscriptions",
    )

    def __init__(
        self,
        principal: str,
        execution_id: str,
        session_id: str,
        request: execute_pb2.ExecuteRequest,
        digest: bytes,
        form: Form | None = None,
        files: LogFiles | None = None,
    ) -> None:
        super().__init__(principal, execution_id, session_id)
        self.request = request
        self.wanted_generation = request.generation
        self.max_output_bytes = request.max_output_bytes
        if request.HasField("queue_timeout"):
            self.queue_timeout_s = request.queue_timeout.ToNanoseconds() / 1e9
        if request.HasField("timeout"):
            self.timeout_s = request.timeout.ToNanoseconds() / 1e9
        if request.HasField("interrupt_grace"):
            self.grace_s = request.interrupt_grace.ToNanoseconds() / 1e9
        self.digest = digest
        # Where it is more than a cell; until it has been handed over.
        self.form = form
        self.state = State.QUEUED
        self.log = EventLog(execution_id, files)
        self.input = Input(execution_id, request)
        self.callers = 0
        # Callers of Execute who read its events; the code waits for those that block.
        self.subscriptions: set[Subscription] = set()
        self._is_forgotten = False
        self.count = 0
        self.outcome = execute_pb2.OUTCOME_UNSPECIFIED
        self.finished_at_ns = 0
        self.accepted_at_ns = time.time_ns()
        self._accepted_ns = time.monotonic_ns()
        self._generation = 0
        self._started_at_ns = 0
        self._started_ns = 0
        self._cpu_at_start = CpuTime(0.0, 0.0)
        self._stdout = Collected()
        self._stderr = Collected()
        self._notices: list[execute_pb2.Notice] = []
        self._shown = Shown()
        # More is not put into one event.
        self._max_piece_bytes = READ_BYTES
        self._result: execute_pb2.CellResult | None = None
        self._error: error_pb2.PythonError | None = None

    @property
    def may_go_ahead(self) -> bool:
        return (
            self.form is None
            and self.input.mode == execute_pb2.INPUT_MODE_NONE
            and len(self.request.code) <= MAX_CHARS_AHEAD
        )

    @property
    def output_bytes(self) -> int:
        return self._stdout.total + self._stderr.total

    def written_bytes(self, stream: int) -> int:
        """How much has come of a stream."""
        return (self._stdout if stream == STDOUT else self._stderr).total

    @property
    def kept_bytes(self) -> int:
        return self.log.size + self._stdout.kept + self._stderr.kept + _KEPT_BYTES

    def accept(self, generation: int, queue_position: int) -> None:
        """It has its place."""
        self._generation = generation
        self.log.append(
            "accepted",
            lambda: execute_pb2.Accepted(
                session_id=self.session_id, generation=generation, queue_position=queue_position
            ),
        )

    def hand_over(self, count: int, max_event_bytes: int) -> tuple[dict[str, Any], list[bytes]]:
        header: dict[str, Any] = {"op": "run", "id": self.id, "count": count}
        request, bound = self.request, max_event_bytes // 2
        self._max_piece_bytes = min(READ_BYTES, bound)
        if request.HasField("result") or bound < _DEFAULT_INLINE_BYTES:
            policy = request.result
            header["result"] = {
                "form": RESULT_FORMS.get(policy.form, "auto"),
                "max_inline_bytes": min(policy.max_inline_bytes or _DEFAULT_INLINE_BYTES, bound),
                "mime": list(policy.mime_types),
                "lenient": policy.lenient,
                "numpy_scalars": policy.numpy_scalars,
            }
        form, self.form = self.form, None
        if form is None:
            blobs = [request.code.encode("utf-8")]
        else:
            header["form"] = form.header
            blobs = list(form.blobs)
        self.input.hand_over(header, blobs)
        return header, blobs

    def start(self, pid: int, count: int, cpu: CpuTime | None, at_ns: int) -> None:
        self.state = State.RUNNING
        self._leave_queue()
        self.count = count
        self._started_ns = max(at_ns, self._accepted_ns)
        self._started_at_ns = time.time_ns() - (time.monotonic_ns() - self._started_ns)
        self._cpu_at_start = cpu or self._cpu_at_start
        queue_wait_ns = self._started_ns - self._accepted_ns
        self.log.append(
            "started",
            lambda: execute_pb2.Started(pid=pid, queue_wait=duration(queue_wait_ns), execution_count=count),
        )

    def output(self, stream: int, data: bytes) -> None:
        """Bytes that the code wrote."""
        for at in range(0, len(data), self._max_piece_bytes):
            self._output(stream, data[at : at + self._max_piece_bytes])

    def _output(self, stream: int, data: bytes) -> None:
        collected = self._stdout if stream == STDOUT else self._stderr
        offset = collected.total
        collected.add(data)
        if len(data) < LONG_BYTES:
            body = execute_pb2.Output(stream=stream, data=data, offset=offset)  # type: ignore[arg-type]
            self.log.append("output", body, len(data), stream)
        else:
            body = execute_pb2.Output(stream=stream, offset=offset)  # type: ignore[arg-type]
            self.log.append("output", body, len(data), stream, data)

    @property
    def is_overfull(self) -> bool:  # type: ignore[override]
        return self.log.size > 2 * HELD_BYTES

    def relieve(self) -> bool:
        """Lets go of what nobody waits for, and of callers that the code need not wait for; whether there is room."""
        has_room = self.log.size <= MEMORY_BYTES or self.log.make_room(self._keep_from, self._on_moved)
        if has_room and self.on_relief is not None:
            on_relief, self.on_relief = self.on_relief, None
            on_relief()
        return has_room

    def give_up_files(self) -> bool:
        """Leaves the disk to others, but for what a caller still has to get; whether that helped."""
        log = self.log
        if not log.has_files or self._keep_from < log.next_seq:
            return False
        size = log.file_bytes
        log.remove_files()
        return size > 0

    def forget(self) -> None:
        """Nobody can ask for it any more; who reads it may go on to its end."""
        self._is_forgotten = True
        self.on_reader_gone()

    def on_reader_gone(self) -> None:
        """A caller has left, or has all."""
        if not self._is_forgotten:
            self.relieve()
        elif self._keep_from >= self.log.next_seq:
            self.log.close()

    @property
    def _keep_from(self) -> int:
        return min((s.cursor.seq for s in self.subscriptions if s.blocks), default=self.log.next_seq)

    def _on_moved(self) -> None:
        self.relieve()

    def notice(self, notice: execute_pb2.Notice) -> None:
        """Something worth knowing."""
        if len(self._notices) < MAX_COLLECTED_NOTICES:
            self._notices.append(notice)
        self.log.append("notice", notice)

    def display(self, display: execute_pb2.Display) -> None:
        """Something shown."""
        self._shown.show(display)
        self.log.append("display", display, display.ByteSize())

    def clear_output(self, wait: bool) -> None:
        """What was shown may go."""
        self._shown.clear(wait)
        self.log.append("clear_output", execute_pb2.ClearOutput(wait=wait))

    def input_request(self, request: execute_pb2.InputRequest) -> None:
        """The code waits for its caller."""
        self.log.append("input_request", request, len(request.prompt))

    def result(self, result: execute_pb2.CellResult) -> None:
        """The last expression's value."""
        self._result = result
        self.log.append("result", result, result.ByteSize())

    def error(self, error: error_pb2.PythonError) -> None:
        """An exception left the code."""
        self._error = error
        self.log.append("error", error, error.ByteSize())

    def read_end(self, frame: Frame, max_event_bytes: int) -> LastWords:
        return last_words(frame, self.ladder, max_event_bytes, self.session_id, self._generation)

    def tell(self, words: LastWords) -> None:
        for notice in words.notices:
            self.notice(notice)
        if words.error is not None:
            self.error(words.error)
        if words.result is not None:
            self.result(words.result)

    def finish(self, how: Ending, *, state_preserved: bool, generation: int, used: Used = UNKNOWN) -> None:
        finished = self._finished_by(how, state_preserved, generation)
        finished.usage.CopyFrom(self._usage(used))
        self._end(finished)
        self.input.close()
        self.outcome = how.outcome
        self.state = State.FINISHED
        self.finished_at_ns = time.time_ns()
        self.log.append("finished", finished)
        self.on_relief = None
        if self.log.size > MEMORY_BYTES:
            self.log.make_room(self._keep_from, self._on_moved)
        self._wake_waiters()

    def _usage(self, used: Used) -> execute_pb2.Usage:
        cpu = used.cpu.since(self._cpu_at_start) if used.cpu else CpuTime(0.0, 0.0)
        now_ns = time.monotonic_ns()
        if used.at_ns:
            now_ns = min(max(used.at_ns, self._started_ns), now_ns)
        return execute_pb2.Usage(
            wall=duration(now_ns - self._started_ns if self._started_ns else 0),
            user_cpu=duration(int(cpu.user_s * 1e9)),
            system_cpu=duration(int(cpu.system_s * 1e9)),
            peak_resident_bytes=used.peak_resident_bytes,
            stdout_bytes=self._stdout.total,
            stderr_bytes=self._stderr.total,
        )

    def collected(self) -> execute_pb2.ExecutionResult:
        """All that came of it; only once it has finished."""
        stdout, stderr = self._stdout, self._stderr
        result = execute_pb2.ExecutionResult(
            execution_id=self.id,
            session_id=self.session_id,
            stdout=stdout.text() if stdout.total else "",
            stderr=stderr.text() if stderr.total else "",
            truncated_bytes=stdout.total - stdout.kept + stderr.total - stderr.kept,
            displays=self._shown.bundles,
            notices=self._notices,
            error=self._error,
            finished=self._finished,
            last_seq=self.log.next_seq - 1,
        )
        if self._result is not None:
            result.text = self._result.text
            if self._result.HasField("value"):
                result.value.CopyFrom(self._result.value)
            if self._result.HasField("handle"):
                result.handle.CopyFrom(self._result.handle)
            if self._result.HasField("bundle"):
                result.mime.CopyFrom(self._result.bundle)
        return result

    def info(self, *, in_list: bool = False) -> execute_pb2.ExecutionInfo:
        """It as it stands; in a list without what came of it."""
        info = execute_pb2.ExecutionInfo(
            execution_id=self.id,
            session_id=self.session_id,
            state=self.state.value,
            accepted_at=timestamp(self.accepted_at_ns),
            first_seq=self.log.first_seq,
            next_seq=self.log.next_seq,
            execution_count=self.count,
            source=_source(self.request)[: MAX_LISTED_SOURCE_CHARS if in_list else MAX_SOURCE_CHARS],
        )
        if self._started_at_ns:
            info.started_at.CopyFrom(timestamp(self._started_at_ns))
        if self.state is State.FINISHED:
            info.finished_at.CopyFrom(timestamp(self.finished_at_ns))
            info.outcome = self.outcome
            if not in_list:
                info.result.CopyFrom(self.collected())
        return info


def _source(request: execute_pb2.ExecuteRequest) -> str:
    match request.WhichOneof("source"):
        case "script":
            return request.script.path
        case "module":
            return request.module.name
        case "function":
            return request.function.name
        case _:
            return request.code
