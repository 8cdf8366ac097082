"""Has a session's main thread make way for an answer: see `beep_session.control`.

Python's own way of sharing the interpreter fails where code gives it up and takes it back all the time. Only such code
is told: a signal would end a wait of the main thread's too early, as a large write's to a pipe that is full.
"""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from beep_worker.tree import signal_main_thread
from beep_worker.usage import run_time_ns

_SIGNAL = signal.SIGURG

# Looked at after this time, and again after as long; from then on after twice the time each.
_FIRST_S = 0.004

# A main thread that ran for more than this part of the time keeps the interpreter from others.
_BUSY = 0.5


def make_way(pid: int, answer: asyncio.Future[Any]) -> None:
    """Until the answer is there."""
    _look_later(pid, answer, _FIRST_S, None)


def _look_later(pid: int, answer: asyncio.Future[Any], after_s: float, ran_before_ns: int | None) -> None:
    def look() -> None:
        ran_ns = run_time_ns(pid, pid)
        if ran_ns is None:
            return
        if ran_before_ns is None:
            _look_later(pid, answer, after_s, ran_ns)
            return
        if ran_ns - ran_before_ns > _BUSY * after_s * 1e9 and _is_running(pid):
            signal_main_thread(pid, _SIGNAL)
        _look_later(pid, answer, 2 * after_s, ran_ns)

    timer = asyncio.get_running_loop().call_later(after_s, look)
    answer.add_done_callback(lambda _: timer.cancel())


def _is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/task/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] == b"R"
    except (OSError, IndexError):
        return False
