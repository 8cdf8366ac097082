"""Scalars that travel as a type's name and a text: exact, or not at all."""

from __future__ import annotations

import os
import pathlib
import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any, Callable, Dict, Optional, Tuple
from uuid import UUID
from zoneinfo import ZoneInfo

from beep_python_client.digits import integer_of_text, text_of_integer


class NoScalar(ValueError):
    """Raised for a scalar that no text says exactly, and for a text that is none."""


def scalar_text(value: Any) -> Optional[Tuple[str, str]]:
    """Name and text of a scalar; None for a value of another type. Raises NoScalar."""
    known = _TO_TEXT.get(type(value))
    if known is None:
        return None
    name, convert = known
    return name, convert(value)


def scalar_of(name: str, text: str) -> Any:
    """The scalar of a name and a text. Raises NoScalar."""
    convert = _OF_TEXT.get(name)
    if convert is None:
        raise NoScalar(f"this client knows no scalar {name[:200]!r}; update it")
    try:
        return convert(text)
    except (ValueError, ArithmeticError, LookupError, OSError) as error:
        raise NoScalar(f"{text[:200]!r} is no {name}: {error}") from None


# --- to text ---


def _datetime_text(value: datetime) -> str:
    zone = value.tzinfo
    # The offset tells the two readings of a repeated hour apart; without one `fold` would be lost.
    if value.fold and value.utcoffset() == value.replace(fold=0).utcoffset():
        raise NoScalar("its fold is told by no offset")
    return value.isoformat() + _zone_text(zone)


def _time_text(value: time) -> str:
    if value.fold or isinstance(value.tzinfo, ZoneInfo):
        raise NoScalar("a time has no fold and no zone of a name; use a datetime")
    return value.isoformat() + _zone_text(value.tzinfo)


def _zone_text(zone: Optional[tzinfo]) -> str:
    if zone is None:
        return ""
    if type(zone) is timezone and zone.tzname(None) == timezone(zone.utcoffset(None)).tzname(None):
        return ""
    if type(zone) is ZoneInfo and zone.key:
        return f"[{zone.key}]"
    raise NoScalar(f"its zone has no name that others know: {zone!r}; use a ZoneInfo")


def _duration_text(value: timedelta) -> str:
    sign, value = ("-", -value) if value < timedelta() and value != timedelta.min else ("", value)
    if value == timedelta.min:  # which has no positive twin
        return f"-P{-value.days}DT0S"
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    return f"{sign}P{value.days}DT{value.seconds}{fraction}S"


def _range_text(value: range) -> str:
    parts = [value.start, value.stop] + ([] if value.step == 1 else [value.step])
    return f"range({', '.join(map(_part_text, parts))})"


def _slice_text(value: slice) -> str:
    parts = (value.start, value.stop, value.step)
    return f"slice({', '.join('None' if part is None else _part_text(part) for part in parts)})"


def _part_text(part: Any) -> str:
    if type(part) is not int:
        raise NoScalar(f"{type(part).__name__} is no part of it that travels; an int is")
    return text_of_integer(part)


def _encodable(convert: Callable[[Any], str]) -> Callable[[Any], str]:
    def text(value: Any) -> str:
        made = convert(value)
        try:
            made.encode("utf-8")
        except UnicodeEncodeError:
            raise NoScalar("it holds half of a surrogate pair") from None
        return made

    return text


_PATHS = (pathlib.PosixPath, pathlib.WindowsPath, pathlib.PurePosixPath, pathlib.PureWindowsPath)

_TO_TEXT: Dict[type, Tuple[str, Callable[[Any], str]]] = {
    datetime: ("datetime.datetime", _datetime_text),
    date: ("datetime.date", date.isoformat),
    time: ("datetime.time", _time_text),
    timedelta: ("datetime.timedelta", _duration_text),
    Decimal: ("decimal.Decimal", str),
    UUID: ("uuid.UUID", str),
    complex: ("complex", repr),
    range: ("range", _range_text),
    slice: ("slice", _slice_text),
    type(...): ("ellipsis", repr),
    **{kind: (f"pathlib.{kind.__name__}", _encodable(str)) for kind in _PATHS},
}


