"""The limits that a session's process is held to by the kernel, set by itself: before its birth is over they would
break that, and from then on only user code runs."""

from __future__ import annotations

from typing import Dict

try:
    import resource
except ImportError:  # not everywhere
    resource = None  # type: ignore[assignment]

_HIGHEST = (1 << 63) - 1


def bind(limits: Dict[str, int]) -> None:
    """By the names of a `begin` frame; where a lower one is in force already, that stays."""
    bounds = {
        "open_files": resource.RLIMIT_NOFILE,
        "file_bytes": resource.RLIMIT_FSIZE,
        "cpu_s": resource.RLIMIT_CPU,
        "memory_bytes": resource.RLIMIT_AS,
    }
    for name, bound in limits.items():
        if name == "memory_bytes":
            bound += _mapped_bytes()  # on top of what it was born with, as a cgroup counts
        _, hard = resource.getrlimit(bounds[name])
        least = min(bound, _HIGHEST if hard == resource.RLIM_INFINITY else hard)
        resource.setrlimit(bounds[name], (least, least))


def _mapped_bytes() -> int:
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
