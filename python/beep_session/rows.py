"""Names as they are told: each with its kind, and where there are few with its signature."""

from __future__ import annotations

from types import BuiltinFunctionType, FunctionType, MethodDescriptorType, MethodType, ModuleType
from typing import Any, Dict, Iterable, List, Tuple

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.signatures import is_callable, signature_of
from beep_session.statically import ids
from beep_session.text import plain

# One answer has no more names than so many, and says how they are called where there are few.
MAX_NAMES = 2000
MAX_NAME = 200
_MAX_SIGNATURES = 40

Row = List[str]

_functions = ids(
    FunctionType,
    BuiltinFunctionType,
    MethodDescriptorType,
    MethodType,
    type(object.__init__),
    type("".__str__),
)


def rows_of(found: Iterable[Tuple[Any, Any]], prefix: str, is_bound: bool = False) -> Tuple[List[Row], int]:
    """Name, kind and signature of those that begin with a prefix; private ones where that is private too."""
    size, wanted, is_private = len(prefix), prefix.lower(), prefix[:1] == "_"
    fitting = [
        (name, value)
        for name, value in found
        if type(name) is str
        and name[:size].lower() == wanted
        and (is_private or name[:1] != "_")
        and len(name) <= MAX_NAME
        and name.isidentifier()
    ]
    kinds: Dict[int, str] = {}
    with_signatures = len(fitting) <= _MAX_SIGNATURES
    rows = []
    for name, value in fitting[:MAX_NAMES]:
        signature = _signature(value, is_bound) if with_signatures else ""
        rows.append([plain(name), _kind_of(value, kinds), signature])
    return rows, len(fitting) - len(rows)


def fits(name: str, prefix: str) -> bool:
    """Whether a name is offered for a prefix, whichever case."""
    if name[:1] == "_" and prefix[:1] != "_":
        return False
    return name[: len(prefix)].lower() == prefix.lower()


def _kind_of(value: Any, known: Dict[int, str]) -> str:
    kind = type(value)
    found = known.get(id(kind))
    if found is None:
        if id(kind) in _functions or kind is staticmethod or kind is classmethod:
            found = "function"
        elif issubclass(kind, type):
            found = "class"
        elif issubclass(kind, ModuleType):
            found = "module"
        elif kind is property:
            found = "property"
        else:
            found = "function" if is_callable(value) else "variable"
        known[id(kind)] = found
    return found


def _signature(value: Any, is_bound: bool) -> str:
    kind = type(value)
    if kind is staticmethod or kind is classmethod:
        return signature_of(kind.__dict__["__func__"].__get__(value), kind is classmethod)
    if id(kind) in _functions:
        return signature_of(value, is_bound and kind is FunctionType)
    return signature_of(value) if issubclass(kind, type) else ""
