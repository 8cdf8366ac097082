"""What a value looks like, bounded, without running code of the user's: only what is exactly a builtin is shown."""

from __future__ import annotations

import sys
from functools import partial
from itertools import islice
from types import BuiltinFunctionType, FunctionType, GetSetDescriptorType, MethodDescriptorType, ModuleType
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.statically import (
    NOTHING,
    entries_of_class,
    find,
    find_in_class,
    ids,
    is_class,
    name_of_class,
    own_entries,
)
from beep_session.tables import TABLES, shape_of_table
from beep_session.text import bounded, plain

_MAX_ITEMS = 20
_MAX_DEPTH = 3
_MAX_STRING = 100
_MAX_INT_BITS = 1000
_MAX_DIMENSIONS = 64
_MAX_NAME_BYTES = 400

_as_they_are = ids(type(None), bool, float, complex, type(Ellipsis), type(NotImplemented))
_strings = ids(str, bytes, bytearray)
_brackets: Dict[int, Tuple[str, str]] = {
    id(list): ("[", "]"),
    id(tuple): ("(", ")"),
    id(dict): ("{", "}"),
    id(set): ("{", "}"),
    id(frozenset): ("frozenset({", "})"),
}
_function_name = FunctionType.__dict__["__qualname__"].__get__
_builtin_name = BuiltinFunctionType.__dict__["__name__"].__get__
_read_getset = GetSetDescriptorType.__get__
_method = MethodDescriptorType.__get__
# PyPy's methods are functions, as the user's are.
_has_methods_of_c = sys.implementation.name == "cpython"


class Facts(NamedTuple):
    """What there is to know of a class, for all of its instances."""

    name: str
    # C's way to tell the size of one, which looks at nothing else.
    size: Optional[Callable[[Any], Any]]
    # Of arrays and tables: the shape, and of numpy's arrays C's way to tell the bytes of the data.
    shape: Optional[Callable[[Any], Any]] = None
    data_bytes: Optional[Callable[[Any], Any]] = None


class Previews:
    """Looks at values for one answer; each class is looked at once."""

    def __init__(self) -> None:
        self._facts: Dict[int, Tuple[type, Facts]] = {}

    def facts(self, kind: type) -> Facts:
        """Those of a class."""
        known = self._facts.get(id(kind))
        if known is None:
            known = self._facts[id(kind)] = (kind, _facts_of(kind))
        return known[1]

    def of(self, value: Any, max_chars: int = 200) -> str:
        """A text for people."""
        text = _Preview(max_chars, self).of(value, 0)
        return plain(text if len(text) <= max_chars else text[: max_chars - 3] + "...")

    def size(self, value: Any) -> int:
        """Bytes; 0 where only Python code would tell."""
        facts = self.facts(type(value))
        size = _told(facts.data_bytes or facts.size, value)
        return size if type(size) is int and 0 <= size < 1 << 63 else 0

    def shape(self, value: Any) -> List[int]:
        """Of an array or a table."""
        shape = _told(self.facts(type(value)).shape, value)
        return list(shape[:_MAX_DIMENSIONS]) if type(shape) is tuple else []


def preview(value: Any, max_chars: int) -> str:
    """A text for people."""
    return Previews().of(value, max_chars)


def _facts_of(kind: type) -> Facts:
    name = bounded(name_of_class(kind), _MAX_NAME_BYTES)
    found, owner = find_in_class(kind, "__sizeof__")
    size = None
    if type(found) is MethodDescriptorType and _has_methods_of_c:
        size = partial(_ask_method, found, owner)
    if name in TABLES:
        return Facts(name, None, shape_of_table)
    if name != "numpy.ndarray":
        return Facts(name, size)
    getters = [entry for key in ("shape", "nbytes") for entry in _getsets(kind, key)]
    if len(getters) != 2:
        return Facts(name, size)
    return Facts(name, size, *(partial(_ask_getset, getter, kind) for getter in getters))


def _getsets(kind: type, name: str) -> List[Any]:
    return [
        entry
        for key, entry in entries_of_class(kind)
        if type(key) is str and key == name and type(entry) is GetSetDescriptorType
    ]


def _ask_method(method: Any, owner: type, value: Any) -> Any:
    return _method(method, value, owner)()


def _ask_getset(getter: Any, kind: type, value: Any) -> Any:
    return _read_getset(getter, value, kind)


def _told(tell: Optional[Callable[[Any], Any]], value: Any) -> Any:
    try:
        return None if tell is None else tell(value)
    except Exception:
        return None  # a class of somebody's that goes by the name of another


class _Preview:
    """One text in the making; what it may still hold goes down with every part."""

    def __init__(self, max_chars: int, previews: Previews) -> None:
        self._left = max_chars
        self._previews = previews

    def of(self, value: Any, depth: int) -> str:
        kind = type(value)
        if id(kind) in _as_they_are:
            return self._spend(repr(value))
        if kind is int:
            bits = value.bit_length()
            return self._spend(repr(value) if bits <= _MAX_INT_BITS else f"<int of {bits} bits>")
        if id(kind) in _strings:
            short = value[:_MAX_STRING]
            return self._spend(repr(short) + ("..." if len(value) > _MAX_STRING else ""))
        if kind is range:
            ends = (value.start, value.stop, value.step)
            is_plain = all(type(end) is int and end.bit_length() <= _MAX_INT_BITS for end in ends)
            return self._spend(repr(value) if is_plain else "<range>")
        if id(kind) in _brackets:
            return self._of_container(value, kind, depth)
        return self._spend(self._of_object(value))

    def _of_container(self, value: Any, kind: type, depth: int) -> str:
        begin, end = _brackets[id(kind)]
        size = len(value)
        if size == 0:
            return self._spend(repr(value))
        if depth == _MAX_DEPTH:
            return self._spend(f"{begin}...{end}")
        items = value.items() if kind is dict else value
        try:
            some = list(islice(items, _MAX_ITEMS))
        except RuntimeError:
            some = []  # it has just changed
        texts: List[str] = []
        for item in some:
            if self._left <= 0:
                break
            if kind is dict:
                texts.append(f"{self.of(item[0], depth + 1)}: {self.of(item[1], depth + 1)}")
            else:
                texts.append(self.of(item, depth + 1))
        if len(texts) < size:
            texts.append("...")
        elif kind is tuple and size == 1:
            end = ",)"
        return begin + ", ".join(texts) + end

    def _spend(self, text: str) -> str:
        self._left -= len(text) + 2
        return text

    def _of_object(self, value: Any) -> str:
        kind = type(value)
        if is_class(value):
            return f"<class {_short(name_of_class(value))}>"
        if kind is FunctionType:
            return f"<function {_short(_function_name(value))}>"
        if kind is BuiltinFunctionType:
            return f"<built-in function {_short(_builtin_name(value))}>"
        if issubclass(kind, ModuleType):
            entries = own_entries(value)
            name = NOTHING if entries is None else find(entries, "__name__")
            return f"<module {_short(name)}>" if type(name) is str else "<module>"
        facts = self._previews.facts(kind)
        shape = _told(facts.shape, value)
        of_shape = f" of shape {shape}" if type(shape) is tuple else ""
        return f"<{_short(facts.name)} object{of_shape}>"


def _short(name: Any) -> str:
    return bounded(name, 200) if type(name) is str else "?"
