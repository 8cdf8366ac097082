"""What is asked of sessions and executions, as messages."""

from __future__ import annotations

import uuid
from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

from beep_python_client.contract import execute_pb2, value_pb2, venv_pb2
from beep_python_client.events import InputRequest
from beep_python_client.options import (
    Duration,
    ExecuteOptions,
    Function,
    IndexOptions,
    Limits,
    Module,
    Script,
    SessionOptions,
    Source,
    VenvOptions,
    duration_of,
)
from beep_python_client.values import to_message

_SESSION_FIELDS = ("venv", "preload", "env", "cwd", "labels", "close_on_death")
_EXECUTE_FIELDS = ("generation", "env", "cwd", "argv", "max_output_bytes")
_SPANS = ("timeout", "queue_timeout", "interrupt_grace")


def session_spec(options: Mapping[str, Any]) -> execute_pb2.SessionSpec:
    """The message of SessionOptions."""
    _check_names(options, SessionOptions)
    isolation = f"ISOLATION_LEVEL_{options.get('isolation', 'unspecified').upper()}"
    known = {name: options[name] for name in _SESSION_FIELDS if name in options}
    spec = execute_pb2.SessionSpec(isolation=isolation, **known)
    for name in ("idle_timeout", "lifetime"):
        if name in options:
            getattr(spec, name).FromTimedelta(duration_of(options[name]))
    if "limits" in options:
        spec.limits.CopyFrom(_limits(options["limits"]))
    return spec


def _limits(limits: Mapping[str, Any]) -> execute_pb2.Limits:
    _check_names(limits, Limits)
    message = execute_pb2.Limits()
    for name, value in limits.items():
        if name in ("cpu_time", "run_time"):
            getattr(message, name).FromTimedelta(duration_of(value))
        else:
            setattr(message, name, value)
    return message


def execute_request(source: Source, options: Mapping[str, Any]) -> execute_pb2.ExecuteRequest:
    """The message of something to run, with an id of its own; where it runs is the caller's to add."""
    _check_names(options, ExecuteOptions)
    request = execute_pb2.ExecuteRequest(
        execution_id=options.get("execution_id") or new_id(),
        **{name: options[name] for name in _EXECUTE_FIELDS if name in options},
        **_source(source),
    )
    for name in _SPANS:
        if name in options:
            getattr(request, name).FromTimedelta(duration_of(options[name]))
    if "stdin" in options:
        stdin = options["stdin"]
        request.stdin = stdin.encode() if isinstance(stdin, str) else stdin
        request.input_mode = execute_pb2.INPUT_MODE_PRESET
    if options.get("interactive"):
        request.input_mode = execute_pb2.INPUT_MODE_INTERACTIVE
    is_kept = options.get("on_disconnect", "detach") == "detach"
    request.on_disconnect = execute_pb2.ON_DISCONNECT_DETACH if is_kept else execute_pb2.ON_DISCONNECT_CANCEL
    if options.get("when_behind") == "drop":
        request.when_behind = execute_pb2.WHEN_BEHIND_DROP
    request.result.CopyFrom(result_policy(options))
    return request


def result_policy(options: Mapping[str, Any]) -> value_pb2.ResultPolicy:
    """How a result comes back: numpy's scalars as Python's, wherever they stand, unless they are wanted as they are."""
    return value_pb2.ResultPolicy(
        form=f"RESULT_FORM_{options.get('form', 'auto').upper()}",
        max_inline_bytes=options.get("max_inline_bytes", 0),
        mime_types=options.get("mime_types", ()),
        lenient=options.get("lenient", False),
        numpy_scalars=options.get("numpy_scalars", True),
    )


def venv_spec(options: Mapping[str, Any]) -> venv_pb2.VenvSpec:
    """The message of VenvOptions."""
    _check_names(options, VenvOptions)
    known = {name: value for name, value in options.items() if name != "index"}
    return venv_pb2.VenvSpec(**known, index=index_options(options.get("index")))


def index_options(options: Optional[Mapping[str, Any]]) -> Optional[venv_pb2.IndexOptions]:
    """The message of IndexOptions; None where there are none."""
    if options is None:
        return None
    _check_names(options, IndexOptions)
    message = venv_pb2.IndexOptions(**{name: value for name, value in options.items() if name != "exclude_newer"})
    if "exclude_newer" in options:
        message.exclude_newer.FromDatetime(options["exclude_newer"])
    return message


def new_id() -> str:
    """An id that nobody else has."""
    return uuid.uuid4().hex


def _source(source: Source) -> Dict[str, Any]:
    if isinstance(source, str):
        return {"code": source}
    if isinstance(source, Script):
        return {"script": execute_pb2.ScriptSource(path=source.path)}
    if isinstance(source, Module):
        return {"module": execute_pb2.ModuleSource(name=source.name)}
    if isinstance(source, Function):
        args = [to_message(arg, f"args[{index}]") for index, arg in enumerate(source.args)]
        kwargs = {name: to_message(value, f'kwargs["{name}"]') for name, value in source.kwargs.items()}
        return {"function": execute_pb2.FunctionSource(name=source.name, args=args, kwargs=kwargs)}
    raise TypeError(f"cannot be run: {type(source).__name__}; give code as a str, a Script, a Module or a Function")


def _check_names(options: Mapping[str, Any], known: Any) -> None:
    unknown: List[str] = sorted(set(options) - set(known.__annotations__))
    if unknown:
        names: Tuple[str, ...] = tuple(known.__annotations__)
        raise TypeError(f"unknown option: {unknown[0]}; there are {', '.join(names)}")


def interrupt_request(
    item_id: str = "", grace: Optional[Duration] = None, kill: bool = False, session_id: str = ""
) -> execute_pb2.InterruptRequest:
    """What stops something."""
    request = execute_pb2.InterruptRequest(item_id=item_id, session_id=session_id, kill=kill)
    if grace is not None:
        request.grace.FromTimedelta(duration_of(grace))
    return request


def input_request(
    execution_id: str, data: Union[str, bytes], end: bool, to: Optional[InputRequest]
) -> execute_pb2.SendInputRequest:
    """What gives input."""
    body = execute_pb2.InputData(
        data=data.encode() if isinstance(data, str) else data,
        end_of_file=end,
        request_id=0 if to is None else to.request_id,
    )
    return execute_pb2.SendInputRequest(execution_id=execution_id, input=body)
