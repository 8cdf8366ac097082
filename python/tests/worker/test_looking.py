"""Completion, inspection, variables and stacks of a session, whatever it does, and without disturbing it."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from beep_session.frames import pack
from tests.worker.conftest import both_pythons
from tests.worker.driver import Gateway, Refused, Stream, WorkerProcess
from tests.worker.hostile import PRELUDE

_MESSAGES: dict[str, tuple[Any, Any]] = {
    "complete": (execute_pb2.CompleteRequest, execute_pb2.CompleteResponse),
    "inspect": (execute_pb2.InspectRequest, execute_pb2.InspectResponse),
    "list_variables": (execute_pb2.ListVariablesRequest, execute_pb2.ListVariablesResponse),
    "dump_stacks": (execute_pb2.DumpStacksRequest, execute_pb2.DumpStacksResponse),
}


class Hold:
    """Code that holds the interpreter in one call of C's, until it is let go."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "hold"
        os.mkfifo(self._path)
        self.code = (
            f"import ctypes, os\ndef hold():\n    fd = os.open({str(self._path)!r}, os.O_RDWR)\n"
            "    print('on', flush=True)\n    ctypes.PyDLL(None).read(fd, ctypes.create_string_buffer(1), 1)\nhold()"
        )

    def let_go(self) -> None:
        self._path.write_bytes(b"x")


SPIN = "print('on', flush=True)\nwhile True: pass"


async def look(gateway: Gateway, kind: str, session: Stream, *, principal: str = "p", **fields: Any) -> Any:
    """One of the four questions. Raises Refused."""
    asked, answered = _MESSAGES[kind]
    request = asked(session_id=session.session.id, **fields)
    control = worker_pb2.ControlRequest(principal=principal, **{kind: request.SerializeToString()})
    return answered.FromString((await gateway.call("Control", control)).body)


async def look_until_refused(gateway: Gateway, session: Stream) -> None:
    while True:
        await look(gateway, "dump_stacks", session)


async def complete(gateway: Gateway, session: Stream, code: str, cursor: int | None = None) -> list[str]:
    """The code as it would be with each of the matches."""
    cursor = len(code) if cursor is None else cursor
    answer = await look(gateway, "complete", session, code=code, cursor=cursor)
    return [code[: answer.start] + match.text + code[answer.end :] for match in answer.matches]


async def inspect(gateway: Gateway, session: Stream, code: str, cursor: int | None = None) -> Any:
    cursor = len(code) if cursor is None else cursor
    return await look(gateway, "inspect", session, code=code, cursor=cursor)


@both_pythons
async def test_names_are_completed_where_they_stand(gateway: Gateway, session: Stream) -> None:
    await session.run(
        "import os\nclass Box:\n    def pack(self, item, size=1): 'Puts in.'\nbox = Box(); d = {'key': box}"
    )
    assert await complete(gateway, session, "os.path.joi") == ["os.path.join"]
    assert await complete(gateway, session, "x = box.pa + 1", 10) == ["x = box.pack + 1"]
    assert await complete(gateway, session, "box.pack(it") == ["box.pack(item=", "box.pack(iter"]
    assert await complete(gateway, session, 'd["k') == ['d["key']
    assert await complete(gateway, session, "d['key'].p") == ["d['key'].pack"]
    assert await complete(gateway, session, "'𝒳𝒴' + box.pa") == ["'𝒳𝒴' + box.pack"]
    answer = await look(gateway, "complete", session, code="'𝒳𝒴' + box.pa  # 𝒳", cursor=13)
    assert (answer.start, answer.end) == (11, 13)
    [match] = answer.matches
    assert (match.text, match.kind, match.signature) == ("pack", "function", "(item, size=1)")
    assert await complete(gateway, session, "# os.") == []
    assert await complete(gateway, session, "'os.") == []
    assert await complete(gateway, session, "1.") == []
    assert await complete(gateway, session, "") != []
    assert await complete(gateway, session, "a b c os.path.joi") == ["a b c os.path.join"]


