"""Looking into a session while its code runs: completion, inspection, variables, stacks, handles."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from google.protobuf.message import DecodeError, Message

from beep.python.v1 import error_pb2, execute_pb2, object_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker import dump, encode, module_names
from beep_worker.frames import FrameError
from beep_worker.place import Place, place_to_complete, place_to_inspect
from beep_worker.process import SessionProcess
from beep_worker.questions import ProcessGone, Unanswered
from beep_worker.refusal import Refusal, session_not_found
from beep_worker.session import Session
from beep_worker.worker import Worker

# Beside a busy loop an answer takes a few milliseconds. Where there is none by then, C code holds the interpreter.
ANSWER_S = 1.0

# After this time the stacks are asked for in the other way, which needs no interpreter.
_STACKS_S = 0.06
# And after this further time without an answer C code holds the interpreter.
_HELD_S = 0.15

# How long a fresh process is waited for.
_SUCCESSOR_S = 5.0

# Longer code is read beside the event loop.
_MAX_CODE_AT_ONCE = 4096

_MAX_MATCHES = 2000
_MAX_ANSWER_BYTES = 8 << 20

# Of a class that has not run yet, so many of those that it inherits from are asked for.
_MAX_BASES = 8

_NOT_THERE = "what answers in it is not there"

_M = TypeVar("_M", bound=Message)
_A = TypeVar("_A")


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
                    with _checked(process):
                        _check_size(answer)
                    return answer
                except ProcessGone:
                    continue  # there is another one soon, or the session has ended
    except TimeoutError:
        raise _unresponsive(session, "its process is not there yet") from None


def _check_size(answer: Message) -> None:
    if answer.ByteSize() > _MAX_ANSWER_BYTES:
        raise FrameError("more than anybody has asked for")


def is_look(request: worker_pb2.ControlRequest) -> bool:
    """Whether it is one of these."""
    return request.WhichOneof("action") in _LOOKS


# --- completion ---


async def _complete(
    session: Session, process: SessionProcess, request: execute_pb2.CompleteRequest
) -> execute_pb2.CompleteResponse:
    cursor = min(request.cursor, len(request.code))
    place = await _beside(len(request.code), place_to_complete, request.code, cursor)
    response = execute_pb2.CompleteResponse(start=place.start, end=cursor)
    if place.kind == "nothing" or (place.kind in ("attribute", "key") and place.chain is None):
        return response
    look_up = {"module": _complete_module, "member": _complete_member, "key": _complete_key}.get(
        place.kind, _complete_name
    )
    rows, omitted = await look_up(session, process, place)
    seen = set()
    for text, kind, signature in sorted(rows, key=lambda row: _rank(row[0], place.prefix)):
        if text in seen:
            continue
        seen.add(text)
        if len(response.matches) < _MAX_MATCHES:
            text = text if place.kind != "key" else _key_text(text, place.quote)
            response.matches.add(text=text, kind=kind, signature=signature)
        else:
            omitted += 1
    response.omitted = omitted
    return response


# A name, its kind, its signature; and how many more there are than these.
Row = tuple[str, str, str]
Rows = tuple[list[Row], int]


async def _complete_name(session: Session, process: SessionProcess, place: Place) -> Rows:
    if place.chain is not None and "members" in place.chain and place.kind == "attribute":
        return await _complete_member_of_code(session, process, place, place.chain)
    header: dict[str, Any] = {"op": "names", "prefix": place.prefix}
    if place.kind == "attribute":
        header["chain"] = place.chain
    elif place.call is not None and "members" not in place.call:
        header["call"] = place.call
    answer = await _ask(session, process, header)
    with _checked(process):
        rows, omitted = _rows(answer["rows"]), int(answer["omitted"])
        is_known = answer["known"] is True
    if place.kind == "attribute":
        if not is_known and place.chain is not None and "module" in place.chain and not place.chain["steps"]:
            return await _members_from_source(session, process, place.chain["module"], place.prefix), omitted
        return rows, omitted
    rows.extend((f"{name}=", "parameter", "") for name in place.parameters if _fits(name, place.prefix))
    rows.extend((name, binding.kind, "") for name, binding in place.names.items() if _fits(name, place.prefix))
    return rows, omitted


async def _complete_member_of_code(
    session: Session, process: SessionProcess, place: Place, chain: dict[str, Any]
) -> Rows:
    """Of a class that the code defines itself, and so no session knows."""
    if any(step[0] != "call" for step in chain["steps"]):
        return [], 0
    rows = [(name, "variable", "") for name in chain["members"] if _fits(name, place.prefix)]
    for base in (*chain["bases"][:_MAX_BASES], {"type": "object", "steps": []}):
        inherited = Place("attribute", place.prefix, chain=base)
        rows.extend((await _complete_name(session, process, inherited))[0])
    return rows, 0


async def _complete_key(session: Session, process: SessionProcess, place: Place) -> Rows:
    if place.chain is None or "members" in place.chain:
        return [], 0
    answer = await _ask(session, process, {"op": "keys", "prefix": place.prefix, "chain": place.chain})
    with _checked(process):
        return _rows(answer["rows"]), int(answer["omitted"])


async def _complete_module(session: Session, process: SessionProcess, place: Place) -> Rows:
    rows, _ = await _modules(session, process, place)
    return rows, 0


async def _complete_member(session: Session, process: SessionProcess, place: Place) -> Rows:
    if place.module.startswith("."):
        return [], 0  # a session's code is in no package
    modules, members = await _modules(session, process, place)
    if members is None:
        members = await _members_from_source(session, process, place.module, place.prefix)
    return [*members, *modules], 0


async def _modules(session: Session, process: SessionProcess, place: Place) -> tuple[list[Row], list[Row] | None]:
    """The modules that are found at a place, and what is in the one that is named there, if that is loaded."""
    answer = await _ask(session, process, {"op": "modules", "module": place.module, "prefix": place.prefix})
    with _checked(process):
        names = set(_texts(answer["loaded"]))
        folders = _folders(process, _texts(answer["folders"] if "folders" in answer else answer["path"]))
        members = _rows(answer["rows"]) if "rows" in answer else None
    if place.module and "folders" not in answer:
        folders = await asyncio.to_thread(module_names.folders_of, place.module, folders)
    names |= await asyncio.to_thread(module_names.names_in, folders, not place.module)
    return [(name, "module", "") for name in names if _fits(name, place.prefix)], members


async def _members_from_source(session: Session, process: SessionProcess, module: str, prefix: str) -> list[Row]:
    answer = await _ask(session, process, {"op": "modules", "module": "", "prefix": ""})
    with _checked(process):
        folders = _folders(process, _texts(answer["path"]))
    names = await asyncio.to_thread(module_names.names_defined_by, module, folders)
    return [(name, "variable", "") for name in names if _fits(name, prefix)]


def _folders(process: SessionProcess, path: Iterable[str]) -> list[str]:
    """A path as the session sees it: what is relative is so to where it is."""
    try:
        cwd = os.readlink(f"/proc/{process.pid}/cwd")
    except OSError:
        cwd = "/"
    return [os.path.join(cwd, entry) for entry in path]


def _fits(name: str, prefix: str) -> bool:
    if name.startswith("_") and not prefix.startswith("_"):
        return False
    return name[: len(prefix)].lower() == prefix.lower()


def _rank(text: str, prefix: str) -> tuple[bool, bool, bool, str, str]:
    """Parameters first, then what is written as the prefix is; private names last."""
    return not text.endswith("="), not text.startswith(prefix), text.startswith("_"), text.lower(), text


def _key_text(key: str, quote: str) -> str:
    """As it is written in a string that has begun."""
    text = key.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


# --- inspection, variables ---


async def _inspect(
    session: Session, process: SessionProcess, request: execute_pb2.InspectRequest
) -> execute_pb2.InspectResponse:
    cursor = min(request.cursor, len(request.code))
    place = await _beside(len(request.code), place_to_inspect, request.code, cursor)
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
    answer = await _ask(session, process, {"op": "inspect", "chain": chain})
    with _checked(process):
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
    answer = await _ask(session, process, {"op": "variables", "private": request.include_private})
    response = execute_pb2.ListVariablesResponse()
    with _checked(process):
        response.omitted = answer["omitted"]
        for name, type_name, preview, size, shape in answer["rows"]:
            response.variables.add(name=name, type_name=type_name, preview=preview, size_bytes=size, shape=shape)
    return response


async def _list_handles(
    session: Session, process: SessionProcess, request: object_pb2.ListHandlesRequest
) -> object_pb2.ListHandlesResponse:
    generation = session.generation
    answer = await _ask(session, process, {"op": "handles"})
    response = object_pb2.ListHandlesResponse()
    with _checked(process):
        for row in answer["rows"]:
            handle = response.handles.add(size_bytes=row["size"])
            handle.object.CopyFrom(encode.object_ref(row, session.identity.id, generation))
            handle.created_at.FromNanoseconds(row["created_ns"])
            handle.used_at.FromNanoseconds(row["used_ns"])
    return response


# --- stacks ---


async def _dump_stacks(
    session: Session, process: SessionProcess, request: execute_pb2.DumpStacksRequest
) -> execute_pb2.DumpStacksResponse:
    answer = asyncio.ensure_future(process.questions.ask({"op": "stacks"}, ANSWER_S))
    try:
        await asyncio.wait((answer,), timeout=_STACKS_S)
        if not answer.done():
            threads = list(await _dumped(session, process))
            # Late is not never: on a busy machine the interpreter may have been free all the time.
            await asyncio.wait((answer,), timeout=_HELD_S)
            if threads and not answer.done():
                is_held = not process.questions.is_deaf
                return execute_pb2.DumpStacksResponse(threads=threads, interpreter_held=is_held)
        told = await answer
    except Unanswered:
        raise _unresponsive(session, _NOT_THERE) from None
    finally:
        answer.cancel()
    with _checked(process):
        return execute_pb2.DumpStacksResponse(threads=[_thread(thread) for thread in told["threads"]])


def _thread(thread: dict[str, Any]) -> error_pb2.ThreadStack:
    frames = [
        error_pb2.StackFrame(file=frame["file"], line=frame["line"], function=frame["function"], source=frame["source"])
        for frame in thread["frames"]
    ]
    return error_pb2.ThreadStack(thread_name=thread["name"], main_thread=thread["main"], frames=frames)


async def _dumped(session: Session, process: SessionProcess) -> Iterable[error_pb2.ThreadStack]:
    return dump.to_messages(await process.questions.dump_stacks(), session.running_cell())


# --- what they have in common ---


async def _ask(session: Session, process: SessionProcess, header: dict[str, Any]) -> dict[str, Any]:
    try:
        return await process.questions.ask(header, ANSWER_S)
    except Unanswered:
        why = _NOT_THERE
        for thread in await _dumped(session, process):
            if thread.frames and not process.questions.is_deaf:
                last = thread.frames[-1]
                why = f"C code holds its interpreter, called in {last.function} ({last.file}, line {last.line})"
                break
        raise _unresponsive(session, why) from None


class _checked:
    """Whatever of an answer is not as it should be is the session's doing, and the session's end."""

    def __init__(self, process: SessionProcess) -> None:
        self._process = process

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        if isinstance(error, (FrameError, KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError)):
            self._process.questions.on_breach(f"it sent what is no answer of ours ({type(error).__name__}: {error})")
            raise ProcessGone from error


def _rows(rows: Any) -> list[Row]:
    return [(_text(name), _text(kind), _text(signature)) for name, kind, signature in rows]


def _texts(values: Any) -> list[str]:
    return [_text(value) for value in values]


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError("a text that is none")
    value.encode()  # a lone surrogate cannot be sent on
    return value


async def _beside(size: int, function: Callable[..., _A], *arguments: Any) -> _A:
    """Reads code, in a thread where it is long."""
    return function(*arguments) if size <= _MAX_CODE_AT_ONCE else await asyncio.to_thread(function, *arguments)


def _parsed(kind: type[_M], data: bytes) -> _M:
    try:
        return kind.FromString(data)
    except DecodeError:
        raise Refusal("INVALID_ARGUMENT", f"the request is no {kind.DESCRIPTOR.name}") from None


def _unresponsive(session: Session, why: str) -> Refusal:
    return Refusal(
        "SESSION_UNRESPONSIVE",
        f"session {session.identity.id} did not answer within {ANSWER_S:g} s: {why}; try again later, or interrupt it",
        retry_after_ms=1000,
        session_id=session.identity.id,
    )


_COMPLETIONS: dict[str, Callable[[Session, SessionProcess, Place], Awaitable[Rows]]] = {
    "name": _complete_name,
    "attribute": _complete_name,
    "key": _complete_key,
    "module": _complete_module,
    "member": _complete_member,
}

_REQUESTS: dict[str, Any] = {
    "complete": execute_pb2.CompleteRequest,
    "inspect": execute_pb2.InspectRequest,
    "list_variables": execute_pb2.ListVariablesRequest,
    "dump_stacks": execute_pb2.DumpStacksRequest,
    "list_handles": object_pb2.ListHandlesRequest,
}

_LOOKS: dict[str, Callable[[Session, SessionProcess, Any], Awaitable[Message]]] = {
    "complete": _complete,
    "inspect": _inspect,
    "list_variables": _list_variables,
    "dump_stacks": _dump_stacks,
    "list_handles": _list_handles,
}
