"""What of a session stays the same for as long as it lives."""

from __future__ import annotations

from dataclasses import dataclass

from beep.python.v1 import execute_pb2
from beep_worker.template import TemplateKey


@dataclass(frozen=True)
class SessionSettings:
    """The host's bounds and defaults."""

    max_queued_items: int = 64
    interrupt_grace_s: float = 2.0
    max_output_bytes: int = 1 << 30
    max_event_bytes: int = 16 << 20
    worker_id: str = ""


@dataclass(frozen=True)
class SessionIdentity:
    """Who a session is."""

    id: str
    key: TemplateKey
    spec: execute_pb2.SessionSpec
    workspace: str
    is_ephemeral: bool
    first_generation: int = 1
