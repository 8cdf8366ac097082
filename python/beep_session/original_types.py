"""The type that a .NET caller wants, by the name that its client sends, as a conversion."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any, Callable, Dict, NamedTuple, Optional

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.text import plain, safe_repr

_NAME = re.compile(r"(?P<name>[\w.+]+)(?P<arity>`\d+)?(?P<of>\[\[.*\]\])?(?P<array>(?:\[,*\])*)", re.DOTALL)
_INNER = re.compile(r"\[\[(?P<name>[\w.+`\[\]]+?)(?:,.*)?\]\]", re.DOTALL)


class Unfit(Exception):
    """Thrown for a result that is not what its caller can take."""


class Wanted(NamedTuple):
    """How a result is told."""

    # "rule": by what it is; "handle": always as one; "items": as a list, if it can be; "converted": by `convert`.
    how: str
    convert: Optional[Callable[[Any], Any]] = None


_RULE, _HANDLE, _ITEMS = Wanted("rule"), Wanted("handle"), Wanted("items")


def wanted(return_type: str) -> Wanted:
    """What a name asks for: `Int32`, `System.Int32`, `Single[]`, ``System.Nullable`1[[System.Int32, ...]]``."""
    if not return_type:
        return _RULE
    match = _NAME.fullmatch(return_type)
    if match is None:
        return _RULE
    name = re.split(r"[.+]", match["name"])[-1]
    if match["array"]:
        return _BASE64 if (name, match["array"]) == ("Byte", "[]") else _ITEMS
    if name == "Nullable" and match["of"]:
        inner = _INNER.fullmatch(match["of"])
        return wanted(inner["name"]) if inner is not None else _RULE
    return _BY_NAME.get(name, _RULE)


def _integer(name: str, least: int, most: int) -> Callable[[Any], int]:
    def convert(value: Any) -> int:
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError):
            raise Unfit(f"{_shown(value)} is no number, and {name} was asked for") from None
        if not least <= number <= most:
            raise Unfit(f"{_shown(value)} is not within {name}: {least} to {most}")
        return number

    return convert


def _real(name: str) -> Callable[[Any], float]:
    def convert(value: Any) -> float:
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            raise Unfit(f"{_shown(value)} is no number, and {name} was asked for") from None

    return convert


def _base64(value: Any) -> str:
    """What .NET reads into a `Byte[]`."""
    kind = type(value)
    try:
        if issubclass(kind, (bytes, bytearray, memoryview)):
            data = bytes(value)
        elif hasattr(kind, "tolist"):
            data = bytes(value.tolist())
        elif issubclass(kind, (list, tuple)):
            data = bytes(value)
        else:
            raise TypeError
    except (TypeError, ValueError):
        raise Unfit(f"{_shown(value)} is no bytes, and Byte[] was asked for") from None
    return b64encode(data).decode()


def _shown(value: Any) -> str:
    return plain(safe_repr(value, 100))


def _widths() -> Dict[str, Wanted]:
    rows = {"SByte": (8, True), "Byte": (8, False)}
    for bits in (16, 32, 64):
        rows[f"Int{bits}"], rows[f"UInt{bits}"] = (bits, True), (bits, False)
    found = {}
    for name, (bits, is_signed) in rows.items():
        least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if is_signed else (0, (1 << bits) - 1)
        found[name] = Wanted("converted", _integer(name, least, most))
    return found


_SEQUENCES = "List IList IEnumerable ICollection IReadOnlyList IReadOnlyCollection HashSet ISet Array"

_BASE64 = Wanted("converted", _base64)

_BY_NAME: Dict[str, Wanted] = {
    **_widths(),
    "String": Wanted("converted", str),
    "Boolean": Wanted("converted", bool),
    "Single": Wanted("converted", _real("Single")),
    "Double": Wanted("converted", _real("Double")),
    "Object": _RULE,
    "IPythonObjectHandle": _HANDLE,
    "PythonObjectHandle": _HANDLE,
    "IPythonModuleHandle": _HANDLE,
    **dict.fromkeys(_SEQUENCES.split(), _ITEMS),
}
