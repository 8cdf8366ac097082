"""Operations from public messages to the session protocol. The session looks at what they say when they are run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from beep.python.v1 import object_pb2, value_pb2
from beep_worker.arguments import value_header

RESULT_FORMS = {
    value_pb2.RESULT_FORM_VALUE: "value",
    value_pb2.RESULT_FORM_HANDLE: "handle",
    value_pb2.RESULT_FORM_BOTH: "both",
    value_pb2.RESULT_FORM_NONE: "none",
}

Header = dict[str, Any]
Blobs = list[bytes]


def operations_of(request: object_pb2.ApplyRequest, header: Header, blobs: Blobs) -> None:
    """Adds all of a batch to the header of its frame."""
    header["ops"] = [_operation(operation, blobs) for operation in request.operations]
    if request.on_error == object_pb2.ON_ERROR_CONTINUE:
        header["on_error"] = "continue"
    if request.release:
        header["release"] = list(request.release)
    if request.keep_intermediates:
        header["keep"] = True
    if request.last_only:
        header["last_only"] = True


def _operation(operation: object_pb2.Operation, blobs: Blobs) -> Header:
    header: Header = {}
    if operation.HasField("target"):
        header["on"] = _target(operation.target, blobs)
    if operation.path:
        header["path"] = list(operation.path)
    action = operation.WhichOneof("action")
    if action is not None:
        header["do"] = action
        add = _ACTIONS.get(action)
        if add is not None:
            add(getattr(operation, action), header, blobs)
    if operation.HasField("result"):
        header["as"] = _policy(operation.result)
    return header


def _policy(policy: value_pb2.ResultPolicy) -> Header:
    header: Header = {"form": RESULT_FORMS.get(policy.form, "auto")}
    if policy.max_inline_bytes:
        header["max_inline_bytes"] = policy.max_inline_bytes
    if policy.lenient:
        header["lenient"] = True
    if policy.numpy_scalars:
        header["numpy_scalars"] = True
    return header


def _target(target: object_pb2.Target, blobs: Blobs) -> Header:
    kind = target.WhichOneof("kind")
    match kind:
        case "handle_id":
            return {"ref": target.handle_id}
        case "result" | "module" | "name":
            return {kind: getattr(target, kind)}
        case _:
            value = _value(target.value, blobs)
            return value if "ref" in value else {"value": value}


def _argument(argument: object_pb2.Argument, blobs: Blobs) -> Header:
    match argument.WhichOneof("kind"):
        case "handle_id":
            return {"ref": argument.handle_id}
        case "result":
            return {"result": argument.result}
        case _:
            return _value(argument.value, blobs)


def _value(value: value_pb2.PythonValue, blobs: Blobs) -> Header:
    if value.WhichOneof("kind") == "object":
        return {"ref": value.object.id}
    return value_header(value, "value", blobs)


def _call(call: Any, header: Header, blobs: Blobs) -> None:
    if call.args:
        header["args"] = [_argument(argument, blobs) for argument in call.args]
    if call.kwargs:
        # By name, since a map has no order of its own.
        header["kwargs"] = {name: _argument(argument, blobs) for name, argument in sorted(call.kwargs.items())}


def _key_and_value(action: Any, header: Header, blobs: Blobs) -> None:
    header["key"] = _argument(action.key, blobs)
    header["value"] = _argument(action.value, blobs)


def _evaluate(action: Any, header: Header, blobs: Blobs) -> None:
    header["expression"] = action.expression
    if action.locals:
        header["locals"] = {name: _argument(argument, blobs) for name, argument in sorted(action.locals.items())}


def _assign(action: Any, header: Header, blobs: Blobs) -> None:
    header["name"] = action.name
    header["value"] = _argument(action.value, blobs)


def _next_items(action: Any, header: Header, blobs: Blobs) -> None:
    for name in ("max_items", "max_bytes"):
        bound = getattr(action, name)
        if bound:
            header[name] = bound
    if action.HasField("max_wait"):
        header["max_wait"] = action.max_wait.ToNanoseconds() / 1e9


def _exit(action: Any, header: Header, blobs: Blobs) -> None:
    if action.error_handle_id:
        header["error"] = action.error_handle_id


# What each action says; those that are not here say nothing.
_ACTIONS: dict[str, Callable[[Any, Header, Blobs], None]] = {
    "call": _call,
    "set_attribute": lambda action, header, blobs: header.update(value=_argument(action.value, blobs)),
    "get_item": lambda action, header, blobs: header.update(key=_argument(action.key, blobs)),
    "delete_item": lambda action, header, blobs: header.update(key=_argument(action.key, blobs)),
    "set_item": _key_and_value,
    "evaluate": _evaluate,
    "assign": _assign,
    "next_items": _next_items,
    "exit_context": _exit,
    "describe": lambda action, header, blobs: header.update(attributes=action.attributes),
    "find_module": lambda action, header, blobs: header.update(module=action.module),
}