@both_pythons
async def test_what_the_code_says_itself_is_completed(gateway: Gateway, session: Stream) -> None:
    for code, wanted in [
        ("text = 'a'\ntext.capi", "capitalize"),
        ("def f(first, second: str = ''):\n    second.capi", "capitalize"),
        ("def f(parameter):\n    return param", "parameter"),
        ("for letter in 'abc':\n    letter.capi", "capitalize"),
        ("[number.bit_l for number in (1, 2)]", "bit_length"),
        ("import json\njson.dum", "dumps"),
        ("import csv\ncsv.DictR", "DictReader"),
        ("with open('x') as file:\n    file.readl", "readlines"),
        ("try: pass\nexcept ValueError as error:\n    error.arg", "args"),
        ("def own(some_argument): pass\nown(some", "some_argument="),
    ]:
        end = code.index(" for number") if "number.bit_l" in code else len(code)
        answer = await look(gateway, "complete", session, code=code, cursor=end)
        assert wanted in [match.text for match in answer.matches], code


async def test_modules_are_found_without_being_imported(gateway: Gateway, session: Stream) -> None:
    await session.run(
        "import os\nos.makedirs('beepackage/inner')\n"
        "for name in ('__init__', 'part', 'inner/__init__'):\n"
        "    open(f'beepackage/{name}.py', 'w').write('raise SystemExit')\n"
        "open('beemodule.py', 'w').write('def some_function(): pass\\nraise SystemExit')"
    )
    assert await complete(gateway, session, "import beep") == ["import beepackage"]
    assert await complete(gateway, session, "import bee") == ["import beemodule", "import beepackage"]
    assert await complete(gateway, session, "import os, beepackage.") == [
        "import os, beepackage.inner",
        "import os, beepackage.part",
    ]
    assert await complete(gateway, session, "from beepackage.inn") == ["from beepackage.inner"]
    assert await complete(gateway, session, "from beepackage import p") == ["from beepackage import part"]
    assert await complete(gateway, session, "from beemodule import so") == ["from beemodule import some_function"]
    assert await complete(gateway, session, "from os.path import (join, spli") == [
        f"from os.path import (join, {name}" for name in ("split", "splitdrive", "splitext")
    ]
    assert await complete(gateway, session, "from . import o") == []
    loaded = "[name for name in __import__('sys').modules if name.startswith('bee') and '_' not in name]"
    assert await session.value(loaded) == []


@both_pythons
async def test_what_stands_at_a_place_is_told(gateway: Gateway, session: Stream) -> None:
    await session.run("class Box:\n    def pack(self, item, size=1):\n        'Puts in.'\nbox = Box()")
    found = await inspect(gateway, session, "print(box.pack(1))", 12)
    assert (found.found, found.name, found.type_name, found.signature) == (True, "pack", "function", "(item, size=1)")
    assert (found.documentation, found.file) == ("Puts in.", "<cell 1>")
    assert (await inspect(gateway, session, "box.pack(1, ")).name == "pack"
    assert (await inspect(gateway, session, "box")).type_name == "__main__.Box"
    assert (await inspect(gateway, session, "import os.path")).type_name == "module"
    missing = await inspect(gateway, session, "nobody_knows")
    assert missing.HasField("found")
    assert not missing.found


