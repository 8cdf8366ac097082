"""The few C calls that the standard library does not offer, loaded before the fork; absent ones are None."""

from __future__ import annotations

import sys
from typing import Any, Callable, Optional

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

try:
    import ctypes
except ImportError:  # an interpreter built without libffi
    ctypes = None  # type: ignore[assignment]

_PR_SET_CHILD_SUBREAPER = 36
_SYS_CLOSE_RANGE = 436  # on every architecture; a C library may not name it


def _libc() -> Any:
    if ctypes is None or not sys.platform.startswith("linux"):
        return None
    try:
        # PyDLL keeps the GIL: these calls never wait, and giving it up costs more than they do.
        return ctypes.PyDLL(None)
    except (OSError, AttributeError):
        return None


_c = _libc()


def become_subreaper() -> None:
    """Make orphans below this process its children (Linux; elsewhere nothing)."""
    if _c is not None:
        _c.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def close_range(first: int, last: int) -> bool:
    """Close the descriptors from one number to another in one call; False where that is not offered."""
    return _c is not None and _c.syscall(_SYS_CLOSE_RANGE, first, last, 0) == 0


def _async_exception() -> Optional[Callable[[int, Optional[type]], int]]:
    if ctypes is None or sys.implementation.name != "cpython":
        return None
    call = ctypes.pythonapi.PyThreadState_SetAsyncExc
    thread, instance, null = ctypes.c_ulong, ctypes.py_object, ctypes.c_void_p(None)

    def set_exception(ident: int, kind: Optional[type]) -> int:
        return call(thread(ident), null if kind is None else instance(kind))

    return set_exception


# Raise an exception class in the thread with this ident at its next bytecode, or take back (None) what has not landed.
set_async_exception = _async_exception()


class Timer:
    """A timerfd: read blocks until it expires."""

    def __init__(self, fd: int, after_ms: int) -> None:
        self.fd = fd
        word = ctypes.c_long * 4
        self._on = ctypes.byref(word(0, 0, after_ms // 1000, after_ms % 1000 * 1_000_000))
        self._off = ctypes.byref(word(0, 0, 0, 0))
        self._set = _c.timerfd_settime

    def start(self) -> None:
        """Expire once, after the timer's time."""
        self._set(self.fd, 0, self._on, None)

    def stop(self) -> None:
        """Do not expire."""
        self._set(self.fd, 0, self._off, None)


def make_timer(after_ms: int) -> Optional[Timer]:
    """A close-on-exec timer, or None where the platform has none."""
    if _c is None or not hasattr(_c, "timerfd_create"):
        return None
    fd = _c.timerfd_create(1, 0o2000000)  # CLOCK_MONOTONIC, TFD_CLOEXEC
    return None if fd < 0 else Timer(fd, after_ms)
