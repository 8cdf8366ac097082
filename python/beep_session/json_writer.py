"""Values as JSON text with the tags of the contract: containers, and what stands in them."""

from __future__ import annotations

from base64 import b64encode
from json.encoder import encode_basestring
from math import isfinite
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Set

from beep_session.arrays import is_array, tensor_of
from beep_session.digits import exact_text
from beep_session.lenient import Conversion
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.paths import step_to
from beep_session.plain_json import EXACT_INTEGER, encode, plain_text
from beep_session.refusals import NoValue, TooLarge
from beep_session.scalars import scalar_text
from beep_session.text import is_encodable, type_name

MAX_DEPTH = 200
# Few members are as fast one by one.
_FEW, _CHUNK = 8, 1 << 14
_MAX_NOTES = 8


class Note:
    """A lossy conversion that was made."""

    def __init__(self, was: str, became: str) -> None:
        self._text = f"{was} became {became}"
        self._steps: List[str] = []

    def inside(self, step: str) -> None:
        """It was made in a container, at this step."""
        self._steps.append(step)

    def __str__(self) -> str:
        return f"result{''.join(reversed(self._steps))}: {self._text}"


class JsonWriter:
    """Writes one value; stops as soon as it is too large."""

    def __init__(self, max_bytes: int, convert: Optional[Conversion] = None) -> None:
        self.notes: List[Note] = []
        # How many conversions were made beyond those.
        self.more_notes = 0
        self._parts: List[str] = []
        self._left = self._max = max_bytes
        self._convert = convert
        self._open: Set[int] = set()
        # Inside a container of which not all can be said by JSON alone.
        self._is_mixed = False

    def text_of(self, value: Any) -> str:
        """Raises NoValue."""
        try:
            self.write(value)
        except RecursionError:
            raise NoValue("it is nested deeper than the recursion limit of this session lets us look") from None
        self._check_size(0)
        return "".join(self._parts)

    def bytes_of(self, value: Any) -> bytes:
        """The text in UTF-8. Raises NoValue."""
        data = self.text_of(value).encode("utf-8")
        if len(data) > self._max:
            raise TooLarge(self._max)
        return data

    def write(self, value: Any) -> None:
        """Add what stands for it."""
        kind = type(value)
        write = _WRITERS.get(kind)
        if write is not None:
            write(self, value)
        else:
            self._other(value, kind)

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._left -= len(text)

    def _check_size(self, size: int) -> None:
        if size > self._left:
            raise TooLarge(self._max)

    # --- single values ---

    def _none(self, _: None) -> None:
        self._put("null")

    def _bool(self, value: bool) -> None:
        self._put("true" if value else "false")

    def _int(self, value: int) -> None:
        if -EXACT_INTEGER <= value <= EXACT_INTEGER:
            self._put(repr(value))
        else:
            self._check_size(value.bit_length() // 4)  # 3.3 bits make a digit
            self._put('{"$int":"' + exact_text(value) + '"}')

    def _float(self, value: float) -> None:
        text = repr(value)
        self._put(text if isfinite(value) else '{"$float":"' + text + '"}')

    def _bytes(self, value: bytes) -> None:
        self._check_size(len(value))
        self._put('{"$bytes":"' + _base64(value) + '"}')

    def _str(self, value: str) -> None:
        self._check_size(len(value))
        if value.isascii() or is_encodable(value):
            self._put(encode_basestring(value))
        else:
            self._put('{"$str":"' + _base64(value.encode("utf-8", "surrogatepass")) + '"}')

    def _other(self, value: Any, kind: type) -> None:
        scalar = scalar_text(value, kind, self._left)
        if scalar is not None:
            self._put('{"$scalar":["' + scalar[0] + '",' + encode_basestring(scalar[1]) + "]}")
        elif is_array(kind):
            dtype, shape, data = tensor_of(value, self._left)
            head = f'{{"$tensor":{{"dtype":"{dtype}","shape":{encode(list(shape))},"data":"'
            self._put(head + _base64(data) + '"}}')
        elif self._convert is not None:
            self._put_converted(value, kind, self._convert)
        else:
            raise NoValue(f"{type_name(kind)} has no exact value")

    def _put_converted(self, value: Any, kind: type, convert: Conversion) -> None:
        near = convert(value, kind, self._left)
        if len(self.notes) < _MAX_NOTES:
            self.notes.append(Note(type_name(kind), type_name(type(near))))
        else:
            self.more_notes += 1
        self.write(near)

    # --- containers ---

    def _enter(self, value: Any) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise NoValue(f"it is nested deeper than {MAX_DEPTH}")
        if id(value) in self._open:
            raise NoValue("it contains itself")
        self._check_size(len(value))
        self._open.add(id(value))

    def _plain_text(self, values: List[Any]) -> Optional[str]:
        """Inside a container that was looked through in vain each looks at its own members alone: once is enough."""
        max_levels = 1 if self._is_mixed else MAX_DEPTH + 1 - len(self._open)
        return plain_text(values, max_levels, self._left)

    def _members(self, value: Iterable[Any], before: str, after: str) -> None:
        self._enter(value)
        self._put(before)
        items = list(value)  # other threads may change it meanwhile
        if len(items) <= _FEW:
            self._each(items, 0)
        else:
            self._many(items)
        self._put(after)
        self._open.discard(id(value))

    def _many(self, items: List[Any]) -> None:
        was_mixed = self._is_mixed
        for start in range(0, len(items), _CHUNK):
            part = items[start : start + _CHUNK] if len(items) > _CHUNK else items
            if start:
                self._put(",")
            text = self._plain_text(part)
            if text is None:
                self._is_mixed = True
                self._each(part, start)
                self._is_mixed = was_mixed
            else:
                self._put(text[1:-1])
            self._check_size(0)

    def _each(self, items: Sequence[Any], start: int) -> None:
        index, told, find = start, len(self.notes), _WRITERS.get
        try:
            for index, item in enumerate(items, start):
                if index != start:
                    self._put(",")
                write = find(type(item))
                if write is not None:
                    write(self, item)
                else:
                    self._other(item, type(item))
                if len(self.notes) != told:
                    told = self._place_notes(told, f"[{index}]")
        except NoValue as reason:
            raise reason.inside(f"[{index}]") from None

    def _dict(self, value: Dict[Any, Any]) -> None:
        self._enter(value)
        pairs, was_mixed = value.copy(), self._is_mixed
        text = None
        if len(pairs) > _FEW:
            text = self._plain_text([pairs])
            self._is_mixed = True
        if text is not None:
            self._put(text[1:-1])
        elif _are_members(pairs):
            self._put_members(pairs)
        else:
            self._put_pairs(pairs)
        self._is_mixed = was_mixed
        self._check_size(0)
        self._open.discard(id(value))

    def _put_members(self, pairs: Dict[str, Any]) -> None:
        before, key, told, find = "{", "", len(self.notes), _WRITERS.get
        try:
            for key, item in pairs.items():
                self._check_size(len(key))
                self._put(before + encode_basestring(key) + ":")
                before = ","
                write = find(type(item))
                if write is not None:
                    write(self, item)
                else:
                    self._other(item, type(item))
                if len(self.notes) != told:
                    told = self._place_notes(told, step_to(key))
        except NoValue as reason:
            raise reason.inside(step_to(key)) from None
        self._put("}" if pairs else "{}")

    def _put_pairs(self, pairs: Dict[Any, Any]) -> None:
        before, step, told = '{"$dict":[[', "", len(self.notes)
        try:
            for key, item in pairs.items():
                self._put(before)
                before, step = "],[", ".keys()"
                self.write(key)
                if len(self.notes) != told:
                    told = self._place_notes(told, step)
                self._put(",")
                step = step_to(key)
                self.write(item)
                if len(self.notes) != told:
                    told = self._place_notes(told, step)
        except NoValue as reason:
            raise reason.inside(step) from None
        self._put("]]}")

    def _place_notes(self, first: int, step: str) -> int:
        for note in self.notes[first:]:
            note.inside(step)
        return len(self.notes)


def _are_members(pairs: Dict[Any, Any]) -> bool:
    """Whether it is an object of JSON that does not look like a tag."""
    for key in pairs:
        if type(key) is not str or not (key.isascii() or is_encodable(key)):
            return False
    return "$ref" not in pairs and not (len(pairs) == 1 and next(iter(pairs)).startswith("$"))


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


_WRITERS: Dict[type, Callable[[JsonWriter, Any], None]] = {
    type(None): JsonWriter._none,
    bool: JsonWriter._bool,
    int: JsonWriter._int,
    float: JsonWriter._float,
    str: JsonWriter._str,
    bytes: JsonWriter._bytes,
    list: lambda writer, value: writer._members(value, "[", "]"),
    tuple: lambda writer, value: writer._members(value, '{"$tuple":[', "]}"),
    set: lambda writer, value: writer._members(value, '{"$set":[', "]}"),
    frozenset: lambda writer, value: writer._members(value, '{"$frozenset":[', "]}"),
    dict: JsonWriter._dict,
}
