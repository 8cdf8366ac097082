"""The start of a session's process: forked from its template, or an interpreter of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from beep.python.v1 import execute_pb2
from beep_worker.environment import needs_own_process, session_environment
from beep_worker.identity import SessionIdentity
from beep_worker.limits import SessionLimits
from beep_worker.process import ProcessListener, ProcessSpec, SessionProcess
from beep_worker.reaper import Reaper
from beep_worker.template import TemplateError
from beep_worker.templates import Templates
from beep_worker.workspace import Workspaces


@dataclass(frozen=True)
class Launched:
    """A process that is there, and what it was made from."""

    process: SessionProcess
    python_version: str
    origin: execute_pb2.SessionOrigin


async def launch(
    identity: SessionIdentity,
    generation: Callable[[], int],
    templates: Templates,
    workspaces: Workspaces,
    reaper: Reaper,
    limits: SessionLimits | None,
    listener: ProcessListener,
) -> Launched:
    """Starts one; nothing of it is left where that fails. Its generation is the session's when it is there.

    Raises Refusal, TemplateError and OSError.
    """
    cwd, tmp = workspaces.make(identity)
    wanted = dict(identity.spec.env)
    environment = session_environment(identity.key.python_path, tmp, wanted)
    bounds = limits.for_process() if limits else {}

    def spec() -> ProcessSpec:
        held = identity.spec.limits
        return ProcessSpec(
            environment, cwd, tmp, generation(), held.handles, held.pinned_bytes, identity.is_ephemeral, bounds
        )

    if not needs_own_process(wanted):
        template = await templates.get(identity.key)
        if not template.spawn_reason:
            process = await templates.spares.take(template)
            if limits is not None:
                await _enforce(limits, process)
            process.begin(spec(), listener)
            return Launched(process, template.python_version, execute_pb2.SESSION_ORIGIN_FORKED)
    template = await templates.get_own(identity.key, environment)
    try:
        process = await SessionProcess.fork(template, reaper)
    except BaseException:
        template.close()
        raise
    if limits is not None:
        await _enforce(limits, process)
    process.begin(spec(), listener)
    return Launched(process, template.python_version, execute_pb2.SESSION_ORIGIN_SPAWNED)


async def _enforce(limits: SessionLimits, process: SessionProcess) -> None:
    """What cannot be held to its limits never begins. Raises TemplateError and OSError."""
    try:
        await limits.enforce(process.pid)
    except BaseException:
        process.kill()
        raise
    if process.is_ending:
        raise TemplateError("its process ended before it had begun")
