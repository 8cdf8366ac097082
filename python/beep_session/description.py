"""What an object is, for callers outside."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable
from typing import Any, Dict, List

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.text import bounded, plain, safe_repr, type_name

_MAX_TEXT_BYTES = 4096
_MAX_DOCUMENTATION_BYTES = 16384
_MAX_ATTRIBUTES = 2000

_find_statically = inspect.getattr_static


def describe_object(target: Any, with_attributes: bool) -> Dict[str, Any]:
    """Type, text, documentation, signature; its `__repr__` is called, no other code of its own."""
    kind = type(target)
    header: Dict[str, Any] = {
        "type": type_name(kind),
        "text": safe_repr(target, _MAX_TEXT_BYTES),
        "documentation": _documentation(target),
        "signature": _signature(target),
        "callable": callable(target),
        "iterable": hasattr(kind, "__iter__") or hasattr(kind, "__aiter__") or hasattr(kind, "__getitem__"),
        "awaitable": issubclass(kind, Awaitable),
    }
    if with_attributes:
        header["attributes"] = _attributes(target)
    return header


def _documentation(target: Any) -> str:
    try:
        text = _find_statically(target, "__doc__", None)
        if type(text) is not str:
            text = target.__doc__ if type(target).__module__ == "builtins" else None
        return bounded(inspect.cleandoc(text), _MAX_DOCUMENTATION_BYTES) if type(text) is str else ""
    except Exception:
        return ""


def _signature(target: Any) -> str:
    if not callable(target):
        return ""
    try:
        return bounded(str(inspect.signature(target)), _MAX_TEXT_BYTES)
    except Exception:
        return ""  # many functions of C have none


def _attributes(target: Any) -> List[Dict[str, Any]]:
    found = []
    names = type.__dir__(target) if issubclass(type(target), type) else object.__dir__(target)
    for name in sorted({name for name in names if type(name) is str})[:_MAX_ATTRIBUTES]:
        try:
            value = _find_statically(target, name)
        except (AttributeError, TypeError):
            continue
        kind = type(value)
        is_descriptor = kind in (property, classmethod, staticmethod)
        found.append(
            {
                "name": plain(name),
                "type": type_name(kind),
                "callable": kind in (classmethod, staticmethod) or (not is_descriptor and callable(value)),
            }
        )
    return found
