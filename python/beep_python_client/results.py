"""What came of an execution, and how sessions stand: records of the contract's messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Mapping, Optional, Tuple

from beep_python_client.contract import execute_pb2, object_pb2, value_pb2
from beep_python_client.json_text import Reference
from beep_python_client.messages import enum_names
from beep_python_client.raised import RemoteError, remote_error
from beep_python_client.refusals import BeepError
from beep_python_client.values import from_message

_OUTCOMES = enum_names("Outcome", "OUTCOME_")
_RUNGS = enum_names("StopRung", "STOP_RUNG_")
_STATES = enum_names("SessionState", "SESSION_STATE_")
_ORIGINS = enum_names("SessionOrigin", "SESSION_ORIGIN_")
_REASONS = enum_names("CloseReason", "CLOSE_REASON_")
_NOTICES = enum_names("NoticeKind", "NOTICE_KIND_")


@dataclass(frozen=True)
class Mime:
    """Several renderings of one object, by MIME type: a str for what is text, bytes for the rest."""

    parts: Mapping[str, Any]
    metadata_json: str = ""

    @staticmethod
    def of(message: value_pb2.MimeBundle, reference: Reference) -> Mime:
        """The record of a message."""
        return Mime({name: _part(part, reference) for name, part in message.parts.items()}, message.metadata_json)


def _part(part: value_pb2.MimePart, reference: Reference) -> Any:
    kind = part.WhichOneof("content")
    if kind == "object":
        return reference(part.object.id, part.object.type_name, part.object.text)
    return getattr(part, kind) if kind else ""


@dataclass(frozen=True)
class Usage:
    """What an execution took."""

    wall: timedelta
    user_cpu: timedelta
    system_cpu: timedelta
    #: The most memory that its process has had.
    peak_resident_bytes: int
    stdout_bytes: int
    stderr_bytes: int


@dataclass(frozen=True)
class Ending:
    """How an execution or a batch ended."""

    #: OK, ERROR, INTERRUPTED, TIMEOUT, CANCELLED, KILLED, OUT_OF_MEMORY, CPU_LIMIT, OUTPUT_LIMIT, EXITED, WORKER_LOST.
    outcome: str
    #: The session's variables still exist.
    state_preserved: bool
    #: The session's generation from now on.
    generation: int
    #: What the code exited with, where it did.
    exit_code: Optional[int]
    #: The number of the signal that killed its process, where one did.
    signal: Optional[int]
    #: INTERRUPT, EXCEPTION or KILL; empty where it was not stopped.
    stopped_by: str
    usage: Usage
    #: A line for people: what ended it, and which limit.
    message: str

    @staticmethod
    def of(message: execute_pb2.Finished) -> Ending:
        """The record of a message."""
        usage = message.usage
        return Ending(
            outcome=_OUTCOMES.get(message.outcome, "UNSPECIFIED"),
            state_preserved=message.state_preserved,
            generation=message.generation,
            exit_code=message.exit_code if message.HasField("exit_code") else None,
            signal=message.signal if message.HasField("signal") else None,
            stopped_by=_name(_RUNGS, message.stopped_by),
            usage=Usage(
                usage.wall.ToTimedelta(),
                usage.user_cpu.ToTimedelta(),
                usage.system_cpu.ToTimedelta(),
                usage.peak_resident_bytes,
                usage.stdout_bytes,
                usage.stderr_bytes,
            ),
            message=message.message,
        )


@dataclass(frozen=True)
class Notice:
    """Something worth knowing."""

    #: INTERRUPTING, TIMING_OUT or WARNING.
    kind: str
    message: str

    @staticmethod
    def of(message: execute_pb2.Notice) -> Notice:
        """The record of a message."""
        return Notice(_name(_NOTICES, message.kind), message.message)


@dataclass(frozen=True)
class Result:
    """All that came of an execution."""

    execution_id: str
    session_id: str
    #: Text output, at most 1 MiB of each stream.
    stdout: str
    stderr: str
    #: Bytes of output that did not fit above.
    truncated_bytes: int
    #: The value of the last expression, a live object where it is not plain; None where there is none.
    value: Any
    #: Whether there is a value: None may be one.
    has_value: bool
    #: Its repr, bounded.
    text: str
    #: Its renderings, where they were asked for.
    mime: Mime
    #: What the code showed, in order.
    displays: Tuple[Mime, ...]
    #: What the code raised.
    error: Optional[RemoteError]
    ending: Ending
    notices: Tuple[Notice, ...]
    last_seq: int
    #: The live object, with the form "both".
    handle: Any = None

    @property
    def outcome(self) -> str:
        """How it ended: "OK", "ERROR", "TIMEOUT" ..."""
        return self.ending.outcome

    @property
    def ok(self) -> bool:
        """It ran to its end."""
        return self.ending.outcome == "OK"

    def check(self) -> Result:
        """This result, if the code ran to its end. Raises what the code raised, or an ExecutionFailed."""
        if self.ok:
            return self
        if self.error is not None and self.outcome == "ERROR":
            self.error.result = self
            raise self.error
        raise ending_error(self.ending, self)

    @staticmethod
    def of(message: execute_pb2.ExecutionResult, reference: Reference) -> Result:
        """The record of a message."""
        has_value = message.HasField("value")
        handle = message.handle
        return Result(
            execution_id=message.execution_id,
            session_id=message.session_id,
            stdout=message.stdout,
            stderr=message.stderr,
            truncated_bytes=message.truncated_bytes,
            value=from_message(message.value, reference) if has_value else None,
            has_value=has_value,
            text=message.text,
            mime=Mime.of(message.mime, reference),
            displays=tuple(Mime.of(display, reference) for display in message.displays),
            error=remote_error(message.error) if message.HasField("error") else None,
            ending=Ending.of(message.finished),
            notices=tuple(map(Notice.of, message.notices)),
            last_seq=message.last_seq,
            handle=reference(handle.id, handle.type_name, handle.text) if message.HasField("handle") else None,
        )


class ExecutionFailed(BeepError):
    """Code did not run to its end, though it raised nothing: it was stopped, killed, or it exited."""

    def __init__(self, ending: Ending, result: Optional[Result] = None) -> None:
        super().__init__(f"{ending.outcome}: {ending.message}" if ending.message else ending.outcome)
        self.ending = ending
        #: OK, ERROR, INTERRUPTED ...
        self.outcome = ending.outcome
        #: All that came of it; None for a batch of operations.
        self.result = result

    def __reduce__(self) -> Any:
        return type(self), (self.ending, None)


class ExecutionTimeout(ExecutionFailed, TimeoutError):
    """Code ran, or waited for its turn, for longer than it may."""


class ExecutionOutOfMemory(ExecutionFailed, MemoryError):
    """Code wanted more memory than its session may take."""


_FAILURES: Dict[str, Any] = {"TIMEOUT": ExecutionTimeout, "OUT_OF_MEMORY": ExecutionOutOfMemory}


def ending_error(ending: Ending, result: Optional[Result] = None) -> ExecutionFailed:
    """The error of an end that is not OK."""
    kind = _FAILURES.get(ending.outcome, ExecutionFailed)
    return kind(ending, result)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class SessionInfo:
    """How a session stands."""

    id: str
    #: Grows with every fresh interpreter under this id.
    generation: int
    #: STARTING, IDLE, BUSY, STOPPING, RECOVERING, CLOSING, CLOSED or FAILED.
    state: str
    venv: str
    #: Such as "3.12.4".
    python_version: str
    created_at: Optional[datetime]
    used_at: Optional[datetime]
    #: When it ends unless used or renewed; None: by itself it does not.
    expires_at: Optional[datetime]
    #: Why it ended; empty while it has not.
    close_reason: str
    close_message: str
    #: FORKED, SPAWNED or EXISTING.
    origin: str
    #: The mechanisms of isolation in force.
    isolation_details: Tuple[str, ...]
    pid: int
    #: The execution or batch that runs; empty: none.
    running_item_id: str
    queued_items: int
    labels: Mapping[str, str]
    workspace: str

    @staticmethod
    def of(message: execute_pb2.Session) -> SessionInfo:
        """The record of a message."""
        return SessionInfo(
            id=message.id,
            generation=message.generation,
            state=_name(_STATES, message.state),
            venv=message.venv,
            python_version=message.python_version,
            created_at=_time(message, "created_at"),
            used_at=_time(message, "used_at"),
            expires_at=_time(message, "expires_at"),
            close_reason=_name(_REASONS, message.close_reason),
            close_message=message.close_message,
            origin=_name(_ORIGINS, message.origin),
            isolation_details=tuple(message.isolation_details),
            pid=message.pid,
            running_item_id=message.running_item_id,
            queued_items=message.queued_items,
            labels=dict(message.labels),
            workspace=message.workspace,
        )


@dataclass(frozen=True)
class Stopped:
    """What it took to stop something."""

    #: INTERRUPT, EXCEPTION or KILL; empty: it was still waiting.
    stopped_by: str
    state_preserved: bool
    took: timedelta

    @staticmethod
    def of(message: execute_pb2.InterruptResponse) -> Stopped:
        """The record of a message."""
        return Stopped(_name(_RUNGS, message.stopped_by), message.state_preserved, message.took.ToTimedelta())


def _name(names: Mapping[int, str], number: int) -> str:
    return names.get(number, "UNKNOWN") if number else ""


def _time(message: Any, name: str) -> Optional[datetime]:
    return time_of(getattr(message, name)) if message.HasField(name) else None


def time_of(stamp: Any) -> datetime:
    """A timestamp of a message, in UTC."""
    moment: datetime = stamp.ToDatetime()
    return moment.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class Described:
    """What an object is."""

    #: Qualified name of its type, such as "numpy.ndarray".
    type_name: str
    #: Its repr, bounded.
    text: str
    documentation: str
    #: Such as "(a, b=1)"; empty: not known, or it cannot be called.
    signature: str
    callable: bool
    iterable: bool
    awaitable: bool
    #: Its attributes' names.
    attributes: Tuple[str, ...]

    @staticmethod
    def of(message: object_pb2.DescriptionResult) -> Described:
        """The record of a message."""
        return Described(
            type_name=message.type_name,
            text=message.text,
            documentation=message.documentation,
            signature=message.signature,
            callable=message.callable,
            iterable=message.iterable,
            awaitable=message.awaitable,
            attributes=tuple(attribute.name for attribute in message.attributes),
        )
