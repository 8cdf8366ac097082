"""numpy's global generator: each session has a state of its own. (Python's `random` looks after itself in a fork.)"""

from __future__ import annotations

import os
import sys
from typing import Any

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

try:
    import ctypes
except ImportError:  # an interpreter built without libffi
    ctypes = None  # type: ignore[assignment]

_urandom = os.urandom

# The Mersenne Twister's state: so many words, and how many of them were drawn since they were made.
_WORDS = 624
_BYTES = 4 * _WORDS


class NumpyRandom:
    """Made in the template, after everything was imported."""

    def __init__(self) -> None:
        self._module = sys.modules.get("numpy.random")
        self._generator: Any = None
        self._words: Any = None
        self._drawn: Any = None
        if self._module is None:
            return
        try:
            self._module.seed()  # so that it keeps nothing beside its state, as the second of two normal numbers
            self._find_state(self._module.get_bit_generator())
        except Exception:
            pass  # another version, or another generator, than we know

    def settle(self) -> None:
        """Have a state that no other session has; after the fork."""
        if self._words is not None:
            # Where numpy keeps it, since its own way there is long: it touches, and so copies, a hundred pages.
            self._words.raw = _urandom(_BYTES)
            self._drawn.value = _WORDS
        elif self._module is not None:
            try:
                self._module.seed()
            except Exception:
                pass

    def _find_state(self, generator: Any) -> None:
        state = generator.state["state"]
        address = generator.ctypes.state_address
        words = (ctypes.c_char * _BYTES).from_address(address)
        drawn = ctypes.c_int.from_address(address + _BYTES)
        if state["key"].tobytes() == words.raw and state["pos"] == drawn.value:
            self._generator, self._words, self._drawn = generator, words, drawn
