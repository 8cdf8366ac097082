"""What this machine can hold a session to; found once, at the worker's start, by doing it."""

from __future__ import annotations

import os
from dataclasses import dataclass

from beep_worker import cgroups

CONTROLLERS = ("memory", "pids")


@dataclass(frozen=True)
class Controller:
    """A cgroup controller that sessions can have groups of, and the folder to make them in."""

    name: str
    version: int
    folder: str

    def __str__(self) -> str:
        return f"{self.name} cgroup v{self.version}"


@dataclass(frozen=True)
class Machine:
    """Each controller is there, or the reason why it is not."""

    memory: Controller | str
    pids: Controller | str

    @property
    def mechanisms(self) -> list[str]:
        """What is in force where a session asks for it, or what is missing."""
        memory = self.memory
        by = memory if isinstance(memory, Controller) else f"RLIMIT_AS for each process ({memory})"
        pids = self.pids
        return [
            f"memory limit: {by}",
            f"process limit: {pids}" if isinstance(pids, Controller) else f"no process limit: {pids}",
            "CPU time limit: timer of the worker",
            "limit of open files: RLIMIT_NOFILE",
            "limit of file size: RLIMIT_FSIZE",
            "output limit: the worker",
            "running time limit: the worker",
        ]

    def leave(self) -> None:
        """At the worker's end: its folders go, where nothing runs in them any more."""
        for controller in (self.memory, self.pids):
            if isinstance(controller, Controller):
                cgroups.remove(controller.folder)


def find_machine() -> Machine:
    """Takes possession of what there is, and removes what dead workers left."""
    cgroups.sweep(CONTROLLERS)
    return Machine(*(_take(name) for name in CONTROLLERS))


def _take(name: str) -> Controller | str:
    place = cgroups.find(name)
    if place is None:
        return f"no cgroup hierarchy with the {name} controller is mounted"
    why = ""
    for parent in cgroups.parents(place):
        folder = os.path.join(parent, cgroups.own_name())
        try:
            if place.version == 2:
                _make_v2(name, parent, folder)
            else:
                os.makedirs(folder, exist_ok=True)
        except OSError as error:
            why = why or f"the {name} controller of cgroup v{place.version} is not ours to use: {error.strerror}"
            continue
        return Controller(name, place.version, folder)
    return why


def _make_v2(name: str, parent: str, folder: str) -> None:
    """Groups of v2 have the controllers that each folder above hands down, which one with processes in it cannot."""
    if not os.access(os.path.join(parent, "cgroup.procs"), os.W_OK):
        raise PermissionError(13, os.strerror(13))  # processes could not be moved
    write(parent, "cgroup.subtree_control", f"+{name}")
    os.makedirs(folder, exist_ok=True)
    write(folder, "cgroup.subtree_control", f"+{name}")


def write(folder: str, name: str, text: str) -> None:
    """One of a cgroup's files. Raises OSError."""
    fd = os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)
