"""Live objects that a session keeps for this client, and how they are let go."""

from __future__ import annotations

import weakref
from collections import deque
from contextvars import ContextVar
from typing import Any, Deque, Iterable, List, Tuple

_MOST_AT_ONCE = 10_000


class Held:
    """One of them, until nobody here refers to it."""

    __slots__ = ("id", "is_released", "_net", "__weakref__")

    def __init__(self, handle_id: str, releases: Deque[str]) -> None:
        self.id = handle_id
        self.is_released = False
        # The safety net only notes the id; it goes with the next batch.
        self._net = weakref.finalize(self, releases.append, handle_id)
        self._net.atexit = False

    def let_go(self) -> bool:
        """Whether it is to be released by now, and was not before."""
        if self.is_released:
            return False
        self.is_released = True
        self._net.detach()
        return True


class Handles:
    """Those of one session."""

    def __init__(self) -> None:
        self._due: Deque[str] = deque()

    def hold(self, handle_id: str) -> Held:
        """Keep it; the innermost scope of this session that is open lets it go at its end."""
        held = Held(handle_id, self._due)
        for scope in reversed(_open_scopes.get()):
            if scope.handles is self:
                scope.held.append(held)
                break
        return held

    def release(self, handle_ids: Iterable[str]) -> None:
        """They go with the next batch."""
        self._due.extend(handle_ids)

    def due(self) -> List[str]:
        """What goes with this batch."""
        ids: List[str] = []
        while self._due and len(ids) < _MOST_AT_ONCE:
            ids.append(self._due.popleft())
        return ids


class ScopeOfHandles:
    """What is held while it is open."""

    def __init__(self, handles: Handles) -> None:
        self.handles = handles
        self.held: List[Held] = []
        self._token: Any = None

    def open(self) -> None:
        """What this thread or task holds from now on belongs to it."""
        self._token = _open_scopes.set((*_open_scopes.get(), self))

    def close(self) -> List[str]:
        """The ids to release."""
        _open_scopes.reset(self._token)
        return [held.id for held in self.held if held.let_go()]

    def keep(self, held: Any) -> None:
        """It outlives the scope."""
        if held in self.held:
            self.held.remove(held)


_open_scopes: ContextVar[Tuple[ScopeOfHandles, ...]] = ContextVar("beep_python_client_scopes", default=())
