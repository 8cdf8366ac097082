"""What came of an execution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Optional, Tuple

from beep_python_client.contract import execute_pb2, value_pb2
from beep_python_client.endings import Ending, ending_error
from beep_python_client.json_text import Reference
from beep_python_client.raised import RemoteError, remote_error
from beep_python_client.records import record_of
from beep_python_client.values import from_message


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
class Notice:
    """Something worth knowing."""

    #: INTERRUPTING, TIMING_OUT or WARNING.
    kind: str
    message: str

    @staticmethod
    def of(message: execute_pb2.Notice) -> Notice:
        """The record of a message."""
        return record_of(Notice, message)


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
