"""What the original's clients hold: handles, which they mostly never let go, and arrays that are being read."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Dict, Set

from beep_session.handles import Handles, NoHandle, size_of
from beep_session.original_numbers import Numbers
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.text import bounded

# So many handles are held, so many bytes, and so many of what nobody has used again; then those that were not used for
# the longest time go.
MAX_HELD = 5_000
MAX_UNUSED_BYTES = 1 << 30
MAX_HELD_BYTES = 4 << 30
# Arrays that are read at once, piece by piece.
MAX_READ_AT_ONCE = 32


class Refused(Exception):
    """Thrown for an operation that cannot be done; `reason` is the name of an ErrorReason."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Held:
    """The handles that these operations have given, by when they were used last."""

    def __init__(self, handles: Handles) -> None:
        self._handles = handles
        # Their bytes, as they were when they were given.
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._bytes = 0
        # Those that nobody has used again.
        self._unused: Set[str] = set()
        self._unused_bytes = 0
        self._readers: Dict[str, Numbers] = {}
        self._last_reader = 0

    def add(self, target: Any) -> str:
        """A new handle; older ones go where there are too many."""
        while len(self._sizes) >= MAX_HELD:
            self.release(next(iter(self._sizes)))
        handle_id: str = self._handles.add(target)["id"]
        size = size_of(target)
        self._sizes[handle_id] = size
        self._bytes += size
        self._unused.add(handle_id)
        self._unused_bytes += size
        if self._unused_bytes > MAX_UNUSED_BYTES or self._bytes > MAX_HELD_BYTES:
            self._let_go_of_large_ones()
        return handle_id

    def _let_go_of_large_ones(self) -> None:
        """What was not used for the longest time first; the newest stays."""
        for handle_id in list(self._sizes)[:-1]:
            is_needless = handle_id in self._unused and self._unused_bytes > MAX_UNUSED_BYTES
            if self._sizes[handle_id] and (is_needless or self._bytes > MAX_HELD_BYTES):
                self.release(handle_id)

    def get(self, handle_id: str) -> Any:
        """The object. Raises Refused."""
        try:
            target = self._handles.get(handle_id)
        except NoHandle:
            shown = bounded(handle_id, 100)
            raise Refused("HANDLE_NOT_FOUND", f"Handle not found: {shown}") from None
        if handle_id in self._sizes:
            self._sizes.move_to_end(handle_id)
            self._be_used(handle_id)
        return target

    def release(self, handle_id: str) -> None:
        """Let it go, if it is there."""
        self._be_used(handle_id)
        self._bytes -= self._sizes.pop(handle_id, 0)
        self._handles.release((handle_id,))

    def _be_used(self, handle_id: str) -> None:
        if handle_id in self._unused:
            self._unused.discard(handle_id)
            self._unused_bytes -= self._sizes[handle_id]

    def add_reader(self, numbers: Numbers) -> str:
        """Numbers that are read piece by piece. Raises Refused."""
        if len(self._readers) >= MAX_READ_AT_ONCE:
            raise Refused("QUOTA_EXCEEDED", f"{MAX_READ_AT_ONCE} arrays are being read at once; try again later")
        self._last_reader += 1
        name = f"numbers-{self._last_reader}"
        self._readers[name] = numbers
        return name

    def reader(self, name: str) -> Numbers:
        """Raises Refused."""
        if name not in self._readers:
            raise Refused("HANDLE_NOT_FOUND", "the array is not being read any more")
        return self._readers[name]

    def forget(self, name: str) -> None:
        """They have been read, or nobody reads them any more."""
        self._readers.pop(name, None)
