"""What an object is, for callers outside."""

from __future__ import annotations

from typing import Any, Callable, Dict, List

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.signatures import documentation_of, is_callable, signature_of
from beep_session.statically import NOTHING, attribute_names, find_in_class, instance_names, is_class
from beep_session.text import bounded, plain, type_name

_MAX_TEXT_BYTES = 4096
_MAX_ATTRIBUTES = 2000
# Of a longer name nobody can ask.
_MAX_NAME = 1024

_DESCRIPTORS = (property, classmethod, staticmethod)


def describe_object(target: Any, with_attributes: bool, text: Callable[[Any], str]) -> Dict[str, Any]:
    """Type, text, documentation, signature; `text` makes its repr, and no other code of its own is run."""
    header: Dict[str, Any] = {
        "type": type_name(type(target)),
        "text": bounded(text(target), _MAX_TEXT_BYTES),
        "documentation": documentation_of(target),
        "signature": signature_of(target),
        "callable": is_callable(target),
        "iterable": _has(target, "__iter__") or _has(target, "__aiter__") or _has(target, "__getitem__"),
        "awaitable": _has(target, "__await__"),
    }
    if with_attributes:
        header["attributes"] = _attributes(target)
    return header


def _has(target: Any, method: str) -> bool:
    found, _ = find_in_class(type(target), method)
    return found is not NOTHING and found is not None


def _attributes(target: Any) -> List[Dict[str, Any]]:
    named = dict(instance_names(target) if is_class(target) else attribute_names(target))
    rows = []
    for name in sorted(name for name in named if len(name) <= _MAX_NAME)[:_MAX_ATTRIBUTES]:
        kind = type(named[name])
        is_called = is_callable(named[name]) if kind not in _DESCRIPTORS else kind is not property
        rows.append({"name": plain(name), "type": type_name(kind), "callable": is_called})
    return rows
