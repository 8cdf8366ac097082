"""Processes that die: what their executions are told, and what comes after."""

from __future__ import annotations

import os
import signal

import pytest

from beep.python.v1 import execute_pb2
from tests.worker.conftest import both_pythons
from tests.worker.driver import Gateway, Refused, Stream, all_below, eventually, process_is_there

pytestmark = both_pythons

DEATHS = [
    pytest.param("import os; os._exit(3)", execute_pb2.OUTCOME_EXITED, 3, None, id="exit"),
    pytest.param("import os; os._exit(0)", execute_pb2.OUTCOME_EXITED, 0, None, id="exit-0"),
    pytest.param(
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", execute_pb2.OUTCOME_KILLED, None, 9, id="kill"
    ),
    pytest.param("import os; os.abort()", execute_pb2.OUTCOME_KILLED, None, 6, id="abort"),
    pytest.param("import ctypes; ctypes.string_at(0)", execute_pb2.OUTCOME_KILLED, None, 11, id="null-pointer"),
    pytest.param("import ctypes; ctypes.string_at(1)", execute_pb2.OUTCOME_KILLED, None, 11, id="segfault"),
    pytest.param(
        "import os; os.execv('/bin/sh', ['sh', '-c', 'exit 5'])", execute_pb2.OUTCOME_EXITED, 5, None, id="exec"
    ),
]


@pytest.mark.parametrize(("code", "outcome", "exit_code", "number"), DEATHS)
async def test_a_death_is_told_as_it_was_and_the_next_generation_serves(
    session: Stream, code: str, outcome: execute_pb2.Outcome, exit_code: int | None, number: int | None
) -> None:
    await session.run("kept = 1")
    item = await session.submit(f"print('last words', end='')\nimport sys; sys.stdout.flush()\n{code}")
    finished = await item.finished()
    assert item.written("stdout") == "last words"
    assert finished.outcome == outcome
    assert (finished.exit_code if finished.HasField("exit_code") else None) == exit_code
    assert (finished.signal if finished.HasField("signal") else None) == number
    assert finished.HasField("state_preserved")
    assert not finished.state_preserved
    assert finished.generation == 2
    assert finished.stopped_by == execute_pb2.STOP_RUNG_UNSPECIFIED
    assert await session.value("'kept' in globals()") is False


async def test_system_exit_is_no_death(session: Stream) -> None:
    for code, exit_code, message in (
        ("raise SystemExit", 0, ""),
        ("import sys; sys.exit(3)", 3, ""),
        ("sys.exit('text')", 1, "text"),
        ("exit()", 0, ""),
        ("quit()", 0, ""),
        ("exit('why')", 1, "why"),
        ("import sys; sys.exit(-1)", -1, ""),
        ("import sys; sys.exit(2 ** 40)", 255, ""),
    ):
        finished = (await session.run(code)).finished
        assert finished.outcome == execute_pb2.OUTCOME_EXITED
        assert (finished.exit_code, finished.message, finished.state_preserved) == (exit_code, message, True), code
    assert (await session.run("1 + 1")).text == "2"


async def test_the_end_of_the_stack_is_a_death_or_an_exception(session: Stream) -> None:
    code = "import sys; sys.setrecursionlimit(10 ** 9)\ndef f(_): return max(map(f, [1]))\nf(1)"
    guards_the_stack = await session.value("__import__('sys').version_info >= (3, 12)")
    result = await session.run(code)
    if guards_the_stack:
        assert (result.finished.outcome, result.error.type_name) == (execute_pb2.OUTCOME_ERROR, "RecursionError")
        assert (result.finished.state_preserved, result.finished.generation) == (True, 1)
    else:
        assert (result.finished.outcome, result.finished.signal) == (execute_pb2.OUTCOME_KILLED, 11)
        assert (result.finished.state_preserved, result.finished.generation) == (False, 2)
    assert (await session.run("1 + 1")).text == "2"


async def test_what_waits_when_the_process_dies_is_cancelled(gateway: Gateway, session: Stream) -> None:
    item = await session.submit(
        "print('up', flush=True)\nimport os, time\nwhile not os.path.exists('go'): time.sleep(.001)\nos._exit(1)"
    )
    await item.says("up")
    waiting = [await session.submit("'ran'") for _ in range(3)]
    await waiting[-1].until("accepted")
    open(session.session.workspace + "/go", "w").close()
    await item.finished()
    for other in waiting:
        finished = await other.finished()
        assert other.kinds == ["accepted", "finished"]
        assert finished.outcome == execute_pb2.OUTCOME_CANCELLED
        assert finished.message == "the state it counted on was lost before it started"
        assert finished.generation == 2
        assert not finished.state_preserved
    assert (await session.run("1 + 1")).text == "2"


