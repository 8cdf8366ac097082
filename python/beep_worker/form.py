"""The form of an execution: what is said of it in a `run` frame where it is more than a cell."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from beep.python.v1 import execute_pb2
from beep_session.frames import MAX_FRAME_BYTES, encode_json
from beep_session.values_in import step_to
from beep_worker.arguments import argument
from beep_worker.environment import needs_own_process
from beep_worker.refusal import Refusal
from beep_worker.spec import inside, working_folder

# What the frame has beside: ids, policies, lengths.
_MAX_BYTES = MAX_FRAME_BYTES - (1 << 20)


@dataclass
class Form:
    """The `form` of a `run` frame, and the blobs that it names."""

    header: dict[str, Any] = field(default_factory=dict)
    blobs: list[bytes] = field(default_factory=list)


def form_of(request: execute_pb2.ExecuteRequest, workspace: str) -> Form | None:
    """None for a plain cell. Raises Refusal for what cannot be started."""
    source = request.WhichOneof("source")
    if source == "code" and not (request.env or request.cwd or request.argv):
        return None
    form = Form()
    header, work = form.header, os.path.join(workspace, "work")
    if request.env:
        header["env"] = _environment(dict(request.env))
    if request.cwd:
        header["cwd"] = _folder(workspace, request.cwd)
    if request.argv:
        header["argv"] = list(request.argv)
    match source:
        case "code":
            form.blobs.append(request.code.encode("utf-8"))
        case "script":
            header["kind"], header["name"] = source, inside(work, request.script.path, "script.path")
        case "module":
            header["kind"], header["name"] = source, request.module.name
        case "function":
            header["kind"], header["name"] = source, request.function.name
            _add_arguments(form, request.function)
    _check_size(form)
    return form


def _environment(env: dict[str, str]) -> dict[str, str]:
    for name in env:
        if needs_own_process({name: ""}):
            raise Refusal(
                "INVALID_ARGUMENT",
                f"env: {name} counts only when an interpreter starts; open a session with it",
                field="env",
            )
    return env


def _folder(workspace: str, cwd: str) -> str:
    folder = working_folder(workspace, cwd)
    if not os.path.isdir(folder):
        raise Refusal("INVALID_ARGUMENT", "cwd is not a folder; make it first", field="cwd")
    return folder


def _add_arguments(form: Form, function: execute_pb2.FunctionSource) -> None:
    args = [argument(value, f"args[{index}]", form.blobs) for index, value in enumerate(function.args)]
    kwargs = {name: argument(value, f"kwargs{step_to(name)}", form.blobs) for name, value in function.kwargs.items()}
    if args:
        form.header["args"] = args
    if kwargs:
        form.header["kwargs"] = kwargs


def _check_size(form: Form) -> None:
    size = sum(map(len, form.blobs)) + len(encode_json(form.header))
    if size > _MAX_BYTES:
        raise Refusal(
            "MESSAGE_TOO_LARGE",
            f"code, env, argv and arguments take {size} bytes: at most {_MAX_BYTES}; send less, or send it in a file",
        )
