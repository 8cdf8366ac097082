"""How far an object has been iterated for callers outside."""

from __future__ import annotations

import asyncio
from itertools import repeat
from operator import length_hint
from time import monotonic
from types import AsyncGeneratorType, FunctionType, GeneratorType
from typing import Any, Callable, Coroutine, Iterator, List, Optional

from beep_session import cell as cells
from beep_session.interrupts import Interrupts, open_to_interrupts
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.statically import find_in_class

NEVER = float("inf")

Await = Callable[[Coroutine[Any, Any, Any]], Any]

_GENERATORS = (GeneratorType, AsyncGeneratorType)
_WAS_INTERRUPTED = "the iterator was interrupted while it made its next item"


class Iteration:
    """An object's items. What it has made is kept until it is given: no interrupt loses any, or makes an end of itself.

    This file is closed to interrupts: they land in what it calls, and where it lets them.
    """

    def __init__(self, target: Any, wait: Await, interrupts: Interrupts) -> None:
        self._wait = wait
        self._interrupts = interrupts
        # Those that were made and not given, in their order.
        self.held: List[Any] = []
        # There are no more than those held; what it raised instead of an end, until somebody is told.
        self.is_over = False
        self.error: Optional[BaseException] = None
        # How many items have gone to callers.
        self.given = 0
        self._pending: Any = None
        # No item has come since.
        self._was_interrupted = False
        kind = type(target)
        self._is_async = False
        if hasattr(kind, "__next__"):
            self._source = target
        elif hasattr(kind, "__anext__") or hasattr(kind, "__aiter__"):
            self._is_async = True
            self._source = target if hasattr(kind, "__anext__") else kind.__aiter__(target)
        else:
            self._source = iter(target)

    def fetch(self, count: int, deadline: float) -> bool:
        """Have so many at hand, or all that there are; False where they do not come in time.

        The first is waited for until the deadline, and taken even after it. Raises KeyboardInterrupt alone.
        """
        held = self.held
        while len(held) < count and not self.is_over:
            self._interrupts.leave()
            left_s = deadline - monotonic() if deadline != NEVER else NEVER
            if left_s <= 0 and held:
                return False
            before = len(held)
            wanted = before + 1 if self._is_async or deadline != NEVER else count
            asked = repeat(self._source, wanted - before)
            try:
                if not self._is_async:
                    _pull(held, asked)
                elif not self._pull_awaited(max(left_s, 0.0)):
                    return False
            except KeyboardInterrupt as error:
                if self._interrupts.was_caused:
                    self._note_interrupt(length_hint(asked) + len(held) < wanted)
                    raise
                self._end(error)
                return True
            except BaseException as error:
                self._end(error)
                return True
            if len(held) < wanted:
                # What goes through a generator ends when that was stopped.
                is_stopped = self._was_interrupted and len(held) == before
                self._end(KeyboardInterrupt(_WAS_INTERRUPTED) if is_stopped else None)
            self._was_interrupted = False
        return True

    def give(self, count: int) -> None:
        """The first of those held have gone to a caller."""
        self.given += count
        del self.held[:count]

    def _end(self, error: Optional[BaseException]) -> None:
        self.is_over, self.error = True, error

    def _note_interrupt(self, is_one_missing: bool) -> None:
        """`is_one_missing`: it was asked for an item that has not come."""
        if self._is_async:
            is_one_missing = self._pending is not None and _was_stopped(self._pending)
            if is_one_missing:
                self._pending = None
        if not is_one_missing:
            return
        kind = type(self._source)
        made_by, _ = find_in_class(kind, "__anext__" if self._is_async else "__next__")
        if type(made_by) is FunctionType and kind not in _GENERATORS:
            self._was_interrupted = True  # it is asked again
        else:
            # A generator that an exception has left is over; what goes through others, or a file, may have lost a part.
            self._end(KeyboardInterrupt(_WAS_INTERRUPTED))

    def _pull_awaited(self, left_s: float) -> bool:
        pending = self._pending
        if pending is None or not pending.done():
            self._wait(cells.awaited(self._await_next(left_s)))
        task = self._pending
        if task is None or not task.done():
            return False
        self._pending = None
        try:
            self.held.append(task.result())
        except StopAsyncIteration:
            pass
        return True

    async def _await_next(self, left_s: float) -> None:
        # What does not come in time goes on, and is the next one when it is asked for again.
        if self._pending is None:
            self._pending = asyncio.ensure_future(_step(self._source))
        await asyncio.wait({self._pending}, timeout=left_s if left_s != NEVER else None)


@open_to_interrupts
def _pull(held: List[Any], asked: Iterator[Any]) -> None:
    # All in C: an interrupt finds each item at its place, or not made, and `asked` knows which.
    held.extend(map(next, asked))


async def _step(source: Any) -> Any:
    return await type(source).__anext__(source)


def _was_stopped(task: Any) -> bool:
    return task.done() and (task.cancelled() or issubclass(type(task.exception()), KeyboardInterrupt))
