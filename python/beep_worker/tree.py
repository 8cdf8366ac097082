"""Process trees: who descends from whom, and killing all of them."""

from __future__ import annotations

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36

_libc = ctypes.CDLL(None, use_errno=True)
_tgkill = getattr(_libc, "tgkill", None)


def become_subreaper() -> None:
    """Orphans among this process's descendants become its children."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(number: int) -> None:
    """The kernel sends this signal when the parent ends."""
    _prctl(_PR_SET_PDEATHSIG, number)


def be_undumpable() -> None:
    """Other processes of the same user can neither trace this one nor read its memory or environment."""
    _prctl(_PR_SET_DUMPABLE, 0)


def signal_main_thread(pid: int, number: int) -> bool:
    """Send a signal to the first thread of a process, where the C library can; whether there was one."""
    if _tgkill is not None:
        return bool(_tgkill(pid, pid, number) == 0)
    return signal_process(pid, number)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def children_of(pid: int) -> list[int]:
    """The children of every thread of a process; empty where there is no such process."""
    found: list[int] = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for thread in threads:
        found.extend(_children_of_thread(pid, thread))
    return found


def own_children() -> list[int]:
    """The children of this process, as long as only its main thread starts any; orphans come to that one, too."""
    pid = os.getpid()
    return _children_of_thread(pid, str(pid))


def _children_of_thread(pid: int, thread: str) -> list[int]:
    try:
        fd = os.open(f"/proc/{pid}/task/{thread}/children", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return []
    try:
        text = b""
        while part := os.read(fd, 65536):
            text += part
        return list(map(int, text.split()))
    except OSError:
        return []
    finally:
        os.close(fd)


def descendants_of(pid: int) -> list[int]:
    """All below a process, parents before their children."""
    found = children_of(pid)
    for child in found:  # grows while it is walked: breadth first
        found.extend(children_of(child))
    return found


def kill_tree(pid: int) -> None:
    """SIGKILL for a process and all below it, stopped first so that none can start another meanwhile.

    What is orphaned by this goes to the nearest subreaper above; who wants the tree to be empty sweeps there.
    """
    signal_process(pid, signal.SIGSTOP)
    for child in descendants_of(pid):
        signal_process(child, signal.SIGKILL)
    signal_process(pid, signal.SIGKILL)


def kill_descendants(pid: int) -> None:
    """Kills and reaps all below this very process, again and again until nothing is left."""
    while below := descendants_of(pid):
        for child in below:
            signal_process(child, signal.SIGKILL)
        for child in below:
            try:
                os.waitpid(child, 0)
            except ChildProcessError:
                continue  # a grandchild: ours to reap in the next round, once its parent has gone


def signal_process(pid: int, number: int) -> bool:
    """Whether the process was there to be signalled, and ours to signal: one that changed its user may not be."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
