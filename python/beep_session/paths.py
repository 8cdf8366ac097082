"""Steps of a path to a part of a value, such as `["x"][3]`."""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import Any

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

_MAX_KEY_CHARS = 100
_MAX_KEY_BITS = 256


def step_to(key: Any) -> str:
    """A key's part of a path; of a key that is neither a text nor a short integer, `[...]`."""
    kind = type(key)
    if kind is str:
        return f"[{encode_basestring(key[:_MAX_KEY_CHARS])}]"
    if kind is int and key.bit_length() <= _MAX_KEY_BITS:
        return f"[{key}]"
    return "[...]"
