"""Python values as the worker's `value`: exact, or refused with the path of what could not be."""

from __future__ import annotations

import sys
from base64 import b64encode
from json.encoder import encode_basestring
from math import isfinite
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple, Type

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.scalars import scalar_text
from beep_session.text import type_name

MAX_DEPTH = 200
_EXACT_INTEGER = 1 << 53
_INT64 = 1 << 63
_BLOB: Dict[str, int] = {"blob": 0}


class NoValue(Exception):
    """Thrown when something cannot travel by value; the text says where and why."""


class TooLarge(NoValue):
    """Thrown when something would travel by value if it were smaller."""


class Value(NamedTuple):
    """A value's header, and the blob that it names if it names one."""

    header: Dict[str, Any]
    blob: Optional[bytes] = None

    def in_frame(self, blobs: List[bytes]) -> Dict[str, Any]:
        """The header for a frame with these blobs, to which the value's own is added."""
        if self.blob is None:
            return self.header
        blobs.append(self.blob)
        return {"kind": self.header["kind"], "data": {"blob": len(blobs) - 1}}


def to_value(value: Any, max_bytes: int) -> Value:
    """The value of one of the plain kinds; raises NoValue for any other. Runs no code of the user's."""
    kind = type(value)
    convert = _KINDS.get(kind)
    if convert is not None:
        return convert(value, max_bytes)
    scalar = scalar_text(value, kind)
    if scalar is None:
        raise NoValue(f"{type_name(kind)} has no exact value")
    _check_size(len(scalar[1]), max_bytes)
    return Value({"kind": "scalar", "data": {"type_name": scalar[0], "text": scalar[1]}})


def _of_int(value: int, max_bytes: int) -> Value:
    if -_INT64 <= value < _INT64:
        return Value({"kind": "integer", "data": value})
    return Value({"kind": "big_integer", "data": _decimal(value, max_bytes)})


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


def to_json_text(value: Any, max_bytes: int) -> str:
    """The same as JSON text with tags, of scalars too; raises NoValue. Runs no code of the user's."""
    writer = _JsonWriter(max_bytes)
    writer.write(value)
    return "".join(writer.parts)


def _of_container(value: Any, max_bytes: int) -> Value:
    data = to_json_text(value, max_bytes).encode("utf-8")
    _check_size(len(data), max_bytes)
    return Value({"kind": "json", "data": _BLOB}, data)


_KINDS: Dict[type, Callable[[Any, int], Value]] = {
    type(None): lambda value, max_bytes: Value({"kind": "none"}),
    bool: lambda value, max_bytes: Value({"kind": "boolean", "data": value}),
    int: _of_int,
    float: lambda value, max_bytes: Value({"kind": "real", "data": value.hex()}),
    str: _of_str,
    bytes: _of_bytes,
    list: _of_container,
    tuple: _of_container,
    dict: _of_container,
    set: _of_container,
    frozenset: _of_container,
}


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise TooLarge(f"it is larger than {max_bytes} bytes")


def _decimal(value: int, max_bytes: int) -> str:
    _check_size(value.bit_length() // 4, max_bytes)  # 3.3 bits make a digit; the text is measured below
    if not hasattr(sys, "set_int_max_str_digits"):
        text = str(value)
    else:
        limit = sys.get_int_max_str_digits()
        sys.set_int_max_str_digits(0)
        try:
            text = str(value)
        finally:
            sys.set_int_max_str_digits(limit)
    _check_size(len(text), max_bytes)
    return text


class _JsonWriter:
    """Writes JSON text with the tags of the contract, and stops as soon as it is too large."""

    def __init__(self, max_bytes: int) -> None:
        self.parts: List[str] = []
        self._left = self._max = max_bytes
        self._open: List[int] = []
        self._path: List[str] = []

    def write(self, value: Any) -> None:
        kind = type(value)
        if kind is str:
            self._string(value)
        elif kind is int:
            if -_EXACT_INTEGER <= value <= _EXACT_INTEGER:
                self._put(repr(value))
            else:
                self._put('{"$int":"' + _decimal(value, self._max) + '"}')
        elif value is None:
            self._put("null")
        elif kind is bool:
            self._put("true" if value else "false")
        elif kind is float:
            text = repr(value)
            self._put(text if isfinite(value) else '{"$float":"' + text + '"}')
        elif kind is bytes:
            self._put('{"$bytes":"' + b64encode(value).decode("ascii") + '"}')
        elif kind in _WRAPPED:
            self._enter(value)
            before, after = _WRAPPED[kind]
            self._put(before)
            self._items(value)
            self._put(after)
            self._open.pop()
        elif kind is dict:
            self._enter(value)
            self._dict(value)
            self._open.pop()
        else:
            scalar = scalar_text(value, kind)
            if scalar is None:
                raise NoValue(f"result{''.join(self._path)} is {_article(type_name(kind))}, which has no exact value")
            self._put('{"$scalar":["' + scalar[0] + '",' + encode_basestring(scalar[1]) + "]}")

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self._left -= len(text)
        if self._left < 0:
            raise TooLarge(f"it is larger than {self._max} bytes")

    def _enter(self, value: Any) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise NoValue(f"it is nested deeper than {MAX_DEPTH}")
        if id(value) in self._open:
            raise NoValue(f"result{''.join(self._path)} contains itself")
        if len(value) > self._left:
            raise TooLarge(f"it is larger than {self._max} bytes")
        self._open.append(id(value))

    def _string(self, value: str) -> None:
        if not value.isascii():
            try:
                value.encode("utf-8")
            except UnicodeEncodeError:
                data = b64encode(value.encode("utf-8", "surrogatepass")).decode("ascii")
                self._put('{"$str":"' + data + '"}')
                return
        if len(value) > self._left:
            raise TooLarge(f"it is larger than {self._max} bytes")
        self._put(encode_basestring(value))

    def _items(self, values: Any) -> None:
        path = self._path
        path.append("")
        for index, item in enumerate(values):
            if index:
                self._put(",")
            path[-1] = f"[{index}]"
            self.write(item)
        path.pop()

    def _dict(self, value: Dict[Any, Any]) -> None:
        path = self._path
        path.append("")
        if _is_plain_object(value):
            separator = "{"
            for key, item in value.items():
                self._put(separator + encode_basestring(key) + ":")
                path[-1] = f"[{key!r}]"
                self.write(item)
                separator = ","
            self._put("}" if value else "{}")
        else:
            separator = '{"$dict":[['
            for key, item in value.items():
                self._put(separator)
                path[-1] = ".keys()"
                self.write(key)
                self._put(",")
                path[-1] = "[...]"
                self.write(item)
                separator = "],["
            self._put("]]}")
        path.pop()


_WRAPPED: Dict[Type[Any], Tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ('{"$tuple":[', "]}"),
    set: ('{"$set":[', "]}"),
    frozenset: ('{"$frozenset":[', "]}"),
}


def _is_plain_object(value: Dict[Any, Any]) -> bool:
    for key in value:
        if type(key) is not str:
            return False
        if not key.isascii():
            try:
                key.encode("utf-8")
            except UnicodeEncodeError:
                return False
    # One key that begins with $ is what a tag looks like.
    return not (len(value) == 1 and next(iter(value)).startswith("$"))


def _article(name: str) -> str:
    return f"a {name}"
