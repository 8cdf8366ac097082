"""The form of an execution: what is said of it in a `run` frame where it is more than a cell."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import DecodeError

from beep.python.v1 import execute_pb2
from beep_session.frames import MAX_FRAME_BYTES, encode_json
from beep_worker.arguments import arguments
from beep_worker.environment import counts_from_the_start
from beep_worker.refusal import Refusal
from beep_worker.spec import check_execution, inside, working_folder

# What the frame has beside: ids, policies, lengths.
_MAX_BYTES = MAX_FRAME_BYTES - (1 << 20)


@dataclass
class Form:
    """The `form` of a `run` frame, and the blobs that it names."""

    header: dict[str, Any] = field(default_factory=dict)
    blobs: list[bytes] = field(default_factory=list)

    @property
    def size(self) -> int:
        """What it takes in the frame."""
        return sum(map(len, self.blobs)) + len(encode_json(self.header))


# A request, and its form where it is more than a cell.
ReadRequest = tuple[execute_pb2.ExecuteRequest, Form | None]


def read_request(body: bytes, workspace: str) -> ReadRequest:
    """A request that can be had here, with its form. Raises Refusal."""
    try:
        request = execute_pb2.ExecuteRequest.FromString(body)
    except DecodeError:
        raise Refusal("INVALID_ARGUMENT", "the request is no ExecuteRequest") from None
    check_execution(request)
    form = form_of(request, workspace)
    _check_size(len(body) if form is None else form.size + len(request.stdin))
    return request, form


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
            header.update(arguments(request.function, form.blobs))
    return form


def _environment(env: dict[str, str]) -> dict[str, str]:
    for name in env:
        if counts_from_the_start(name):
            raise Refusal(
                "INVALID_ARGUMENT",
                f"env: {name} counts only when a session begins; open a session with it",
                field="env",
            )
    return env


def _folder(workspace: str, cwd: str) -> str:
    folder = working_folder(workspace, cwd)
    if not os.path.isdir(folder):
        raise Refusal("INVALID_ARGUMENT", "cwd is not a folder; make it first", field="cwd")
    return folder


def _check_size(size: int) -> None:
    if size > _MAX_BYTES:
        raise Refusal(
            "MESSAGE_TOO_LARGE",
            f"code, stdin, env, argv and arguments take {size} bytes: at most {_MAX_BYTES}; "
            "send less, or send it in a file",
        )
