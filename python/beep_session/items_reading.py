"""Items that are read from outside: where a reading of an iterator, or of what can be iterated, begins."""

from __future__ import annotations

from typing import Any, Dict

from beep_session.failure import Failure
from beep_session.handles import Handle, Handles
from beep_session.interrupts import Interrupts
from beep_session.iteration import NEVER, Await, Iteration
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.text import type_name

_TOGETHER = 256


def open_items(
    target: Any, handle_id: str, offset: int, handles: Handles, wait: Await, interrupts: Interrupts
) -> Dict[str, Any]:
    """The handle whose next items are read from an offset on.

    An iterator gives each item once, to whoever asks; what can be iterated is iterated anew by each reading, by a
    handle of its own. Raises Failure, and whatever the iterator raises.
    """
    if offset < 0:
        raise Failure("INVALID_ARGUMENT", "items are not counted from the end: offset must be 0 or more", "offset")
    kind = type(target)
    if hasattr(kind, "__next__") or hasattr(kind, "__anext__"):
        holder = handles.handle(handle_id)
        if holder.iteration is None:
            holder.iteration = Iteration(target, wait, interrupts)
        given = holder.iteration.given
        if offset and offset < given:
            raise Failure(
                "INVALID_ARGUMENT", f"the iterator has given {given} items, each once; read on from there", "offset"
            )
        _skip(holder, max(0, offset - given))
        return {"form": "items", "handle": handle_id, "is_passing": False, "offset": max(offset, given)}
    try:
        iteration = Iteration(target, wait, interrupts)
    except TypeError:
        raise Failure(
            "CONVERSION_FAILED", f"{type_name(kind)} has no bytes, columns or items that could be read"
        ) from None
    passing: str = handles.add(target)["id"]
    holder = handles.handle(passing)
    holder.iteration = iteration
    try:
        _skip(holder, offset)
    except BaseException:
        handles.release((passing,))
        raise
    return {"form": "items", "handle": passing, "is_passing": True, "offset": offset}


def _skip(holder: Handle, count: int) -> None:
    iteration: Any = holder.iteration
    while count and (iteration.held or not iteration.is_over):
        iteration.fetch(min(count, _TOGETHER), NEVER)
        skipped = min(count, len(iteration.held))
        iteration.give(skipped)
        count -= skipped
