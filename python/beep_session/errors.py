"""Exceptions of the user's code as data."""

from __future__ import annotations

import linecache
import traceback
from types import TracebackType
from typing import Any, Dict, List, Optional, Tuple

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.own import FOLDER, is_ours
from beep_session.text import MAX_TEXT_BYTES, bounded, plain, safe_str, type_name
from beep_session.values import NoValue, to_value

MAX_CHAIN = 16
_MAX_FRAMES = 100
_MAX_FORMATTED_FRAMES = 1200
_MAX_ARGS = 16
_MAX_NOTES = 16
_MAX_SHORT_BYTES = 4096
_MAX_ARG_BYTES = 4096
_MAX_MRO = 32

Described = Dict[str, Any]

_get_line = linecache.getline
_TracebackException = traceback.TracebackException
_extended = "exceptions"


def describe(error: BaseException, blobs: List[bytes]) -> Described:
    """The exception with its causes and members; blobs of its arguments are added to `blobs`."""
    return _Description(blobs).of(error, True)


def describe_plainly(error: BaseException) -> Described:
    """The same without running any code of the user's: for when that fails, or is interrupted."""
    name = type.__dict__["__name__"].__get__(type(error))
    return {"type_name": plain(name), "module": "", "mro": [], "message": "", "args": [], "notes": [], "frames": [],
            "traceback": f"{plain(name)}\n", "truncated": True}


class _Description:
    def __init__(self, blobs: List[bytes]) -> None:
        self._blobs = blobs
        self._seen: Dict[int, BaseException] = {}

    def of(self, error: BaseException, is_outermost: bool = False) -> Described:
        self._seen[id(error)] = error
        kind = type(error)
        module = getattr(kind, "__module__", "")
        frames, is_cut = _frames(error.__traceback__)
        result: Described = {
            "type_name": bounded(kind.__qualname__, _MAX_SHORT_BYTES),
            "module": bounded(module, _MAX_SHORT_BYTES) if type(module) is str else "",
            "mro": [bounded(_full_name(base), _MAX_SHORT_BYTES) for base in kind.__mro__[:_MAX_MRO]],
            "message": safe_str(error),
            "args": self._args(error),
            "notes": _notes(error),
            "frames": frames,
        }
        if is_outermost:
            result["traceback"] = _formatted(error)
        else:
            result["traceback"] = ""
        if is_cut:
            result["truncated"] = True
        self._add(result, "cause", error.__cause__)
        if error.__cause__ is None and not error.__suppress_context__:
            self._add(result, "context", error.__context__)
        members = _members(error)
        if members:
            group = []
            for member in members:
                if len(self._seen) >= MAX_CHAIN:
                    result["truncated"] = True
                    break
                group.append(self.of(member))
            result["group"] = group
        return result

    def _add(self, result: Described, name: str, error: Optional[BaseException]) -> None:
        if error is None or id(error) in self._seen:
            return
        if len(self._seen) >= MAX_CHAIN:
            result["truncated"] = True
            return
        result[name] = self.of(error)

    def _args(self, error: BaseException) -> List[Dict[str, Any]]:
        values: List[Dict[str, Any]] = []
        args = error.args
        if type(args) is not tuple:
            return values
        for arg in args[:_MAX_ARGS]:
            try:
                values.append(to_value(arg, _MAX_ARG_BYTES).in_frame(self._blobs))
            except NoValue:
                continue
        return values


def _members(error: BaseException) -> Tuple[BaseException, ...]:
    if "ExceptionGroup" not in [base.__name__ for base in type(error).__mro__] and not _is_group(error):
        return ()
    members = getattr(error, "exceptions", ())
    return tuple(member for member in members if isinstance(member, BaseException)) if type(members) is tuple else ()


def _is_group(error: BaseException) -> bool:
    group = __builtins__.get("BaseExceptionGroup")
    return group is not None and isinstance(error, group)


def _full_name(kind: type) -> str:
    module = getattr(kind, "__module__", "")
    return f"{module}.{kind.__qualname__}" if type(module) is str and module else kind.__qualname__


def _notes(error: BaseException) -> List[str]:
    notes = getattr(error, "__notes__", None)
    if not isinstance(notes, (list, tuple)):
        return []
    return [bounded(note, _MAX_SHORT_BYTES) for note in notes[:_MAX_NOTES] if type(note) is str]


def _frames(trace: Optional[TracebackType]) -> Tuple[List[Dict[str, Any]], bool]:
    """Frames without ours, outermost first; of many, those at both ends."""
    theirs: List[TracebackType] = []
    while trace is not None:
        if not is_ours(trace.tb_frame.f_code):
            theirs.append(trace)
        trace = trace.tb_next
    is_cut = len(theirs) > _MAX_FRAMES
    if is_cut:
        theirs = theirs[: _MAX_FRAMES // 2] + theirs[-_MAX_FRAMES // 2 :]
    return [_frame(trace) for trace in theirs], is_cut


def _frame(trace: TracebackType) -> Dict[str, Any]:
    code, line = trace.tb_frame.f_code, trace.tb_lineno or 0
    try:
        source = _get_line(code.co_filename, line, trace.tb_frame.f_globals).strip() if line else ""
    except Exception:
        source = ""
    return {
        "file": bounded(code.co_filename, _MAX_SHORT_BYTES),
        "line": line,
        "function": bounded(code.co_name, _MAX_SHORT_BYTES),
        "source": bounded(source, _MAX_SHORT_BYTES),
    }


def _formatted(error: BaseException) -> str:
    restore = _cut_chain(error)
    try:
        formatted = _TracebackException(type(error), error, error.__traceback__, limit=-_MAX_FORMATTED_FRAMES)
        _leave_out_ours(formatted, set())
        return bounded("".join(formatted.format()), MAX_TEXT_BYTES)
    except KeyboardInterrupt:
        raise
    except BaseException as failure:
        return f"{type_name(type(error))}: {safe_str(error)}\n(no traceback: {type_name(type(failure))})\n"
    finally:
        for link, cause, context, is_suppressed in restore:
            link.__cause__, link.__context__, link.__suppress_context__ = cause, context, is_suppressed


def _cut_chain(error: BaseException) -> List[Any]:
    """End a longer chain at its 16th for a moment: the formatter knows no bound. Answers what to put back."""
    link: Optional[BaseException] = error
    for _ in range(MAX_CHAIN - 1):
        if link is None:
            return []
        link = link.__cause__ or link.__context__
    if link is None or (link.__cause__ is None and link.__context__ is None):
        return []
    restore = [(link, link.__cause__, link.__context__, link.__suppress_context__)]
    link.__cause__ = link.__context__ = None
    return restore


def _leave_out_ours(formatted: Any, seen: set) -> None:
    if formatted is None or id(formatted) in seen:
        return
    seen.add(id(formatted))
    formatted.stack[:] = [frame for frame in formatted.stack if not frame.filename.startswith(FOLDER)]
    _leave_out_ours(formatted.__cause__, seen)
    _leave_out_ours(formatted.__context__, seen)
    for member in getattr(formatted, "exceptions", None) or ():
        _leave_out_ours(member, seen)
