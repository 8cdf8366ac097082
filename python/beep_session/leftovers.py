"""What the control thread has looked at: the main thread lets it go.

Code that runs may rebind a name while its value is looked at. Whoever lets the value go runs its `__del__`, and all
that hangs on it; that is the user's code, and belongs into the main thread.
"""

from __future__ import annotations

import sys
from typing import Any, List, Set, Tuple

from beep_session.interrupts import Interrupts
from beep_session.native import clear_in_main_thread
from beep_session.own import BUILTINS as __builtins__  # noqa: F401

Entries = List[Tuple[Any, Any]]

# Of the control thread's: the entry, the loop's variable, and the argument.
_OURS = 3

# The main thread may wait for long, and then holds what it has not let go. From so many looks on only that is kept
# for it which has no other holder, and of that so much.
_MAX_LOOKS, _MAX_KEPT = 32, 1000

_references_to = getattr(sys, "getrefcount", None)


class Leftovers:
    """Kept by the control thread; let go by the main thread: at its next bytecode, or when the next item begins."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts
        self._looked_at: List[Entries] = []
        # Iterators, because they are hashed by what they are and not by what they hold.
        self._kept: Set[Any] = set()

    def hold(self, entries: Entries) -> None:
        """A look begins: values, each under a name."""
        self._looked_at.append(entries)

    def hand_over(self) -> None:
        """The look is over, and no variable of the control thread's holds the values any more."""
        looked_at, self._looked_at = [self._looked_at], []
        kept = self._kept
        if self._interrupts.running is not None and clear_in_main_thread is not None and len(kept) < _MAX_LOOKS:
            # All of them: which ones the main thread rebinds before they are let go here cannot be told.
            kept.add(iter(looked_at.pop()))
            clear_in_main_thread(kept)
        elif _references_to is not None:
            for entries in looked_at[0]:
                for _, value in entries:
                    if _references_to(value) <= _OURS and len(kept) < _MAX_KEPT:
                        kept.add(iter((value,)))

    def let_go(self) -> None:
        """From the main thread."""
        self._kept.clear()
