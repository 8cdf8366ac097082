"""Input for running code, and the order of what it prints, shows and asks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from beep.python.v1 import execute_pb2, value_pb2
from beep.python.worker.v1 import worker_pb2
from tests.worker.conftest import BASE_PYTHON, both_pythons
from tests.worker.driver import Gateway, Item, Refused, Stream, WorkerProcess, connected

INTERACTIVE = execute_pb2.INPUT_MODE_INTERACTIVE
KIB = 1024


async def interactive(session: Stream, code: str, **fields: Any) -> Item:
    return await session.submit(code, input_mode=INTERACTIVE, **fields)


async def question(item: Item) -> execute_pb2.InputRequest:
    return (await item.until("input_request")).input_request


async def value(item: Item) -> Any:
    finished = await item.finished()
    assert finished.outcome == execute_pb2.OUTCOME_OK, finished
    return next(event.result.text for event in item.events if event.HasField("result"))


async def refused(call: Any, reason: str) -> str:
    with pytest.raises(Refused) as refusal:
        await call
    assert refusal.value.reason == reason
    return refusal.value.message


async def stopped(gateway: Gateway, item: Item) -> None:
    """Every test ends what it has begun."""
    await gateway.interrupt(item.stream.session.id)
    assert (await item.finished()).state_preserved


# --- order ---


def in_order(item: Item) -> list[str]:
    """What happened, in order, with what was written cut into lines."""
    seen: list[str] = []
    for event in item.events:
        match event.WhichOneof("body"):
            case "output":
                lines = event.output.data.decode().splitlines()
                seen += [f"{event.output.stream}:{line}" for line in lines]
            case "display":
                seen.append(f"display:{event.display.bundle.parts['text/plain'].text}")
            case "clear_output" | "input_request" as kind:
                seen.append(kind)
    return seen


@both_pythons
@pytest.mark.parametrize("flush", [False, True])
async def test_what_is_printed_and_shown_in_turn_comes_in_turn(session: Stream, flush: bool) -> None:
    code = f"for i in range(500):\n    print(i, flush={flush}); display(i)"
    item = await session.submit(code)
    await item.finished()
    assert in_order(item) == [line for i in range(500) for line in (f"1:{i}", f"display:{i}")]


async def test_both_streams_displays_and_questions_keep_their_order(gateway: Gateway, session: Stream) -> None:
    code = (
        "import sys\n"
        "for i in range(200):\n"
        "    print('out', i); print('err', i, file=sys.stderr); display(i); print('more', i); clear_output()\n"
        "    if i % 20 == 0: print(input())"
    )
    item = await interactive(session, code)
    for i in range(0, 200, 20):
        assert (await question(item)).request_id == i // 20 + 1
        await gateway.send_input(item.id, b"answer\n")
    await item.finished()
    expected = []
    for i in range(200):
        expected += [f"1:out {i}", f"2:err {i}", f"display:{i}", f"1:more {i}", "clear_output"]
        if i % 20 == 0:
            expected += ["input_request", "1:answer"]
    assert in_order(item) == expected


async def test_what_c_code_writes_keeps_its_place_before_a_display(session: Stream) -> None:
    item = await session.submit("import os\nfor i in range(300):\n    os.write(1, b'%d\\n' % i); display(i)")
    await item.finished()
    assert in_order(item) == [line for i in range(300) for line in (f"1:{i}", f"display:{i}")]


async def test_displays_wait_for_a_caller_that_lags_and_lose_nothing(session: Stream) -> None:
    code = "for i in range(200):\n    print(i); display({'text/plain': str(i) * 10_000}, raw=True)"
    item = await session.submit(code, window=64 * KIB)
    while not (event := await item.next()).HasField("finished"):
        await item.grant(event.ByteSize())
    assert event.finished.outcome == execute_pb2.OUTCOME_OK, event
    assert in_order(item) == [line for i in range(200) for line in (f"1:{i}", f"display:{str(i) * 10_000}")]


# --- none, preset ---


async def test_without_input_the_code_is_told(gateway: Gateway, session: Stream) -> None:
    item = await session.submit("input('name? ')")
    assert (await item.finished()).outcome == execute_pb2.OUTCOME_ERROR
    assert "input_request" not in item.kinds
    error = next(event.error for event in item.events if event.HasField("error"))
    assert (error.type_name, "has no input" in error.message) == ("EOFError", True)


@both_pythons
async def test_preset_input_is_read_by_code_and_children(session: Stream) -> None:
    result = await session.run("import subprocess; input(), subprocess.check_output(['cat'])", stdin=b"a\nb\n")
    assert result.text in ("('a', b'')", "('a', b'b\\n')")
    assert (await session.run("subprocess.check_output(['cat'])", stdin=b"\xff\n")).text == "b'\\xff\\n'"
    assert (await session.run("subprocess.check_output(['cat'])")).text == "b''"
    empty = await session.run("input()", input_mode=execute_pb2.INPUT_MODE_PRESET)
    assert empty.error.message == "EOF when reading a line"


async def test_large_preset_input_comes_whole(session: Stream) -> None:
    assert (await session.run("import sys; len(sys.stdin.read())", stdin=b"x" * 12_000_000)).text == "12000000"


async def test_preset_input_that_fits_no_frame_is_refused(tmp_path: Path) -> None:
    with WorkerProcess(tmp_path, max_message_bytes=200 << 20) as worker:
        async with connected(worker, tmp_path, BASE_PYTHON) as gateway:
            gateway.lane = (await gateway.call("Hello", worker_pb2.HelloRequest())).lane
            async with gateway.session() as session:
                for argv in ([], ["x"]):
                    item = await session.submit("1", stdin=b"x" * (64 << 20), argv=argv)
                    await refused(item.next(), "MESSAGE_TOO_LARGE")
                await refused((await session.submit("#" * (64 << 20))).next(), "MESSAGE_TOO_LARGE")
                assert await session.value("1 + 1") == 2


async def test_scripts_and_functions_read_too(session: Stream) -> None:
    code = "import sys\nprint(input(), sys.argv[1:], sys.stdin.read())"
    Path(session.session.workspace, "script.py").write_text(code)
    script = execute_pb2.ScriptSource(path="script.py")
    request = execute_pb2.ExecuteRequest(script=script, argv=["a"], stdin=b"first\nrest")
    item = await session.submit(body=request.SerializeToString())
    await item.finished()
    assert item.written("stdout") == "first ['a'] rest\n"
    function = execute_pb2.FunctionSource(name="builtins:input", args=[value_pb2.PythonValue(text="? ")])
    request = execute_pb2.ExecuteRequest(function=function, stdin=b"line\n")
    assert await value(await session.submit(body=request.SerializeToString())) == "'line'"


# --- interactive ---


@both_pythons
async def test_a_question_is_an_event_and_its_answer_goes_to_the_code(gateway: Gateway, session: Stream) -> None:
    item = await interactive(session, "import getpass; [input('name? '), getpass.getpass()]")
    first = await question(item)
    assert (first.request_id, first.prompt, first.password) == (1, "name? ", False)
    assert item.written("stdout") == "name? "
    await gateway.send_input(item.id, "Zoë\n".encode(), request_id=1)
    second = await question(item)
    assert (second.request_id, second.prompt, second.password) == (2, "Password: ", True)
    await gateway.send_input(item.id, b"secret\n", request_id=2)
    assert await value(item) == "['Zoë', 'secret']"
    assert [event.seq for event in item.events] == list(range(1, len(item.events) + 1))
    assert await gateway.read_all(item.id) == item.events


async def test_hundreds_of_lines_one_by_one_and_all_at_once(gateway: Gateway, session: Stream) -> None:
    item = await interactive(session, "sum(int(input()) for _ in range(300))")
    for i in range(300):
        assert (await question(item)).request_id == i + 1
        await gateway.send_input(item.id, b"%d\n" % i, request_id=i + 1)
    assert await value(item) == str(sum(range(300)))
    item = await interactive(session, "import sys; sum(int(line) for line in sys.stdin)")
    await question(item)
    await gateway.send_input(item.id, b"".join(b"%d\n" % i for i in range(100_000)), eof=True)
    assert await value(item) == str(sum(range(100_000)))
    assert item.kinds.count("input_request") == 1


async def test_input_that_comes_first_is_kept_and_nothing_is_asked(gateway: Gateway, session: Stream) -> None:
    before = await session.submit("import os, time\nwhile not os.path.exists('go'): time.sleep(.001)")
    waiting = await interactive(session, "open('went', 'w').close(); [input(), input()]")
    await waiting.until("accepted")
    await gateway.send_input(waiting.id, b"first\n")
    await gateway.send_input(waiting.id, b"second\n")
    open(f"{session.session.workspace}/go", "w").close()
    await before.finished()
    assert await value(waiting) == "['first', 'second']"
    assert "input_request" not in waiting.kinds


async def test_at_most_64_kib_are_kept_ahead(gateway: Gateway, session: Stream) -> None:
    item = await interactive(session, "import sys, time\nprint('up', flush=True)\ntime.sleep(60)")
    await item.says("up")
    await gateway.send_input(item.id, b"x" * 64 * KIB)
    message = await refused(gateway.send_input(item.id, b"x"), "QUOTA_EXCEEDED")
    assert "65536 bytes" in message
    await gateway.send_input(item.id, eof=True)
    await stopped(gateway, item)


async def test_a_huge_answer_comes_whole(gateway: Gateway, session: Stream) -> None:
    item = await interactive(session, "len(input())")
    await question(item)
    await gateway.send_input(item.id, b"x" * 10_000_000 + b"\n")
    assert await value(item) == "10000000"
    assert item.kinds.count("input_request") == 1


async def test_the_end_of_file_ends_the_input(gateway: Gateway, session: Stream) -> None:
    item = await interactive(session, "import sys; [sys.stdin.read(), sys.stdin.read()]")
    await question(item)
    await gateway.send_input(item.id, b"all\nof it", eof=True)
    assert await value(item) == "['all\\nof it', '']"
    item = await interactive(session, "print(input()); input()")
    await question(item)
    await gateway.send_input(item.id, b"1\n", eof=True)
    assert (await item.finished()).outcome == execute_pb2.OUTCOME_ERROR
    item = await interactive(session, "input(); import time; print('on', flush=True); time.sleep(60)")
    await question(item)
    await gateway.send_input(item.id, b"1\n", eof=True)
    await item.says("on")
    assert "end of file" in await refused(gateway.send_input(item.id, b"2\n"), "INPUT_NOT_EXPECTED")
    await stopped(gateway, item)


async def test_input_that_nobody_expects_is_refused(gateway: Gateway, session: Stream) -> None:
    for mode in (execute_pb2.INPUT_MODE_NONE, execute_pb2.INPUT_MODE_PRESET, execute_pb2.INPUT_MODE_UNSPECIFIED):
        item = await session.submit("import time; print('up', flush=True); time.sleep(60)", input_mode=mode)
        await item.says("up")
        await refused(gateway.send_input(item.id, b"x"), "INPUT_NOT_EXPECTED")
        await stopped(gateway, item)
        assert "has ended" in await refused(gateway.send_input(item.id, b"x"), "INPUT_NOT_EXPECTED")
    await refused(gateway.send_input("nobody", b"x"), "EXECUTION_NOT_FOUND")
    item = await interactive(session, "input(); input()")
    assert (await question(item)).request_id == 1
    await refused(gateway.send_input(item.id, b"x\n", principal="other"), "EXECUTION_NOT_FOUND")
    await refused(gateway.send_input(item.id, b""), "INVALID_ARGUMENT")
    await refused(gateway.send_input(item.id, b"x\n", request_id=2), "INPUT_NOT_EXPECTED")
    await gateway.send_input(item.id, b"x\n", request_id=1)
    await refused(gateway.send_input(item.id, b"x\n", request_id=1), "INPUT_NOT_EXPECTED")
    assert (await question(item)).request_id == 2
    await gateway.send_input(item.id, b"x\n", request_id=2)
    await item.finished()
    await refused(gateway.send_input(item.id, b"x\n"), "INPUT_NOT_EXPECTED")


async def test_of_many_answers_to_one_question_one_is_taken(gateway: Gateway, session: Stream) -> None:
    item = await interactive(session, "a = input(); import time; print('got', flush=True); time.sleep(60)")
    await question(item)
    answers = (gateway.send_input(item.id, b"%d\n" % i, request_id=1) for i in range(20))
    outcomes = await asyncio.gather(*answers, return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert {outcome.reason for outcome in outcomes if isinstance(outcome, Refused)} == {"INPUT_NOT_EXPECTED"}
    await item.says("got")
    await stopped(gateway, item)
    assert await session.value("a") == str(outcomes.index(None))


@both_pythons
async def test_an_interrupt_ends_the_wait_with_the_state_kept(gateway: Gateway, session: Stream) -> None:
    for round_ in range(20):
        item = await interactive(session, f"x = {round_}; input()")
        await question(item)
        answer = await gateway.interrupt(session.session.id)
        assert (answer.stopped_by, answer.state_preserved) == (execute_pb2.STOP_RUNG_INTERRUPT, True)
        assert (await item.finished()).outcome == execute_pb2.OUTCOME_INTERRUPTED
        assert await session.value("x") == round_


async def test_the_timeout_ends_the_wait_with_the_state_kept(session: Stream) -> None:
    item = await interactive(session, "x = 1; input()", timeout={"nanos": 50_000_000})
    finished = await item.finished()
    assert (finished.outcome, finished.state_preserved) == (execute_pb2.OUTCOME_TIMEOUT, True)
    assert await session.value("x") == 1


async def test_a_caller_that_goes_ends_the_wait_with_the_state_kept(gateway: Gateway, session: Stream) -> None:
    item = await interactive(session, "x = 2; input()")
    await question(item)
    await item.depart()
    info = await gateway.execution(item.id, wait_s=10)
    assert info.outcome == execute_pb2.OUTCOME_CANCELLED
    assert info.result.finished.state_preserved
    assert await session.value("x") == 2


async def test_detached_code_waits_for_whoever_answers(gateway: Gateway, session: Stream) -> None:
    item = await interactive(session, "input()", on_disconnect=execute_pb2.ON_DISCONNECT_DETACH)
    await question(item)
    await item.depart()
    await gateway.send_input(item.id, b"later\n")
    assert (await gateway.execution(item.id, wait_s=10)).result.text == "'later'"


async def test_code_that_catches_the_interrupt_asks_again(gateway: Gateway, session: Stream) -> None:
    item = await interactive(
        session, "try: input('a')\nexcept KeyboardInterrupt: print('caught', flush=True)\ninput('b')"
    )
    assert (await question(item)).request_id == 1
    interrupting = asyncio.create_task(gateway.interrupt(session.session.id))
    assert (await question(item)).request_id == 2
    await refused(gateway.send_input(item.id, b"x\n", request_id=1), "INPUT_NOT_EXPECTED")
    await gateway.send_input(item.id, b"y\n", request_id=2)
    assert await value(item) == "'y'"
    await interrupting


async def test_a_session_that_dies_while_it_waits_is_there_again(gateway: Gateway, session: Stream) -> None:
    item = await interactive(session, "import os, threading; threading.Timer(.05, os._exit, (3,)).start(); input()")
    await question(item)
    assert (await item.finished()).exit_code == 3
    await refused(gateway.send_input(item.id, b"x\n"), "INPUT_NOT_EXPECTED")
    item = await interactive(session, "input()")
    await question(item)
    await gateway.send_input(item.id, b"z\n")
    assert await value(item) == "'z'"


async def test_answers_and_interrupts_that_cross_never_break_the_session(gateway: Gateway, session: Stream) -> None:
    for _ in range(30):
        item = await interactive(session, "input(); input()")
        await question(item)
        outcomes = await asyncio.gather(
            gateway.send_input(item.id, b"x\n"),
            gateway.interrupt(session.session.id),
            gateway.send_input(item.id, b"y\n"),
            return_exceptions=True,
        )
        assert all(
            outcome is None
            or isinstance(outcome, execute_pb2.InterruptResponse)
            or (isinstance(outcome, Refused) and outcome.reason in ("INPUT_NOT_EXPECTED", "NOTHING_RUNNING"))
            for outcome in outcomes
        ), outcomes
        assert (await item.finished()).state_preserved
        assert (await session.run("input()")).error.type_name == "EOFError"