@both_pythons
async def test_beside_a_busy_loop_it_is_quick_and_changes_nothing(gateway: Gateway, session: Stream) -> None:
    await session.run("import os, json")
    item = await session.submit(SPIN)
    await item.says("on")
    before = await gateway.describe(session.session.id)
    slowest = []
    questions: list[tuple[str, dict[str, Any]]] = [
        ("complete", {"code": "json.", "cursor": 5}),
        ("complete", {"code": "o", "cursor": 1}),
        ("inspect", {"code": "json.dumps", "cursor": 8}),
        ("list_variables", {}),
        ("dump_stacks", {}),
    ]
    for kind, fields in questions:
        took = []
        for _ in range(20):
            started = time.perf_counter()
            answer = await look(gateway, kind, session, **fields)
            took.append(time.perf_counter() - started)
        slowest.append(sorted(took)[len(took) // 2])
    assert max(slowest) < 0.2
    assert [frame.source for frame in answer.threads[0].frames] == ["while True: pass"]
    assert not answer.interpreter_held
    assert (await gateway.describe(session.session.id)).used_at == before.used_at
    assert not item.has_more
    await gateway.interrupt(session.session.id)
    assert (await item.finished()).outcome == execute_pb2.OUTCOME_INTERRUPTED


async def test_output_at_full_rate_keeps_its_order(gateway: Gateway, session: Stream) -> None:
    item = await session.submit("for i in range(200_000): print(i)\nlast = i")
    finished = asyncio.create_task(item.finished())
    looks = 0
    while not finished.done():
        answer = await look(gateway, "complete", session, code="prin", cursor=4)
        assert [match.text for match in answer.matches] == ["print"]
        await look(gateway, "list_variables", session)
        looks += 1
    assert looks > 0
    assert (await finished).outcome == execute_pb2.OUTCOME_OK
    assert item.written("stdout") == "".join(f"{i}\n" for i in range(200_000))


@both_pythons
async def test_c_code_that_holds_the_interpreter_is_seen(gateway: Gateway, session: Stream, tmp_path: Path) -> None:
    hold = Hold(tmp_path)
    waits = "import threading\ngo = threading.Event()\nthreading.Thread(target=go.wait, name='waits').start()\n"
    item = await session.submit(waits + hold.code + "\ngo.set()")
    await item.says("on")
    stacks = await look(gateway, "dump_stacks", session)
    while not stacks.interpreter_held:  # it has said that it is about to hold
        stacks = await look(gateway, "dump_stacks", session)
    main, other = stacks.threads
    assert main.main_thread
    assert [frame.function for frame in main.frames] == ["<module>", "hold"]
    assert main.frames[-1].source == "ctypes.PyDLL(None).read(fd, ctypes.create_string_buffer(1), 1)"
    assert "wait" in [frame.function for frame in other.frames]
    questions: list[tuple[str, dict[str, Any]]] = [
        ("complete", {"code": "o", "cursor": 1}),
        ("inspect", {"code": "o"}),
        ("list_variables", {}),
    ]
    for kind, fields in questions:
        started = time.perf_counter()
        with pytest.raises(
            Refused, match=r"C code holds its interpreter, called in hold \(<cell 1>, line 8\)"
        ) as refused:
            await look(gateway, kind, session, **fields)
        assert refused.value.reason == "SESSION_UNRESPONSIVE"
        assert time.perf_counter() - started < 3
    hold.let_go()
    assert (await item.finished()).outcome == execute_pb2.OUTCOME_OK
    assert "hold" in await complete(gateway, session, "hol")


async def test_sessions_that_are_not_there_are_named(gateway: Gateway) -> None:
    async with gateway.session() as session:
        with pytest.raises(Refused, match="SESSION_NOT_FOUND"):
            await look(gateway, "list_variables", session, principal="another")
        closed = session
    for kind in _MESSAGES:
        with pytest.raises(Refused, match="SESSION_CLOSED"):
            await look(gateway, kind, closed)
    closed.session.id = "nobody"
    with pytest.raises(Refused, match="SESSION_NOT_FOUND"):
        await look(gateway, "dump_stacks", closed)


async def test_a_fresh_process_is_waited_for(gateway: Gateway, session: Stream) -> None:
    await session.run("import atexit, time\natexit.register(time.sleep, 0.3)\nkept = 1")
    restart = asyncio.create_task(gateway.restart(session.session.id))
    while (await gateway.describe(session.session.id)).state != execute_pb2.SESSION_STATE_RECOVERING:
        pass
    assert list((await look(gateway, "list_variables", session)).variables) == []
    await restart
    item = await session.submit("kept = 2\nprint('on', flush=True)\nimport os, signal, time\ntime.sleep(60)")
    await item.says("on")
    looks = [asyncio.create_task(look(gateway, "list_variables", session)) for _ in range(20)]
    await gateway.interrupt(session.session.id, kill=True)
    for answer in await asyncio.gather(*looks):
        assert [variable.name for variable in answer.variables][:1] in ([], ["kept"])
    assert list((await look(gateway, "list_variables", session)).variables) == []


BREACHES = [b"\xff" * 100, pack({"op": "names"}), pack({"op": "names", "request": 7}), pack({"op": "x", "request": []})]


@pytest.mark.parametrize("breach", BREACHES)
async def test_who_answers_what_was_not_asked_ends_its_session(
    gateway: Gateway, session: Stream, breach: bytes
) -> None:
    item = await session.submit(PRELUDE + f"send({breach!r}, control)\nprint('on', flush=True)\nwait()")
    await item.says("on")
    await look(gateway, "list_variables", session)
    finished = await item.finished()
    assert finished.outcome == execute_pb2.OUTCOME_KILLED
    assert "no answer of ours" in finished.message


async def test_who_closes_its_control_socket_is_not_looked_into_and_goes_on(gateway: Gateway, session: Stream) -> None:
    await session.run(PRELUDE + "import socket\nsocket.socket(fileno=os.dup(control)).shutdown(socket.SHUT_RDWR)")
    for kind, code in [("complete", "o"), ("inspect", "o"), ("list_variables", "")]:
        with pytest.raises(Refused, match="SESSION_UNRESPONSIVE"):
            await look(gateway, kind, session, **({"code": code} if code else {}))
    stacks = await look(gateway, "dump_stacks", session)
    assert not stacks.interpreter_held
    assert [thread.main_thread for thread in stacks.threads] == [True]
    assert await session.value("me") == "ID"


async def test_whoever_does_not_expect_the_signal_is_not_ended_by_it(
    gateway: Gateway, session: Stream, tmp_path: Path
) -> None:
    hold = Hold(tmp_path)
    reset = "import signal\nfor n in (signal.SIGRTMAX - 7, signal.SIGRTMAX - 8): signal.signal(n, signal.SIG_DFL)\n"
    item = await session.submit(reset + hold.code)
    await item.says("on")
    with pytest.raises(Refused, match="SESSION_UNRESPONSIVE"):
        await look_until_refused(gateway, session)  # it has said that it is about to hold
    hold.let_go()
    assert (await item.finished()).outcome == execute_pb2.OUTCOME_OK
    # Less than what a session that closed its sockets has until it is killed for that.
    item = await session.submit("import os\nprint('on', flush=True)\nos.execvp('sleep', ['sleep', '1.7'])")
    await item.says("on")
    with pytest.raises(Refused, match="SESSION_UNRESPONSIVE"):
        await look_until_refused(gateway, session)
    assert (await item.finished()).exit_code == 0


async def test_giant_and_broken_code_is_read_all_the_same(
    gateway: Gateway, session: Stream, worker: WorkerProcess
) -> None:
    for code in [
        "(" * 100_000,
        "[" * 50 + "x.",
        "x = 1\n" * 500_000 + "prin",
        "-" * 50_000 + "prin",
        "a." * 50_000,
        "\0prin",
        "'" * 10_001,
        "f(" * 90 + "prin",
        "\ud7ff" * 1000 + ".",
    ]:
        answer = await look(gateway, "complete", session, code=code, cursor=len(code))
        assert answer.end == len(code)
        await look(gateway, "inspect", session, code=code, cursor=len(code))
    assert worker.complaints() == ""


async def test_many_may_look_at_once(gateway: Gateway, session: Stream) -> None:
    await session.run("kept = 1")
    asked = [look(gateway, "complete", session, code="kep", cursor=3) for _ in range(200)]
    asked += [look(gateway, "dump_stacks", session) for _ in range(50)]
    answers = await asyncio.gather(*asked)
    assert {answer.matches[0].text for answer in answers[:200]} == {"kept"}
    assert not any(answer.interpreter_held for answer in answers[200:])
