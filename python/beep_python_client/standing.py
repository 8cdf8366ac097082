"""How a session stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Mapping, Optional, Tuple

from beep_python_client.contract import execute_pb2
from beep_python_client.records import record_of


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
        return record_of(SessionInfo, message)
