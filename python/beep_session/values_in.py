"""The worker's `value` as a Python value, as exact as `values.py`, or refused with the path of what could not be."""

from __future__ import annotations

import re
import sys
from base64 import b64decode
from itertools import accumulate
from json import JSONDecoder
from json.encoder import encode_basestring
from math import isfinite
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.scalars_in import NoScalar, scalar_of
from beep_session.text import bounded, plain
from beep_session.values import MAX_DEPTH

ToInteger = Callable[[str], Any]

# A level of Python takes up to three of JSON, `{"$dict":[[`, and a scalar at the bottom two.
_MAX_JSON_DEPTH = 3 * MAX_DEPTH + 2
_DECIMAL = re.compile(r"-?[0-9]+")
_ALL_BUT_BRACKETS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[^][{}"]+', re.DOTALL)
_FLOATS = ("nan", "inf", "-inf")
_MAX_PATH_BYTES, _MAX_KEY_CHARS = 500, 100


class NotConvertible(Exception):
    """Thrown when something cannot be converted; `path` says where it stands, such as `args[0]["x"][3]`."""

    def __init__(self, path: str, why: str) -> None:
        self.path = bounded(path, _MAX_PATH_BYTES)
        self.why = plain(why)
        super().__init__(f"{self.path}: {self.why}")


def exact_integer(text: str) -> int:
    """The number that a decimal text of any length stands for."""
    if len(text) < 600 or not hasattr(sys, "set_int_max_str_digits"):
        return int(text)
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return int(text)
    finally:
        sys.set_int_max_str_digits(limit)


def to_python(value: Dict[str, Any], blobs: Sequence[bytes], path: str, to_integer: ToInteger = exact_integer) -> Any:
    """The Python value of a `value` of the session protocol; raises NotConvertible.

    `to_integer` is for who only checks: an integer of a million digits takes seconds to make, and may be any number
    that is equal to it.
    """
    kind, data = value["kind"], value.get("data")
    try:
        if kind == "none":
            return None
        if kind in ("boolean", "integer"):
            return data
        if kind == "big_integer":
            return _integer(data, to_integer)
        if kind == "real":
            return float.fromhex(str(data))
        if kind == "scalar":
            return scalar_of(data["type_name"], data["text"])  # type: ignore[index]
        blob = blobs[data["blob"]]  # type: ignore[index]
        if kind == "binary":
            return blob
        text = str(blob, "utf-8")
        return text if kind == "text" else _JsonReader(to_integer).read(text, path)
    except (_Unfit, NoScalar) as reason:
        raise NotConvertible(path, str(reason)) from None


class _Unfit(Exception):
    """Thrown when a part cannot be converted; the text says why."""


class _Bad:
    """Stands where a part could not be converted, until it is known where that is."""

    def __init__(self, why: str) -> None:
        self.why = why


class _Raw(List[Tuple[str, Any]]):
    """The members of an object that was read after one could not be converted: only looked through."""


class _JsonReader:
    """Reads JSON text with the tags of the contract, from the inside out, as the parser comes by.

    What is plain is made by the parser alone. It stops for nothing, and knows no path: what cannot be converted is
    marked, and looked for at the end.
    """

    def __init__(self, to_integer: ToInteger) -> None:
        self._to_integer = to_integer
        self._bad: Optional[_Bad] = None

    def read(self, text: str, path: str) -> Any:
        """Raises NotConvertible, and _Unfit for what is no JSON at all."""
        _check_depth(text)
        decoder = JSONDecoder(
            object_pairs_hook=self._on_object, parse_float=self._on_float, parse_constant=self._on_constant
        )
        try:
            value = decoder.decode(text)
        except RecursionError:
            raise _Unfit("it is nested too deep") from None
        except ValueError as error:  # also of an integer of too many digits
            raise _Unfit(f"it is no JSON: {error}") from None
        if self._bad is not None:
            raise NotConvertible(path + (_path_to(self._bad, value) or ""), self._bad.why)
        return value

    def _on_object(self, members: List[Tuple[str, Any]]) -> Any:
        if self._bad is not None:
            return _Raw(members)
        try:
            if len(members) == 1 and members[0][0].startswith("$"):
                return self._tagged(*members[0])
            value = dict(members)
            if len(value) != len(members):
                raise _Unfit("it has a key twice")
            return value
        except (_Unfit, NoScalar) as reason:
            return self._fail(str(reason))

    def _tagged(self, tag: str, data: Any) -> Any:
        convert = _TAGS.get(tag)
        if convert is None:
            raise _Unfit(f'{tag[:100]!r} is no tag; write a dict with such a key as {{"$dict":[[key,value]]}}')
        return _integer(data, self._to_integer) if tag == "$int" else convert(data)

    def _on_float(self, text: str) -> Any:
        value = float(text)
        return value if isfinite(value) else self._fail(f"{text[:100]} is too large for a float")

    def _on_constant(self, text: str) -> Any:
        return self._fail(f'{text} is no JSON; write {{"$float":"nan"}}, "inf" or "-inf"')

    def _fail(self, why: str) -> Any:
        if self._bad is None:
            self._bad = _Bad(why)
            return self._bad
        return None


def _integer(data: Any, to_integer: ToInteger) -> Any:
    if not _DECIMAL.fullmatch(_text(data)):
        raise _Unfit(f"{data[:100]!r} is no decimal integer")
    return to_integer(data)


def _text(data: Any) -> str:
    if type(data) is not str:
        raise _Unfit("its tag wants a text")
    return data


def _list(data: Any) -> List[Any]:
    if type(data) is not list:
        raise _Unfit("its tag wants a list")
    return data


def _bytes(data: Any) -> bytes:
    try:
        return b64decode(_text(data).encode("ascii"), validate=True)
    except ValueError:
        raise _Unfit("it is no base64") from None


def _str(data: Any) -> str:
    try:
        return _bytes(data).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise _Unfit("it is no UTF-8") from None


def _float(data: Any) -> float:
    if data not in _FLOATS:
        raise _Unfit("it must be nan, inf or -inf")
    return float(data)


def _set(data: Any) -> Any:
    return _without_doubles(_hashed(set, _list(data)), data)


def _frozenset(data: Any) -> Any:
    return _without_doubles(_hashed(frozenset, _list(data)), data)


def _dict(data: Any) -> Any:
    for item in _list(data):
        if type(item) is not list or len(item) != 2:
            raise _Unfit("it must be a list of [key, value]")
    return _without_doubles(_hashed(dict, data), data)


def _hashed(kind: Callable[[Any], Any], data: Any) -> Any:
    try:
        return kind(data)
    except TypeError as error:
        raise _Unfit(str(error)) from None  # unhashable type: 'list'


def _without_doubles(value: Any, data: List[Any]) -> Any:
    if len(value) != len(data):
        raise _Unfit("two of its keys are equal" if type(value) is dict else "two of its members are equal")
    return value


def _scalar(data: Any) -> Any:
    if type(data) is not list or len(data) != 2:
        raise _Unfit("it must be [type, text]")
    return scalar_of(_text(data[0]), _text(data[1]))


def _not_yet(data: Any) -> Any:
    raise _Unfit("handles and tensors are not taken as arguments yet")


_TAGS: Dict[str, Callable[[Any], Any]] = {
    "$tuple": lambda data: tuple(_list(data)),
    "$set": _set,
    "$frozenset": _frozenset,
    "$bytes": _bytes,
    "$int": _text,
    "$float": _float,
    "$str": _str,
    "$dict": _dict,
    "$scalar": _scalar,
    "$ref": _not_yet,
    "$tensor": _not_yet,
}


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= _MAX_JSON_DEPTH:
        return
    brackets = _ALL_BUT_BRACKETS.sub("", text)
    if max(accumulate(1 if bracket in "[{" else -1 for bracket in brackets), default=0) > _MAX_JSON_DEPTH:
        raise _Unfit(f"it is nested deeper than {MAX_DEPTH}")


_CONTAINERS = (list, tuple, dict, _Raw)


def step_to(key: Any) -> str:
    """A key's part of a path, such as `["x"]`."""
    return f"[{encode_basestring(key[:_MAX_KEY_CHARS]) if type(key) is str else repr(key)}]"


def _path_to(bad: _Bad, value: Any) -> Optional[str]:
    """Where it stands in what was read; tags are no part of the path."""
    kind = type(value)
    members: Iterable[Tuple[Any, Any]]
    if value is bad:
        return ""
    if kind is _Raw:
        if len(value) == 1 and value[0][0] == "$dict" and type(value[0][1]) is list:
            return _path_in_pairs(bad, value[0][1])
        if len(value) == 1 and value[0][0] in _TAGS:
            return _path_to(bad, value[0][1])
        members = value
    elif kind is dict:
        members = value.items()
    elif kind is list or kind is tuple:
        members = enumerate(value)
    else:
        return None
    for key, item in members:
        if item is bad or (type(item) in _CONTAINERS and item):
            rest = _path_to(bad, item)
            if rest is not None:
                return step_to(key) + rest
    return None


def _path_in_pairs(bad: _Bad, pairs: List[Any]) -> Optional[str]:
    for pair in pairs:
        if type(pair) is not list or len(pair) != 2:
            continue
        key, item = pair
        rest = _path_to(bad, key)
        if rest is not None:
            return f".keys(){rest}"
        rest = _path_to(bad, item)
        if rest is not None:
            return (step_to(key) if type(key) in (str, int) else "[...]") + rest
    return None
