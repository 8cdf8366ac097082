"""A batch of operations on live objects: run in order, in one trip, each with a result of its own."""

from __future__ import annotations

import ast
import builtins
import sys
from importlib import invalidate_caches
from importlib.util import find_spec
from keyword import iskeyword
from typing import Any, Callable, Coroutine, Dict, Iterable, List, NamedTuple, Optional, Sequence, Set

from beep_session import cell as cells
from beep_session.description import describe_object
from beep_session.errors import describe, describe_plainly
from beep_session.failure import Failure
from beep_session.handles import Handle, Handles, NoHandle
from beep_session.interrupts import Interrupts
from beep_session.items_reading import open_items
from beep_session.iteration import Iteration
from beep_session.lenient import Conversion, OfItems, conversion_for
from beep_session.next_items import DEFAULT_MAX_BYTES, as_values, take, tell
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.room import Room
from beep_session.text import bounded
from beep_session.transfers import Transfers
from beep_session.values import NoValue, TooLarge, to_value
from beep_session.values_in import Makers, NotConvertible, step_to, to_python

_modules = sys.modules
_real_builtins = vars(builtins)
_Lambda, _Expression, _arg, _arguments = ast.Lambda, ast.Expression, ast.arg, ast.arguments

DEFAULT_MAX_INLINE_BYTES = 65536

# What the errors of one batch may take; those after that are named, and no more.
_MAX_ERRORS_BYTES = 1 << 20

# Items are not asked for where less than this is left for them.
_LEAST_ITEMS_BYTES = 4096

# Kinds of values that say little in the header, and failures that do: the room for them is kept.
_SHORT_KINDS = frozenset(("none", "boolean", "integer", "real", "text", "binary", "json"))
_SHORT_MESSAGE = 48

Await = Callable[[Coroutine[Any, Any, Any]], Any]
Header = Dict[str, Any]


class Context(NamedTuple):
    """What operations work with."""

    namespace: Dict[str, Any]
    handles: Handles
    interrupts: Interrupts
    wait: Await
    # An object's repr, bounded in size and time.
    text: Callable[[Any], str]
    transfers: Transfers


