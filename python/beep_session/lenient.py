"""Lossy conversions, for who allows them: of a value, the nearest one that has an exact form.

One kind of them loses nothing but a class, and can be allowed alone: numpy's scalars as Python's.
"""

from __future__ import annotations

import pathlib
from collections import OrderedDict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Callable, Dict, List, Optional
from uuid import UUID

from beep_session.arrays import is_numpys
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.refusals import NoValue, TooLarge
from beep_session.text import type_name

# Of a value of some type, within so many bytes, the one that goes in its place. Raises NoValue.
Conversion = Callable[[Any, type, int], Any]

_get_mro = vars(type)["__mro__"].__get__
_get_uuid_number = vars(UUID)["int"].__get__
_path_text = pathlib.PurePath.__str__

_MAX_NOTES = 8

# Those that Python has a number or text for; a `longdouble` has more digits, and of times only some have one.
_NUMPY_SCALARS = frozenset(
    "bool bool_ int8 int16 int32 int64 intc longlong uint8 uint16 uint32 uint64 uintc ulonglong "
    "float16 float32 float64 complex64 complex128 str_ bytes_".split()
)


def conversion_for(policy: Dict[str, Any]) -> Optional[Conversion]:
    """What a result's policy allows; None: nothing."""
    if policy.get("lenient") is True:
        return nearest
    return of_numpy_scalar if policy.get("numpy_scalars") is True else None


def of_numpy_scalar(value: Any, kind: type, max_bytes: int) -> Any:
    """A numpy scalar, and no subclass, as the same bool, number, text or bytes of Python's. Raises NoValue."""
    if is_numpys(kind) and kind.__name__ in _NUMPY_SCALARS:
        return kind.item(value)  # type: ignore[attr-defined]
    raise NoValue(f"{type_name(kind)} has no exact value")


class OfItems:
    """A conversion for the items of an iterator; each that it makes is told once, by its types."""

    def __init__(self, convert: Conversion) -> None:
        self._convert = convert
        self.notes: List[str] = []

    def __call__(self, value: Any, kind: type, max_bytes: int) -> Any:
        """Raises NoValue."""
        near = self._convert(value, kind, max_bytes)
        note = f"items: {type_name(kind)} became {type_name(type(near))}"
        if note not in self.notes and len(self.notes) < _MAX_NOTES:
            self.notes.append(note)
        return near


def nearest(value: Any, kind: type, max_bytes: int) -> Any:
    """A numpy scalar as Python's, a subclass as its base, bytearray and memoryview as bytes. Raises NoValue."""
    for base in _get_mro(kind):
        convert = _BASES.get(base)
        if convert is not None:
            return convert(value)
        if base in _BUFFERS:
            return _bytes_of(value, max_bytes)
        if is_numpys(base):
            if base.__name__ == "ndarray":
                return base.view(value, base)
            if base.__name__ in _NUMPY_SCALARS:
                return base.item(value)
    raise NoValue(f"{type_name(kind)} has no exact value, and no near one")


def _bytes_of(value: Any, max_bytes: int) -> bytes:
    try:
        if memoryview(value).nbytes > max_bytes:
            raise TooLarge(max_bytes)
        return memoryview(value).tobytes()
    except (ValueError, NotImplementedError) as error:  # a released one, or one of a strange format
        raise NoValue(f"its bytes cannot be read: {error}") from None


def _dict_of(value: Any) -> Dict[Any, Any]:
    if issubclass(type(value), OrderedDict):
        return {key: dict.__getitem__(value, key) for key in OrderedDict.__iter__(value)}
    return dict(dict.items(value))


def _datetime_of(value: Any) -> datetime:
    return datetime.combine(datetime.date(value), datetime.timetz(value))


_BUFFERS = frozenset((bytearray, memoryview))

# By the bases' own methods, whatever a subclass makes of them; PyPy's conversions would ask the subclass all the same.
_BASES: Dict[type, Callable[[Any], Any]] = {
    int: lambda value: int.__add__(value, 0),
    float: float.__float__,
    complex: complex.__pos__,
    str: lambda value: str.__getitem__(value, slice(None)),
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    list: lambda value: list.__getitem__(value, slice(None)),
    tuple: lambda value: tuple.__getitem__(value, slice(None)),
    dict: _dict_of,
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    datetime: _datetime_of,
    date: lambda value: date.fromordinal(date.toordinal(value)),
    time: lambda value: datetime.timetz(datetime.combine(date.min, value)),
    timedelta: timedelta.__pos__,
    Decimal: Decimal,
    UUID: lambda value: UUID(int=_get_uuid_number(value)),
    pathlib.PosixPath: lambda value: pathlib.PosixPath(_path_text(value)),
    pathlib.PurePosixPath: lambda value: pathlib.PurePosixPath(_path_text(value)),
    pathlib.PureWindowsPath: lambda value: pathlib.PureWindowsPath(_path_text(value)),
}
