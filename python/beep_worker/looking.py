"""Looking into a session while its code runs: completion, inspection, variables, handles, stacks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from google.protobuf.message import DecodeError, Message

from beep.python.v1 import error_pb2, execute_pb2, object_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker import encode
from beep_worker.answers import ANSWER_S, NOT_THERE, ask, beside, checked, unresponsive
from beep_worker.check_complete import check_complete
from beep_worker.completion import complete
from beep_worker.frames import FrameError
from beep_worker.place import place_to_inspect
from beep_worker.process import SessionProcess
from beep_worker.questions import ProcessGone, Unanswered
from beep_worker.refusal import Refusal, session_not_found
from beep_worker.session import Session
from beep_worker.worker import Worker

# After this time the stacks are asked for in the other way, which needs no interpreter.
_STACKS_S = 0.06
# And after this further time without an answer C code holds the interpreter.
_HELD_S = 0.15

# How long a fresh process is waited for.
_SUCCESSOR_S = 5.0

_MAX_ANSWER_BYTES = 8 << 20

_M = TypeVar("_M", bound=Message)


async def look(worker: Worker, request: worker_pb2.ControlRequest) -> Message:
    """The answer to one of these questions. Raises Refusal."""
    kind = request.WhichOneof("action") or ""
    asked = _parsed(_REQUESTS[kind], getattr(request, kind))
    session = worker.session(asked.session_id)
    if session.identity.key.principal != request.principal:
        raise session_not_found(asked.session_id)
    try:
        async with asyncio.timeout(_SUCCESSOR_S):
            while True:
                process = await session.live_process()
                try:
                    answer = await _LOOKS[kind](session, process, asked)
                    with checked(process):
                        _check_size(answer)
                    return answer
                except ProcessGone:
                    continue  # there is another one soon, or the session has ended
    except TimeoutError:
        raise unresponsive(session, "its process is not there yet") from None


def _check_size(answer: Message) -> None:
    if answer.ByteSize() > _MAX_ANSWER_BYTES:
        raise FrameError("more than anybody has asked for")


def is_look(request: worker_pb2.ControlRequest) -> bool:
    """Whether it is one of these."""
    return request.WhichOneof("action") in _LOOKS


async def _inspect(
    session: Session, process: SessionProcess, request: execute_pb2.InspectRequest
) -> execute_pb2.InspectResponse:
    cursor = min(request.cursor, len(request.code))
    place = await beside(len(request.code), place_to_inspect, request.code, cursor)
    response = execute_pb2.InspectResponse(found=False)
    chain = None if place.chain is not None and "members" in place.chain else place.chain
    if place.kind == "attribute" and chain is not None:
        chain = {**chain, "steps": [*chain["steps"], ["attribute", place.prefix]]}
    elif place.kind in ("module", "member"):
        path = [*filter(None, place.module.split(".")), place.prefix]
        chain = {"module": ".".join(path), "steps": []}
        if place.kind == "member":
            chain = {"module": place.module, "steps": [["attribute", place.prefix]]}
    if chain is None:
        return response
    answer = await ask(session, process, {"op": "inspect", "chain": chain})
    with checked(process):
        if answer["found"] is True:
            response.found = True
            response.name = place.prefix or _name_of(chain)
            response.type_name = answer["type"]
            response.signature = answer["signature"]
            response.documentation = answer["documentation"]
            response.file = answer["file"]
    return response


def _name_of(chain: dict[str, Any]) -> str:
    for kind, *arguments in reversed(chain["steps"]):
        if kind == "attribute":
            return str(arguments[0])
    return str(chain.get("name", chain.get("module", chain.get("type", ""))))


async def _list_variables(
    session: Session, process: SessionProcess, request: execute_pb2.ListVariablesRequest
) -> execute_pb2.ListVariablesResponse:
    answer = await ask(session, process, {"op": "variables", "private": request.include_private})
    response = execute_pb2.ListVariablesResponse()
    with checked(process):
        response.omitted = answer["omitted"]
        for name, type_name, preview, size, shape in answer["rows"]:
            response.variables.add(name=name, type_name=type_name, preview=preview, size_bytes=size, shape=shape)
    return response


async def _list_handles(
    session: Session, process: SessionProcess, request: object_pb2.ListHandlesRequest
) -> object_pb2.ListHandlesResponse:
    generation = session.generation
    answer = await ask(session, process, {"op": "handles"})
    response = object_pb2.ListHandlesResponse()
    with checked(process):
        for row in answer["rows"]:
            handle = response.handles.add(size_bytes=row["size"])
            handle.object.CopyFrom(encode.object_ref(row, session.identity.id, generation))
            handle.created_at.FromNanoseconds(row["created_ns"])
            handle.used_at.FromNanoseconds(row["used_ns"])
    return response


async def _dump_stacks(
    session: Session, process: SessionProcess, request: execute_pb2.DumpStacksRequest
) -> execute_pb2.DumpStacksResponse:
    answer = asyncio.ensure_future(process.questions.ask({"op": "stacks"}, ANSWER_S))
    try:
        await asyncio.wait((answer,), timeout=_STACKS_S)
        if not answer.done():
            questions = process.questions
            answered = questions.answered
            threads = await session.stacks(process)
            # Late is not never: on a busy machine the interpreter may have been free all the time.
            await asyncio.wait((answer,), timeout=_HELD_S)
            # Nor is it held while others are answered.
            if threads and not answer.done() and questions.answered == answered:
                is_held = not questions.is_deaf
                return execute_pb2.DumpStacksResponse(threads=threads, interpreter_held=is_held)
        told = await answer
    except Unanswered:
        raise unresponsive(session, NOT_THERE) from None
    finally:
        answer.cancel()
    with checked(process):
        return execute_pb2.DumpStacksResponse(threads=[_thread(thread) for thread in told["threads"]])


def _thread(thread: dict[str, Any]) -> error_pb2.ThreadStack:
    frames = [
        error_pb2.StackFrame(file=frame["file"], line=frame["line"], function=frame["function"], source=frame["source"])
        for frame in thread["frames"]
    ]
    return error_pb2.ThreadStack(thread_name=thread["name"], main_thread=thread["main"], frames=frames)


def _parsed(kind: type[_M], data: bytes) -> _M:
    try:
        return kind.FromString(data)
    except DecodeError:
        raise Refusal("INVALID_ARGUMENT", f"the request is no {kind.DESCRIPTOR.name}") from None


_REQUESTS: dict[str, Any] = {
    "complete": execute_pb2.CompleteRequest,
    "inspect": execute_pb2.InspectRequest,
    "list_variables": execute_pb2.ListVariablesRequest,
    "dump_stacks": execute_pb2.DumpStacksRequest,
    "list_handles": object_pb2.ListHandlesRequest,
    "check_complete": execute_pb2.CheckCompleteRequest,
}

_LOOKS: dict[str, Callable[[Session, SessionProcess, Any], Awaitable[Message]]] = {
    "complete": complete,
    "inspect": _inspect,
    "list_variables": _list_variables,
    "dump_stacks": _dump_stacks,
    "list_handles": _list_handles,
    "check_complete": check_complete,
}