class Batch:
    """One batch: what its operations have given so far, and what of it is told."""

    def __init__(self, header: Header, blobs: Sequence[bytes], context: Context) -> None:
        self.context = context
        self.blobs: List[bytes] = []
        self._operations: List[Header] = header.get("ops", [])
        self._incoming = blobs
        self._release = header.get("release", ())
        self._goes_on = header.get("on_error") == "continue"
        self._keeps = bool(header.get("keep"))
        self._last_only = bool(header.get("last_only"))
        self._room = Room(header["max_bytes"], len(self._operations))
        self._error_bytes = min(_MAX_ERRORS_BYTES, header["max_bytes"])
        self._values: List[Any] = []
        self._results: List[Header] = []
        # Results that others of the batch have used, and those whose handle is made at the end unless they were.
        self._used: Set[int] = set()
        self._handles_due: Dict[int, Any] = {}
        self._failed = -1
        # How many handles went with it.
        self.released = 0

    def run(self) -> None:
        """Raises KeyboardInterrupt where it was interrupted, and nothing else."""
        handles = self.context.handles
        if self._release:
            self.released = handles.release_all() if self._release is True else handles.release(self._release)
        last = len(self._operations) - 1
        for index, operation in enumerate(self._operations):
            if self._failed >= 0 and not self._goes_on:
                break
            self.context.interrupts.leave()
            value = result = _missing
            try:
                value = _actions[operation.get("do", "")](self, operation)
                if type(value) is _Told:
                    result = value.header
                elif self._last_only and index < last:
                    result = {}
                else:
                    result = self._told(index, operation, value)
            except BaseException as error:
                value, result = _missing, self._failure(index, error)
            self._values.append(value)
            if len(self._results) == index:
                self._results.append(result)

    def results(self) -> List[Header]:
        """What is told of each operation. Called once, however the batch has ended."""
        if self._failed >= 0 and not self._goes_on:
            self._skip_rest(f"operation {self._failed} failed")
        else:
            self._skip_rest("the batch was stopped before it was done")
        for index, value in self._handles_due.items():
            if index not in self._used or self._keeps:
                self._add_handle(self._results[index], value)
        if not self._last_only or not self._results:
            return self._results
        # One that ended the batch says more than that the last was skipped.
        return [self._results[self._failed if self._failed >= 0 and not self._goes_on else -1]]

    def too_large(self) -> List[Header]:
        """What is told instead where no frame holds it all."""
        failure = {"reason": "VALUE_TOO_LARGE", "message": "the results of the batch are too large; ask for less"}
        for result in self._results:
            self.context.handles.release(row["handle"]["id"] for row in _rows_of(result) if "handle" in row)
        return [{"failure": failure}] * (min(1, len(self._results)) if self._last_only else len(self._results))

    def _skip_rest(self, why: str) -> None:
        for _ in range(len(self._results), len(self._operations)):
            self._results.append({"failure": {"reason": "SKIPPED", "message": why}})

    def _failure(self, index: int, error: BaseException) -> Header:
        kind = type(error)
        if issubclass(kind, KeyboardInterrupt) and self.context.interrupts.was_caused:
            raise error
        if self._failed < 0:
            self._failed = index
        if kind is Failure:
            return self._refused(error.reason, str(error), error.path)  # type: ignore[attr-defined]
        if kind is NoHandle:
            return self._refused(error.reason, str(error))  # type: ignore[attr-defined]
        if kind is NotConvertible:
            path = error.path  # type: ignore[attr-defined]
            return self._refused("CONVERSION_FAILED", f"cannot be converted: {error}", path)
        try:
            return {"error": self._described(error)}
        except Failure as failure:
            return self._refused(failure.reason, str(failure))

    def _refused(self, reason: str, message: str, path: str = "") -> Header:
        failure = {"reason": reason, "message": message, "path": path}
        if len(message) + len(path) > _SHORT_MESSAGE and not self._room.takes_in_header(failure):
            failure = {"reason": reason, "message": bounded(message, _SHORT_MESSAGE)}
        return {"failure": failure}

    def _described(self, error: BaseException) -> Header:
        """Raises Failure where there is no room for it."""
        room, start = self._room, len(self.blobs)
        if self._error_bytes > 0:
            try:
                described = describe(error, self.blobs)
            except KeyboardInterrupt:
                raise
            except BaseException:
                described = describe_plainly(error)
            left = room.left
            if room.takes(described, sum(map(len, self.blobs[start:]))):
                self._error_bytes -= left - room.left
                return described
            del self.blobs[start:]
        described = describe_plainly(error)
        if not room.takes_in_header(described):
            raise Failure("VALUE_TOO_LARGE", f"the answer has no room for the {described['type_name'][:40]} it raised")
        return described

    # --- what an operation works on ---

    def _target(self, operation: Header, names: Sequence[str]) -> Any:
        """The object at the end of a path."""
        on = operation.get("on")
        if on is None:
            if not names:
                raise Failure("INVALID_ARGUMENT", "an operation without a target needs a path, or names it itself")
            found = self._name(names[0])
            names = names[1:]
        elif "ref" in on:
            found = self.context.handles.get(on["ref"])
        elif "result" in on:
            found = self._result(on["result"])
        elif "module" in on:
            found = imported(on["module"])
        elif "name" in on:
            found = self._name(on["name"])
        else:
            found = self._argument(on["value"], "target")
        for name in names:
            found = getattr(found, name)
        return found

    def _object(self, operation: Header) -> Any:
        return self._target(operation, operation.get("path", ()))

    def _name(self, name: str) -> Any:
        namespace = self.context.namespace
        if name in namespace:
            return namespace[name]
        if name in _real_builtins:
            return _real_builtins[name]
        raise NameError(f"name {name!r} is not defined")

    def _result(self, index: int) -> Any:
        if index >= len(self._values):
            raise Failure(
                "INVALID_ARGUMENT", f"result {index} is not there: this is operation {len(self._values)} of the batch"
            )
        value = self._values[index]
        if value is _missing:
            raise Failure("SKIPPED", f"operation {index}, whose result it needs, failed")
        self._used.add(index)
        return value

    def _argument(self, argument: Header, path: str) -> Any:
        if "ref" in argument:
            return self.context.handles.get(argument["ref"])
        if "result" in argument:
            return self._result(argument["result"])
        if argument["kind"] != "json":
            return to_python(argument, self._incoming, path)
        # Made anew: kept, it would keep the batch, and all that its operations gave, until the garbage is collected.
        make = Makers(reference=self.context.handles.get, result=self._result)
        return to_python(argument, self._incoming, path, make)

    # --- what it does there ---

    def _get(self, operation: Header) -> Any:
        return self._object(operation)

    def _call(self, operation: Header) -> Any:
        args = [self._argument(arg, f"args[{index}]") for index, arg in enumerate(operation.get("args", ()))]
        named = operation.get("kwargs")
        if not named:
            return self._object(operation)(*args)
        kwargs = {name: self._argument(arg, f"kwargs{step_to(name)}") for name, arg in named.items()}
        return self._object(operation)(*args, **kwargs)

    def _set_attribute(self, operation: Header) -> Any:
        *path, name = operation["path"]
        value = self._argument(operation["value"], "value")
        if not path and operation.get("on") is None:
            self.context.namespace[name] = value
        else:
            setattr(self._target(operation, path), name, value)

    def _delete_attribute(self, operation: Header) -> Any:
        *path, name = operation["path"]
        if path or operation.get("on") is not None:
            delattr(self._target(operation, path), name)
        elif name in self.context.namespace:
            del self.context.namespace[name]
        else:
            raise NameError(f"name {name!r} is not defined")

    def _get_item(self, operation: Header) -> Any:
        return self._object(operation)[self._argument(operation["key"], "key")]

    def _set_item(self, operation: Header) -> Any:
        self._object(operation)[self._argument(operation["key"], "key")] = self._argument(operation["value"], "value")

    def _delete_item(self, operation: Header) -> Any:
        del self._object(operation)[self._argument(operation["key"], "key")]

    def _evaluate(self, operation: Header) -> Any:
        named = operation.get("locals")
        if not named:
            return _evaluated(operation["expression"], self.context.namespace)
        names = list(map(_identifier, named))
        values = [self._argument(argument, f"locals{step_to(name)}") for name, argument in named.items()]
        return cells.call(as_function(operation["expression"], names, self.context.namespace), values, {})

    def _assign(self, operation: Header) -> Any:
        self.context.namespace[_identifier(operation["name"])] = self._argument(operation["value"], "value")

    def _next_items(self, operation: Header) -> Any:
        room = self._room
        iteration = self._iteration(operation, self._object(operation))
        asked = operation.get("max_bytes") or DEFAULT_MAX_BYTES
        if room.left < min(asked, _LEAST_ITEMS_BYTES):
            raise Failure("VALUE_TOO_LARGE", "the answer has no room for further items; ask for them in another batch")
        convert = conversion_for(operation.get("as") or _AUTO)
        lossy = None if convert is None else OfItems(convert)
        taken = take(iteration, operation, min(asked, room.left), lossy)
        count = len(taken.items)
        header: Header = {}
        if taken.is_json:
            blob = taken.json
            room.left -= len(blob)
            header["json"] = {"blob": len(self.blobs)}
            self.blobs.append(blob)
        else:
            handles = self.context.handles
            header["values"] = as_values(
                taken.items, lambda item: self._item(item, lossy), lambda handle_id: handles.release((handle_id,))
            )
            count = len(header["values"])
        header["exhausted"] = iteration.is_over and count == len(iteration.held)
        if header["exhausted"] and iteration.error is not None:
            header["error"] = self._described(iteration.error)
        told: Header = {"items": header}
        if lossy is not None and lossy.notes and room.takes(lossy.notes):
            told["notes"] = lossy.notes
        tell(told, count, iteration, self._results)
        return _Told(told)

    def _iteration(self, operation: Header, target: Any) -> Iteration:
        holder = self._holder(operation, target)
        if holder.iteration is None:
            holder.iteration = Iteration(target, self.context.wait, self.context.interrupts)
        iteration: Iteration = holder.iteration
        return iteration

    def _holder(self, operation: Header, target: Any) -> Handle:
        """What remembers how far an object has been iterated: its handle, where it has one."""
        on = operation.get("on") or {}
        if operation.get("path"):
            return Handle(target)
        if "ref" in on:
            return self.context.handles.handle(on["ref"])
        made = self._results[on["result"]].get("handle") if "result" in on else None
        return self.context.handles.handle(made["id"]) if made else Handle(target)

    def _item(self, value: Any, lossy: Optional[Conversion]) -> Header:
        """An item that has no place among plain ones. Raises NoHandle, and Failure where there is no room for it."""
        header: Header = {}
        try:
            self._add_value(header, value, DEFAULT_MAX_INLINE_BYTES, lossy, is_item=True)
            header.pop("notes", None)  # which are the operation's
        except NoValue:
            header["handle"] = self._new_handle(value)
        return header

    def _enter(self, operation: Header) -> Any:
        target = self._object(operation)
        kind = type(target)
        if hasattr(kind, "__enter__"):
            return kind.__enter__(target)
        if hasattr(kind, "__aenter__"):
            return self.context.wait(cells.awaited(kind.__aenter__(target)))
        raise TypeError(f"{kind.__name__!r} object is no context manager")

    def _exit(self, operation: Header) -> Any:
        target = self._object(operation)
        kind = type(target)
        details: Any = (None, None, None)
        if operation.get("error"):
            error = self.context.handles.get(operation["error"])
            if not issubclass(type(error), BaseException):
                raise Failure("INVALID_ARGUMENT", "error_handle_id names what is no exception")
            details = (type(error), error, error.__traceback__)
        if hasattr(kind, "__exit__"):
            return kind.__exit__(target, *details)
        if hasattr(kind, "__aexit__"):
            return self.context.wait(cells.awaited(kind.__aexit__(target, *details)))
        raise TypeError(f"{kind.__name__!r} object is no context manager")

    def _await(self, operation: Header) -> Any:
        return self.context.wait(cells.awaited(self._object(operation)))

    def _measure(self, operation: Header) -> Any:
        return len(self._object(operation))

    def _describe(self, operation: Header) -> Any:
        with_attributes = bool(operation.get("attributes"))
        told = {"description": describe_object(self._object(operation), with_attributes, self.context.text)}
        if not self._room.takes(told):
            raise Failure("VALUE_TOO_LARGE", "the answer has no room for this description; ask for it in another batch")
        return _Told(told)

    def _find_module(self, operation: Header) -> Any:
        name = operation["module"]
        if name in _modules:
            return True
        invalidate_caches()
        try:
            return find_spec(name) is not None
        except ModuleNotFoundError:
            return False  # a package above it

    def _let_go(self, operation: Header) -> Any:
        on = operation.get("on") or {}
        if "ref" not in on or operation.get("path"):
            raise Failure("INVALID_ARGUMENT", "release needs a handle as its target, and no path")
        self.context.handles.get(on["ref"])
        self.context.handles.release((on["ref"],))

    # --- large data ---

    def _open_read(self, operation: Header) -> Any:
        handle_id, offset = operation["on"]["ref"], operation["offset"]
        target = self.context.handles.get(handle_id)
        transfers = self.context.transfers
        opened = transfers.open_read(operation["transfer"], target, operation["form"], offset, operation["length"])
        if opened is None:
            opened = open_items(
                target, handle_id, offset, self.context.handles, self.context.wait, self.context.interrupts
            )
        return _Told({"opened": opened})

    def _open_write(self, operation: Header) -> Any:
        if operation["name"]:
            _identifier(operation["name"])
        self.context.transfers.open_write(operation["transfer"], operation["tensor"], operation["is_framed"])
        return _Told({"opened": {}})

    def _close_write(self, operation: Header) -> Any:
        value = self.context.transfers.close_write(operation["transfer"])
        header = self.context.handles.add(value)
        if operation["name"]:
            self.context.namespace[operation["name"]] = value
        return _Told({"handle": header})

    # --- what is told of its result ---

    def _told(self, index: int, operation: Header, value: Any) -> Header:
        policy = operation.get("as") or _AUTO
        form = policy.get("form", "auto")
        result: Header = {}
        if form == "none":
            return result
        if form == "handle":
            self._add_handle(result, value)
            return result
        try:
            max_bytes = policy.get("max_inline_bytes") or DEFAULT_MAX_INLINE_BYTES
            self._add_value(result, value, max_bytes, conversion_for(policy))
        except NoValue as reason:
            if form == "value":
                message = f"the result is not sent by value: {reason}"
                raise Failure("CONVERSION_FAILED", message, reason.path) from None
            if form == "auto":
                self._handles_due[index] = value
        if form == "both":
            self._add_handle(result, value)
        return result

    def _add_value(
        self, header: Header, value: Any, max_bytes: int, lossy: Optional[Conversion] = None, is_item: bool = False
    ) -> None:
        room = self._room
        converted = to_value(value, min(max_bytes, room.left), lossy)
        size = 0 if converted.blob is None else len(converted.blob)
        if converted.header["kind"] in _SHORT_KINDS and not (converted.notes or is_item):
            room.left -= size
        elif not room.takes({"value": converted.header, "notes": converted.notes}, size):
            raise TooLarge(room.left)
        if converted.notes:
            header["notes"] = converted.notes
        header["value"] = converted.in_frame(self.blobs)

    def _add_handle(self, header: Header, value: Any) -> None:
        try:
            header["handle"] = self._new_handle(value)
        except (NoHandle, Failure) as error:
            header.pop("value", None)
            header["failure"] = {"reason": error.reason, "message": str(error)}

    def _new_handle(self, value: Any) -> Header:
        handles = self.context.handles
        made = handles.add(value)
        if not self._room.takes_in_header(made):
            handles.release((made["id"],))
            raise Failure("VALUE_TOO_LARGE", "the answer has no room for more handles")
        return made


