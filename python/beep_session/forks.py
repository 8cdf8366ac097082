"""Forks of the template's own, without what the library does for a process that had other threads.

A hook that sets right what those may have held or done has nothing to do there, and each page that it touches is one
that every session copies. For forks of the user's code all hooks are what they were.
"""

from __future__ import annotations

import _thread
import os
import sys
from functools import wraps
from typing import Any, Callable

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

_register: Callable[..., None] = getattr(os, "register_at_fork", lambda **hooks: None)

# Whose hooks care about threads alone.
_ABOUT_THREADS = ("threading", "logging")

_native_id = getattr(_thread, "get_native_id", None)
_is_own = False


def watch() -> None:
    """Tell such hooks from others when they are registered: before anything is imported that has some."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork = _register_at_fork


def look_away() -> None:
    """What is registered from now on is nothing to the template."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork = _register


def fork() -> int:
    """Fork this process, which has no other thread. Raises OSError."""
    global _is_own
    main = sys.modules["threading"].main_thread()
    _is_own = True
    try:
        pid = os.fork()
    finally:
        _is_own = False
    if pid == 0 and _native_id is not None:
        main._native_id = _native_id()
    return pid


def _register_at_fork(**hooks: Any) -> None:
    _register(**{when: _but_for_ours(hook) if _is_about_threads(hook) else hook for when, hook in hooks.items()})


def _is_about_threads(hook: Any) -> bool:
    return callable(hook) and getattr(hook, "__module__", None) in _ABOUT_THREADS


def _but_for_ours(hook: Callable[[], Any]) -> Callable[[], None]:
    @wraps(hook)
    def in_forks_of_the_users() -> None:
        if not _is_own:
            hook()

    return in_forks_of_the_users
