"""Python values as the worker's `value`: exact, or refused with the path of what could not be."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Optional

from beep_session.arrays import is_array, tensor_of
from beep_session.digits import exact_text
from beep_session.json_writer import MAX_DEPTH as MAX_DEPTH
from beep_session.json_writer import JsonWriter, Note
from beep_session.lenient import Conversion
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.refusals import NoValue as NoValue
from beep_session.refusals import TooLarge as TooLarge
from beep_session.scalars import scalar_text
from beep_session.text import type_name

_INT64 = 1 << 63
_BLOB: Dict[str, Any] = {"blob": 0}


class Value(NamedTuple):
    """A value's header, the blob that it names if it names one, and the lossy conversions that were made for it."""

    header: Dict[str, Any]
    blob: Optional[bytes] = None
    notes: List[str] = []

    def in_frame(self, blobs: List[bytes]) -> Dict[str, Any]:
        """The header for a frame with these blobs, to which the value's own is added."""
        if self.blob is None:
            return self.header
        blobs.append(self.blob)
        return {"kind": self.header["kind"], "data": {**self.header["data"], "blob": len(blobs) - 1}}


def to_value(value: Any, max_bytes: int, lossy: Optional[Conversion] = None) -> Value:
    """The value of one of the plain kinds; raises NoValue for any other that is not converted to one.

    Runs no code of the user's, unless lossy conversions are allowed: those of keys may ask for a hash.
    """
    kind = type(value)
    convert = _KINDS.get(kind)
    if convert is not None:
        return convert(value, max_bytes)
    if kind in _CONTAINERS:
        return _of_container(value, max_bytes, lossy)
    scalar = scalar_text(value, kind, max_bytes)
    if scalar is not None:
        return Value({"kind": "scalar", "data": {"type_name": scalar[0], "text": scalar[1]}})
    if is_array(kind):
        dtype, shape, data = tensor_of(value, max_bytes)
        return Value({"kind": "tensor", "data": {"dtype": dtype, "shape": list(shape), "blob": 0}}, data)
    if lossy is None:
        raise NoValue(f"{type_name(kind)} has no exact value")
    near = lossy(value, kind, max_bytes)
    converted = to_value(near, max_bytes, lossy)
    note = str(Note(type_name(kind), type_name(type(near))))
    return converted._replace(notes=[note, *converted.notes])


def to_json_text(value: Any, max_bytes: int, lossy: Optional[Conversion] = None) -> str:
    """The same as JSON text with tags, of scalars too; raises NoValue."""
    return JsonWriter(max_bytes, lossy).text_of(value)


def _of_int(value: int, max_bytes: int) -> Value:
    if -_INT64 <= value < _INT64:
        return Value({"kind": "integer", "data": value})
    _check_size(value.bit_length() // 4, max_bytes)  # 3.3 bits make a digit; the text is measured below
    text = exact_text(value)
    _check_size(len(text), max_bytes)
    return Value({"kind": "big_integer", "data": text})


def _of_str(value: str, max_bytes: int) -> Value:
    _check_size(len(value), max_bytes)
    try:
        data = value.encode("utf-8")
    except UnicodeEncodeError:
        return _of_container(value, max_bytes)
    _check_size(len(data), max_bytes)
    return Value({"kind": "text", "data": _BLOB}, data)


def _of_bytes(value: bytes, max_bytes: int) -> Value:
    _check_size(len(value), max_bytes)
    return Value({"kind": "binary", "data": _BLOB}, value)


def _of_container(value: Any, max_bytes: int, lossy: Optional[Conversion] = None) -> Value:
    writer = JsonWriter(max_bytes, lossy)
    data = writer.bytes_of(value)
    notes = [str(note) for note in writer.notes]
    if writer.more_notes:
        notes.append(f"and {writer.more_notes} more lossy conversions")
    return Value({"kind": "json", "data": _BLOB}, data, notes)


_CONTAINERS = frozenset((list, tuple, dict, set, frozenset))

_KINDS: Dict[type, Callable[[Any, int], Value]] = {
    type(None): lambda value, max_bytes: Value({"kind": "none"}),
    bool: lambda value, max_bytes: Value({"kind": "boolean", "data": value}),
    int: _of_int,
    float: lambda value, max_bytes: Value({"kind": "real", "data": value.hex()}),
    str: _of_str,
    bytes: _of_bytes,
}


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise TooLarge(max_bytes)
