"""Scalars with an exact textual form; one with a part that the text cannot say has none."""

from __future__ import annotations

import pathlib
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any, Callable, Dict, Optional, Tuple
from uuid import UUID

from beep_session.digits import exact_text
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.refusals import TooLarge
from beep_session.text import is_encodable

try:
    from zoneinfo import ZoneInfo
except ImportError:  # an interpreter built without it
    ZoneInfo = None  # type: ignore[assignment,misc]

Scalar = Tuple[str, str]


def scalar_text(value: Any, kind: type, max_bytes: int) -> Optional[Scalar]:
    """Type name and text, or None where there is no exact one. Raises TooLarge."""
    known = _SCALARS.get(kind)
    if known is None:
        return None
    name, convert = known
    if kind in _OF_INTEGERS and _digits(value) > max_bytes:
        raise TooLarge(max_bytes)
    text = convert(value)
    if text is not None and len(text) > max_bytes:
        raise TooLarge(max_bytes)
    if text is None or not (text.isascii() or is_encodable(text)):
        return None
    return name, text


def _duration(value: timedelta) -> str:
    seconds = value.seconds
    text = f"P{value.days}D" if value.days >= 0 else f"-P{-value.days}D"
    if value.days < 0 and (seconds or value.microseconds):
        # One sign for all of it: days and seconds both count backwards.
        total = -value
        return f"-P{total.days}DT{_seconds(total)}S"
    return f"{text}T{_seconds(value)}S"


def _seconds(value: timedelta) -> str:
    if not value.microseconds:
        return str(value.seconds)
    return f"{value.seconds}.{value.microseconds:06d}".rstrip("0")


def _zone(zone: Optional[tzinfo]) -> Optional[str]:
    """What follows the offset; None for a zone that the text cannot name."""
    if zone is None:
        return ""
    if type(zone) is timezone:
        # A name of its own would be lost.
        return "" if zone.tzname(None) == timezone(zone.utcoffset(None)).tzname(None) else None
    if ZoneInfo is not None and type(zone) is ZoneInfo and zone.key:
        return f"[{zone.key}]"
    return None


def _datetime(value: datetime) -> Optional[str]:
    zone = _zone(value.tzinfo)
    # The offset tells the two readings of a repeated hour apart; without one `fold` would be lost.
    if zone is None or (value.fold and value.utcoffset() == value.replace(fold=0).utcoffset()):
        return None
    return value.isoformat() + zone


def _time(value: time) -> Optional[str]:
    zone = _zone(value.tzinfo)
    if zone is None or zone or value.fold:
        return None
    return value.isoformat()


_OF_INTEGERS = frozenset((range, slice))


def _parts(value: Any) -> Tuple[Any, Any, Any]:
    return value.start, value.stop, value.step


def _digits(value: Any) -> int:
    """How many digits it has at least: 3.3 bits make one."""
    return sum(part.bit_length() // 4 for part in _parts(value) if type(part) is int)


def _range(value: range) -> Optional[str]:
    # Not by `repr`, which Python bounds. A bool may be one of its parts, up to 3.9.
    start, stop, step = _parts(value)
    if not (type(start) is type(stop) is type(step) is int):
        return None
    text = f"range({exact_text(start)}, {exact_text(stop)}"
    return f"{text})" if step == 1 else f"{text}, {exact_text(step)})"


def _slice(value: slice) -> Optional[str]:
    parts = []
    for part in _parts(value):
        if part is not None and type(part) is not int:
            return None
        parts.append("None" if part is None else exact_text(part))
    return f"slice({', '.join(parts)})"


_SCALARS: Dict[type, Tuple[str, Callable[[Any], Optional[str]]]] = {
    datetime: ("datetime.datetime", _datetime),
    date: ("datetime.date", date.isoformat),
    time: ("datetime.time", _time),
    timedelta: ("datetime.timedelta", _duration),
    Decimal: ("decimal.Decimal", str),
    UUID: ("uuid.UUID", str),
    complex: ("complex", repr),
    range: ("range", _range),
    slice: ("slice", _slice),
    type(Ellipsis): ("ellipsis", repr),
    pathlib.PosixPath: ("pathlib.PosixPath", str),
    pathlib.WindowsPath: ("pathlib.WindowsPath", str),
    pathlib.PurePosixPath: ("pathlib.PurePosixPath", str),
    pathlib.PureWindowsPath: ("pathlib.PureWindowsPath", str),
}
