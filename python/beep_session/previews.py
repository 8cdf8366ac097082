"""What a value looks like, bounded, without running code of the user's: only what is exactly a builtin is shown."""

from __future__ import annotations

from itertools import islice
from types import BuiltinFunctionType, FunctionType, GetSetDescriptorType, MethodDescriptorType, ModuleType
from typing import Any, Dict, List, Optional, Tuple

from beep_session import statically
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.statically import NOTHING, entries_of_class, find, find_in_class, is_class, name_of_class
from beep_session.text import bounded, plain

_MAX_ITEMS = 20
_MAX_DEPTH = 3
_MAX_STRING = 100
_MAX_INT_BITS = 1000
_MAX_DIMENSIONS = 64

_as_they_are = (type(None), bool, float, complex, type(Ellipsis), type(NotImplemented))
_strings = (str, bytes, bytearray)
_sequences: Dict[type, Tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
}
_function_name = FunctionType.__dict__["__qualname__"].__get__
_builtin_name = BuiltinFunctionType.__dict__["__name__"].__get__
_read_getset = GetSetDescriptorType.__get__
_method = MethodDescriptorType.__get__


def preview(value: Any, max_chars: int = 200) -> str:
    """A text for people."""
    text = _Preview(max_chars).of(value, 0)
    return plain(text if len(text) <= max_chars else text[: max_chars - 3] + "...")


def size_of(value: Any) -> int:
    """Bytes, as the type's own C code tells it, which looks at nothing else; 0 where Python code would."""
    array = _array_facts(value)
    if array is not None:
        return array[1]
    found, owner = find_in_class(type(value), "__sizeof__")
    if type(found) is not MethodDescriptorType:
        return 0
    try:
        size = _method(found, value, owner)()
    except Exception:
        return 0
    return size if type(size) is int and 0 <= size < 1 << 63 else 0


def shape_of(value: Any) -> Optional[List[int]]:
    """Of an array of numpy's, as its own C code tells it."""
    array = _array_facts(value)
    return None if array is None else array[0]


def _array_facts(value: Any) -> Optional[Tuple[List[int], int]]:
    kind = type(value)
    if name_of_class(kind) != "numpy.ndarray":
        return None
    facts = []
    for name in ("shape", "nbytes"):
        found = NOTHING
        for key, entry in entries_of_class(kind):
            if type(key) is str and key == name:
                found = entry
        if type(found) is not GetSetDescriptorType:
            return None
        try:
            facts.append(_read_getset(found, value, kind))
        except Exception:
            return None  # a class of somebody's that goes by this name
    shape, size = facts
    return list(shape[:_MAX_DIMENSIONS]), size


class _Preview:
    """One text in the making; what it may still hold goes down with every part."""

    def __init__(self, max_chars: int) -> None:
        self._left = max_chars

    def of(self, value: Any, depth: int) -> str:
        kind = type(value)
        if kind in _as_they_are:
            return self._spend(repr(value))
        if kind is int:
            bits = value.bit_length()
            return self._spend(repr(value) if bits <= _MAX_INT_BITS else f"<int of {bits} bits>")
        if kind in _strings:
            short = value[:_MAX_STRING]
            return self._spend(repr(short) + ("..." if len(value) > _MAX_STRING else ""))
        if kind is range:
            ends = (value.start, value.stop, value.step)
            is_plain = all(type(end) is int and end.bit_length() <= _MAX_INT_BITS for end in ends)
            return self._spend(repr(value) if is_plain else "<range>")
        if kind in _sequences or kind is dict:
            return self._of_container(value, kind, depth)
        return self._spend(_of_object(value))

    def _of_container(self, value: Any, kind: type, depth: int) -> str:
        if kind is dict:
            begin, end = "{", "}"
        elif kind in (set, frozenset) and not value:
            return self._spend(f"{kind.__name__}()")
        else:
            begin, end = _sequences[kind]
        size = len(value)
        if size == 0:
            return self._spend(begin + end)
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


def _of_object(value: Any) -> str:
    kind = type(value)
    if is_class(value):
        return f"<class {_short(name_of_class(value))}>"
    if kind is FunctionType:
        return f"<function {_short(_function_name(value))}>"
    if kind is BuiltinFunctionType:
        return f"<built-in function {_short(_builtin_name(value))}>"
    if issubclass(kind, ModuleType):
        entries = statically.own_entries(value)
        name = NOTHING if entries is None else find(entries, "__name__")
        return f"<module {_short(name)}>" if type(name) is str else "<module>"
    array = _array_facts(value)
    if array is not None:
        return f"<numpy.ndarray of shape {tuple(array[0])}>"
    return f"<{_short(name_of_class(kind))} object>"


def _short(name: Any) -> str:
    return bounded(name, 200) if type(name) is str else "?"