class _Told:
    """A result that is told in a way of its own, and is no value for others."""

    def __init__(self, header: Header) -> None:
        self.header = header


def _rows_of(result: Header) -> Iterable[Header]:
    return (result, *result.get("items", {}).get("values", ()))


_missing: Any = object()
_AUTO: Header = {}

_actions: Dict[str, Callable[[Batch, Header], Any]] = {
    "": Batch._get,
    "call": Batch._call,
    "set_attribute": Batch._set_attribute,
    "delete_attribute": Batch._delete_attribute,
    "get_item": Batch._get_item,
    "set_item": Batch._set_item,
    "delete_item": Batch._delete_item,
    "evaluate": Batch._evaluate,
    "assign": Batch._assign,
    "next_items": Batch._next_items,
    "enter_context": Batch._enter,
    "exit_context": Batch._exit,
    "await_result": Batch._await,
    "measure": Batch._measure,
    "describe": Batch._describe,
    "find_module": Batch._find_module,
    "release": Batch._let_go,
    "open_read": Batch._open_read,
    "open_write": Batch._open_write,
    "close_write": Batch._close_write,
}


def imported(name: str) -> Any:
    """The module of a name. Raises what its import raises."""
    module = _modules.get(name)
    if module is None:
        invalidate_caches()  # it may have been written a moment ago
        __import__(name)
        module = _modules[name]
    return module


def _identifier(name: str) -> str:
    if not name.isidentifier() or iskeyword(name):
        raise Failure("INVALID_ARGUMENT", f"{name[:80]!r} is no name: a Python identifier is wanted")
    return name


def _evaluated(expression: str, namespace: Dict[str, Any]) -> Any:
    if "__builtins__" not in namespace:
        namespace["__builtins__"] = builtins
    return eval(compile(expression.strip(), "<expression>", "eval", 0, True), namespace)


def as_function(expression: str, names: List[str], namespace: Dict[str, Any]) -> Any:
    """The expression as a function of these names, so that what it defines sees them, too."""
    tree: Any = compile(expression.strip(), "<expression>", "eval", ast.PyCF_ONLY_AST, True)
    bound = _arguments(
        posonlyargs=[], args=list(map(_arg, names)), vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[]
    )
    whole = ast.fix_missing_locations(_Expression(ast.copy_location(_Lambda(bound, tree.body), tree.body)))
    if "__builtins__" not in namespace:
        namespace["__builtins__"] = builtins  # or `eval` would put ours there
    return eval(compile(whole, "<expression>", "eval", 0, True), namespace)
