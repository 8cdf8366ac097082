"""The few C calls that the standard library does not offer; all is looked up and built before the fork."""

from __future__ import annotations

import sys
from typing import Any, Callable, Optional, Set

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

try:
    import ctypes
except ImportError:  # an interpreter built without libffi
    ctypes = None  # type: ignore[assignment]

_PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 4, 36
_SYS_CLOSE_RANGE = 436  # on every architecture; a C library may not name it
_CLOCK_MONOTONIC, _TFD_CLOEXEC = 1, 0o2000000

_Call = Optional[Callable[..., int]]


def _find(name: str, *types: Any) -> _Call:
    if ctypes is None or not sys.platform.startswith("linux"):
        return None
    try:
        # PyDLL keeps the GIL: these calls never wait, and giving it up costs more than they do. PyPy has none.
        call = getattr(getattr(ctypes, "PyDLL", ctypes.CDLL)(None), name)
    except (OSError, AttributeError):
        return None
    call.argtypes = types
    call.restype = ctypes.c_int
    found: Callable[..., int] = call
    return found


def _types(names: str) -> Any:
    return [] if ctypes is None else [{"i": ctypes.c_int, "l": ctypes.c_long, "p": ctypes.c_void_p}[n] for n in names]


_prctl = _find("prctl", *_types("illll"))
_syscall = _find("syscall", *_types("llll"))
_timerfd_create = _find("timerfd_create", *_types("ii"))
_timerfd_settime = _find("timerfd_settime", *_types("iipp"))


def become_subreaper(is_one: bool = True) -> None:
    """Make orphans below this process its children (Linux; elsewhere nothing)."""
    if _prctl is not None:
        _prctl(_PR_SET_CHILD_SUBREAPER, int(is_one), 0, 0, 0)


def be_dumpable(is_one: bool) -> None:
    """Whether other processes of the same user may look into this one's memory (Linux; elsewhere nothing)."""
    if _prctl is not None:
        _prctl(_PR_SET_DUMPABLE, int(is_one), 0, 0, 0)


def close_range(first: int, last: int) -> bool:
    """Close the descriptors from one number to another in one call; False where that is not offered."""
    return _syscall is not None and _syscall(_SYS_CLOSE_RANGE, first, last, 0) == 0


def _async_exception() -> Optional[Callable[[int, Optional[type]], int]]:
    if ctypes is None or sys.implementation.name != "cpython":
        return None
    call = ctypes.pythonapi.PyThreadState_SetAsyncExc
    thread, instance, null = ctypes.c_ulong, ctypes.py_object, ctypes.c_void_p(None)

    def set_exception(ident: int, kind: Optional[type]) -> int:
        return int(call(thread(ident), null if kind is None else instance(kind)))

    return set_exception


# Raise an exception class in the thread with this ident at its next bytecode, or take back (None) what has not landed.
set_async_exception = _async_exception()


def _clear_in_main_thread() -> Optional[Callable[[Set[Any]], None]]:
    if ctypes is None or sys.implementation.name != "cpython":
        return None
    python = ctypes.pythonapi
    add = python.Py_AddPendingCall
    add.argtypes = (ctypes.c_void_p, ctypes.py_object)
    # A C function from end to end: no frame of ours that an interrupt could come upon.
    clear = ctypes.cast(python.PySet_Clear, ctypes.c_void_p)

    def clear_soon(kept: Set[Any]) -> None:
        add(clear, kept)

    return clear_soon


# Have the main thread empty a set, which its owner never lets go of, before its next bytecode. When many calls wait
# there already it does nothing.
clear_in_main_thread = _clear_in_main_thread()


class Timer:
    """A timerfd: a read blocks until it expires. Made without a descriptor, which each process opens for itself."""

    def __init__(self, after_ms: int, every_ms: int) -> None:
        words = ctypes.c_long * 4
        again, first = ((ms // 1000, ms % 1000 * 1_000_000) for ms in (every_ms, after_ms))
        self._on_words = words(*again, *first)
        self._off_words = words(0, 0, 0, 0)
        self._on, self._off = ctypes.addressof(self._on_words), ctypes.addressof(self._off_words)
        self.fd = -1

    def open(self) -> bool:
        """Open a close-on-exec descriptor; False where there is none to be had."""
        assert _timerfd_create is not None
        self.fd = _timerfd_create(_CLOCK_MONOTONIC, _TFD_CLOEXEC)
        return self.fd >= 0

    def start(self) -> None:
        """Expire after the timer's time: once, or every so often from then on."""
        _timerfd_settime(self.fd, 0, self._on, None)  # type: ignore[misc]

    def stop(self) -> None:
        """Do not expire."""
        _timerfd_settime(self.fd, 0, self._off, None)  # type: ignore[misc]


def make_timer(after_ms: int, every_ms: int = 0) -> Optional[Timer]:
    """A timer that expires once, or again every so often; None where the platform has none."""
    return None if _timerfd_create is None or _timerfd_settime is None else Timer(after_ms, every_ms)
