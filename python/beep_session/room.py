"""What the answer of a batch may still hold: all that is told of its operations counts."""

from __future__ import annotations

from typing import Any

from beep_session.frames import MAX_HEADER_BYTES, encode_json
from beep_session.own import BUILTINS as __builtins__  # noqa: F401

# Kept for every operation, for what is told in a few words; and for the rest of the header.
LEAST_BYTES = 400
_REST_BYTES = 1 << 17

# What stands for a blob beside its name: its length, which the header lists, and a longer name.
_BLOB_BYTES = 24


class Room:
    """Of one batch: bytes of all values, and of the header of its frame, which holds less."""

    def __init__(self, max_bytes: int, operations: int) -> None:
        self.left = max_bytes
        self._header_left = MAX_HEADER_BYTES - _REST_BYTES - LEAST_BYTES * operations

    def takes(self, told: Any, blob_bytes: int = 0) -> bool:
        """Whether there is room for this in the header, and for its blobs beside it; it counts if there is."""
        header_bytes = len(encode_json(told)) + (_BLOB_BYTES if blob_bytes else 1)
        if header_bytes + blob_bytes > self.left or not self._takes_of_header(header_bytes):
            return False
        self.left -= header_bytes + blob_bytes
        return True

    def takes_in_header(self, told: Any) -> bool:
        """The same for what takes no room from the values."""
        return self._takes_of_header(len(encode_json(told)) + 1)

    def _takes_of_header(self, size: int) -> bool:
        if size > self._header_left:
            return False
        self._header_left -= size
        return True
