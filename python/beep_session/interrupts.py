"""KeyboardInterrupt where the user's code runs, and nowhere else."""

from __future__ import annotations

import _signal
import os
import sys
from _thread import get_ident
from time import sleep
from types import CodeType, FrameType
from typing import Any, Callable, Optional, Set, TypeVar
from weakref import WeakSet, finalize

from beep_session.loop_steps import call_soon, is_loop_step
from beep_session.native import set_async_exception
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.own import FOLDER, is_ours

_set_signal, _get_signal = _signal.signal, _signal.getsignal
_kill, _getpid = os.kill, os.getpid
_set_mask = _signal.pthread_sigmask
_SIGINT = _signal.SIGINT
_ONLY_SIGINT = (_SIGINT,)
_UNBLOCK = _signal.SIG_UNBLOCK
_current_frames = sys._current_frames

# So often an interrupt waits for the end of a finalizer, before it is raised in one all the same.
_MAX_PUT_OFF = 5
_MAX_DEPTH = 20

# After this time a signal that has not been seen is sent again, and then after twice that, and so on up to the last.
_PATIENCE_MS, _MAX_PATIENCE_MS, _FORK_MS = 10, 1000, 2

# Code of ours in which the exception may be raised at any point, because it holds nothing that could be left half
# done: single functions, and all of some files. What is not among it calls `leave` when it is left.
_open_code: Set[CodeType] = set()
# Code of ours that Python calls, in which it is never raised.
_hooks: Set[CodeType] = set()
_open_files = frozenset(
    f"{FOLDER}{name}.py"
    for name in (
        "after_import",
        "arrays",
        "cell",
        "description",
        "digits",
        "errors",
        "forms",
        "hooks",
        "items_reading",
        "json_reader",
        "json_writer",
        "lenient",
        "makers",
        "mpl_backend",
        "operations",
        "original",
        "original_held",
        "original_json",
        "original_numbers",
        "original_types",
        "path_to",
        "paths",
        "plain_json",
        "readable",
        "renderings",
        "result",
        "scalars",
        "scalars_in",
        "stdin",
        "table_bytes",
        "text",
        "values",
        "values_in",
    )
)


_Function = TypeVar("_Function", bound=Callable[..., Any])


def open_to_interrupts(function: _Function) -> _Function:
    """Mark a function of ours in which KeyboardInterrupt may be raised anywhere."""
    _open_code.add(function.__code__)
    return function


def called_by_python(function: _Function) -> _Function:
    """Mark a hook of a fork, or a handler of another signal: an interrupt that comes upon it waits for its end.

    Python drops what hooks raise, also before one of them has said that it has begun.
    """
    _hooks.add(function.__code__)
    return function


def is_open_to_interrupts(frame: FrameType) -> bool:
    """Whether the frame runs a function marked with `open_to_interrupts`."""
    return frame.f_code in _open_code or frame.f_code.co_filename in _open_files


def may_raise_in(frame: Optional[FrameType]) -> bool:
    """Whether the exception may be raised on top of this frame."""
    return frame is not None and (not is_ours(frame.f_code) or is_open_to_interrupts(frame))