async def test_a_death_while_idle_makes_the_next_generation(gateway: Gateway, session: Stream) -> None:
    os.kill(session.session.pid, signal.SIGKILL)
    await eventually(lambda: not process_is_there(session.session.pid), "the process has gone")
    now = await gateway.describe(session.session.id)
    while now.generation == 1 or now.state == execute_pb2.SESSION_STATE_RECOVERING:
        now = await gateway.describe(session.session.id)
    assert (now.generation, now.state) == (2, execute_pb2.SESSION_STATE_IDLE)
    assert now.pid != session.session.pid
    assert (await session.run("1 + 1")).text == "2"


async def test_an_item_given_to_a_process_that_is_just_dying_never_starts_in_the_next(
    gateway: Gateway, session: Stream
) -> None:
    for _ in range(20):
        item = await session.submit(
            "import threading, os, time\n"
            "def die():\n    time.sleep(.002); os._exit(1)\n"
            "threading.Thread(target=die).start()"
        )
        await item.finished()
        others = [await session.submit("import time; time.sleep(.002)") for _ in range(3)]
        for other in others:
            finished = await other.finished()
            first = other.events[0].accepted.generation
            if finished.outcome == execute_pb2.OUTCOME_OK:
                assert finished.generation == first
            elif finished.outcome == execute_pb2.OUTCOME_CANCELLED:
                assert other.kinds == ["accepted", "finished"]
                assert finished.generation == first + 1
            else:
                assert (finished.outcome, finished.exit_code) == (execute_pb2.OUTCOME_EXITED, 1)


async def test_a_session_that_asked_for_it_closes_with_its_process(gateway: Gateway) -> None:
    async with gateway.session(execute_pb2.SessionSpec(close_on_death=True)) as session:
        item = await session.submit("import os; os._exit(3)")
        finished = await item.finished()
        assert (finished.outcome, finished.generation) == (execute_pb2.OUTCOME_EXITED, 1)
        refused = await session.submit("1")
        with pytest.raises(Refused) as refusal:
            await refused.next()
        assert refusal.value.reason == "SESSION_CLOSED"
        ended = await gateway.describe(session.session.id)
        assert ended.state == execute_pb2.SESSION_STATE_CLOSED
        assert ended.close_reason == execute_pb2.CLOSE_REASON_PROCESS_DIED
        assert ended.close_message == "its process ended with exit code 3"


async def test_sessions_outlive_their_template(gateway: Gateway, session: Stream) -> None:
    await session.run("x = 7")
    stats = await gateway.stats()
    pids = [template.pid for template in stats.templates]
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    await eventually(lambda: not any(process_is_there(pid) for pid in pids), "the templates have gone")
    assert await session.value("x") == 7
    async with gateway.session() as fresh:
        assert await fresh.value("1 + 1") == 2
        assert (await fresh.run("import os; os._exit(4)")).finished.exit_code == 4
    code = "import time\nend = time.process_time() + .2\nwhile time.process_time() < end: pass\nimport os; os._exit(6)"
    finished = (await session.run(code)).finished
    assert (finished.outcome, finished.exit_code) == (execute_pb2.OUTCOME_EXITED, 6)
    assert finished.usage.user_cpu.ToNanoseconds() + finished.usage.system_cpu.ToNanoseconds() > 150_000_000
    assert finished.usage.peak_resident_bytes > 1 << 20
    assert (await session.run("1 + 1")).text == "2"


async def test_what_a_session_started_dies_with_its_process(session: Stream) -> None:
    item = await session.submit(DAEMON + "os._exit(1)")
    await item.finished()
    daemon = int(item.written("stdout"))
    await eventually(lambda: not process_is_there(daemon), "the daemon has gone", 2)


async def test_what_a_session_started_dies_when_it_is_closed(gateway: Gateway) -> None:
    for ending in ("", "while True: pass"):
        async with gateway.session() as session:
            item = await session.submit(DAEMON + "sys.stdout.flush()\n" + ending)
            await item.until("output")
            daemon = int(item.written("stdout"))
            assert process_is_there(daemon)
            closed = await gateway.close(session.session.id)
            assert closed.close_reason == execute_pb2.CLOSE_REASON_RELEASED
            assert not process_is_there(daemon)


async def test_what_a_session_started_lives_as_long_as_the_session(session: Stream) -> None:
    item = await session.submit(DAEMON)
    await item.finished()
    daemon = int(item.written("stdout"))
    await session.run("1")
    assert process_is_there(daemon)
    assert daemon in set(all_below(session.session.pid))


DAEMON = """
import os, sys
readable, writable = os.pipe()
if os.fork() == 0:
    os.setsid()
    pid = os.fork()
    if pid == 0:
        os.close(1); os.close(2)
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True: signal.pause()
    os.write(writable, str(pid).encode())
    os._exit(0)
os.wait()
print(os.read(readable, 100).decode())
"""
