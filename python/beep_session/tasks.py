"""The session's event loop: cells that await run on it, and what they leave behind goes on between cells."""

from __future__ import annotations

import asyncio
from asyncio import all_tasks, new_event_loop, set_event_loop, wait
from types import FrameType
from typing import Any, Coroutine, Optional

from beep_session.interrupts import Interrupts, is_open_to_interrupts, open_to_interrupts
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.own import is_ours

# So long may tasks take over being cancelled when the session ends, and a cell that awaits in its `finally`.
_CLOSE_GRACE_S = 1.0
_END_GRACE_S = 0.25

_CancelledError = asyncio.CancelledError


class Tasks:
    """One event loop, made when it is first needed and kept; it runs only while something waits on it."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._main_task: Optional[asyncio.Task[Any]] = None
        self._cancels = 0
        self._is_readable = False

    @open_to_interrupts
    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a cell's coroutine to its end."""
        loop = self._loop
        if loop is None or loop.is_closed():
            loop = self._loop = new_event_loop()
        set_event_loop(loop)
        task = self._main_task = loop.create_task(coroutine)
        self._cancels = 0
        self._interrupts.takes_over = self._cancel_instead
        self._interrupts.wakes = self._wake
        try:
            return self._complete(loop, task, coroutine)
        except _CancelledError as error:
            if not self._cancels:
                raise
            raise KeyboardInterrupt().with_traceback(error.__traceback__) from None
        finally:
            self._interrupts.takes_over = self._interrupts.wakes = None
            self._main_task = None

    @open_to_interrupts
    def _complete(
        self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any], coroutine: Coroutine[Any, Any, Any]
    ) -> Any:
        try:
            return loop.run_until_complete(task)
        except (KeyboardInterrupt, SystemExit) as error:
            try:
                if not task.done():
                    # It left the loop from another task, or while nothing ran. The cell's own code ends with it all
                    # the same: with this very exception, since a cancellation may have been swallowed already.
                    _throw_into(coroutine, error)
                    task.cancel()
                    loop.run_until_complete(wait({task}, timeout=_END_GRACE_S))
                if task.done() and not task.cancelled():
                    task.exception()  # taken: it is this one, or says that the coroutine has ended
            except (KeyboardInterrupt, SystemExit):
                pass
            raise

    def _cancel_instead(self, frame: Optional[FrameType]) -> bool:
        """An interrupt while the loop waits cancels the cell's task; a second one raises."""
        task, loop = self._main_task, self._loop
        if task is None or loop is None or task.done() or not _is_waiting(frame):
            return False
        self._cancels += 1
        if self._cancels > 1:
            return False
        task.cancel()
        loop.call_soon_threadsafe(_nothing)  # `select` goes on after a signal: it needs something to read
        return True

    def _wake(self) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(_nothing)

    @property
    def are_pending(self) -> bool:
        """Whether the loop has anything to do between cells."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return False
        if all_tasks(loop):
            return True
        try:
            # More than its own pipe to wake it: a server, a connection, a pipe.
            return bool(loop._ready or loop._scheduled or len(loop._selector.get_map()) > 1)  # type: ignore[attr-defined]
        except AttributeError:
            return True  # another kind of loop: only it knows

    def wait_readable(self, fd: int) -> None:
        """Run the loop until the descriptor is readable."""
        loop = self._loop
        assert loop is not None
        self._is_readable = False
        try:
            loop.add_reader(fd, self._on_readable)
        except Exception:
            return
        try:
            while not self._is_readable and not loop.is_closed():
                try:
                    loop.run_forever()
                except BaseException:
                    continue  # SystemExit or KeyboardInterrupt in a task ends that task
        finally:
            if not loop.is_closed():
                loop.remove_reader(fd)

    def _on_readable(self) -> None:
        self._is_readable = True
        assert self._loop is not None
        self._loop.stop()

    def close(self) -> None:
        """Cancel what is left, as the end of a program does."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        try:
            left = all_tasks(loop)
            for task in left:
                task.cancel()
            if left:
                loop.run_until_complete(wait(left, timeout=_CLOSE_GRACE_S))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
        except BaseException:
            pass  # the process ends


@open_to_interrupts
def _throw_into(coroutine: Coroutine[Any, Any, Any], error: BaseException) -> None:
    try:
        coroutine.throw(error)  # what it awaits after that ends with the task
    except BaseException:
        pass


def _nothing() -> None:
    pass


def _is_waiting(frame: Optional[FrameType]) -> bool:
    """Whether the loop itself is on top: asyncio's code, or ours that called a loop written in C."""
    if frame is None:
        return True
    if is_ours(frame.f_code):
        return frame.f_code is _complete_code or not is_open_to_interrupts(frame)
    name = frame.f_globals.get("__name__")
    return type(name) is str and (name == "selectors" or name == "asyncio" or name.startswith("asyncio."))


_complete_code = Tasks._complete.__code__
