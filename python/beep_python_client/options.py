"""What may be said of sessions and executions, and the requests that say it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Sequence, Tuple, TypedDict, Union

from beep_python_client.contract import execute_pb2, value_pb2
from beep_python_client.values import to_message

if TYPE_CHECKING:
    from typing import Literal

# Seconds, or a timedelta.
Duration = Union[float, timedelta]


@dataclass(frozen=True)
class Script:
    """A file to run as `__main__`; inside the session's workspace unless absolute."""

    path: str


@dataclass(frozen=True)
class Module:
    """A module to run as `python -m` does."""

    name: str


@dataclass(frozen=True)
class Function:
    """A function to call: "package.module:name", or a name in the session."""

    name: str
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


# What to run: code, or one of the above.
Source = Union[str, Script, Module, Function]


class Limits(TypedDict, total=False):
    """Bounds of a session; what is not named is the host's default."""

    memory_bytes: int
    cpu_time: Duration
    processes: int
    open_files: int
    file_bytes: int
    output_bytes: int
    run_time: Duration
    handles: int


class SessionOptions(TypedDict, total=False):
    """What a session should be."""

    #: Name or absolute path of its environment.
    venv: str
    #: Modules that are imported once and shared by the sessions that name the same.
    preload: Sequence[str]
    env: Mapping[str, str]
    cwd: str
    limits: Limits
    isolation: Literal["none", "limits", "sandboxed", "strong"]
    #: It ends when nothing used it for so long.
    idle_timeout: Duration
    lifetime: Duration
    labels: Mapping[str, str]
    #: End it when its process dies; otherwise a fresh one takes its place.
    close_on_death: bool


class ExecuteOptions(TypedDict, total=False):
    """How to run something."""

    #: Refused unless it is the session's.
    generation: int
    #: Made here unless it is named; the same id never runs twice.
    execution_id: str
    env: Mapping[str, str]
    cwd: str
    argv: Sequence[str]
    #: What the code reads, then end of file.
    stdin: Union[str, bytes]
    #: Input comes from `Execution.send` when the code asks.
    interactive: bool
    #: From when the code runs; then it is stopped.
    timeout: Duration
    queue_timeout: Duration
    #: How long the code may take to give in before its process is killed.
    interrupt_grace: Duration
    #: "detach": it outlives a lost connection, so that it can be gone on with; "cancel": it ends with the connection.
    on_disconnect: Literal["detach", "cancel"]
    when_behind: Literal["block", "drop"]
    #: How the value of a last expression comes back.
    form: Literal["auto", "value", "handle", "both", "none"]
    max_inline_bytes: int
    #: Renderings that are wanted, such as "text/html".
    mime_types: Sequence[str]
    #: Allow lossy conversions; each is told by a notice.
    lenient: bool
    max_output_bytes: int


_SESSION_FIELDS = ("venv", "preload", "env", "cwd", "labels", "close_on_death")
_EXECUTE_FIELDS = ("generation", "env", "cwd", "argv", "max_output_bytes")
_SPANS = ("timeout", "queue_timeout", "interrupt_grace")


def duration_of(value: Duration) -> Any:
    """A span of time as its message wants it."""
    return value if isinstance(value, timedelta) else timedelta(seconds=value)


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
    policy = result_policy(options)
    if policy is not None:
        request.result.CopyFrom(policy)
    return request


def result_policy(options: Mapping[str, Any]) -> Any:
    """How a result comes back; None for the default."""
    if not any(name in options for name in ("form", "max_inline_bytes", "mime_types", "lenient")):
        return None
    return value_pb2.ResultPolicy(
        form=f"RESULT_FORM_{options.get('form', 'auto').upper()}",
        max_inline_bytes=options.get("max_inline_bytes", 0),
        mime_types=options.get("mime_types", ()),
        lenient=options.get("lenient", False),
    )


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
