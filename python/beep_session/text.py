"""Texts of the user's objects: bounded, and always encodable."""

from __future__ import annotations

import reprlib
from typing import Any

from beep_session.budget import OverTime
from beep_session.own import BUILTINS as __builtins__  # noqa: F401

MAX_TEXT_BYTES = 65536
_MAX_NAME_BYTES = 1024

_CUT = " ... "


def plain(text: str) -> str:
    """The text without lone surrogates (they are written with backslashes)."""
    if text.isascii():
        return text
    return str(str.encode(text, "utf-8", "backslashreplace"), "utf-8")


def is_encodable(text: str) -> bool:
    """Whether it holds no lone surrogate."""
    try:
        str.encode(text, "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def bounded(text: str, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """The text, its middle cut out where it is longer than this many bytes of UTF-8."""
    if len(text) * 4 <= max_bytes:
        return plain(text)
    data = str.encode(
        text[: 2 * max_bytes] if len(text) <= 2 * max_bytes else text[:max_bytes] + text[-max_bytes:],
        "utf-8",
        "backslashreplace",
    )
    if len(data) <= max_bytes:
        return str(data, "utf-8")
    half = (max_bytes - len(_CUT)) // 2
    return str(data[:half], "utf-8", "ignore") + _CUT + str(data[-half:], "utf-8", "ignore")


def type_name(kind: type) -> str:
    """Qualified name of a class, bounded; a builtin's is bare."""
    try:
        module, name = kind.__module__, kind.__qualname__
    except Exception:
        return bounded(type.__dict__["__name__"].__get__(kind), _MAX_NAME_BYTES)
    if type(module) is not str or module == "builtins":
        return bounded(str(name), _MAX_NAME_BYTES)
    return bounded(f"{module}.{name}", _MAX_NAME_BYTES)


_containers = (list, tuple, dict, set, frozenset)
_short = reprlib.Repr()
_short.maxlevel = 6
_short.maxlist = _short.maxtuple = _short.maxset = _short.maxfrozenset = _short.maxdict = 100
_short.maxstring = _short.maxother = _short.maxlong = 1000


def safe_repr(value: Any, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """repr(), bounded; where it fails, a text that names the type and the error. KeyboardInterrupt passes, and the end
    of its time.
    """
    kind = type(value)
    try:
        if kind is str or kind is bytes:
            return bounded(repr(value if len(value) <= max_bytes else value[:max_bytes]), max_bytes)
        if kind in _containers and len(value) > 1000:
            return bounded(_short.repr(value), max_bytes)
        text = repr(value)
    except (KeyboardInterrupt, OverTime):
        raise
    except BaseException as error:
        return f"<{type_name(kind)} object: its repr failed: {bounded(type_name(type(error)), 200)}>"
    return bounded(text, max_bytes)


def safe_str(value: BaseException, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """str() of an exception, bounded; where it fails, a text that says so."""
    try:
        text = str(value)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return f"<str of {type_name(type(value))} failed: {bounded(type_name(type(error)), 200)}>"
    return bounded(text, max_bytes)
