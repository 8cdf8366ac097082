"""Exceptions of the user's code as data."""

from __future__ import annotations

import linecache
import traceback
from types import TracebackType
from typing import Any, Dict, List, Optional, Set, Tuple, Type

from beep_session.own import BUILTINS, FOLDER, is_ours
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.text import MAX_TEXT_BYTES, bounded, plain, safe_str, type_name
from beep_session.values import NoValue, to_value

MAX_CHAIN = 16
_MAX_FRAMES = 100
_MAX_FORMATTED_FRAMES = 1200
_MAX_ARGS = 16
_MAX_NOTES = 16
_MAX_MRO = 32
_MAX_SHORT_BYTES = 4096
_MAX_MESSAGE_BYTES = 16384

_HEAP_TYPE = 1 << 9
_PLAIN = frozenset((str, bytes, int, float, complex, bool, type(None)))

# Where a cell's own frames begin: all above are ours and the event loop's.
_START_FILE = FOLDER + "cell.py"

_get_line = linecache.getline
_TracebackException = traceback.TracebackException
_groups: Tuple[Type[BaseException], ...] = tuple(filter(None, (BUILTINS.get("BaseExceptionGroup"),)))

# The slots themselves: a class of the user's may hide each of them behind code of its own.
_of_base = vars(BaseException)
_get_args, _get_trace = _of_base["args"].__get__, _of_base["__traceback__"].__get__
_cause, _context, _is_suppressed = (_of_base[name] for name in ("__cause__", "__context__", "__suppress_context__"))
_get_files = tuple(vars(OSError)[name].__get__ for name in ("filename", "filename2"))
_of_type = vars(type)
_get_name, _get_mro = _of_type["__qualname__"].__get__, _of_type["__mro__"].__get__
_get_flags, _get_dict = _of_type["__flags__"].__get__, _of_type["__dict__"].__get__
_get_code = vars(SystemExit)["code"].__get__
_get_members = vars(_groups[0])["exceptions"].__get__ if _groups else None

Described = Dict[str, Any]


def describe(error: BaseException, blobs: List[bytes]) -> Described:
    """The exception with its causes and members; blobs of its arguments are added to `blobs`."""
    return _Description(blobs).of(error, True)


def describe_plainly(error: BaseException) -> Described:
    """The same without running any code of the user's: for when that fails, or is interrupted."""
    name = bounded(_get_name(type(error)), _MAX_SHORT_BYTES)
    return {
        "type_name": name,
        "module": _module(type(error)),
        "mro": [],
        "message": "",
        "args": [],
        "notes": [],
        "frames": [],
        "traceback": f"{name}\n",
        "truncated": True,
    }


def forget_what_has_code(error: BaseException) -> None:
    """Cut off causes whose text would come of code of the user's: it may be as endless as what was interrupted."""
    waiting, seen = [error], {id(error)}
    while waiting:
        current = waiting.pop()
        for link in (_cause, _context):
            cause = link.__get__(current)
            if cause is None or id(cause) in seen:
                continue
            if len(seen) > MAX_CHAIN or not _speaks_for_itself(cause):
                link.__set__(current, None)
            else:
                seen.add(id(cause))
                waiting.append(cause)


def _speaks_for_itself(error: BaseException) -> bool:
    has_code = any(_get_flags(kind) & _HEAP_TYPE and "__str__" in _get_dict(kind) for kind in _get_mro(type(error)))
    return not has_code and all(type(arg) in _PLAIN for arg in _get_args(error))


def exit_code(error: BaseException) -> Any:
    """The argument of a SystemExit."""
    return _get_code(error)


