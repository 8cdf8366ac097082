"""The original's operations, one at a time: what its clients ask for, and the answers that they can read."""

from __future__ import annotations

import builtins as _builtins_module
from functools import partial
from keyword import iskeyword
from textwrap import dedent
from typing import Any, Callable, Dict, List, Optional, Sequence

from beep_session import cell as cells
from beep_session.errors import describe, describe_plainly
from beep_session.handles import NoHandle
from beep_session.operations import Context, Header, as_function, imported
from beep_session.original_held import Held, Refused
from beep_session.original_json import NotJson, NotPlain, Unsayable, read, write
from beep_session.original_numbers import Numbers
from beep_session.original_types import Unfit, Wanted, wanted
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.text import bounded

_MAX_NAME_BYTES = 1024
_FILE_NAME = "<expression>"
_PLAIN_KINDS = (str, bytes, list, dict, tuple)
_SETS = (set, frozenset)


class Original:
    """One operation; its answer is the one result of what the worker reads as a batch."""

    released = 0

    def __init__(self, header: Header, blobs: Sequence[bytes], context: Context, held: Held) -> None:
        self.blobs: List[bytes] = []
        self._header = header
        self._incoming = blobs
        self._context = context
        self._held = held
        self._max_bytes: int = header["max_bytes"]
        self._is_lenient = bool(header.get("lenient"))
        self._answer: Optional[Header] = None

    def run(self) -> None:
        """Raises KeyboardInterrupt where it was interrupted, and nothing else."""
        self._context.interrupts.leave()
        try:
            self._answer = _operations[self._header["do"]](self)
        except BaseException as error:
            self._answer = self._failure(error)

    def results(self) -> List[Header]:
        """The answer, unless it was interrupted."""
        return [self._answer] if self._answer is not None else []

    def too_large(self) -> List[Header]:
        """The answer instead where no frame holds it."""
        return [{"reason": "VALUE_TOO_LARGE", "message": "the answer is too large; ask for less"}]

    def _failure(self, error: BaseException) -> Header:
        kind = type(error)
        if issubclass(kind, KeyboardInterrupt) and self._context.interrupts.was_caused:
            raise error
        del self.blobs[:]
        if kind is Refused:
            return {"reason": error.reason, "message": str(error)}  # type: ignore[attr-defined]
        if kind is NoHandle:
            return {"reason": error.reason, "message": str(error)}  # type: ignore[attr-defined]
        if kind is NotJson:
            return {"reason": "INVALID_ARGUMENT", "message": str(error)}
        if issubclass(kind, NotPlain):
            return {"reason": "CONVERSION_FAILED", "message": f"the result cannot be sent: {error}"}
        if kind is Unfit:
            return {"reason": "CONVERSION_FAILED", "message": str(error)}
        try:
            described = describe(error, [])
        except KeyboardInterrupt:
            raise
        except BaseException:
            described = describe_plainly(error)
        name = described["type_name"]
        return {
            "reason": "PYTHON_ERROR",
            "message": described["message"] or name,
            "traceback": described["traceback"],
            "type": name,
        }

    # --- what comes in ---

    def _text(self, name: str) -> str:
        return str(self._incoming[self._header[name]], "utf-8")

    def _read(self, name: str, kind: type, default: Any, called: str = "") -> Any:
        """A field; `called` is what its caller calls it, where that is another name."""
        if name not in self._header:
            return default
        value = read(called or name, self._text(name), self._held.get)
        if value is None:
            return default
        if kind is not object and type(value) is not kind:
            raise NotJson(f"{called or name} must be {'a list' if kind is list else 'an object'}")
        return value

    def _target(self) -> Any:
        return self._held.get(self._header["handle"])

    # --- what it does ---

    def _import(self) -> Header:
        return self._as_handle(imported(self._text("name")))

    def _create(self) -> Header:
        try:
            module = self._target()
        except Refused:
            shown = bounded(self._header["handle"], 100)
            raise Refused("HANDLE_NOT_FOUND", f"Module handle not found: {shown}") from None
        return self._as_handle(self._called(getattr(module, self._text("name"))))

    def _call(self) -> Header:
        return self._told(self._called(getattr(self._target(), self._text("name"))))

    def _called(self, function: Any) -> Any:
        args = self._read("args", list, [])
        return cells.call(function, args, self._read("kwargs", dict, {}))

    def _getattr(self) -> Header:
        return self._told(getattr(self._target(), self._text("name")))

    def _setattr(self) -> Header:
        target = self._target()
        setattr(target, self._text("name"), self._read("value", object, None))
        return {}

    def _eval(self) -> Header:
        source, names = self._text("name"), self._read("kwargs", dict, {}, called="locals")
        return self._told(self._evaluated(source, names), is_eval=True)

    def _evaluated(self, source: str, names: Dict[str, Any]) -> Any:
        namespace = self._context.namespace
        names = {name: value for name, value in names.items() if name.isidentifier() and not iskeyword(name)}
        if "__builtins__" not in namespace:
            namespace["__builtins__"] = _builtins_module  # or `eval` would put ours there
        evaluate: Callable[[], Any]
        try:
            if not names:
                code = compile(source.strip(), _FILE_NAME, "eval", 0, True)
                evaluate = partial(eval, code, namespace)
            else:
                function = as_function(source, list(names), namespace)
                evaluate = partial(cells.call, function, list(names.values()), {})
        except SyntaxError:
            evaluate = partial(self._run, source, names)
        return evaluate()  # here, so that what it raises has not that error for its context

    def _run(self, source: str, names: Dict[str, Any]) -> Any:
        """More than an expression: as a cell, whose last expression is the answer."""
        namespace = self._context.namespace
        cell = cells.Compiler().compile(dedent(source).strip("\n"), _FILE_NAME)
        hidden = {name: namespace[name] for name in names if name in namespace}
        namespace.update(names)
        try:
            if cell.awaits:
                return self._context.wait(cells.run_awaiting(cell, namespace))
            return cells.run(cell, namespace)
        finally:
            for name in names:
                namespace.pop(name, None)
            namespace.update(hidden)

    def _dispose(self) -> Header:
        self._held.release(self._header["handle"])
        return {}

    def _module_available(self) -> Header:
        name = self._text("name")
        try:
            imported(name)
        except ImportError:
            return self._value(False)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return {**self._value(False), "note": bounded(str(error), _MAX_NAME_BYTES)}
        return self._value(True)

    def _wrap(self) -> Header:
        return self._as_handle(self._read("value", object, None))

    def _numbers(self) -> Header:
        header = self._header
        numbers = Numbers(self._target(), is_table=bool(header.get("table")), allows_nan=self._is_lenient)
        answer = self._piece_of(numbers, 0)
        answer.update(count=numbers.count, pieces=numbers.pieces, rows=numbers.rows, width=numbers.width)
        if numbers.pieces > 1:
            answer["handle"] = self._held.add_reader(numbers)
        return answer

    def _piece(self) -> Header:
        return self._piece_of(self._held.reader(self._header["handle"]), self._header["piece"])

    def _piece_of(self, numbers: Numbers, index: int) -> Header:
        as_float32 = bool(self._header.get("float32"))
        answer = self._blob(numbers.piece(index, as_float32))
        if numbers.is_whole and not as_float32:
            answer["whole"] = True
        return answer

    def _forget(self) -> Header:
        self._held.forget(self._header["handle"])
        return {}

    # --- what is told of it ---

    def _told(self, value: Any, is_eval: bool = False) -> Header:
        how = wanted(self._header.get("as", ""))
        if value is None:
            return self._value(None)
        if how.how == "handle" or (how.how != "converted" and self._is_object(value, how, is_eval)):
            return self._as_handle(value)
        if how.convert is not None:
            value = how.convert(value)
        elif how.how == "items":
            value = _items(value)
        try:
            return self._value(value)
        except Unsayable as error:
            if error.value is not value:
                raise
            return self._as_handle(value)  # the original had an error for it, which served nobody

    def _is_object(self, value: Any, how: Wanted, is_eval: bool) -> bool:
        """The original's rule. Its `eval` gave no handles: what JSON can say as a list stays a value there."""
        if how.how == "items" and _has_items(value):
            return False
        if hasattr(value, "__dict__"):
            return True
        if is_eval and issubclass(type(value), _SETS):
            return False
        return hasattr(value, "__iter__") and not isinstance(value, _PLAIN_KINDS)

    def _as_handle(self, value: Any) -> Header:
        name = bounded(type.__dict__["__name__"].__get__(type(value)), _MAX_NAME_BYTES)
        return {"handle": self._held.add(value), "type": name}

    def _value(self, value: Any) -> Header:
        return self._blob(write(value, self._is_lenient))

    def _blob(self, data: bytes) -> Header:
        if len(data) > self._max_bytes:
            raise Refused(
                "VALUE_TOO_LARGE", f"the result takes {len(data)} bytes, at most {self._max_bytes}; ask for less"
            )
        self.blobs.append(data)
        return {"value": len(self.blobs) - 1}


def _has_items(value: Any) -> bool:
    kind = type(value)
    return issubclass(kind, (*_PLAIN_KINDS, *_SETS)) or (hasattr(kind, "__iter__") and hasattr(kind, "__len__"))


def _items(value: Any) -> Any:
    if issubclass(type(value), _PLAIN_KINDS):
        return value
    # Of numpy, and what is like it: all dimensions at once.
    to_list = getattr(value, "tolist", None)
    return to_list() if callable(to_list) else list(value)


_operations: Dict[str, Callable[[Original], Header]] = {
    "import": Original._import,
    "create": Original._create,
    "call": Original._call,
    "getattr": Original._getattr,
    "setattr": Original._setattr,
    "eval": Original._eval,
    "dispose": Original._dispose,
    "module_available": Original._module_available,
    "wrap": Original._wrap,
    "numbers": Original._numbers,
    "piece": Original._piece,
    "forget": Original._forget,
}
