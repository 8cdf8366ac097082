"""One session's cgroup in one hierarchy: its bound, its processes, and what the kernel counted in it."""

from __future__ import annotations

import os
from dataclasses import dataclass

from beep_worker import cgroups
from beep_worker.machine import Controller, write

_MAX_BYTES = 1 << 62
_MAX_PIDS = (1 << 22) - 1


@dataclass(frozen=True)
class _Files:
    bound: str
    events: str
    event: str
    # The highest bound that the kernel takes.
    highest: int
    # That swapping is no way around the bound; where the kernel has it.
    swap: str = ""
    swap_bound: str = ""


_FILES = {
    ("memory", 1): _Files(
        "memory.limit_in_bytes", "memory.oom_control", "oom_kill", _MAX_BYTES, "memory.memsw.limit_in_bytes"
    ),
    ("memory", 2): _Files("memory.max", "memory.events", "oom_kill", _MAX_BYTES, "memory.swap.max", "0"),
    ("pids", 1): _Files("pids.max", "pids.events", "max", _MAX_PIDS),
    ("pids", 2): _Files("pids.max", "pids.events", "max", _MAX_PIDS),
}


class Group:
    """What a process in it starts is in it, too."""

    def __init__(self, controller: Controller, name: str, bound: int) -> None:
        self._folder = os.path.join(controller.folder, name)
        self._files = _FILES[controller.name, controller.version]
        self._bound = min(bound, self._files.highest)
        self._seen = 0
        self._is_made = False

    def add(self, pid: int) -> None:
        """Makes it, if this is its first process. Raises OSError."""
        if not self._is_made:
            os.makedirs(self._folder, exist_ok=True)  # a default session takes up its id again
            self._is_made = True
            files = self._files
            write(self._folder, files.bound, str(self._bound))
            if files.swap and os.path.exists(os.path.join(self._folder, files.swap)):
                write(self._folder, files.swap, files.swap_bound or str(self._bound))
        write(self._folder, "cgroup.procs", str(pid))

    def has_struck(self) -> bool:
        """Whether the kernel has held something to the bound since this was asked last."""
        try:
            with open(os.path.join(self._folder, self._files.events)) as file:
                count = cgroups.counter(file.read(), self._files.event)
        except OSError:
            return False
        has_struck, self._seen = count > self._seen, count
        return has_struck

    def remove(self) -> bool:
        """Whether it has gone; it stays while something is in it."""
        if self._is_made:
            self._is_made = not cgroups.remove(self._folder)
        return not self._is_made
