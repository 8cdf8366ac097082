"""Where a process may have cgroups of its own, read from what the kernel says; v1, v2 and both side by side.

Standard library only: the keeper sweeps with it, too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

# Owner's pid and start time: a pid alone may be another process's by now.
_NAME = re.compile(r"beep-python-(\d+)-(\d+)")

# What a service manager marks a subtree with that it leaves to the processes in it (systemd, "Delegation").
_DELEGATED = ("user.delegate", "trusted.delegate")

_MARK = b"1"

_FIELD_OF_START_TIME = 19  # after the name, which may hold anything


@dataclass(frozen=True)
class Place:
    """The cgroup that a process is in, in the hierarchy that has a controller."""

    version: int
    folder: str
    mount_point: str


def locate(controller: str, cgroup: str, mountinfo: str) -> Place | None:
    """From /proc/<pid>/cgroup and /proc/<pid>/mountinfo; a controller of v1 is not one of v2 at the same time."""
    paths = _paths(cgroup)
    found = None
    for root, point, kind, options in _mounts(mountinfo):
        if kind == "cgroup" and controller in options and controller in paths:
            return _place(1, paths[controller], root, point)
        if kind == "cgroup2" and "" in paths and found is None:
            found = _place(2, paths[""], root, point)
    return found


def counter(text: str, name: str) -> int:
    """One line of a file of counters, such as memory.events; 0 where it is not there."""
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.strip().isdigit():
            return int(value)
    return 0


def _paths(cgroup: str) -> dict[str, str]:
    """By controller; that of v2 has no name."""
    paths: dict[str, str] = {}
    for line in cgroup.splitlines():
        number, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        if not path.startswith("/"):
            continue
        for name in names.split(","):
            if name or number == "0":
                paths[name] = path
    return paths


def _mounts(mountinfo: str) -> Iterable[tuple[str, str, str, list[str]]]:
    """Root, mount point, type and options of each (proc_pid_mountinfo(5))."""
    for line in mountinfo.splitlines():
        before, separator, after = line.partition(" - ")
        left, right = before.split(" "), after.split(" ")
        if separator and len(left) > 5 and len(right) > 2:
            yield _unescaped(left[3]), _unescaped(left[4]), right[0], right[2].split(",")


def _unescaped(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)


def _place(version: int, path: str, root: str, point: str) -> Place | None:
    """None where what is mounted is another part of the hierarchy than the one that the process is in."""
    if ".." in path.split("/"):
        return None
    below = os.path.relpath(path, root)
    if below == ".." or below.startswith("../"):
        return None
    return Place(version, os.path.normpath(os.path.join(point, below)), point)


def parents(place: Place) -> list[str]:
    """Folders that cgroups may be made in, best first: the process's own, and for v2 one above that was left to it."""
    if place.version == 1:
        return [place.folder]
    folders, above = [place.folder], place.folder
    while above != place.mount_point and len(above) > 1:
        above = os.path.dirname(above)
        if above != place.mount_point and _is_delegated(above):
            folders.append(above)
    return folders


def _is_delegated(folder: str) -> bool:
    for name in _DELEGATED:
        try:
            if os.getxattr(folder, name) == _MARK:
                return True
        except OSError:
            continue
    return False


def find(controller: str) -> Place | None:
    """This process's own."""
    try:
        with open("/proc/self/cgroup") as cgroup, open("/proc/self/mountinfo") as mountinfo:
            return locate(controller, cgroup.read(), mountinfo.read())
    except OSError:
        return None


def own_name() -> str:
    """Of the folder that this process makes for its sessions' cgroups."""
    return f"beep-python-{os.getpid()}-{_start_time(os.getpid())}"


def sweep(controllers: Iterable[str]) -> None:
    """Removes the folders of processes that have gone, as far as nothing runs in them."""
    for controller in controllers:
        place = find(controller)
        for parent in parents(place) if place else ():
            for name in _listed(parent):
                match = _NAME.fullmatch(name)
                if match and _start_time(int(match[1])) != int(match[2]):
                    remove(os.path.join(parent, name))


def remove(folder: str) -> bool:
    """A cgroup and those below it; whether it has gone. One in which something runs stays."""
    for name in _listed(folder):
        remove(os.path.join(folder, name))
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _listed(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def _start_time(pid: int) -> int:
    """In ticks since the machine's start; 0 where there is no such process, or nobody has reaped it yet."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            text = file.read()
        fields = text[text.rindex(b")") + 2 :].split()
        return 0 if fields[0] in (b"Z", b"X") else int(fields[_FIELD_OF_START_TIME])
    except (OSError, ValueError, IndexError):
        return 0
