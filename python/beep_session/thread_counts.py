"""Threads of numerical libraries: one each in a template, as many as there are processors in its sessions.

A library that is imported in a session finds out by itself; one that the template has imported was told to have one
thread, and is told the real count through a setter of its own: after the fork, or, where it ends its threads before a
fork and starts them again when they are needed, once for all sessions before the first.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, Callable, Iterator, List, Tuple

from beep_session.forks import fork
from beep_session.own import BUILTINS as __builtins__  # noqa: F401

try:
    import ctypes
except ImportError:  # an interpreter built without libffi
    ctypes = None  # type: ignore[assignment]

Setter = Callable[[int], Any]
_Libraries = Tuple[Tuple[str, Tuple[str, ...]], ...]

# By what the file of a library is called, and how its setter may be called there. OpenBLAS starts its threads in the
# setter, they look for work for 25 ms before they sleep, and it ends them by a hook before every fork.
_OPENBLAS: _Libraries = (
    (
        "openblas",
        (
            "openblas_set_num_threads",
            "openblas_set_num_threads64_",
            "scipy_openblas_set_num_threads",
            "scipy_openblas_set_num_threads64_",
        ),
    ),
)
_LIBRARIES: _Libraries = (
    ("mkl_rt", ("MKL_Set_Num_Threads",)),
    ("blis", ("bli_thread_set_num_threads",)),
    ("gomp", ("omp_set_num_threads",)),
    ("libomp", ("omp_set_num_threads",)),
    ("iomp5", ("omp_set_num_threads",)),
)

# Modules that have a count of their own.
_MODULES = (("pyarrow", "set_cpu_count"), ("numexpr", "set_num_threads"), ("torch", "set_num_threads"))

# Arrow's own default: these threads wait for files, not for processors.
_ARROW_IO_THREADS = 8


class ThreadCounts:
    """Made in the template, after everything was imported."""

    def __init__(self) -> None:
        self._count = cpu_share()
        is_one = self._count == 1
        self._inherited: List[Setter] = [] if is_one else [*_of_libraries(_OPENBLAS)]
        self._setters: List[Setter] = [] if is_one else [*_of_libraries(_LIBRARIES), *_of_modules()]

    def settle(self) -> None:
        """Tell those whose count outlives a fork, and their threads not; in the template, before its first fork."""
        inherited, self._inherited = self._inherited, []
        if not inherited:
            return
        self._tell(inherited)
        pid = fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)

    def restore(self) -> None:
        """Tell every other library that was preloaded how many threads it may have; in a session, after the fork."""
        self._tell(self._setters)

    def _tell(self, setters: List[Setter]) -> None:
        if not setters:
            return
        # Threads that start here have no part in signals: those are for the main thread.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            for setter in setters:
                try:
                    setter(self._count)
                except Exception:
                    pass  # another version than we know: it has one thread, and works
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def cpu_share() -> int:
    """How many processors this process may use at one time."""
    try:
        count = len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        count = os.cpu_count() or 1
    return max(1, min([count, *_quotas()]))


def _quotas() -> Iterator[int]:
    """Of the control groups that this process is in, rounded up."""
    root = "/sys/fs/cgroup"
    for line in _read("/proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        is_v1 = "cpu" in controllers.split(",")
        if controllers and not is_v1:
            continue
        folder = os.path.join(root, "cpu") if is_v1 else root
        names = [name for name in path.split("/") if name]
        for depth in range(len(names) + 1):
            group = os.path.join(folder, *names[:depth])
            if is_v1:
                words = [_read(f"{group}/cpu.cfs_{name}_us").strip() for name in ("quota", "period")]
            else:
                words = _read(f"{group}/cpu.max").split()
            if len(words) == 2 and all(word.isdigit() for word in words) and int(words[1]):
                yield -(-int(words[0]) // int(words[1]))


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _of_libraries(known: _Libraries) -> Iterator[Setter]:
    if ctypes is None:
        return
    loaded = {line.split(None, 5)[-1] for line in _read("/proc/self/maps").splitlines() if "/" in line}
    for path in sorted(loaded):
        name = os.path.basename(path)
        for part, setters in known:
            if part not in name:
                continue
            try:
                library = ctypes.CDLL(path)
            except OSError:
                continue  # not a library, or deleted since
            for setter in setters:
                call = getattr(library, setter, None)
                if call is not None:
                    call.argtypes, call.restype = [ctypes.c_int], None
                    yield call


def _of_modules() -> Iterator[Setter]:
    for name, setter in _MODULES:
        call = getattr(sys.modules.get(name), setter, None)
        if call is not None:
            yield call
    arrow = sys.modules.get("pyarrow")
    if arrow is not None and hasattr(arrow, "set_io_thread_count"):
        yield lambda _: arrow.set_io_thread_count(_ARROW_IO_THREADS)
