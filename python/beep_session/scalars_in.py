"""The inverse of `scalars.py`: a type's name and its text to the scalar, exact or not at all."""

from __future__ import annotations

import pathlib
import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation
from math import isinf
from typing import Any, Callable, Dict, Optional, Pattern, Tuple
from uuid import UUID

from beep_session.digits import exact_integer
from beep_session.own import BUILTINS as __builtins__  # noqa: F401

try:
    from zoneinfo import ZoneInfo
except ImportError:  # an interpreter built without it
    ZoneInfo = None  # type: ignore[assignment,misc]


class NoScalar(Exception):
    """Thrown when a text is not that of a scalar of its type."""


def scalar_of(name: str, text: str, to_integer: Callable[[str], int] = exact_integer) -> Any:
    """Raises NoScalar. `to_integer` is for who only checks: integers of a million digits take seconds to make."""
    convert = _OF_INTEGERS[name](to_integer) if name in _OF_INTEGERS else _SCALARS.get(name)
    if convert is None:
        raise NoScalar(f"{name[:200]!r} is no type of a scalar; those are {', '.join((*_SCALARS, *_OF_INTEGERS))}")
    try:
        return convert(text)
    except NoScalar:
        raise
    except (ValueError, OverflowError, ArithmeticError, NotImplementedError, TypeError) as error:
        raise NoScalar(f"{text[:200]!r} is no {name}: {error}") from None


def _parts(pattern: Pattern[str], text: str) -> Tuple[Optional[str], ...]:
    match = pattern.fullmatch(text)
    if match is None:
        raise ValueError("its form is another")
    return match.groups()


_DATE = r"(\d{4})-(\d\d)-(\d\d)"
_CLOCK = r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?"
_OFFSET = r"(Z|[+-]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?"

# re.ASCII: `\d` is not to be the digits of every script.
_date = re.compile(_DATE, re.ASCII)
_time = re.compile(_CLOCK + _OFFSET, re.ASCII)
_datetime = re.compile(f"{_DATE}T{_CLOCK}{_OFFSET}" + r"(?:\[([^\]]+)\])?", re.ASCII)
_offset = re.compile(r"([+-])(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?", re.ASCII)
_duration = re.compile(r"(-?)P(?=[\dT])(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?", re.ASCII)
_INTEGER = r"(-?\d+)"
_range = re.compile(rf"range\({_INTEGER}, {_INTEGER}(?:, {_INTEGER})?\)", re.ASCII)
_END = r"(-?\d+|None)"
# Neither blanks nor underscores; the rest is looked at by who makes the number.
_number = re.compile(r"[0-9A-Za-z.+-]+", re.ASCII)
_slice = re.compile(rf"slice\({_END}, {_END}, {_END}\)", re.ASCII)

# The user's own may take anything for NaN, or round.
_exact = Context(prec=MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[InvalidOperation])

_Clock = Tuple[int, int, int, int]


def _microseconds(digits: Optional[str]) -> int:
    if digits is None:
        return 0
    if digits[6:].strip("0"):
        raise ValueError("it is finer than a microsecond")
    return int(digits[:6].ljust(6, "0"))


def _clock(hour: Optional[str], minute: Optional[str], second: Optional[str], fraction: Optional[str]) -> _Clock:
    return int(hour or 0), int(minute or 0), int(second or 0), _microseconds(fraction)


def _of_offset(text: Optional[str]) -> Optional[tzinfo]:
    if text is None:
        return None
    if text == "Z":
        return timezone.utc
    sign, *parts = _parts(_offset, text)
    hours, minutes, seconds, microseconds = _clock(*parts)
    if minutes > 59 or seconds > 59:
        raise ValueError("its offset is none")
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=microseconds)
    return timezone(-offset if sign == "-" else offset)


def _to_datetime(text: str) -> datetime:
    year, month, day, hour, minute, second, fraction, offset, key = _parts(_datetime, text)
    zone = _of_offset(offset)
    value = datetime(
        int(year or 0), int(month or 0), int(day or 0), *_clock(hour, minute, second, fraction), tzinfo=zone
    )
    return value if key is None else _in_zone(value, key)


def _in_zone(value: datetime, key: str) -> datetime:
    offset = value.utcoffset()
    if offset is None:
        raise ValueError("an offset must stand before its zone")
    if ZoneInfo is None:
        raise ValueError("this Python knows no zones")
    try:
        zone = ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        raise ValueError("its zone is not known here") from None
    # Of the two readings of a repeated hour, and of one that was left out, the one with this offset.
    for fold in (0, 1):
        read = value.replace(tzinfo=zone, fold=fold)
        if read.utcoffset() == offset:
            return read
    raise ValueError("its offset is not that of its zone at this time")


def _to_date(text: str) -> date:
    year, month, day = _parts(_date, text)
    return date(int(year or 0), int(month or 0), int(day or 0))


def _to_time(text: str) -> time:
    *clock, offset = _parts(_time, text)
    return time(*_clock(*clock), tzinfo=_of_offset(offset))


def _to_duration(text: str) -> timedelta:
    sign, days, hours, minutes, seconds, fraction = _parts(_duration, text)
    total = timedelta(
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=int(seconds or 0),
        microseconds=_microseconds(fraction),
    )
    return -total if sign else total


def _to_uuid(text: str) -> UUID:
    value = UUID(text)
    if str(value) != text.lower():
        raise ValueError("its form is another")
    return value


def _to_range(text: str, to_integer: Callable[[str], int]) -> range:
    return range(*(to_integer(part) for part in _parts(_range, text) if part is not None))


def _to_slice(text: str, to_integer: Callable[[str], int]) -> slice:
    return slice(*(None if part in (None, "None") else to_integer(part) for part in _parts(_slice, text)))


def _to_decimal(text: str) -> Decimal:
    if _number.fullmatch(text) is None:
        raise ValueError("its form is another")
    try:
        return Decimal(text, _exact)
    except InvalidOperation:
        raise ValueError("its form is another, or its exponent too large") from None


def _to_complex(text: str) -> complex:
    if _number.fullmatch(text.strip("()")) is None:
        raise ValueError("its form is another")
    value = complex(text)
    if (isinf(value.real) or isinf(value.imag)) and "inf" not in text.lower():
        raise ValueError("it is too large")
    return value


def _to_ellipsis(text: str) -> Any:
    if text != "Ellipsis":
        raise ValueError("its form is another")
    return ...


_SCALARS: Dict[str, Callable[[str], Any]] = {
    "datetime.datetime": _to_datetime,
    "datetime.date": _to_date,
    "datetime.time": _to_time,
    "datetime.timedelta": _to_duration,
    "decimal.Decimal": _to_decimal,
    "uuid.UUID": _to_uuid,
    "complex": _to_complex,
    "ellipsis": _to_ellipsis,
    "pathlib.PosixPath": pathlib.PosixPath,
    "pathlib.WindowsPath": pathlib.WindowsPath,
    "pathlib.PurePosixPath": pathlib.PurePosixPath,
    "pathlib.PureWindowsPath": pathlib.PureWindowsPath,
}

_OF_INTEGERS: Dict[str, Callable[[Callable[[str], int]], Callable[[str], Any]]] = {
    "range": lambda to_integer: lambda text: _to_range(text, to_integer),
    "slice": lambda to_integer: lambda text: _to_slice(text, to_integer),
}
