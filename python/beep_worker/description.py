"""A session as its callers see it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from beep.python.v1 import execute_pb2, host_pb2
from beep_worker.log import duration, timestamp
from beep_worker.tree import descendants_of
from beep_worker.usage import exact_cpu_s, resident_bytes

if TYPE_CHECKING:
    from beep_worker.session import Session

_ISOLATION_DETAILS = ("own process group", "environment from an allow-list", "private work and temp folders")


def describe_session(session: Session, worker_id: str) -> execute_pb2.Session:
    """The public message, without the usage."""
    identity, lease, current = session.identity, session.lease, session.current
    message = execute_pb2.Session(
        id=identity.id,
        generation=session.generation,
        state=session.state,
        venv=identity.key.venv,
        venv_generation=identity.key.venv_generation,
        python_version=session.python_version,
        created_at=timestamp(lease.created_ns),
        used_at=timestamp(lease.used_ns),
        close_reason=session.close_reason,
        close_message=session.close_message,
        origin=session.origin,
        acquire_time=duration(session.acquire_ns),
        isolation=identity.spec.isolation or host_pb2.ISOLATION_LEVEL_LIMITS,
        isolation_details=[*_ISOLATION_DETAILS, *(session.limits.details if session.limits else ())],
        limits=identity.spec.limits,
        worker_id=worker_id,
        pid=session.pid,
        running_item_id=current.id if current else "",
        queued_items=len(session.queue),
        labels=identity.spec.labels,
        workspace=os.path.join(identity.workspace, "work"),
    )
    if lease.expires_ns is not None and not session.is_closing:
        message.expires_at.CopyFrom(timestamp(lease.expires_ns))
    return message


def usage_of(pid: int) -> execute_pb2.SessionUsage:
    """What a session's process uses now."""
    return execute_pb2.SessionUsage(
        resident_bytes=resident_bytes(pid),
        cpu_time=duration(int(exact_cpu_s(pid) * 1e9)),
        processes=1 + len(descendants_of(pid)),
    )
