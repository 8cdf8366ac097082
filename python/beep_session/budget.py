"""The time that rendering one object may take: the user's renderers are code as any, and may never end."""

from __future__ import annotations

import _signal
import os
from _thread import get_ident, start_new_thread
from types import FrameType
from typing import Any, Callable, Optional

from beep_session.interrupts import Interrupts, may_raise_in, open_to_interrupts
from beep_session.native import Timer, make_timer
from beep_session.own import BUILTINS as __builtins__  # noqa: F401

_DEFAULT_MS = 10_000
# A renderer that swallows the exception gets it again.
_AGAIN_MS = 50

_read, _kill, _getpid = os.read, os.kill, os.getpid
_get_signal, _SIGINT = _signal.getsignal, _signal.SIGINT
_set_mask = _signal.pthread_sigmask
_valid_signals = _signal.valid_signals


class OverTime(BaseException):
    """Raised in a rendering whose time is up."""


class TimeBudget:
    """Ends what the main thread renders when its time is up, by a signal to the process itself.

    Without timers, in other threads, in a child of the user's and while another handler has SIGINT, nothing is ended.
    """

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts
        self._main = get_ident()
        self._timer: Optional[Timer] = None
        self._timer_ms = 0
        self._ms = _DEFAULT_MS
        self._is_running = False
        self._is_child = False
        interrupts.ends_rendering = self._end_rendering

    def begin(self, ms: Optional[int]) -> None:
        """An item starts."""
        self._ms = ms or _DEFAULT_MS
        self._is_running = False

    @property
    def seconds(self) -> float:
        """How long one object's rendering may take."""
        return self._ms / 1000

    @open_to_interrupts
    def run(self, call: Callable[..., Any], *args: Any) -> Any:
        """Call it; raises OverTime where that takes too long. What is called meanwhile has no time of its own."""
        timer = None if self._is_running or get_ident() != self._main else self._ready_timer()
        if timer is None:
            return call(*args)
        try:
            self._is_running = True
            timer.start()
            self._interrupts.leave()
            return call(*args)
        finally:
            self._is_running = False
            timer.stop()
            self._interrupts.leave()

    @property
    def is_interrupted(self) -> bool:
        """Whether somebody asked to interrupt what runs; a KeyboardInterrupt without that is the renderer's own."""
        return self._interrupts.was_caused

    def in_child(self) -> None:
        """A child of the user's code: the timer is its parent's."""
        self._timer = None
        self._is_child = True

    def _ready_timer(self) -> Optional[Timer]:
        if self._timer_ms == self._ms or self._is_child:
            return self._timer
        self._timer_ms = self._ms
        self._timer = timer = make_timer(self._ms, _AGAIN_MS)
        if timer is None:
            return None
        before = _set_mask(_signal.SIG_BLOCK, _valid_signals())  # signals are the main thread's
        try:
            if not timer.open():
                raise OSError("no descriptor")
            start_new_thread(self._watch, (timer,))
        except (OSError, RuntimeError):
            self._timer = None
        finally:
            _set_mask(_signal.SIG_SETMASK, before)
        return self._timer

    def _watch(self, timer: Timer) -> None:
        interrupts = self._interrupts
        while timer is self._timer:
            try:
                _read(timer.fd, 8)
            except OSError:
                return  # closed by the user
            if not self._is_running:
                timer.stop()
            elif not interrupts.is_over_time and _get_signal(_SIGINT) == interrupts.handler:
                interrupts.is_over_time = True
                _kill(_getpid(), _SIGINT)

    def _end_rendering(self, top: Optional[FrameType]) -> None:
        """In the handler of that signal."""
        frame = top
        while frame is not None and frame.f_code is not _run_code:
            frame = frame.f_back
        if frame is None:
            self._is_running = False  # it has been left by another exception
        elif self._is_running and may_raise_in(top):
            if frame is top:
                self._is_running = False  # nothing is left there that could swallow it
            raise OverTime


_run_code = TimeBudget.run.__code__
