"""Items of an iterator, some at a time, for callers outside."""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import Any, Callable, Coroutine, Deque, Dict, List, NamedTuple, Optional, Tuple

from beep_session import cell as cells
from beep_session.handles import Handle
from beep_session.lenient import Conversion
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.plain_json import plain_text
from beep_session.values import NoValue, TooLarge, to_json_text

DEFAULT_MAX_ITEMS = 100
DEFAULT_MAX_BYTES = 1 << 20

# What an item that goes by itself counts for.
_UNPLAIN_BYTES = 64

# So many are taken and written together: few to begin with, since those beyond the bytes that are wanted wait here.
_FIRST, _MAX_TOGETHER = 16, 256
_MAX_LEVELS = 100

Header = Dict[str, Any]
Await = Callable[[Coroutine[Any, Any, Any]], Any]

_NOTHING: Any = object()
_END: Any = object()
_NEVER = float("inf")


class _Raised(NamedTuple):
    """The end of an iterator that raised."""

    error: BaseException


class Iteration:
    """How far one object has been iterated."""

    def __init__(self, target: Any, wait: Await) -> None:
        self._wait = wait
        self._held: Deque[Any] = deque()
        self._pending: Any = None
        self.is_exhausted = False
        # How many items have gone to callers.
        self.given = 0
        kind = type(target)
        self._is_async = False
        if hasattr(kind, "__next__"):
            self._source = target
        elif hasattr(kind, "__anext__") or hasattr(kind, "__aiter__"):
            self._is_async = True
            self._source = target if hasattr(kind, "__anext__") else kind.__aiter__(target)
        else:
            self._source = iter(target)

    def take(self, count: int, deadline: float, has_some: bool) -> Tuple[List[Any], Any]:
        """The next items, and why there are no more of them: `_END`, `_Raised`, `_NOTHING` where none comes in time.

        The first of all is waited for until the deadline, and taken even after it.
        """
        items: List[Any] = []
        while len(items) < count:
            left_s = deadline - monotonic() if deadline != _NEVER else _NEVER
            if left_s <= 0 and (items or has_some):
                return items, _NOTHING
            item = self._next(max(left_s, 0.0))
            if item is _END or item is _NOTHING or type(item) is _Raised:
                return items, item
            items.append(item)
        return items, None

    @staticmethod
    def is_end(why: Any) -> bool:
        """Whether what `take` says besides the items is that there are no more."""
        return why is _END

    def hold(self, items: List[Any]) -> None:
        """Give them back: they are the next ones."""
        self._held.extendleft(reversed(items))

    def _next(self, left_s: float) -> Any:
        if self._held:
            return self._held.popleft()
        if self.is_exhausted:
            return _END
        try:
            item = self._next_awaited(left_s) if self._is_async else next(self._source, _END)
        except StopAsyncIteration:
            item = _END
        except KeyboardInterrupt:
            self.is_exhausted = True
            raise
        except BaseException as error:
            self.is_exhausted = True
            return _Raised(error)
        self.is_exhausted = item is _END
        return item

    def _next_awaited(self, left_s: float) -> Any:
        return self._wait(cells.awaited(self._await_next(left_s)))

    async def _await_next(self, left_s: float) -> Any:
        # What does not come in time goes on, and is the next one when it is asked for again.
        if self._pending is None:
            self._pending = asyncio.ensure_future(_step(self._source))
        done, _ = await asyncio.wait({self._pending}, timeout=left_s if left_s != _NEVER else None)
        if not done:
            return _NOTHING
        task, self._pending = self._pending, None
        return task.result()


async def _step(source: Any) -> Any:
    return await type(source).__anext__(source)


class _Taken:
    """Items as they are answered: as JSON while all of them can be, within a number of bytes."""

    def __init__(self, max_bytes: int, lossy: Optional[Conversion]) -> None:
        self._lossy = lossy
        self.items: List[Any] = []
        self.texts: List[str] = []
        self.is_json = True
        self._left = self._max = max_bytes

    def add(self, items: List[Any]) -> List[Any]:
        """Those that there is no room for."""
        text = plain_text(items, _MAX_LEVELS, self._left) if len(items) > 1 else None
        if text is not None and len(text) - 1 <= self._left:
            self._left -= len(text) - 1
            self.texts.append(text[1:-1])
            self.items += items
            return []
        for index, item in enumerate(items):
            if not self._add_one(item):
                return items[index:]
        return []

    def _add_one(self, item: Any) -> bool:
        text: Optional[str] = None
        try:
            text = to_json_text(item, self._max, self._lossy)
            self._left -= len(text) + 1
        except TooLarge:
            self._left = -1  # alone, and by itself
        except NoValue:
            self._left -= _UNPLAIN_BYTES
        if self._left < 0 and self.items:
            return False
        self.items.append(item)
        if text is None:
            self.is_json = False
        else:
            self.texts.append(text)
        return True


def next_items(
    holder: Handle,
    operation: Header,
    wait: Await,
    as_result: Callable[[Any, Optional[Conversion]], Header],
    lossy: Optional[Conversion],
) -> Header:
    """Items until a bound is met. Those that are not all plain come one by one, as `as_result` makes them.

    What the iterator raises stands under `error`, as it is, after the items before it.
    """
    if holder.iteration is None:
        holder.iteration = Iteration(holder.target, wait)
    iteration: Iteration = holder.iteration
    max_items = operation.get("max_items") or DEFAULT_MAX_ITEMS
    max_wait_s = operation.get("max_wait")
    deadline = _NEVER if max_wait_s is None else monotonic() + max_wait_s
    taken = _Taken(operation.get("max_bytes") or DEFAULT_MAX_BYTES, lossy)
    header: Header = {"exhausted": False}
    together, end = _FIRST, None
    while end is None and len(taken.items) < max_items:
        items, end = iteration.take(min(together, max_items - len(taken.items)), deadline, bool(taken.items))
        rest = taken.add(items)
        if rest:
            iteration.hold([*rest, end] if type(end) is _Raised else rest)
            break
        if type(end) is _Raised:
            header["error"] = end.error
        header["exhausted"] = end is _END or type(end) is _Raised
        together = min(2 * together, _MAX_TOGETHER)
    iteration.given += len(taken.items)
    if taken.is_json:
        header["json"] = "[" + ",".join(taken.texts) + "]"
    else:
        header["values"] = [as_result(item, lossy) for item in taken.items]
    return header
