"""Stopping code: which rung ends it, and what it leaves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from textwrap import indent
from typing import Any

import pytest
from google.protobuf import duration_pb2

from beep.python.v1 import execute_pb2
from tests.worker.conftest import both_pythons
from tests.worker.driver import Gateway, Refused, Stream, unless_refused

pytestmark = both_pythons

INTERRUPT, EXCEPTION, KILL = (
    execute_pb2.STOP_RUNG_INTERRUPT,
    execute_pb2.STOP_RUNG_EXCEPTION,
    execute_pb2.STOP_RUNG_KILL,
)
GRACE_S = 0.3
SAYS_UP = "__import__('os').write(1, b'up')"
BUSY = f"{SAYS_UP}\nwhile True: pass"
# An interrupt that comes while another one is swallowed is swallowed as well.
SWALLOWS = f"""
said = False
while True:
    try:
        while True:
            try:
                if not said: said = {SAYS_UP}
                while True: pass
            except BaseException: pass
    except BaseException: pass
"""

# What runs, and the first rung that ends it.
STUBBORN = [
    pytest.param(BUSY, INTERRUPT, id="busy-loop"),
    pytest.param(f"import time; {SAYS_UP}; time.sleep(60)", INTERRUPT, id="sleep"),
    pytest.param(
        "import subprocess; subprocess.run(['sh', '-c', 'echo up; exec sleep 60'])", INTERRUPT, id="child-process"
    ),
    pytest.param(f"import threading\n{SAYS_UP}\nthreading.Event().wait()", INTERRUPT, id="lock"),
    pytest.param(f"import asyncio\n{SAYS_UP}\nawait asyncio.sleep(60)", INTERRUPT, id="await"),
    pytest.param(
        f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{BUSY}", EXCEPTION, id="signal-ignored"
    ),
    pytest.param(
        f"try:\n    {SAYS_UP}\n    while True: pass\nexcept KeyboardInterrupt: pass\nwhile True: pass",
        EXCEPTION,
        id="swallows-one",
    ),
    pytest.param(SWALLOWS, KILL, id="swallows-all"),
    pytest.param(
        "import os\nfrom itertools import chain, repeat\nsum(chain(map(os.write, [1], [b'up']), repeat(1)))",
        KILL,
        id="holds-the-gil",
    ),
    pytest.param(
        f"import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])\n{SAYS_UP}\ntime.sleep(60)",
        KILL,
        id="blocks-the-signal",
    ),
]


@pytest.mark.parametrize(("code", "rung"), STUBBORN)
async def test_an_interrupt_climbs_no_further_than_it_must(
    gateway: Gateway, session: Stream, code: str, rung: execute_pb2.StopRung
) -> None:
    await session.run("kept = 1")
    item = await session.submit(code)
    await item.says("up")
    started = time.monotonic()
    answer = await gateway.interrupt(session.session.id, grace_s=GRACE_S)
    took_s = time.monotonic() - started
    finished = await item.finished()
    is_preserved = rung != KILL
    assert (finished.stopped_by, finished.state_preserved) == (rung, is_preserved)
    assert (answer.stopped_by, answer.state_preserved) == (rung, is_preserved)
    assert finished.outcome == execute_pb2.OUTCOME_INTERRUPTED
    assert finished.generation == answer.session.generation == (1 if is_preserved else 2)
    assert took_s < GRACE_S + 3
    if rung == INTERRUPT:
        assert took_s < GRACE_S / 2
    assert await session.value("'kept' in globals()") is is_preserved
    notices = [event.notice.kind for event in item.events if event.HasField("notice")]
    assert notices == [execute_pb2.NOTICE_KIND_INTERRUPTING]


@pytest.mark.parametrize(
    ("code", "rung"),
    [
        pytest.param(BUSY, INTERRUPT, id="busy-loop"),
        pytest.param(SWALLOWS, KILL, id="swallows-all"),
    ],
)
@pytest.mark.parametrize("cause", ["timeout", "run_time", "departure", "output"])
async def test_every_cause_climbs_the_same_ladder(
    gateway: Gateway, code: str, rung: execute_pb2.StopRung, cause: str
) -> None:
    short = duration_pb2.Duration(nanos=100_000_000)
    spec = execute_pb2.SessionSpec()
    fields: dict[str, Any] = {"interrupt_grace": duration_pb2.Duration(nanos=200_000_000)}
    if cause == "timeout":
        fields["timeout"] = short
    elif cause == "run_time":
        spec.limits.run_time.CopyFrom(short)
    async with gateway.session(spec) as session:
        if cause == "output":
            item = await session.submit(code.replace("b'up'", "b'x' * 1000"), max_output_bytes=100, **fields)
        else:
            item = await session.submit(code, **fields)
        if cause == "departure":
            await item.says("up")
            await item.depart()
            finished = (await gateway.execution(item.id, wait_s=10)).result.finished
        else:
            finished = await item.finished()
        assert (
            finished.outcome
            == {
                "timeout": execute_pb2.OUTCOME_TIMEOUT,
                "run_time": execute_pb2.OUTCOME_TIMEOUT,
                "departure": execute_pb2.OUTCOME_CANCELLED,
                "output": execute_pb2.OUTCOME_OUTPUT_LIMIT,
            }[cause]
        )
        assert (finished.stopped_by, finished.state_preserved) == (rung, rung != KILL)
        assert "went away" in finished.message or "0.1 s" in finished.message or "100 bytes" in finished.message
        if cause in ("timeout", "run_time"):
            notices = [event.notice.kind for event in item.events if event.HasField("notice")]
            assert notices == [execute_pb2.NOTICE_KIND_TIMING_OUT]
        assert (await session.run("1 + 1")).text == "2"


@pytest.mark.parametrize("kill", [False, True])
@pytest.mark.parametrize(
    ("code", "function", "lines"),
    [
        pytest.param(f"def f():\n{indent(SWALLOWS, '    ')}\nf()", "f", (8, 9), id="swallows-all"),
        pytest.param(
            "import os\nfrom itertools import chain, repeat\nsum(chain(map(os.write, [1], [b'up']), repeat(1)))",
            "<module>",
            (3,),
            id="holds-the-gil",
        ),
    ],
)
async def test_what_has_to_be_killed_says_where_it_was(
    gateway: Gateway, session: Stream, code: str, function: str, lines: tuple[int, ...], kill: bool
) -> None:
    item = await session.submit(code)
    await item.says("up")
    await gateway.interrupt(session.session.id, grace_s=GRACE_S, kill=kill)
    finished = await item.finished()
    assert finished.stopped_by == KILL
    [thread, *_] = finished.stopped_at
    assert thread.main_thread
    innermost = thread.frames[-1]
    assert innermost.function == function
    assert innermost.line in lines
    assert innermost.source == code.splitlines()[innermost.line - 1].strip()


async def test_what_ends_at_once_says_where_it_was_by_its_traceback(gateway: Gateway, session: Stream) -> None:
    item = await session.submit(BUSY)
    await item.says("up")
    await gateway.interrupt(session.session.id)
    finished = await item.finished()
    assert (finished.stopped_by, list(finished.stopped_at)) == (INTERRUPT, [])


async def test_a_shell_that_the_code_waits_for_ends_at_once(gateway: Gateway, session: Stream) -> None:
    # While it waits, system(3) ignores the signal: the code goes on when its child has gone.
    item = await session.submit("import os, signal; os.system('echo up; exec sleep 60') == signal.SIGINT")
    await item.says("up")
    started = time.monotonic()
    assert (await gateway.interrupt(session.session.id)).state_preserved
    assert (await item.until("result")).result.value.boolean
    assert (await item.finished()).outcome == execute_pb2.OUTCOME_OK
    assert time.monotonic() - started < 1


async def test_a_kill_asks_for_no_rung_below(gateway: Gateway, session: Stream) -> None:
    item = await session.submit(BUSY)
    await item.says("up")
    answer = await gateway.interrupt(session.session.id, kill=True)
    assert (answer.stopped_by, answer.state_preserved) == (KILL, False)
    assert answer.session.generation == 2
    assert (await item.finished()).outcome == execute_pb2.OUTCOME_INTERRUPTED


async def test_a_second_interrupt_hastens_and_never_delays(gateway: Gateway, session: Stream) -> None:
    item = await session.submit(SWALLOWS)
    await item.says("up")
    started = time.monotonic()
    first = asyncio.create_task(gateway.interrupt(session.session.id, grace_s=0.5))
    while not first.done():
        try:
            async with asyncio.timeout(0.1):
                await gateway.interrupt(session.session.id, grace_s=0.5)
        except (TimeoutError, Refused):
            pass
        assert time.monotonic() - started < 5
    assert first.result().stopped_by == KILL
    assert time.monotonic() - started < 2


async def test_code_that_ends_by_itself_after_an_interrupt_is_ok(gateway: Gateway, session: Stream) -> None:
    item = await session.submit(
        f"try:\n    {SAYS_UP}\n    while True: pass\nexcept KeyboardInterrupt: print('tidy')\n'ended'"
    )
    await item.says("up")
    answer = await gateway.interrupt(session.session.id)
    assert answer.state_preserved
    finished = await item.finished()
    assert finished.outcome == execute_pb2.OUTCOME_OK
    assert "tidy" in item.written("stdout")
    assert item.kinds[-2] == "result"


async def test_code_that_ends_by_itself_after_its_time_is_timeout(session: Stream) -> None:
    item = await session.submit(
        f"try:\n    {SAYS_UP}\n    while True: pass\nexcept KeyboardInterrupt: pass\n'ended'",
        timeout=duration_pb2.Duration(nanos=50_000_000),
    )
    finished = await item.finished()
    assert finished.outcome == execute_pb2.OUTCOME_TIMEOUT
    assert finished.state_preserved
    assert item.kinds[-2] == "result"


async def test_a_keyboard_interrupt_that_nobody_asked_for_is_an_error(session: Stream) -> None:
    for code in ("raise KeyboardInterrupt", "import os, signal; os.kill(os.getpid(), signal.SIGINT)\nwhile True: pass"):
        result = await session.run(code)
        assert result.finished.outcome == execute_pb2.OUTCOME_ERROR
        assert result.error.type_name == "KeyboardInterrupt"
        assert result.finished.stopped_by == execute_pb2.STOP_RUNG_UNSPECIFIED


async def test_a_timeout_starts_with_the_code_and_not_with_the_wait(gateway: Gateway, session: Stream) -> None:
    item = await session.submit(BUSY)
    await item.says("up")
    limit = duration_pb2.Duration(nanos=200_000_000)
    waiting = await session.submit("import time; time.sleep(.1); 'in time'", timeout=limit)
    await waiting.until("accepted")
    assert (await gateway.execution(waiting.id, wait_s=0.3)).state == execute_pb2.EXECUTION_STATE_QUEUED
    await gateway.interrupt(session.session.id, item.id)
    assert (await waiting.finished()).outcome == execute_pb2.OUTCOME_OK


async def test_a_late_interrupt_never_hits_the_next_item(gateway: Gateway, session: Stream) -> None:
    outcomes = set()
    for n in range(200):
        item = await session.submit(f"for _ in range({n * 200}): pass")
        after = await session.submit("for _ in range(2000): pass\n'whole'")
        interrupt = asyncio.create_task(gateway.interrupt(session.session.id, item.id))
        finished = await item.finished()
        outcomes.add(finished.outcome)
        assert (await after.finished()).outcome == execute_pb2.OUTCOME_OK
        assert finished.state_preserved
        await unless_refused(interrupt, "NOTHING_RUNNING")
    assert outcomes <= {execute_pb2.OUTCOME_OK, execute_pb2.OUTCOME_INTERRUPTED, execute_pb2.OUTCOME_CANCELLED}
    assert (await gateway.describe(session.session.id)).generation == 1


async def test_an_interrupt_that_comes_before_the_code_has_begun_is_not_lost(gateway: Gateway, session: Stream) -> None:
    for _ in range(60):
        item = await session.submit("while True: pass", interrupt_grace=duration_pb2.Duration(seconds=20))
        await gateway.interrupt(session.session.id, item.id)
        finished = await item.finished()
        assert finished.outcome == execute_pb2.OUTCOME_INTERRUPTED
        assert finished.stopped_by == INTERRUPT
    assert (await gateway.describe(session.session.id)).generation == 1


@pytest.fixture
async def session(gateway: Gateway) -> AsyncIterator[Stream]:
    """A session whose state survives all but the last rung."""
    async with gateway.session() as stream:
        yield stream
