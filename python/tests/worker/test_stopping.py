"""Every piece of code, stopped for every cause: the end says what happened, and comes in time."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import duration_pb2

from beep.python.v1 import execute_pb2
from tests import interpreters
from tests.worker.conftest import both_pythons
from tests.worker.driver import Gateway, Item, Refused, Stream, all_below
from tests.worker.stoppable import EXCEPTION, INTERRUPT, INTERRUPTED, KILL, TABLE, UP, Stoppable

# Long where a lower rung must do, short where none can.
GRACE_S = {INTERRUPT: 10.0, EXCEPTION: 1.2, KILL: 0.2}

# What the steps may take beyond the grace, on a machine that has other things to do.
BOUND_S = 2.0

CAUSES = {
    "interrupt": INTERRUPTED,
    "timeout": execute_pb2.OUTCOME_TIMEOUT,
    "departure": execute_pb2.OUTCOME_CANCELLED,
    "kill": INTERRUPTED,
}

# Code has to be where it is to be stopped before its time is up, on a slow machine too.
TIMEOUT_S = 1.0

# Of each kind one; `npm run soak` has all.
TIMED_OUT = {
    "an endless loop",
    "an endless finally",
    "a loop that swallows BaseException",
    "a handler that ends the code",
    "a handler that ends the process",
    "a SIGINT that ends the process",
    "os.system",
    "await asyncio.sleep",
}


def _rows(is_long: Callable[[Stoppable], bool]) -> list[object]:
    return [
        pytest.param(
            row,
            python.values[0],
            marks=[*python.marks, *([pytest.mark.soak] if is_long(row) else [])],
            id=f"{row.name}-{python.id}",
        )
        for python in interpreters.every_cpython()
        for row in TABLE
        if tuple(map(int, str(python.id).split("."))) >= row.since
    ]


@pytest.mark.parametrize(("row", "python"), _rows(lambda row: False))
async def test_code_that_is_stopped_ends_in_time_and_its_end_is_true(gateway: Gateway, row: Stoppable) -> None:
    await _all(_stop(gateway, row, cause) for cause in ("interrupt", "departure", "kill"))


@pytest.mark.parametrize(("row", "python"), _rows(lambda row: row.name not in TIMED_OUT))
async def test_code_whose_time_is_up_ends_in_time_and_its_end_is_true(gateway: Gateway, row: Stoppable) -> None:
    await _stop(gateway, row, "timeout")


async def _all(steps: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All at once; the first failure is raised when all have ended."""
    for failure in await asyncio.gather(*steps, return_exceptions=True):
        if failure is not None:
            raise failure


async def _stop(gateway: Gateway, row: Stoppable, cause: str) -> None:
    rung = KILL if cause == "kill" else row.rung
    is_preserved = row.is_preserved and rung != KILL
    outcome = row.outcome if cause == "interrupt" else CAUSES[cause]
    grace_s = GRACE_S[rung]
    timeout_s = TIMEOUT_S if cause == "timeout" else None
    async with gateway.session() as session:
        await session.run("kept = 1")
        submitted = time.monotonic()
        item = await session.submit(row.code, interrupt_grace=_duration(grace_s), timeout=_duration(timeout_s))
        await _is_up(item)
        if row.waits_in is not None:
            await _is_in_call(session.session.pid, row.waits_in)
        started = time.monotonic() if timeout_s is None else submitted + timeout_s
        if cause == "departure":
            await item.depart()
            finished = (await gateway.execution(item.id, wait_s=10)).result.finished
        elif cause == "timeout":
            finished = await item.finished()
        else:
            await gateway.interrupt(session.session.id, kill=cause == "kill")
            finished = await item.finished()
        took_s = time.monotonic() - started
        end = (finished.outcome, finished.stopped_by, finished.state_preserved, finished.generation)
        assert end == (outcome, rung, is_preserved, 1 if is_preserved else 2), cause
        assert took_s < (0 if rung == INTERRUPT else grace_s) + BOUND_S, cause
        assert await session.value("'kept' in globals()") is is_preserved, cause


