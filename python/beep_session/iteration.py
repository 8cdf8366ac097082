"""Items of an iterator, some at a time, for callers outside."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any, Callable, Coroutine, Dict, List

from beep_session import cell as cells
from beep_session.handles import Handle
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.values import NoValue, TooLarge, to_json_text

DEFAULT_MAX_ITEMS = 100
DEFAULT_MAX_BYTES = 1 << 20

# What an item that goes by itself counts for.
_UNPLAIN_BYTES = 64

Header = Dict[str, Any]
Await = Callable[[Coroutine[Any, Any, Any]], Any]

_NOTHING: Any = object()
_END: Any = object()


class Iteration:
    """How far one object has been iterated."""

    def __init__(self, target: Any, wait: Await) -> None:
        self._wait = wait
        self._held: Any = _NOTHING
        self._pending: Any = None
        self.is_exhausted = False
        kind = type(target)
        self._is_async = False
        if hasattr(kind, "__next__"):
            self._source = target
        elif hasattr(kind, "__anext__") or hasattr(kind, "__aiter__"):
            self._is_async = True
            self._source = target if hasattr(kind, "__anext__") else kind.__aiter__(target)
        else:
            self._source = iter(target)

    def next(self, left_s: float) -> Any:
        """The next item, `_END`, or `_NOTHING` where none comes in time."""
        if self._held is not _NOTHING:
            item, self._held = self._held, _NOTHING
            return item
        if self.is_exhausted:
            return _END
        try:
            item = self._next_awaited(left_s) if self._is_async else next(self._source, _END)
        except StopAsyncIteration:
            item = _END
        except BaseException:
            self.is_exhausted = True
            raise
        self.is_exhausted = item is _END
        return item

    def hold(self, item: Any) -> None:
        """Give it back: it is the next one."""
        self._held = item

    def _next_awaited(self, left_s: float) -> Any:
        return self._wait(cells.awaited(self._await_next(left_s)))

    async def _await_next(self, left_s: float) -> Any:
        # What does not come in time goes on, and is the next one when it is asked for again.
        if self._pending is None:
            self._pending = asyncio.ensure_future(_step(self._source))
        done, _ = await asyncio.wait({self._pending}, timeout=left_s if left_s != float("inf") else None)
        if not done:
            return _NOTHING
        task, self._pending = self._pending, None
        return task.result()


async def _step(source: Any) -> Any:
    return await type(source).__anext__(source)


def next_items(holder: Handle, operation: Header, wait: Await, as_result: Callable[[Any], Header]) -> Header:
    """Items until a bound is met. Those that are not all plain come one by one, as `as_result` makes them.

    What the iterator raises stands under `error`, as it is, after the items before it.
    """
    if holder.iteration is None:
        holder.iteration = Iteration(holder.target, wait)
    iteration: Iteration = holder.iteration
    max_items = operation.get("max_items") or DEFAULT_MAX_ITEMS
    left_bytes = max_bytes = operation.get("max_bytes") or DEFAULT_MAX_BYTES
    max_wait_s = operation.get("max_wait")
    deadline = float("inf") if max_wait_s is None else monotonic() + max_wait_s
    items: List[Any] = []
    texts: List[str] = []
    header: Header = {"exhausted": False}
    while len(items) < max_items:
        left_s = deadline - monotonic() if max_wait_s is not None else float("inf")
        if left_s <= 0 and items:
            break
        try:
            item = iteration.next(max(left_s, 0.0))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            header["error"] = error
            header["exhausted"] = True
            break
        if item is _END:
            header["exhausted"] = True
            break
        if item is _NOTHING:
            break
        try:
            text = to_json_text(item, max_bytes)
        except TooLarge:
            text, left_bytes = "", -1  # alone, and by itself
        except NoValue:
            text = ""
        left_bytes -= len(text) + 1 if text else _UNPLAIN_BYTES
        if left_bytes < 0 and items:
            iteration.hold(item)
            break
        items.append(item)
        if text:
            texts.append(text)
    if len(texts) == len(items):
        header["json"] = "[" + ",".join(texts) + "]"
    else:
        header["values"] = [as_result(item) for item in items]
    return header