# --- of text ---

_CLOCK = r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?"
_OFFSET = r"(?:Z|([+-])(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?)?"
_DATE_TIME = re.compile(rf"(\d{{4}}-\d\d-\d\d)T{_CLOCK}({_OFFSET})(?:\[([^\]]+)\])?", re.ASCII)
_TIME = re.compile(rf"{_CLOCK}({_OFFSET})", re.ASCII)
_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,6})\d*)?S)?)?", re.ASCII)
_CALL = re.compile(r"(range|slice)\(([^()]*)\)", re.ASCII)


def _match(pattern: Any, text: str) -> Tuple[Any, ...]:
    found = pattern.fullmatch(text)
    if found is None:
        raise ValueError("its form is another")
    parts: Tuple[Any, ...] = found.groups()
    return parts


def _clock(hour: Any, minute: Any, second: Any, fraction: Any) -> Tuple[int, int, int, int]:
    return int(hour or 0), int(minute or 0), int(second or 0), int((fraction or "0").ljust(6, "0"))


def _offset(whole: str, sign: Any, *parts: Any) -> Optional[timezone]:
    if not whole:
        return None
    hours, minutes, seconds, microseconds = _clock(*parts)
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=microseconds)
    return timezone(-offset if sign == "-" else offset) if offset else timezone.utc


def _datetime(text: str) -> datetime:
    day, *rest, key = _match(_DATE_TIME, text)
    zone = _offset(*rest[4:])
    value = datetime.combine(date.fromisoformat(day), time(*_clock(*rest[:4])), zone)
    if key is None:
        return value
    offset, zoned = value.utcoffset(), ZoneInfo(key)
    for fold in (0, 1):
        read = value.replace(tzinfo=zoned, fold=fold)
        if read.utcoffset() == offset:
            return read
    raise ValueError("its offset is not that of its zone at this time, as this machine knows it")


def _time(text: str) -> time:
    parts = _match(_TIME, text)
    return time(*_clock(*parts[:4]), tzinfo=_offset(*parts[4:]))


def _duration(text: str) -> timedelta:
    sign, days, *clock = _match(_DURATION, text)
    hours, minutes, seconds, microseconds = _clock(*clock)
    sign = -1 if sign else 1
    # Each with its sign: the least of all has no positive twin.
    return timedelta(
        days=sign * int(days or 0),
        hours=sign * hours,
        minutes=sign * minutes,
        seconds=sign * seconds,
        microseconds=sign * microseconds,
    )


def _call(text: str) -> Any:
    name, parts = _match(_CALL, text)
    numbers = [None if part == "None" else integer_of_text(part) for part in parts.split(", ")]
    return range(*numbers) if name == "range" else slice(*numbers)  # type: ignore[arg-type]


# A path of the other system has no files here.
_OWN_PATHS: Dict[str, Any] = {
    "pathlib.PosixPath": pathlib.PurePosixPath if os.name == "nt" else pathlib.PosixPath,
    "pathlib.WindowsPath": pathlib.WindowsPath if os.name == "nt" else pathlib.PureWindowsPath,
    "pathlib.PurePosixPath": pathlib.PurePosixPath,
    "pathlib.PureWindowsPath": pathlib.PureWindowsPath,
}

_OF_TEXT: Dict[str, Callable[[str], Any]] = {
    "datetime.datetime": _datetime,
    "datetime.date": date.fromisoformat,
    "datetime.time": _time,
    "datetime.timedelta": _duration,
    "decimal.Decimal": Decimal,
    "uuid.UUID": UUID,
    "complex": complex,
    "range": _call,
    "slice": _call,
    "ellipsis": lambda text: ...,
    **_OWN_PATHS,
}
