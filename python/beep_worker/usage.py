"""What a process has used, by the kernel."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import NamedTuple

from beep_worker.tree import descendants_of

# Clock ids of another process's CPU time (include/linux/posix-timers.h): ~pid << 3 | which. The scheduler's clock is
# exact; the other two are sampled by ticks and good for the ratio between user and system time alone.
_PROF, _USER, _EXACT = 0, 1, 2

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class CpuTime:
    """CPU time of a process, its threads included, its children not."""

    user_s: float
    system_s: float

    def since(self, earlier: CpuTime) -> CpuTime:
        return CpuTime(max(0.0, self.user_s - earlier.user_s), max(0.0, self.system_s - earlier.system_s))

    def when(self, total_s: float) -> CpuTime:
        """What it was when it was so much in all, at most what it is."""
        share = max(0.0, min(1.0, total_s / (self.user_s + self.system_s or 1.0)))
        return CpuTime(self.user_s * share, self.system_s * share)


class Used(NamedTuple):
    """What the process of an item had used when that ended."""

    cpu: CpuTime | None = None
    peak_resident_bytes: int = 0
    # When that was, by the monotonic clock, where it is not now.
    at_ns: int = 0


UNKNOWN = Used()


def cpu_time(pid: int) -> CpuTime | None:
    """None where there is no such process any more."""
    base = (~pid) << 3
    try:
        total = time.clock_gettime(base | _EXACT)
        user, both = time.clock_gettime(base | _USER), time.clock_gettime(base | _PROF)
    except OSError:
        return None
    user_share = user / both if both else 1.0
    return CpuTime(total * user_share, total * (1.0 - user_share))


def exact_cpu_s(pid: int) -> float:
    """The scheduler's count of CPU time alone; 0 where there is no such process."""
    try:
        return time.clock_gettime(((~pid) << 3) | _EXACT)
    except OSError:
        return 0.0


def run_time_ns(pid: int, thread_id: int) -> int | None:
    """How long a thread was on a processor, by the scheduler's count; None where there is no such thread any more."""
    try:
        with open(f"/proc/{pid}/task/{thread_id}/schedstat", "rb") as file:
            return int(file.read().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def resident_bytes(pid: int) -> int:
    """Memory in use now; 0 where there is no such process."""
    try:
        with open(f"/proc/{pid}/statm", "rb", buffering=0) as file:
            return int(file.read().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError):
        return 0


def peak_resident_bytes(status_fd: int) -> int:
    """The most memory that was in use, from an open /proc/<pid>/status; 0 where the process has gone."""
    try:
        text = os.pread(status_fd, 4096, 0)
    except OSError:
        return 0
    at = text.find(b"VmHWM:")
    return int(text[at + 6 : text.index(b"kB", at)]) * 1024 if at >= 0 else 0


def tree_cpu_s(pid: int) -> float:
    """CPU time of a process, of all below it, and of those below it that have been waited for."""
    return sum(map(_cpu_with_children_s, (pid, *descendants_of(pid))))


def _cpu_with_children_s(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            text = file.read()
        return sum(map(int, text[text.rindex(b")") + 2 :].split()[11:15])) / _TICKS_PER_S
    except (OSError, ValueError):
        return 0.0
