"""What becomes of a process that the user's code forked."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from typing import Any, Callable

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

_exit = os._exit


def silence_fork_warning() -> None:
    """Python 3.12 and later warn about a fork beside another thread; ours holds no lock that a child could want."""
    warnings.filterwarnings("ignore", r"This process \(pid=\d+\) is multi-threaded, use of fork", DeprecationWarning)


def on_fork(before: Callable[[], None], in_parent: Callable[[], None], in_child: Callable[[], None]) -> None:
    """Call these around a fork, wherever it comes from; they cannot be taken back."""
    os.register_at_fork(before=before, after_in_parent=in_parent, after_in_child=in_child)


def leave_child(error: Any, flush: Callable[[], None]) -> None:
    """End a child that came back to our loop as the end of a program would; never returns."""
    status = 0
    if isinstance(error, SystemExit):
        code = error.code
        status = code if type(code) is int else int(code is not None)
        if status and type(code) is not int:
            print(code, file=sys.stderr)
    elif error is not None:
        status = 1
        try:
            traceback.print_exception(type(error), error, error.__traceback__)
        except BaseException:
            pass
    try:
        flush()
    finally:
        _exit(status & 0xFF)
