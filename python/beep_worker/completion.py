"""Completions: what is asked of a session, and what the code and the folders of its modules say themselves."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from beep.python.v1 import execute_pb2
from beep_worker import module_names
from beep_worker.answers import Row, ask, beside, checked, rows_of, texts_of
from beep_worker.place import Place, place_to_complete
from beep_worker.process import SessionProcess
from beep_worker.session import Session

_MAX_MATCHES = 2000

# Of a class that has not run yet, so many of those that it inherits from are asked for.
_MAX_BASES = 8

# Names, and how many more there are than these.
Rows = tuple[list[Row], int]


async def complete(
    session: Session, process: SessionProcess, request: execute_pb2.CompleteRequest
) -> execute_pb2.CompleteResponse:
    """The names that may stand at a place in a piece of code."""
    cursor = min(request.cursor, len(request.code))
    place = await beside(len(request.code), place_to_complete, request.code, cursor)
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


async def _complete_name(session: Session, process: SessionProcess, place: Place) -> Rows:
    if place.chain is not None and "members" in place.chain and place.kind == "attribute":
        return await _complete_member_of_code(session, process, place, place.chain)
    header: dict[str, Any] = {"op": "names", "prefix": place.prefix}
    if place.kind == "attribute":
        header["chain"] = place.chain
    elif place.call is not None and "members" not in place.call:
        header["call"] = place.call
    answer = await ask(session, process, header)
    with checked(process):
        rows, omitted = rows_of(answer["rows"]), int(answer["omitted"])
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
    answer = await ask(session, process, {"op": "keys", "prefix": place.prefix, "chain": place.chain})
    with checked(process):
        return rows_of(answer["rows"]), int(answer["omitted"])


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
    answer = await ask(session, process, {"op": "modules", "module": place.module, "prefix": place.prefix})
    with checked(process):
        names = set(texts_of(answer["loaded"]))
        folders = _folders(process, texts_of(answer["folders"] if "folders" in answer else answer["path"]))
        members = rows_of(answer["rows"]) if "rows" in answer else None
    if place.module and "folders" not in answer:
        folders = await asyncio.to_thread(module_names.folders_of, place.module, folders)
    names |= await asyncio.to_thread(module_names.names_in, folders, not place.module)
    return [(name, "module", "") for name in names if _fits(name, place.prefix)], members


async def _members_from_source(session: Session, process: SessionProcess, module: str, prefix: str) -> list[Row]:
    answer = await ask(session, process, {"op": "modules", "module": "", "prefix": ""})
    with checked(process):
        folders = _folders(process, texts_of(answer["path"]))
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


_COMPLETIONS: dict[str, Callable[[Session, SessionProcess, Place], Awaitable[Rows]]] = {
    "name": _complete_name,
    "attribute": _complete_name,
    "key": _complete_key,
    "module": _complete_module,
    "member": _complete_member,
}
