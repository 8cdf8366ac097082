"""Handles: live objects of this session that callers hold by an id."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Dict, Iterable, List, Optional

from beep_session.leftovers import Leftovers
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.pinned import Pinned
from beep_session.text import bounded, plain, safe_repr, type_name

MAX_HANDLES = 10_000
# Of results that nobody asked to have by handle, so many of the last are held.
MAX_PASSING = 100
_MAX_TEXT_BYTES = 200

_new_tag, _now_ns = os.urandom, time.time_ns


class NoHandle(Exception):
    """Thrown for an id that names no live object; `reason` is the name of an ErrorReason."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Handle:
    """One live object, and how far it has been iterated from outside."""

    __slots__ = ("created_ns", "iteration", "target", "used_ns")

    def __init__(self, target: Any) -> None:
        self.target = target
        self.iteration: Optional[Any] = None
        self.created_ns = self.used_ns = _now_ns()


class Handles:
    """One session's. An object has a handle for each time that it was asked for, as a file has descriptors."""

    def __init__(self, pinned: Pinned) -> None:
        self._pinned = pinned
        self._handles: Dict[str, Handle] = {}
        self._tag = ""
        self._generation = 1
        self._last = 0
        self._bound = MAX_HANDLES
        self._is_passing = False
        self._passing: OrderedDict[str, None] = OrderedDict()

    def begin(self, generation: int, bound: int, is_passing: bool) -> None:
        """Whose handles these are is known; a session for one item alone has none."""
        self._generation, self._bound, self._is_passing = generation, bound or MAX_HANDLES, is_passing

    def add_passing(self, target: Any) -> Dict[str, Any]:
        """The same for a result that nobody asked to have by handle: it is let go after others unless it is used."""
        header = self.add(target)
        self._passing[header["id"]] = None
        if len(self._passing) > MAX_PASSING:
            self.release((self._passing.popitem(last=False)[0],))
        return header

    def add(self, target: Any) -> Dict[str, Any]:
        """A new handle, as the worker is told of it. Raises NoHandle where there are too many."""
        if self._is_passing:
            raise NoHandle("SESSION_CLOSED", "its session ends with this execution")
        if len(self._handles) >= self._bound:
            raise NoHandle("QUOTA_EXCEEDED", f"the session holds {self._bound} handles, its bound; release some")
        self._pin(target)
        if not self._tag:
            self._tag = _new_tag(16).hex()  # not in the template, where all sessions would have the same
        self._last = number = self._last + 1
        handle_id = self._id(number)
        self._handles[handle_id] = Handle(target)
        return _described(handle_id, target)

    def get(self, handle_id: str) -> Any:
        """The object. Raises NoHandle."""
        return self.handle(handle_id).target

    def handle(self, handle_id: str) -> Handle:
        """The same with what belongs to it. Raises NoHandle."""
        handle = self._handles.get(handle_id)
        if handle is None:
            raise self._unknown(handle_id)
        if self._passing:
            self._passing.pop(handle_id, None)
        handle.used_ns = _now_ns()
        return handle

    def release(self, handle_ids: Iterable[str]) -> int:
        """Let them go; how many there were. What they held may run code of the user's as it ends."""
        count = 0
        for handle_id in handle_ids:
            handle = self._handles.pop(handle_id, None)
            self._passing.pop(handle_id, None)
            if handle is not None:
                count += 1
                self._pinned.let_go(handle.target)
        return count

    def release_all(self) -> int:
        """Let all of them go; how many there were."""
        return self.release(list(self._handles))

    def listing(self, leftovers: Leftovers) -> List[Dict[str, Any]]:
        """All that there are, oldest first. From the control thread: runs no code of the user's."""
        rows: List[Dict[str, Any]] = []
        entries = [(handle_id, handle.target) for handle_id, handle in list(self._handles.items())]
        leftovers.hold(entries)
        for handle_id, target in entries:
            handle = self._handles.get(handle_id)
            if handle is not None:
                rows.append(
                    {
                        **_described(handle_id, target),
                        "created_ns": handle.created_ns,
                        "used_ns": handle.used_ns,
                        "size": size_of(target),
                    }
                )
        return rows

    def _pin(self, target: Any) -> None:
        """Raises NoHandle where there is no room, and no result that nobody asked for would make some."""
        size = size_of(target)
        while self._pinned.needs(target, size) > max(0, self._pinned.left()):
            if not self._passing:
                raise NoHandle("QUOTA_EXCEEDED", self._pinned.full())
            self.release((next(iter(self._passing)),))
        self._pinned.hold(target, size)

    def _id(self, number: int) -> str:
        return f"{self._generation}-{number:x}-{self._tag}"

    def _unknown(self, handle_id: str) -> NoHandle:
        generation, _, rest = handle_id.partition("-")
        number, _, tag = rest.partition("-")
        shown = plain(handle_id[:80])
        try:
            is_one = len(tag) == 32 and int(tag, 16) >= 0 and int(number, 16) > 0 and int(generation) > 0
        except ValueError:
            is_one = False
        if not is_one:
            return NoHandle("HANDLE_NOT_FOUND", f"there is no handle {shown} in this session")
        if int(number, 16) <= self._last and handle_id == self._id(int(number, 16)):
            return NoHandle(
                "STALE_HANDLE", f"handle {shown} was released, or held a result that {MAX_PASSING} others came after"
            )
        if int(generation) < self._generation:
            return NoHandle(
                "STALE_HANDLE",
                f"handle {shown} was lost with generation {int(generation)} of the session, "
                f"which is in generation {self._generation}",
            )
        return NoHandle("STALE_HANDLE", f"handle {shown} is of another session")