async def _is_in_call(pid: int, number: int) -> None:
    while Path(f"/proc/{pid}/syscall").read_text().split()[0] != str(number):
        await asyncio.sleep(0.001)


async def _is_up(item: Item) -> None:
    while "up" not in item.written("stdout") + item.written("stderr"):
        await item.until("output")


def _duration(seconds: float | None) -> duration_pb2.Duration | None:
    return None if seconds is None else duration_pb2.Duration(nanos=int(seconds * 1e9) % 10**9, seconds=int(seconds))


@both_pythons
async def test_a_thread_left_behind_goes_on_and_is_nothing_to_interrupt(gateway: Gateway, session: Stream) -> None:
    result = await session.run(
        "import threading\ncount, stops = 0, threading.Event()\ndef work():\n    global count\n"
        "    while not stops.wait(.001): count += 1\n"
        "thread = threading.Thread(target=work); thread.start()"
    )
    assert result.finished.outcome == execute_pb2.OUTCOME_OK
    for _ in range(10):
        with pytest.raises(Refused) as refusal:
            await gateway.interrupt(session.session.id)
        assert refusal.value.reason == "NOTHING_RUNNING"
    # An interrupt of what runs does not touch it either.
    item = await session.submit(f"{UP}\nwhile True: pass")
    await item.says("up")
    await gateway.interrupt(session.session.id)
    assert (await item.finished()).outcome == INTERRUPTED
    code = "before = count\nwhile count == before: pass\nstops.set(); thread.join(); thread.is_alive()"
    assert await session.value(code) is False


@both_pythons
async def test_what_waits_is_withdrawn_and_never_runs(gateway: Gateway, session: Stream) -> None:
    running = await session.submit(f"ran = []\n{UP}\nwhile True: pass")
    await running.says("up")
    waiting = [await session.submit(f"ran.append({n})") for n in range(3)]
    await waiting[-1].until("accepted")
    answer = await gateway.interrupt(session.session.id, waiting[1].id)
    assert (answer.stopped_by, answer.state_preserved) == (execute_pb2.STOP_RUNG_UNSPECIFIED, True)
    finished = await waiting[1].finished()
    assert (finished.outcome, finished.stopped_by) == (
        execute_pb2.OUTCOME_CANCELLED,
        execute_pb2.STOP_RUNG_UNSPECIFIED,
    )
    assert waiting[1].kinds == ["accepted", "finished"]
    await gateway.interrupt(session.session.id, running.id)
    for other in (waiting[0], waiting[2]):
        assert (await other.finished()).outcome == execute_pb2.OUTCOME_OK
    assert await session.value("ran") == [0, 2]


@both_pythons
async def test_many_interrupts_at_once_are_one_end_and_leave_the_next_item_alone(
    gateway: Gateway, session: Stream
) -> None:
    for _ in range(40):
        item = await session.submit(f"{UP}\nwhile True: pass")
        await item.says("up")
        after = await session.submit("for _ in range(20_000): pass\n'whole'")
        calls = [gateway.interrupt(session.session.id, item.id) for _ in range(20)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, execute_pb2.InterruptResponse):
                assert answer.state_preserved
            else:
                assert isinstance(answer, Refused)
                assert answer.reason == "NOTHING_RUNNING"
        assert (await item.finished()).outcome == INTERRUPTED
        assert (await after.finished()).outcome == execute_pb2.OUTCOME_OK
    assert (await gateway.describe(session.session.id)).generation == 1


DAEMON = """
import os, signal
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            os.write(1, b'd')
            while True: signal.pause()
        os._exit(0)
    os.wait()
print("up", flush=True)  # those in between have gone
"""


@both_pythons
async def test_daemons_outlive_the_item_that_was_stopped_and_not_the_session(gateway: Gateway) -> None:
    async with gateway.session() as session:
        item = await session.submit(f"{DAEMON}\nwhile True: pass")
        await item.says("up")
        await gateway.interrupt(session.session.id)
        assert (await item.finished()).outcome == INTERRUPTED
        daemons = set(all_below(session.session.pid))
        assert len(daemons) == 3
        await gateway.close(session.session.id)
        assert not [pid for pid in daemons if os.path.exists(f"/proc/{pid}")]
