"""What of a request this worker can do; the rest is refused before anything is started, never done in part."""

from __future__ import annotations

import os

from beep.python.v1 import execute_pb2, host_pb2
from beep_worker.limits import check_limits
from beep_worker.machine import Machine
from beep_worker.refusal import Refusal

_LEVEL_NAMES = {
    host_pb2.ISOLATION_LEVEL_SANDBOXED: "sandboxed",
    host_pb2.ISOLATION_LEVEL_STRONG: "strong",
}


def check_session(spec: execute_pb2.SessionSpec, machine: Machine) -> None:
    """Raises Refusal for a session that cannot be had here."""
    level = _LEVEL_NAMES.get(spec.isolation)
    if level:
        raise Refusal(
            "ISOLATION_UNAVAILABLE",
            f"isolation level {level} cannot be had here: its mechanisms are not built yet; take none or limits",
            level=level,
        )
    check_limits(spec.limits, machine)


def check_execution(request: execute_pb2.ExecuteRequest) -> None:
    """Raises Refusal for an execution that cannot be had here."""
    if request.WhichOneof("source") is None:
        raise Refusal("INVALID_ARGUMENT", "nothing to run; give code, a script, a module or a function", field="source")


def working_folder(workspace: str, cwd: str) -> str:
    """Where a session's relative paths lead. Raises Refusal."""
    folder = inside(os.path.join(workspace, "work"), cwd, "cwd")
    if cwd and os.path.isabs(cwd) and not os.path.isdir(folder):
        raise Refusal("INVALID_ARGUMENT", "cwd is not a folder; make it first", field="cwd")
    return folder


def inside(work: str, path: str, field: str) -> str:
    """A path that starts from a folder and stays in it, unless it is absolute. Raises Refusal."""
    full = os.path.normpath(os.path.join(work, path))
    if not os.path.isabs(path) and full != work and not full.startswith(f"{work}{os.sep}"):
        raise Refusal(
            "INVALID_ARGUMENT", f"{field} leads out of the workspace; give an absolute path or one inside", field=field
        )
    return full
