"""Bytes that callers keep alive in a session: of the objects that they hold, and of large data on its way."""

from __future__ import annotations

from typing import Any, Callable, Dict, List

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

MAX_PINNED_BYTES = 8 << 30


class Pinned:
    """Those of one session. An object counts once, however often it is held, as large as it was when that began."""

    def __init__(self) -> None:
        self.bound = MAX_PINNED_BYTES
        # What transfers hold just now.
        self.in_transit: Callable[[], int] = lambda: 0
        self._bytes = 0
        self._held: Dict[int, List[int]] = {}

    def left(self) -> int:
        """How many more there may be."""
        return self.bound - self._bytes - self.in_transit()

    def needs(self, target: Any, size: int) -> int:
        """How many more there are when it is held."""
        return 0 if id(target) in self._held else size

    def hold(self, target: Any, size: int) -> None:
        """It is held once more; from then on it stays where it is."""
        held = self._held.setdefault(id(target), [0, size])
        if not held[0]:
            self._bytes += held[1]
        held[0] += 1

    def let_go(self, target: Any) -> None:
        """It is held once less."""
        held = self._held[id(target)]
        held[0] -= 1
        if not held[0]:
            self._bytes -= held[1]
            del self._held[id(target)]

    def full(self) -> str:
        """Why there is no room."""
        return f"callers may hold {self.bound} bytes in the session (limits.pinned_bytes); release some"
