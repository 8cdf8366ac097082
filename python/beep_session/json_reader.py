"""JSON text with the tags of the contract as a Python value."""

from __future__ import annotations

import re
from base64 import b64decode
from itertools import accumulate
from json import JSONDecodeError, JSONDecoder
from math import isfinite
from typing import Any, Callable, Dict, List, Optional, Tuple

from beep_session.arrays import NoArray, tensor_from_json
from beep_session.json_writer import MAX_DEPTH
from beep_session.makers import Makers, Unfit
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.path_to import Bad, Raw, path_to
from beep_session.scalars_in import NoScalar
from beep_session.text import bounded, plain

# A level of Python takes up to three of JSON, `{"$dict":[[`, and a scalar or tensor at the bottom two.
_MAX_JSON_DEPTH = 3 * MAX_DEPTH + 2
_DECIMAL = re.compile(r"-?[0-9]+")
_ALL_BUT_BRACKETS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[^][{}"]+', re.DOTALL)
_FLOATS = ("nan", "inf", "-inf")
_MAX_PATH_BYTES = 500


class NotConvertible(Exception):
    """Thrown when something cannot be converted; `path` says where it stands, such as `args[0]["x"][3]`."""

    def __init__(self, path: str, why: str) -> None:
        self.path = bounded(path, _MAX_PATH_BYTES)
        self.why = plain(why)
        super().__init__(f"{self.path}: {self.why}")


class JsonReader:
    """Reads from the inside out, as the parser comes by.

    What is plain is made by the parser alone. It stops for nothing, and knows no path: what cannot be converted is
    marked, and looked for at the end.
    """

    def __init__(self, make: Makers) -> None:
        self._make = make
        self._bad: Optional[Bad] = None

    def read(self, text: str, path: str) -> Any:
        """Raises NotConvertible, and Unfit for what is no JSON at all."""
        _check_depth(text)
        try:
            value = self._decode(text)
        except RecursionError:
            raise Unfit("it is nested too deep") from None
        except ValueError as error:
            raise Unfit(f"it is no JSON: {error}") from None
        if self._bad is not None:
            raise NotConvertible(path + path_to(self._bad, value, _TAGS), self._bad.why)
        return value

    def _decode(self, text: str) -> Any:
        hooks: Dict[str, Any] = {
            "object_pairs_hook": self._on_object,
            "parse_float": self._on_float,
            "parse_constant": self._on_constant,
        }
        try:
            return JSONDecoder(**hooks).decode(text)
        except JSONDecodeError:
            raise
        except ValueError:
            # An integer of more digits than Python's own conversion takes. One of ours for all would cost every reader.
            self._bad = None
            return JSONDecoder(parse_int=self._make.integer, **hooks).decode(text)

    def _on_object(self, members: List[Tuple[str, Any]]) -> Any:
        if self._bad is not None:
            return Raw(members)
        try:
            if len(members) == 1 and members[0][0].startswith("$"):
                return self._tagged(*members[0])
            value = dict(members)
            if len(value) != len(members):
                raise Unfit("it has a key twice")
            return self._reference(value) if "$ref" in value else value
        except (Unfit, NoScalar, NoArray) as reason:
            return self._fail(str(reason))

    def _tagged(self, tag: str, data: Any) -> Any:
        convert = _TAGS.get(tag)
        if convert is None:
            raise Unfit(f'{tag[:100]!r} is no tag; write a dict with such a key as {{"$dict":[[key,value]]}}')
        return convert(data, self._make)

    def _reference(self, value: Dict[str, Any]) -> Any:
        """As the plain routes show one: with its type and text."""
        if value.keys() <= _REFERENCE:
            return self._make.reference(_text(value["$ref"]))
        raise Unfit('it has "$ref" beside other keys; write a dict with such a key as {"$dict":[[key,value],...]}')

    def _on_float(self, text: str) -> Any:
        value = float(text)
        return value if isfinite(value) else self._fail(f"{text[:100]} is too large for a float")

    def _on_constant(self, text: str) -> Any:
        return self._fail(f'{text} is no JSON; write {{"$float":"nan"}}, "inf" or "-inf"')

    def _fail(self, why: str) -> Any:
        if self._bad is None:
            self._bad = Bad(why)
            return self._bad
        return None


def decimal_text(data: Any) -> str:
    """The text of an integer. Raises Unfit for any other."""
    if not _DECIMAL.fullmatch(_text(data)):
        raise Unfit(f"{data[:100]!r} is no decimal integer")
    return str(data)


def _text(data: Any) -> str:
    if type(data) is not str:
        raise Unfit("its tag wants a text")
    return data


def _list(data: Any) -> List[Any]:
    if type(data) is not list:
        raise Unfit("its tag wants a list")
    return data


def _bytes(data: Any) -> bytes:
    try:
        return b64decode(_text(data).encode("ascii"), validate=True)
    except ValueError:
        raise Unfit("it is no base64") from None


def _str(data: Any) -> str:
    try:
        return _bytes(data).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise Unfit("it is no UTF-8") from None


def _float(data: Any) -> float:
    if data not in _FLOATS:
        raise Unfit("it must be nan, inf or -inf")
    return float(data)


def _dict(data: Any) -> Any:
    for item in _list(data):
        if type(item) is not list or len(item) != 2:
            raise Unfit("it must be a list of [key, value]")
    return _without_doubles(dict, data)


def _without_doubles(kind: Callable[[Any], Any], data: Any) -> Any:
    try:
        value = kind(_list(data))
    except TypeError as error:
        raise Unfit(str(error)) from None  # unhashable type: 'list'
    if len(value) != len(data):
        raise Unfit("two of its keys are equal" if kind is dict else "two of its members are equal")
    return value


def _scalar(data: Any, make: Makers) -> Any:
    if type(data) is not list or len(data) != 2:
        raise Unfit("it must be [type, text]")
    return make.scalar(_text(data[0]), _text(data[1]))


def _result(data: Any, make: Makers) -> Any:
    if type(data) is not int or data < 0:
        raise Unfit("it must be the number of an earlier operation")
    return make.result(data)


_TAGS: Dict[str, Callable[[Any, Makers], Any]] = {
    "$tuple": lambda data, make: tuple(_list(data)),
    "$set": lambda data, make: _without_doubles(set, data),
    "$frozenset": lambda data, make: _without_doubles(frozenset, data),
    "$bytes": lambda data, make: _bytes(data),
    "$int": lambda data, make: make.integer(decimal_text(data)),
    "$float": lambda data, make: _float(data),
    "$str": lambda data, make: _str(data),
    "$dict": lambda data, make: _dict(data),
    "$scalar": _scalar,
    "$tensor": lambda data, make: make.array(*tensor_from_json(data, _bytes)),
    "$ref": lambda data, make: make.reference(_text(data)),
    "$result": _result,
}
_REFERENCE = {"$ref", "typeName", "text"}


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= _MAX_JSON_DEPTH:
        return
    brackets = _ALL_BUT_BRACKETS.sub("", text)
    if max(accumulate(1 if bracket in "[{" else -1 for bracket in brackets), default=0) > _MAX_JSON_DEPTH:
        raise Unfit(f"it is nested deeper than {MAX_DEPTH}")
