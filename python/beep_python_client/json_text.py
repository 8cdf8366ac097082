"""Values as JSON text with the tags of the contract (`{"$tuple": [...]}`), both ways, exact."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from json.encoder import encode_basestring
from math import isfinite
from typing import Any, Callable, Dict, Iterable, List, Set, Tuple

from beep_python_client.arrays import NoTensor, array_of, tensor_of
from beep_python_client.digits import integer_of_text, text_of_integer
from beep_python_client.scalars import NoScalar, scalar_of, scalar_text

_EXACT_INTEGER = 1 << 53
_MAX_DEPTH = 200

# What stands for a live object, or None for a value that is none.
Live = Callable[[Any], Any]
# A live object of its id, type's name and text.
Reference = Callable[[str, str, str], Any]


class NoValue(ValueError):
    """Raised for what cannot be said exactly; `path` is where it stands, such as `["x"][3]`."""

    def __init__(self, why: str, path: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.path = path


def write_json(value: Any) -> str:
    """The text of a value without live objects. Raises NoValue."""
    return "".join(write_parts(value, lambda _: None))


def write_parts(value: Any, live: Live) -> List[Any]:
    """The text of a value in parts; what stands for a live object is one of them. Raises NoValue."""
    writer = _Writer(live)
    try:
        writer.write(value)
    except RecursionError:
        raise NoValue("it is nested too deep") from None
    return writer.parts


class _Writer:
    def __init__(self, live: Live) -> None:
        self.parts: List[Any] = []
        self._live = live
        self._open: Set[int] = set()

    def write(self, value: Any) -> None:
        write = _WRITERS.get(type(value))
        if write is not None:
            write(self, value)
        else:
            self.parts.append(self._other(value))

    def _other(self, value: Any) -> Any:
        try:
            scalar, tensor = scalar_text(value), tensor_of(value)
        except (NoScalar, NoTensor) as error:
            raise NoValue(str(error)) from None
        if scalar is not None:
            return _tag("$scalar", f'["{scalar[0]}",{encode_basestring(scalar[1])}]')
        if tensor is not None:
            shape = ",".join(map(str, tensor.shape))
            data = _base64(tensor.data)
            return _tag("$tensor", f'{{"dtype":"{tensor.dtype}","shape":[{shape}],"data":{data}}}')
        reference = self._live(value)
        if reference is None:
            raise NoValue(no_exact_value(value))
        return reference

    def members(self, value: Any, before: str, after: str) -> None:
        self._enter(value)
        self.parts.append(before)
        for index, item in enumerate(list(value)):
            if index:
                self.parts.append(",")
            self._member(index, item)
        self.parts.append(after)
        self._open.discard(id(value))

    def dict(self, value: Dict[Any, Any]) -> None:
        self._enter(value)
        pairs = list(value.items())
        if _is_plain(value):
            before = "{"
            for key, item in pairs:
                self.parts.append(f"{before}{encode_basestring(key)}:")
                before = ","
                self._member(key, item)
            self.parts.append("}" if pairs else "{}")
        else:
            before = '{"$dict":[['
            for key, item in pairs:
                self.parts.append(before)
                before = "],["
                self._key(key)
                self.parts.append(",")
                self._member(key, item)
            self.parts.append("]]}")
        self._open.discard(id(value))

    def _enter(self, value: Any) -> None:
        if id(value) in self._open:
            raise NoValue("it contains itself")
        if len(self._open) >= _MAX_DEPTH:
            raise NoValue(f"it is nested deeper than {_MAX_DEPTH}")
        self._open.add(id(value))

    def _member(self, key: Any, item: Any) -> None:
        try:
            self.write(item)
        except NoValue as error:
            raise NoValue(error.why, _step_to(key) + error.path) from None

    def _key(self, key: Any) -> None:
        try:
            self.write(key)
        except NoValue as error:
            raise NoValue(error.why, ".keys()" + error.path) from None


def _step_to(key: Any) -> str:
    """A key's part of a path; of one that has no short text, `[...]`."""
    if type(key) is str:
        return f"[{encode_basestring(key[:100])}]"
    return f"[{key}]" if type(key) is int and key.bit_length() <= 256 else "[...]"


def no_exact_value(value: Any) -> str:
    """Why a value does not travel, and what would."""
    kind = type(value)
    return (
        f"{kind.__module__}.{kind.__qualname__} has no exact value; "
        "send its parts (dict, list, numbers, texts, bytes, arrays), or make it in the session"
    )


def _is_plain(value: Dict[Any, Any]) -> bool:
    """Whether it is an object of JSON that looks like no tag."""
    if not all(type(key) is str and _is_encodable(key) for key in value):
        return False
    return "$ref" not in value and not (len(value) == 1 and next(iter(value)).startswith("$"))


def _is_encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _tag(name: str, text: str) -> str:
    return f'{{"{name}":{text}}}'


def _base64(data: Any) -> str:
    return f'"{b64encode(data).decode("ascii")}"'


def _int_text(value: int) -> str:
    is_plain = -_EXACT_INTEGER <= value <= _EXACT_INTEGER
    return repr(value) if is_plain else _tag("$int", f'"{text_of_integer(value)}"')


def _float_text(value: float) -> str:
    return repr(value) if isfinite(value) else _tag("$float", f'"{value!r}"')


def _str_text(value: str) -> str:
    if _is_encodable(value):
        return encode_basestring(value)
    return _tag("$str", _base64(value.encode("utf-8", "surrogatepass")))


def _leaf(text: Callable[[Any], str]) -> Callable[[_Writer, Any], None]:
    return lambda writer, value: writer.parts.append(text(value))


_WRITERS: Dict[type, Callable[[_Writer, Any], None]] = {
    type(None): _leaf(lambda value: "null"),
    bool: _leaf(lambda value: "true" if value else "false"),
    int: _leaf(_int_text),
    float: _leaf(_float_text),
    str: _leaf(_str_text),
    bytes: _leaf(lambda value: _tag("$bytes", _base64(value))),
    list: lambda writer, value: writer.members(value, "[", "]"),
    tuple: lambda writer, value: writer.members(value, '{"$tuple":[', "]}"),
    set: lambda writer, value: writer.members(value, '{"$set":[', "]}"),
    frozenset: lambda writer, value: writer.members(value, '{"$frozenset":[', "]}"),
    dict: _Writer.dict,
}


# --- reading ---


def read_json(text: str, reference: Reference) -> Any:
    """The value of a text that the gateway sent; live objects are made by `reference`."""

    def made(members: List[Tuple[str, Any]]) -> Any:
        if len(members) == 1 and members[0][0].startswith("$"):
            tag, data = members[0]
            return reference(data, "", "") if tag == "$ref" else _TAGS[tag](data)
        value = dict(members)
        if "$ref" in value:
            return reference(value["$ref"], value.get("typeName", ""), value.get("text", ""))
        return value

    return json.loads(text, object_pairs_hook=made)


def _read_tensor(data: Dict[str, Any]) -> Any:
    return array_of(data["dtype"], tuple(data["shape"]), bytearray(b64decode(data["data"])))


_pairs: Callable[[Iterable[Any]], Dict[Any, Any]] = dict

_TAGS: Dict[str, Callable[[Any], Any]] = {
    "$tuple": tuple,
    "$set": set,
    "$frozenset": frozenset,
    "$bytes": b64decode,
    "$int": integer_of_text,
    "$float": float,
    "$str": lambda data: b64decode(data).decode("utf-8", "surrogatepass"),
    "$dict": _pairs,
    "$scalar": lambda data: scalar_of(*data),
    "$tensor": _read_tensor,
}
