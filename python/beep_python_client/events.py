"""What happens while code runs: one record for each kind of event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Callable, Dict, Optional, Tuple

from beep_python_client.contract import execute_pb2
from beep_python_client.endings import Ending
from beep_python_client.json_text import Reference
from beep_python_client.raised import RemoteError, remote_error
from beep_python_client.records import time_of
from beep_python_client.results import Mime, Notice
from beep_python_client.values import from_message


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    execution_id: str
    #: 1, 2, 3 ... without a gap, but for what a Dropped stands for.
    seq: int
    #: By the gateway's clock.
    time: datetime
    #: Since the execution was accepted, by a clock that never jumps.
    since_start: timedelta


@dataclass(frozen=True)
class Accepted(Event):
    """It has its place in the session's queue."""

    session_id: str
    generation: int
    #: How many run or wait before it.
    queue_position: int


@dataclass(frozen=True)
class Started(Event):
    """The code runs."""

    pid: int
    queue_wait: timedelta
    #: Executions of this session so far, this one included.
    execution_count: int


@dataclass(frozen=True)
class Output(Event):
    """Bytes written to stdout or stderr by the code, its C libraries or its child processes."""

    #: "stdout" or "stderr".
    stream: str
    data: bytes
    #: Of the first byte, counted for each stream.
    offset: int
    #: The characters that are whole by now: one that is split between two events comes with the second.
    text: str


@dataclass(frozen=True)
class Display(Event):
    """Something shown."""

    bundle: Mime
    #: Names it for later updates; empty: it has no name.
    display_id: str
    #: Replaces what was shown under the same id.
    update: bool


@dataclass(frozen=True)
class ClearOutput(Event):
    """What was shown may go."""

    #: Only when the next thing is shown.
    wait: bool


@dataclass(frozen=True)
class ResultValue(Event):
    """The value of the last expression."""

    value: Any
    #: Whether it could be sent; a notice says why not.
    has_value: bool
    bundle: Mime
    #: Its repr, bounded.
    text: str
    #: The live object, with the form "both".
    handle: Any


@dataclass(frozen=True)
class InputRequest(Event):
    """The code waits for input; `Execution.send` gives it."""

    request_id: int
    prompt: str
    #: It should not be shown while typed.
    password: bool


@dataclass(frozen=True)
class Raised(Event):
    """The code raised, and ends."""

    error: RemoteError


@dataclass(frozen=True)
class Noticed(Event):
    """Something worth knowing while it runs."""

    notice: Notice


@dataclass(frozen=True)
class Dropped(Event):
    """Events that can no longer be had."""

    first_seq: int
    last_seq: int
    #: Output in them; at most so much where the reader began among them.
    bytes: int
    reason: str


@dataclass(frozen=True)
class Finished(Event):
    """The end; always the last event."""

    ending: Ending

    @property
    def outcome(self) -> str:
        """How it ended: "OK", "ERROR", "TIMEOUT" ..."""
        return self.ending.outcome


# Text of the bytes of a stream, as far as its characters are whole.
Decode = Callable[[str, bytes], str]
_Base = Tuple[str, int, datetime, timedelta]
_Make = Callable[[_Base, Any, Reference, Decode], Event]


def event_of(message: execute_pb2.ExecutionEvent, reference: Reference, decode: Decode) -> Optional[Event]:
    """The record of a message; None for a heartbeat, and for a kind that this client does not know."""
    kind = message.WhichOneof("body")
    make = _KINDS.get(kind or "")
    if make is None:
        return None
    base = (message.execution_id, message.seq, time_of(message.time), message.since_start.ToTimedelta())
    return make(base, getattr(message, kind or ""), reference, decode)


def _output(base: _Base, body: execute_pb2.Output, _: Reference, decode: Decode) -> Event:
    stream = "stderr" if body.stream == execute_pb2.OUTPUT_STREAM_STDERR else "stdout"
    text = decode(stream, body.data)
    return Output(*base, stream=stream, data=body.data, offset=body.offset, text=text)


def _result(base: _Base, body: execute_pb2.CellResult, reference: Reference, _: Decode) -> Event:
    has_value = body.HasField("value")
    handle = body.handle
    return ResultValue(
        *base,
        value=from_message(body.value, reference) if has_value else None,
        has_value=has_value,
        bundle=Mime.of(body.bundle, reference),
        text=body.text,
        handle=reference(handle.id, handle.type_name, handle.text) if body.HasField("handle") else None,
    )


def _display(base: _Base, body: execute_pb2.Display, reference: Reference, _: Decode) -> Event:
    bundle = Mime.of(body.bundle, reference)
    return Display(*base, bundle=bundle, display_id=body.display_id, update=body.update)


def _fields(kind: Any, *names: str) -> _Make:
    """For an event whose fields are the message's."""
    return lambda base, body, *_: kind(*base, **{name: getattr(body, name) for name in names})


def _started(base: _Base, body: execute_pb2.Started, *_: Any) -> Event:
    wait = body.queue_wait.ToTimedelta()
    return Started(*base, pid=body.pid, queue_wait=wait, execution_count=body.execution_count)


_KINDS: Dict[str, _Make] = {
    "accepted": _fields(Accepted, "session_id", "generation", "queue_position"),
    "started": _started,
    "output": _output,
    "display": _display,
    "clear_output": _fields(ClearOutput, "wait"),
    "result": _result,
    "input_request": _fields(InputRequest, "request_id", "prompt", "password"),
    "error": lambda base, body, reference, decode: Raised(*base, error=remote_error(body)),
    "notice": lambda base, body, reference, decode: Noticed(*base, notice=Notice.of(body)),
    "dropped": _fields(Dropped, "first_seq", "last_seq", "bytes", "reason"),
    "finished": lambda base, body, reference, decode: Finished(*base, ending=Ending.of(body)),
}
