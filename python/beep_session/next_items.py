"""The next items of an iteration as they are answered: some at a time."""

from __future__ import annotations

from time import monotonic
from typing import Any, Callable, Dict, List, Optional

from beep_session.failure import Failure
from beep_session.handles import NoHandle
from beep_session.iteration import NEVER, Iteration
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


class Taken:
    """Items as they are answered: as JSON while all of them can be, within a number of bytes."""

    def __init__(self, max_bytes: int, lossy: Optional[Conversion]) -> None:
        self._lossy = lossy
        self.items: List[Any] = []
        self.is_json = True
        self._texts: List[str] = []
        self._left = self._max = max_bytes

    @property
    def json(self) -> bytes:
        """All of them."""
        return f"[{','.join(self._texts)}]".encode()

    def add(self, items: List[Any]) -> bool:
        """Whether there was room for all."""
        text = plain_text(items, _MAX_LEVELS, self._left) if len(items) > 1 else None
        size = 0 if text is None else _size_of(text) - 1
        if text is not None and size <= self._left:
            self._left -= size
            self._texts.append(text[1:-1])
            self.items += items
            return True
        return all(map(self._add_one, items))

    def _add_one(self, item: Any) -> bool:
        text: Optional[str] = None
        try:
            text = to_json_text(item, self._max, self._lossy)
            self._left -= _size_of(text) + 1
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
            self._texts.append(text)
        return True


def take(iteration: Iteration, operation: Header, max_bytes: int, lossy: Optional[Conversion]) -> Taken:
    """The next items until a bound is met; they stay with the iteration until they are given."""
    max_items = operation.get("max_items") or DEFAULT_MAX_ITEMS
    max_wait_s = operation.get("max_wait")
    deadline = NEVER if max_wait_s is None else monotonic() + max_wait_s
    taken = Taken(max_bytes, lossy)
    together, is_going_on = _FIRST, True
    while is_going_on and len(taken.items) < max_items:
        start = len(taken.items)
        end = min(start + together, max_items)
        is_going_on = iteration.fetch(end, deadline) and len(iteration.held) >= end
        is_going_on = taken.add(iteration.held[start:end]) and is_going_on
        together = min(2 * together, _MAX_TOGETHER)
    return taken


def as_values(items: List[Any], as_result: Callable[[Any], Header], let_go: Callable[[str], Any]) -> List[Header]:
    """Items one by one, as `as_result` makes them, up to the first that there is no room for."""
    values: List[Header] = []
    try:
        for item in items:
            values.append(as_result(item))
    except (NoHandle, Failure):
        if not values:
            raise
    except BaseException:
        for value in values:
            if "handle" in value:
                let_go(value["handle"]["id"])
        raise
    return values


def tell(told: Header, count: int, iteration: Iteration, results: List[Header]) -> None:
    """Add it to what is told. This file is closed to interrupts: what is told is given, and what is not told is not."""
    results.append(told)
    iteration.give(count)
    if "error" in told["items"]:
        iteration.error = None


def _size_of(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8"))