class _Description:
    def __init__(self, blobs: List[bytes]) -> None:
        self._blobs = blobs
        self._seen: Dict[int, BaseException] = {}
        self._left = MAX_CHAIN

    def of(self, error: BaseException, is_outermost: bool = False) -> Described:
        self._seen[id(error)] = error
        self._left -= 1
        kind = type(error)
        frames, is_cut = _frames(_get_trace(error))
        result: Described = {
            "type_name": bounded(_get_name(kind), _MAX_SHORT_BYTES),
            "module": _module(kind),
            "mro": [_full_name(base) for base in _get_mro(kind)[:_MAX_MRO]],
            "message": safe_str(error, _MAX_MESSAGE_BYTES),
            "args": self._args(error),
            "notes": _notes(error),
            "frames": frames,
            "traceback": _formatted(error) if is_outermost else "",
        }
        if is_cut:
            result["truncated"] = True
        cause = _cause.__get__(error)
        if cause is not None:
            self._add(result, "cause", cause)
        elif not _is_suppressed.__get__(error):
            self._add(result, "context", _context.__get__(error))
        if issubclass(kind, _groups):
            result["group"] = self._members(result, error)
        return result

    def _add(self, result: Described, name: str, error: Optional[BaseException]) -> None:
        if error is None or id(error) in self._seen:
            return
        if self._left <= 0:
            result["truncated"] = True
            return
        result[name] = self.of(error)

    def _members(self, result: Described, error: BaseException) -> List[Described]:
        assert _get_members is not None
        members = []
        for member in _get_members(error):
            if self._left <= 0:
                result["truncated"] = True
                break
            members.append(self.of(member))
        return members

    def _args(self, error: BaseException) -> List[Dict[str, Any]]:
        values: List[Dict[str, Any]] = []
        for arg in _arguments(error)[:_MAX_ARGS]:
            try:
                values.append(to_value(arg, _MAX_SHORT_BYTES).in_frame(self._blobs))
            except NoValue:
                continue
        return values


def _arguments(error: BaseException) -> Tuple[Any, ...]:
    """Its `args`; an OSError takes the names of its files out of those, and here they are again."""
    args: Tuple[Any, ...] = _get_args(error)
    if not issubclass(type(error), OSError) or len(args) != 2:
        return args
    name, other_name = (get_file(error) for get_file in _get_files)
    if other_name is not None:
        return (*args, name, None, other_name)
    return args if name is None else (*args, name)


def _module(kind: type) -> str:
    try:
        module = type.__getattribute__(kind, "__module__")
    except AttributeError:
        return ""
    return bounded(module, _MAX_SHORT_BYTES) if type(module) is str else ""


def _full_name(kind: type) -> str:
    module, name = _module(kind), bounded(_get_name(kind), _MAX_SHORT_BYTES)
    return f"{module}.{name}" if module else name


def _notes(error: BaseException) -> List[str]:
    try:
        notes = object.__getattribute__(error, "__notes__")
    except AttributeError:
        return []
    except KeyboardInterrupt:
        raise
    except BaseException:
        return []
    if type(notes) not in (list, tuple):
        return []
    return [bounded(note, _MAX_SHORT_BYTES) for note in notes[:_MAX_NOTES] if type(note) is str]


def _frames(trace: Optional[TracebackType]) -> Tuple[List[Dict[str, Any]], bool]:
    """Frames without ours, outermost first; of many, those at both ends."""
    theirs: List[TracebackType] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        if not is_ours(code):
            theirs.append(trace)
        elif code.co_filename == _START_FILE:
            del theirs[:]
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
        formatted = _TracebackException(type(error), error, _get_trace(error), limit=-_MAX_FORMATTED_FRAMES)
        _leave_out_ours(formatted, set())
        return bounded("".join(formatted.format()), MAX_TEXT_BYTES)
    except KeyboardInterrupt:
        raise
    except BaseException as failure:
        text = safe_str(error, _MAX_MESSAGE_BYTES)
        return f"{type_name(type(error))}: {text}\n(no traceback: {plain(_get_name(type(failure)))})\n"
    finally:
        for link, cause, context, is_suppressed in restore:
            _cause.__set__(link, cause)
            _context.__set__(link, context)
            _is_suppressed.__set__(link, is_suppressed)


def _cut_chain(error: BaseException) -> List[Any]:
    """End a longer chain at its 16th for a moment: the formatter knows no bound. Answers what to put back."""
    link: Optional[BaseException] = error
    for _ in range(MAX_CHAIN):
        if link is None:
            return []
        last = link
        cause = _cause.__get__(link)
        link = _context.__get__(link) if cause is None else cause
    if link is None:
        return []
    restore = [(last, _cause.__get__(last), _context.__get__(last), _is_suppressed.__get__(last))]
    _cause.__set__(last, None)
    _context.__set__(last, None)
    return restore


def _leave_out_ours(formatted: Any, seen: Set[int]) -> None:
    if formatted is None or id(formatted) in seen:
        return
    seen.add(id(formatted))
    stack = list(formatted.stack)
    for index, frame in enumerate(stack):
        if frame.filename == _START_FILE:
            stack = stack[index + 1 :]
            break
    formatted.stack[:] = [frame for frame in stack if not frame.filename.startswith(FOLDER)]
    _leave_out_ours(formatted.__cause__, seen)
    _leave_out_ours(formatted.__context__, seen)
    for member in getattr(formatted, "exceptions", None) or ():
        _leave_out_ours(member, seen)
