"""Restarts: a fresh interpreter under the same id, whatever the session does at that moment."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from beep.python.v1 import execute_pb2
from tests.worker.conftest import both_pythons
from tests.worker.driver import Gateway, Refused, Stream, eventually, process_is_there

CANCELLED, OK = execute_pb2.OUTCOME_CANCELLED, execute_pb2.OUTCOME_OK
LOST = "the state it counted on was lost before it started"
ENDLESS = "print('up', flush=True)\nwhile True: pass"


@both_pythons
async def test_an_idle_session_begins_anew_in_the_next_generation(gateway: Gateway, session: Stream) -> None:
    before = session.session
    await session.run("x = 1; open('kept', 'w').close()")
    after = await gateway.restart(before.id)
    assert (after.id, after.generation, after.state) == (before.id, 2, execute_pb2.SESSION_STATE_IDLE)
    assert after.pid not in (0, before.pid)
    assert after.created_at == before.created_at
    await eventually(lambda: not process_is_there(before.pid), "the former process has gone")
    result = await session.run("import os; ['x' in globals(), os.getpid(), os.listdir()]")
    assert result.value.json == f'[false,{after.pid},["kept"]]'
    assert result.finished.generation == 2


async def test_an_idle_session_ends_as_a_python_program_does(gateway: Gateway, session: Stream, tmp_path: Path) -> None:
    said = tmp_path / "said"
    await session.run(f"import atexit; atexit.register(lambda: open({str(said)!r}, 'w').close())")
    await gateway.restart(session.session.id)
    assert said.exists()


async def test_what_runs_is_killed_and_what_waits_never_starts(gateway: Gateway, session: Stream) -> None:
    running = await session.submit("import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + ENDLESS)
    await running.says("up")
    waiting = [await session.submit("1") for _ in range(3)]
    for item in waiting:
        await item.until("accepted")
    after = await gateway.restart(session.session.id)
    assert after.generation == 2
    stopped = await running.finished()
    assert (stopped.outcome, stopped.message) == (CANCELLED, "the session was restarted")
    assert stopped.stopped_by == execute_pb2.STOP_RUNG_KILL
    assert not stopped.state_preserved
    assert stopped.generation == 2
    for item in waiting:
        finished = await item.finished()
        assert item.kinds == ["accepted", "finished"]
        assert (finished.outcome, finished.message) == (CANCELLED, LOST)
        assert not finished.state_preserved
        assert finished.generation == 2
    assert (await session.run("1", generation=2)).finished.outcome == OK


async def test_what_it_started_goes_with_it(gateway: Gateway, session: Stream) -> None:
    start = "import subprocess; subprocess.Popen(['sleep', '1000'], start_new_session=True).pid"
    pid = await session.value(start)
    await gateway.restart(session.session.id)
    await eventually(lambda: not process_is_there(pid), "what it started has gone")


async def test_restarts_that_come_during_another_join_it(gateway: Gateway, session: Stream) -> None:
    running = await session.submit(ENDLESS)
    await running.says("up")
    answers = await asyncio.gather(*(gateway.restart(session.session.id) for _ in range(5)))
    assert (await running.finished()).outcome == CANCELLED
    # One that comes after the end of another is a restart of its own: each generation has one interpreter.
    generations = {answer.generation for answer in answers}
    assert generations == set(range(2, 2 + len(generations)))
    assert len({(answer.generation, answer.pid) for answer in answers}) == len(generations)


async def test_what_comes_during_a_restart_runs_in_the_fresh_interpreter(gateway: Gateway, session: Stream) -> None:
    await session.run("x = 1; import atexit, time; atexit.register(time.sleep, .2)")
    restarting = asyncio.create_task(gateway.restart(session.session.id))
    while (now := await gateway.describe(session.session.id)).generation == 1:
        pass
    assert now.state == execute_pb2.SESSION_STATE_RECOVERING
    item = await session.submit("'x' in globals()", generation=2)
    assert (await item.until("accepted")).accepted.generation == 2
    assert (await item.until("result")).result.text == "False"
    assert (await restarting).generation == 2


async def test_a_second_restart_cancels_what_waits_for_the_first(gateway: Gateway, session: Stream) -> None:
    await session.run("import atexit, time; atexit.register(time.sleep, .2)")
    first = asyncio.create_task(gateway.restart(session.session.id))
    while (await gateway.describe(session.session.id)).generation == 1:
        pass
    item = await session.submit("1")
    await item.until("accepted")
    assert (await gateway.restart(session.session.id)).generation == 3
    finished = await item.finished()
    assert (finished.outcome, finished.message, finished.generation) == (CANCELLED, LOST, 3)
    assert (await first).generation == 3


async def test_a_session_that_recovers_is_restarted_by_that(gateway: Gateway, session: Stream) -> None:
    for generation in range(2, 8):
        dying = await session.submit("import os; os.kill(os.getpid(), 9)")
        await dying.finished()
        after = await gateway.restart(session.session.id)
        assert after.generation >= generation
        assert after.state == execute_pb2.SESSION_STATE_IDLE
        assert (await session.run("1", generation=after.generation)).finished.outcome == OK


async def test_a_restart_is_no_death(gateway: Gateway) -> None:
    async with gateway.session(execute_pb2.SessionSpec(close_on_death=True)) as session:
        for generation in range(2, 7):  # more often than processes may die before any code runs in them
            assert (await gateway.restart(session.session.id)).generation == generation
        await session.run("import os; os._exit(1)")
        with pytest.raises(Refused) as refused:
            await gateway.restart(session.session.id)
        assert refused.value.reason == "SESSION_CLOSED"


async def test_a_session_that_closes_is_not_restarted(gateway: Gateway) -> None:
    async with gateway.session() as session:
        await session.run("import atexit, time; atexit.register(time.sleep, .2)")
        closing = asyncio.create_task(gateway.close(session.session.id))
        while (await gateway.describe(session.session.id)).state == execute_pb2.SESSION_STATE_IDLE:
            pass
        for _ in range(2):  # while it closes, and after
            with pytest.raises(Refused) as refused:
                await gateway.restart(session.session.id)
            assert refused.value.reason == "SESSION_CLOSED"
            await closing


async def test_a_close_ends_a_restart(gateway: Gateway) -> None:
    async with gateway.session() as session:
        await session.run("import atexit, time; atexit.register(time.sleep, .2)")
        restarting = asyncio.create_task(gateway.restart(session.session.id))
        while (await gateway.describe(session.session.id)).generation == 1:
            pass
        assert (await gateway.close(session.session.id)).state == execute_pb2.SESSION_STATE_CLOSED
        with pytest.raises(Refused) as refused:
            await restarting
        assert refused.value.reason == "SESSION_CLOSED"


async def test_whoever_asked_may_go_away(gateway: Gateway, session: Stream) -> None:
    await session.run("import atexit, time; atexit.register(time.sleep, .2)")
    restarting = asyncio.create_task(gateway.restart(session.session.id))
    while (await gateway.describe(session.session.id)).generation == 1:
        pass
    restarting.cancel()
    await asyncio.gather(restarting, return_exceptions=True)
    assert (await session.run("2", generation=2)).finished.outcome == OK


async def test_a_session_for_one_execution_is_not_restarted(gateway: Gateway) -> None:
    async with gateway.session(ephemeral=True) as session:
        running = await session.submit(ENDLESS)
        await running.says("up")
        with pytest.raises(Refused) as refused:
            await gateway.restart(session.session.id)
        assert refused.value.reason == "INVALID_ARGUMENT"
        await gateway.interrupt(session.session.id)
        assert (await running.finished()).outcome == execute_pb2.OUTCOME_INTERRUPTED


async def test_code_that_ends_as_it_is_killed_has_lost_its_state(gateway: Gateway, session: Stream) -> None:
    for _ in range(30):
        generation = (await gateway.describe(session.session.id)).generation
        item = await session.submit("print('up', flush=True)")
        await item.says("up")
        await gateway.restart(session.session.id)
        finished = await item.finished()
        # It had ended before, or it was killed: never half of each.
        assert (finished.outcome, finished.state_preserved, finished.generation) in (
            (OK, True, generation),
            (CANCELLED, False, generation + 1),
        )


async def test_nobody_is_restarted_who_is_not_there(gateway: Gateway) -> None:
    with pytest.raises(Refused) as refused:
        await gateway.restart("nobody")
    assert refused.value.reason == "SESSION_NOT_FOUND"
