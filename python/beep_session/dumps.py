"""Stacks of a session that cannot answer: C code writes them to a pipe when a signal comes, whoever holds the GIL."""

from __future__ import annotations

import _signal
import os
from typing import Tuple

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

try:
    import faulthandler
except ImportError:  # not every Python has it
    faulthandler = None  # type: ignore[assignment]

_close = os.close


def _signals() -> Tuple[int, ...]:
    # Nobody's: those of the real-time signals that are in use are at the ends.
    last = getattr(_signal, "SIGRTMAX", None)
    return () if last is None else (last - 7, last - 8)


# All threads; the thread that gets the signal alone.
SIGNALS = _signals()


def install(fd: int) -> None:
    """Write stacks to this descriptor, as far as it takes them at once."""
    if faulthandler is None or not hasattr(faulthandler, "register"):
        return
    for number, is_all in zip(SIGNALS, (True, False)):
        faulthandler.register(number, fd, all_threads=is_all, chain=False)


def remove(fd: int) -> None:
    """No more, in a child of the user's code: the pipe is not its own."""
    if faulthandler is not None and hasattr(faulthandler, "unregister"):
        for number in SIGNALS:
            faulthandler.unregister(number)
    try:
        _close(fd)
    except OSError:
        pass
