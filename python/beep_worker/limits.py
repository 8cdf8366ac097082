"""The limits that one session asked for: put in force on each of its processes, and named when they end something."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from dataclasses import replace
from signal import SIGKILL, SIGXCPU

from beep.python.v1 import error_pb2, execute_pb2
from beep_worker.cpu_budget import CpuBudget
from beep_worker.ending import Ending
from beep_worker.exit_status import ExitStatus
from beep_worker.group import Group
from beep_worker.machine import Controller, Machine
from beep_worker.refusal import Refusal

# By when the worker has stopped what it stops: beyond that the kernel ends a process that works while nothing runs.
_KERNEL_CPU_MARGIN_S = 10

_MAX_ERRORS = 16

# After which a group is tried again to be removed; then it stays until the worker ends.
_REMOVAL_PAUSES_S = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


def check_limits(limits: execute_pb2.Limits, machine: Machine) -> None:
    """Raises Refusal for what cannot be had here."""
    if limits.processes and isinstance(machine.pids, str):
        raise Refusal(
            "ISOLATION_UNAVAILABLE",
            f"limits.processes cannot be had here: {machine.pids}; leave it out or delegate a cgroup",
            mechanism="pids cgroup",
        )


class SessionLimits:
    """Of one session, through all its generations."""

    @classmethod
    def of(cls, limits: execute_pb2.Limits, machine: Machine, session_id: str) -> SessionLimits | None:
        """None where the kernel and the clock have nothing to hold it to."""
        asked = (limits.memory_bytes, limits.processes, limits.open_files, limits.file_bytes)
        if not any(asked) and not limits.HasField("cpu_time"):
            return None
        return cls(limits, machine, session_id)

    def __init__(self, limits: execute_pb2.Limits, machine: Machine, session_id: str) -> None:
        self._limits = limits
        self._memory = _group(machine.memory, session_id, limits.memory_bytes)
        self._pids = _group(machine.pids, session_id, limits.processes)
        self._groups = [group for group in (self._memory, self._pids) if group is not None]
        self.cpu = CpuBudget(limits.cpu_time.ToNanoseconds() / 1e9) if limits.HasField("cpu_time") else None
        self.details = list(_details(limits, machine))
        self._enforcing: asyncio.Future[None] | None = None

    def for_process(self) -> dict[str, int]:
        """What a process of the session has to hold itself to, before any code of others runs in it."""
        limits = self._limits
        bounds = {"open_files": limits.open_files, "file_bytes": limits.file_bytes}
        if self._memory is None:
            bounds["memory_bytes"] = limits.memory_bytes
        if self.cpu is not None:
            bounds["cpu_s"] = math.ceil(max(0.0, self.cpu.left_s)) + _KERNEL_CPU_MARGIN_S
        return {name: bound for name, bound in bounds.items() if bound}

    async def enforce(self, pid: int) -> None:
        """Holds a process to the rest of them, before it begins. Raises OSError."""
        if self.cpu is not None:
            self.cpu.follow(pid)
        if self._groups:
            # The kernel takes tens of milliseconds to move a process: the other sessions go on meanwhile.
            self._enforcing = asyncio.get_running_loop().run_in_executor(None, self._add, pid)
            await asyncio.shield(self._enforcing)

    def _add(self, pid: int) -> None:
        for group in self._groups:
            group.add(pid)

    def close(self) -> None:
        """The session has ended; its groups go as soon as its processes have."""
        if self._enforcing is not None:
            self._enforcing.add_done_callback(self._on_enforced)

    def _on_enforced(self, enforced: asyncio.Future[None]) -> None:
        if not enforced.cancelled():
            enforced.exception()  # whoever waited for it has it
        self._remove(_REMOVAL_PAUSES_S)

    def _remove(self, pauses_s: tuple[float, ...]) -> None:
        # A process that never began, since its caller had gone, may take a while to end.
        has_gone = [group.remove() for group in self._groups]
        if not all(has_gone) and pauses_s:
            asyncio.get_running_loop().call_later(pauses_s[0], self._remove, pauses_s[1:])

    @property
    def cpu_message(self) -> str:
        """Of CPU_LIMIT."""
        assert self.cpu is not None
        return f"the session took more than its {self.cpu.bound_s:g} s of CPU time (limits.cpu_time); open another"

    @property
    def _memory_message(self) -> str:
        return f"it wanted more than {self._limits.memory_bytes} bytes of memory (limits.memory_bytes)"

    def forget_strikes(self) -> None:
        """What the kernel has done while nothing ran is no doing of what begins now."""
        for group in self._groups:
            group.has_struck()

    def explain_end(self, how: Ending, error: error_pb2.PythonError | None) -> Ending:
        """The end of code in a process that lives on."""
        has_lost_a_child = self._memory is not None and self._memory.has_struck()
        was_refused_processes = self._pids is not None and self._pids.has_struck()
        errors = list(_with_causes(error)) if error is not None else []
        if has_lost_a_child or (self._limits.memory_bytes and any(map(_is_memory_error, errors))):
            outcome = how.outcome
            if outcome == execute_pb2.OUTCOME_ERROR:
                outcome = execute_pb2.OUTCOME_OUT_OF_MEMORY
            killed = ", and the kernel killed a process that it had started" if has_lost_a_child else ""
            return replace(how, outcome=outcome, message=how.message or self._memory_message + killed)
        if not errors or how.message:
            return how
        if was_refused_processes:
            bound = self._limits.processes
            return replace(how, message=f"it had {bound} processes and threads, all that it may (limits.processes)")
        if self._limits.open_files and any(_has_number(error, 24) for error in errors):  # EMFILE
            bound = self._limits.open_files
            return replace(how, message=f"it had {bound} files open, all that it may (limits.open_files)")
        if self._limits.file_bytes and any(_has_number(error, 27) for error in errors):  # EFBIG
            bound = self._limits.file_bytes
            return replace(how, message=f"it wrote a file of more than {bound} bytes (limits.file_bytes)")
        return how

    def explain_death(self, status: ExitStatus, was_ours: bool) -> Ending | None:
        """The end of a process, and of what ran in it, where a limit was its cause; called once for each."""
        was_for_memory = self._memory is not None and self._memory.has_struck()
        used_s = status.user_cpu_s + status.system_cpu_s
        if self.cpu is not None:
            self.cpu.lose(used_s)
        if was_ours or status.signal not in (SIGKILL, SIGXCPU):
            return None
        if was_for_memory:
            message = f"{self._memory_message}, and the kernel killed it"
            return Ending(execute_pb2.OUTCOME_OUT_OF_MEMORY, message, signal=status.signal)
        if self.cpu is not None and self.cpu.left_s <= 0:
            return Ending(execute_pb2.OUTCOME_CPU_LIMIT, self.cpu_message, signal=status.signal)
        return None


def _group(controller: Controller | str, name: str, bound: int) -> Group | None:
    return Group(controller, name, bound) if bound and isinstance(controller, Controller) else None


def _details(limits: execute_pb2.Limits, machine: Machine) -> Iterator[str]:
    """As GetHost names the mechanisms."""
    asked = (
        limits.memory_bytes,
        limits.processes,
        limits.HasField("cpu_time"),
        limits.open_files,
        limits.file_bytes,
    )
    return (text for text, is_asked in zip(machine.mechanisms, asked, strict=False) if is_asked)


def _with_causes(error: error_pb2.PythonError) -> Iterator[error_pb2.PythonError]:
    waiting = [error]
    for _ in range(_MAX_ERRORS):
        if not waiting:
            return
        error = waiting.pop()
        yield error
        waiting.extend(getattr(error, name) for name in ("cause", "context") if error.HasField(name))
        waiting.extend(error.group)


def _is_memory_error(error: error_pb2.PythonError) -> bool:
    return error.module == "builtins" and error.type_name == "MemoryError"


def _has_number(error: error_pb2.PythonError, number: int) -> bool:
    return error.message.startswith(f"[Errno {number}]")
