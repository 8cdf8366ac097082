"""How a session stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Mapping, Optional, Tuple

from beep_python_client.contract import execute_pb2
from beep_python_client.messages import enum_names, name_of

_STATES = enum_names("SessionState", "SESSION_STATE_")
_ORIGINS = enum_names("SessionOrigin", "SESSION_ORIGIN_")
_REASONS = enum_names("CloseReason", "CLOSE_REASON_")


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
            state=name_of(_STATES, message.state),
            venv=message.venv,
            python_version=message.python_version,
            created_at=_time(message, "created_at"),
            used_at=_time(message, "used_at"),
            expires_at=_time(message, "expires_at"),
            close_reason=name_of(_REASONS, message.close_reason),
            close_message=message.close_message,
            origin=name_of(_ORIGINS, message.origin),
            isolation_details=tuple(message.isolation_details),
            pid=message.pid,
            running_item_id=message.running_item_id,
            queued_items=message.queued_items,
            labels=dict(message.labels),
            workspace=message.workspace,
        )


def _time(message: Any, name: str) -> Optional[datetime]:
    return time_of(getattr(message, name)) if message.HasField(name) else None


def time_of(stamp: Any) -> datetime:
    """A timestamp of a message, in UTC."""
    moment: datetime = stamp.ToDatetime()
    return moment.replace(tzinfo=timezone.utc)