def _described(handle_id: str, target: Any) -> Dict[str, Any]:
    header: Dict[str, Any] = {"id": handle_id, "type": type_name(type(target)), "text": short_text(target)}
    shape = shape_of(target)
    if shape is not None:
        header["shape"] = shape
    return header


def short_text(target: Any) -> str:
    """A short text for people. Runs no code of the user's, so what an object says of itself is not in it."""
    kind = type(target)
    if kind in _plain_kinds:
        return safe_repr(target, _MAX_TEXT_BYTES)
    if kind in _sized_kinds:
        return f"{kind.__name__} of {len(target)}"
    if issubclass(kind, type):
        return bounded(f"class {type_name(target)}", _MAX_TEXT_BYTES)
    if kind in _named_kinds:
        name = getattr(target, "__qualname__", None) or getattr(target, "__name__", None)
        return bounded(f"{kind.__name__} {name}" if type(name) is str else kind.__name__, _MAX_TEXT_BYTES)
    shape = shape_of(target)
    if shape is not None:
        return bounded(f"{type_name(kind)} of {' x '.join(map(str, shape))}", _MAX_TEXT_BYTES)
    return bounded(f"{type_name(kind)} object", _MAX_TEXT_BYTES)


def shape_of(target: Any) -> Optional[List[int]]:
    """Of an array or table of a library that is known to tell it at no cost."""
    kind = type(target)
    if (kind.__module__, kind.__name__) not in _shaped_kinds:
        return None
    try:
        shape = target.shape
        return [int(length) for length in shape] if type(shape) is tuple and len(shape) <= 64 else None
    except Exception:
        return None


def is_table(kind: type) -> bool:
    """Whether it is a table, or a column of one, of a library that is known."""
    name = (kind.__module__, kind.__name__)
    return name in _table_kinds or name == ("pyarrow.lib", "RecordBatch")


def size_of(target: Any) -> int:
    """Bytes of the object itself, 0 where only code of the user's could tell."""
    kind: Any = type(target)
    if kind.__module__ != "builtins" and (kind.__module__, kind.__name__) != _array:
        return 0
    try:
        return int(kind.__sizeof__(target))
    except Exception:
        return 0


_plain_kinds = frozenset((type(None), bool, float, complex, type(...), type(NotImplemented), range))
_sized_kinds = frozenset((str, bytes, bytearray, memoryview, list, tuple, dict, set, frozenset))
_named_kinds = frozenset((FunctionType, BuiltinFunctionType, MethodType, ModuleType))
_array = ("numpy", "ndarray")
_table_kinds = frozenset(
    (
        ("pandas", "DataFrame"),
        ("pandas", "Series"),
        ("pandas.core.frame", "DataFrame"),
        ("pandas.core.series", "Series"),
        ("pyarrow.lib", "Table"),
        ("polars.dataframe.frame", "DataFrame"),
        ("polars.series.series", "Series"),
    )
)
_shaped_kinds = _table_kinds | {_array}