class Interrupts:
    """What interrupts the item that runs; between items they are dropped."""

    def __init__(self) -> None:
        self._main = get_ident()
        # The id of the item that runs. Read by the control thread.
        self.running: Optional[Any] = None
        # An interrupt was seen while this item ran.
        self.was_caused = False
        # It came while a frame of ours was on top, and is raised when that is left.
        self.is_pending = False
        # The control thread is in the middle of `raise_in`, or has raised.
        self._is_raising = False
        self._has_raised = False
        # The item that the worker last asked to interrupt, and how often. Written by the control thread.
        self._wanted: Optional[Any] = None
        self._asked = 0
        # How many signals this item has seen.
        self._seen = 0
        # The next signal only ends a wait, so that what the control thread has raised lands.
        self._is_waking = False
        # The next signal is one sent again: the first may have been seen since.
        self._is_reminded = False
        # How often this item's interrupt came in code whose exceptions Python drops.
        self._put_off = 0
        # It came in a step of an event loop, which raises it by a callback of its own.
        self._is_in_loop = False
        # For the control thread: in how many milliseconds to call `remind`; None where nothing is outstanding.
        self.patience_ms: Optional[int] = None
        # Python calls hooks of a fork, and drops what they raise: a signal that comes meanwhile was not seen.
        self.is_forking = False
        self._was_in_hook = False
        # The control thread could not raise because of that.
        self._has_put_off = False
        # A signal came while nothing ran: for the item that is about to begin, or for one that has just ended.
        self._has_dropped = False
        # Takes the interrupt instead while the event loop waits; answers whether it did.
        self.takes_over: Optional[Callable[[Optional[FrameType]], bool]] = None
        # The next signal says that a rendering has taken too long (`beep_session.budget`), and ends it.
        self.is_over_time = False
        self.ends_rendering: Optional[Callable[[Optional[FrameType]], None]] = None
        # Makes a waiting event loop execute bytecode, so that an exception raised by the control thread lands.
        self.wakes: Optional[Callable[[], None]] = None

    @property
    def handler(self) -> Callable[[int, Optional[FrameType]], None]:
        """What SIGINT calls, unless the user's code has set another."""
        return self._on_signal

    def start(self) -> None:
        """The session starts: from now on a signal is seen, though nothing runs."""
        _set_signal(_SIGINT, self._on_signal)

    def begin(self, item: Any) -> None:
        """An item starts: the handler is ours again, whatever the one before made of it."""
        self.was_caused = False
        self.is_pending = self._is_waking = self._is_in_loop = self._has_put_off = False
        self._is_reminded = False
        self._seen = self._put_off = 0
        _set_signal(_SIGINT, self._on_signal)
        _set_mask(_UNBLOCK, _ONLY_SIGINT)
        self.running = item
        if self._wanted == item and self._has_dropped:
            self._seen = 1
            self.was_caused = self.is_pending = True  # its signal came before it began, and was dropped

    def settle(self) -> None:
        """The item has ended: whatever has not landed by now never does. May be called again if interrupted."""
        while True:
            try:
                self.running = None
                self._has_dropped = False
                while self._is_raising:
                    sleep(0)
                if self._has_raised:
                    assert set_async_exception is not None
                    set_async_exception(self._main, None)
                    self._has_raised = False
                self.is_pending = False
                return
            except KeyboardInterrupt:
                continue

    def leave(self) -> None:
        """A frame of ours is left for the user's code: raise what came meanwhile."""
        if self.is_pending:
            self.is_pending = False
            raise KeyboardInterrupt

    def interrupt(self, item: Any) -> None:
        """From the control thread: the signal is for this item, also if it came before the item had begun."""
        self._asked = self._asked + 1 if item == self._wanted else 1
        self._wanted = item
        self.patience_ms = _PATIENCE_MS
        sleep(0)  # as in `raise_in`: what follows is not interrupted by the main thread
        if self.running == item and self._has_dropped and not self.was_caused:
            self._has_dropped = False
            _kill(_getpid(), _SIGINT)  # it came just before the item began

    def remind(self) -> None:
        """From the control thread, when its patience is over: a signal that is still to be seen is sent again.

        Python looks for signals before a call that waits, and the call itself is ended by one that comes while it
        waits: one that comes between the two is seen when the waiting is over. An exception that was raised from here
        never ends a call that waits; a signal does, whoever handles it. One that came when a frame of ours had just
        looked whether one had come is raised in what that has called.
        """
        sleep(0)
        if self._has_put_off:
            self._has_put_off = False
            self.raise_in(self.running)
        frame = _current_frames().get(self._main)
        handler = _get_signal(_SIGINT)
        is_unseen = self._is_unseen
        if self.running is None or not (is_unseen or self._has_raised or self._has_put_off):
            self.patience_ms = None
        elif handler == self._on_signal:
            # Forks are short: code that does little else is soon found between two of them.
            patience_ms = _FORK_MS if self._was_in_hook else 2 * (self.patience_ms or _PATIENCE_MS)
            self._was_in_hook = False
            self.patience_ms = min(patience_ms, _MAX_PATIENCE_MS)
            if frame is None or frame.f_code is not _on_signal_code:  # else just now
                self._is_waking, self._is_reminded = not is_unseen, is_unseen
                _kill(_getpid(), _SIGINT)
        else:
            self.patience_ms = None  # the user's own handler has it
            if self._has_raised and callable(handler):
                _kill(_getpid(), _SIGINT)

    def raise_in(self, item: Any) -> None:
        """From the control thread: raise in the main thread at its next bytecode, if this item still runs."""
        if set_async_exception is None:
            return
        self._is_raising = True
        try:
            # Give up the GIL first: the main thread then waits a whole switch interval before it takes it back, so
            # what it executes cannot change between the look and the call.
            sleep(0)
            if self.running is None or self.running != item:
                return
            self.was_caused = True
            frame = _current_frames().get(self._main)
            if self._is_in_hook(frame):
                self._has_put_off = True
                self.patience_ms = _PATIENCE_MS
            elif may_raise_in(frame):
                self._has_raised = True
                set_async_exception(self._main, KeyboardInterrupt)
                if self.wakes is not None:
                    self.wakes()
                self.patience_ms = _PATIENCE_MS
            else:
                self.is_pending = True
                self.patience_ms = _PATIENCE_MS
        finally:
            self._is_raising = False

    def _on_signal(self, signum: int, frame: Optional[FrameType]) -> None:
        if self.running is None:
            self._has_dropped = True
            return
        if self._is_in_hook(frame):
            if frame is not None and is_open_to_interrupts(frame):
                raise KeyboardInterrupt  # ends our own hook's wait, which goes no further
            self._was_in_hook = True
            return
        if self.is_over_time:
            self.is_over_time = False
            if self.ends_rendering is not None:
                self.ends_rendering(frame)
            return
        if self._is_waking:
            self._is_waking = False
            return
        if self._is_reminded:
            self._is_reminded = False
            if not self._is_unseen:
                return
        self.was_caused = True
        if self.is_pending:
            self.is_pending = False
            self._seen -= 1  # it is seen anew
        takes_over = self.takes_over
        if takes_over is not None and takes_over(frame):
            self._seen += 1
            return
        # Not counted as seen, the signal is sent again: here when the finalizer is over, ...
        if self._put_off < _MAX_PUT_OFF and _is_in_finalizer(frame):
            self._put_off += 1
            return
        # ... and here should what the loop runs next go on for long.
        if frame is not None and is_loop_step(frame) and call_soon(frame, self._raise_in_loop):
            self._is_in_loop = True
            return
        self._seen += 1
        self._is_in_loop = False
        if may_raise_in(frame):
            raise KeyboardInterrupt
        self.is_pending = True

    @property
    def _is_unseen(self) -> bool:
        """Whether this item is still to see a signal, or to be left by what one has raised."""
        return self.is_pending or (self.running == self._wanted and self._seen < self._asked)

    def _is_in_hook(self, frame: Optional[FrameType]) -> bool:
        return self.is_forking or (frame is not None and frame.f_code in _hooks)

    def _raise_in_loop(self) -> None:
        if self._is_in_loop and self.running is not None:
            self._seen += 1
            self._is_in_loop = False
            raise KeyboardInterrupt


def _is_in_finalizer(frame: Optional[FrameType]) -> bool:
    """Whether it may be in a `__del__` or a weak reference's callback: Python drops what they raise."""
    for _ in range(_MAX_DEPTH):
        if frame is None:
            break
        if frame.f_code.co_name == "__del__" or frame.f_code.co_filename in _WEAKREF_FILES:
            return True
        frame = frame.f_back
    return False


_WEAKREF_FILES = frozenset(kind.__init__.__code__.co_filename for kind in (WeakSet, finalize))


_on_signal_code = Interrupts._on_signal.__code__
