"""Refusals: why the worker does not do what it was asked."""

from __future__ import annotations

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2


class Refusal(Exception):
    """`reason` is the name of an ErrorReason; the message says what was wrong, the bound and the next step."""

    def __init__(self, reason: str, message: str, *, retry_after_ms: int = 0, **metadata: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retry_after_ms = retry_after_ms
        self.metadata = metadata

    def to_message(self) -> worker_pb2.Refusal:
        """As callers see it: the keys of its metadata in camelCase, as the gateway's own."""
        metadata = {_camel_case(key): value for key, value in self.metadata.items()}
        return worker_pb2.Refusal(
            reason=self.reason, message=self.message, retry_after_ms=self.retry_after_ms, metadata=metadata
        )


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def session_not_found(session_id: str) -> Refusal:
    return Refusal(
        "SESSION_NOT_FOUND", f"there is no session {session_id}; open one or name none", session_id=session_id
    )


def session_closed(session_id: str, why: str, close_reason: execute_pb2.CloseReason) -> Refusal:
    return Refusal(
        "SESSION_CLOSED",
        f'session is closed: "{session_id}": {why}; create a new one',
        session_id=session_id,
        why=why,
        close_reason=execute_pb2.CloseReason.Name(close_reason).removeprefix("CLOSE_REASON_"),
    )


def execution_not_found(execution_id: str) -> Refusal:
    return Refusal("EXECUTION_NOT_FOUND", f"there is no execution {execution_id}", execution_id=execution_id)


def input_not_expected(execution_id: str, why: str, text: str) -> Refusal:
    """`why` is one of none, preset, ended, end_of_file, not_open."""
    return Refusal(
        "INPUT_NOT_EXPECTED", f"execution {execution_id} takes no input: {text}", execution_id=execution_id, why=why
    )


def log_expired(execution_id: str) -> Refusal:
    return Refusal(
        "LOG_EXPIRED", f"execution {execution_id} has ended and its log is no longer kept", execution_id=execution_id
    )
