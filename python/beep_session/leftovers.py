"""Objects that nobody but the control thread holds any more when it has looked at them: the main thread lets them go.

Code that runs may rebind a name while its value is looked at. Whoever lets the value go runs its `__del__`, and all
that hangs on it; that is the user's code, and belongs into the main thread.
"""

from __future__ import annotations

import sys
from typing import Any, List, Tuple

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

# Of the control thread's: the entry, the loop's variable, and the argument.
_OURS = 3

_MAX_KEPT = 1000

_references_to = getattr(sys, "getrefcount", None)


class Leftovers:
    """Kept by the control thread, let go by the main thread between items."""

    def __init__(self) -> None:
        self._kept: List[Any] = []

    def keep(self, entries: List[Tuple[Any, Any]]) -> None:
        """Values, each under a name, that are about to be let go: those that this would end are kept."""
        if _references_to is None:
            return
        for _, value in entries:
            if _references_to(value) <= _OURS and len(self._kept) < _MAX_KEPT:
                self._kept.append(value)

    def let_go(self) -> None:
        """From the main thread."""
        if self._kept:
            kept, self._kept = self._kept, []
            del kept[:]
