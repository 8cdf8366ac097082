"""Exceptions that were raised in a session, raised here again."""

from __future__ import annotations

import builtins
import sys
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from beep_python_client.contract import error_pb2
from beep_python_client.values import from_message

# Raised here they would end this program, its loops or its generators.
_NOT_HERE = ("KeyboardInterrupt", "SystemExit", "GeneratorExit", "StopIteration", "StopAsyncIteration", "BaseException")
_has_notes = sys.version_info >= (3, 11)


class Frame(NamedTuple):
    """One frame of a remote stack."""

    #: Path of the source file, or the name of the cell.
    file: str
    line: int
    function: str
    #: The source line, where it is known.
    source: str

    @staticmethod
    def of(message: error_pb2.StackFrame) -> Frame:
        """The record of a message."""
        return Frame(message.file, message.line, message.function, message.source)


class RemoteError(Exception):
    """An exception that code in a session raised.

    One of a builtin class is also of that class here, so that `except ValueError` catches it; one of another class is
    of its nearest builtin base. `__cause__`, `__context__` and notes are those of the session, and so are the members
    of a group. KeyboardInterrupt, SystemExit, GeneratorExit and the ends of iterators are never raised here as such.
    """

    #: Qualified name of the class, such as "ValueError".
    type_name: str = ""
    #: Module of the class, such as "builtins".
    module: str = ""
    #: Qualified names of the class and its bases, nearest first.
    mro: Tuple[str, ...] = ()
    #: str() of the exception.
    message: str = ""
    #: PEP 678 notes.
    notes: Tuple[str, ...] = ()
    #: The remote stack, innermost last.
    frames: Tuple[Frame, ...] = ()
    #: The formatted remote traceback.
    remote_traceback: str = ""
    #: All that came of the execution that raised it; None where it was no execution.
    result: Any = None
    _data: bytes = b""

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> Any:
        return (_unpickled, (self._data,)) if self._data else super().__reduce__()


class RemoteTraceback(Exception):
    """Where an exception was raised in its session; its cause for interpreters that show no notes."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


def remote_error(message: error_pb2.PythonError) -> RemoteError:
    """The exception of a message, with its traceback as a note, or as its cause where there are no notes."""
    error = _error(message)
    if message.traceback:
        if _has_notes:
            _set_notes(error, [*message.notes, f"remote traceback:\n{message.traceback.rstrip()}"])
        elif error.__cause__ is None:
            error.__cause__ = RemoteTraceback(message.traceback.rstrip())
    error._data = message.SerializeToString()
    return error


def _error(message: error_pb2.PythonError) -> RemoteError:
    kind = _class_of(message)
    error = _instance(kind, message)
    error.type_name, error.module, error.message = message.type_name, message.module, message.message
    error.mro, error.notes = tuple(message.mro), tuple(message.notes)
    error.frames = tuple(map(Frame.of, message.frames))
    error.remote_traceback = message.traceback
    if message.notes:
        _set_notes(error, list(message.notes))
    if message.HasField("cause"):
        error.__cause__ = _error(message.cause)
    elif message.HasField("context"):
        error.__context__ = _error(message.context)
    return error


def _instance(kind: Any, message: error_pb2.PythonError) -> RemoteError:
    args = _args(message)
    if message.group:
        members = [_error(member) for member in message.group]
        text = args[0] if args and isinstance(args[0], str) else message.message
        if _has_notes:
            return kind.__new__(kind, text, members)  # type: ignore[no-any-return]
        error = _plain(kind, (text, members))
        error.exceptions = tuple(members)  # type: ignore[attr-defined]
        return error
    return _plain(kind, args)


def _plain(kind: Any, args: Tuple[Any, ...]) -> RemoteError:
    try:
        return kind(*args)  # type: ignore[no-any-return] # some classes read their attributes out of them
    except Exception:
        error: RemoteError = kind.__new__(kind)
        error.args = args
        return error


def _args(message: error_pb2.PythonError) -> Tuple[Any, ...]:
    try:
        return tuple(from_message(arg, lambda *_: None) for arg in message.args)
    except ValueError:
        return (message.message,)


def _set_notes(error: Any, notes: List[str]) -> None:
    error.__notes__ = notes


_classes: Dict[Tuple[str, str, str], Any] = {}


def _class_of(message: error_pb2.PythonError) -> Any:
    """A class of the same name, below RemoteError and the nearest builtin that it may be."""
    base = _builtin_base(message.mro)
    key = (message.module, message.type_name, base)
    found = _classes.get(key)
    if found is None:
        bases = (RemoteError, getattr(builtins, base)) if base else (RemoteError,)
        name = message.type_name.rpartition(".")[2] or "RemoteError"
        found = type(name, bases, {"__module__": "remote", "__doc__": f"{message.module}.{message.type_name}, remote."})
        if len(_classes) < 10_000:
            _classes[key] = found
    return found


def _builtin_base(mro: Any) -> str:
    for full_name in mro:
        module, _, name = full_name.rpartition(".")
        if module not in ("", "builtins") or name in _NOT_HERE:
            continue
        base: Optional[type] = getattr(builtins, name, None)
        if name != "Exception" and isinstance(base, type) and issubclass(base, BaseException):
            return str(name)
    return ""


def _unpickled(data: bytes) -> RemoteError:
    return remote_error(error_pb2.PythonError.FromString(data))
