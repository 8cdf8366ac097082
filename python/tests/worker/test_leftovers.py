"""What sessions leave behind: nothing."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker.tree import children_of
from tests.worker.conftest import both_wires
from tests.worker.driver import (
    Gateway,
    Refused,
    WorkerProcess,
    all_below,
    eventually,
    process_is_there,
    unless_refused,
)

# Of a session that was made ahead of its caller.
SPARE_DESCRIPTORS = 9


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


async def leftovers(gateway: Gateway, worker: WorkerProcess) -> set[int]:
    """The processes below the worker that are no templates, nor the one session that each may have made ahead."""
    templates = {template.pid for template in (await gateway.stats()).templates}
    spares = {child for template in templates for child in children_of(template)[:1]}
    return set(all_below(worker.pid)) - templates - spares


async def settled(gateway: Gateway) -> None:
    """Returns when no session is there any more."""
    for _ in range(2000):
        if (await gateway.stats()).sessions_open == 0:
            return
    raise AssertionError("sessions are left")


async def no_process_is_left(gateway: Gateway, worker: WorkerProcess) -> None:
    """Fails when some stay for longer than their end takes."""
    left = await leftovers(gateway, worker)
    try:
        async with asyncio.timeout(3):
            # Anew each time: beside one that is about to end, the one made ahead is not yet its template's only child.
            while left:
                await asyncio.sleep(0.005)
                left = await leftovers(gateway, worker)
    except TimeoutError:
        raise AssertionError(f"not within 3 s: the end of {left}") from None


@pytest.fixture
async def nothing_is_left(gateway: Gateway, worker: WorkerProcess, tmp_path: Path) -> AsyncIterator[None]:
    """Whatever the test does, afterwards all is as it was after one session."""
    async with gateway.session() as first:  # the template, and the threads of the worker's executor
        await first.run("1")
    await eventually(lambda: not list(tmp_path.iterdir()), "the first folder has gone", 3)
    before = descriptors(worker.pid) + SPARE_DESCRIPTORS
    yield
    await settled(gateway)
    await no_process_is_left(gateway, worker)
    await eventually(lambda: descriptors(worker.pid) <= before, f"no more than {before} descriptors are open", 3)
    await eventually(lambda: not list(tmp_path.iterdir()), "no folder is left", 3)


@both_wires
async def test_nothing_is_left_of_a_hundred_sessions(gateway: Gateway, nothing_is_left: None) -> None:
    async def cycle(n: int) -> None:
        async with gateway.session(execute_pb2.SessionSpec(close_on_death=n % 2 == 0)) as session:
            ending = ("", "import os; os._exit(1)", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")[n % 3]
            await session.run(f"import os, subprocess\nsubprocess.Popen(['sleep', '60'])\nopen('file', 'w')\n{ending}")

    for n in range(0, 100, 10):
        await asyncio.gather(*(cycle(n + m) for m in range(10)))


@both_wires
async def test_nothing_is_left_of_openings_that_fail(gateway: Gateway, nothing_is_left: None) -> None:
    async def fails(spec: execute_pb2.SessionSpec, **fields: Any) -> None:
        stream = gateway.stream()
        with pytest.raises(Refused):
            await stream.open(gateway.request(spec, **fields))
        await stream.end()

    nothing = worker_pb2.Environment(name="nothing", generation=1, python_path="/no/such/python")
    exits = worker_pb2.Environment(name="exits", generation=1, python_path="/bin/true")
    for _ in range(5):
        await asyncio.gather(
            fails(execute_pb2.SessionSpec(), environment=nothing),
            fails(execute_pb2.SessionSpec(), environment=exits),
            fails(execute_pb2.SessionSpec(env={"OMP_NUM_THREADS": "1"}), environment=exits),
            fails(execute_pb2.SessionSpec(preload=["no_such_module_anywhere"])),
            fails(execute_pb2.SessionSpec(cwd="/no/such/folder")),
            fails(execute_pb2.SessionSpec(cwd="..")),
        )


@pytest.mark.parametrize("kind", ["forked", "spawned"])
@both_wires
async def test_nothing_is_left_of_openings_that_nobody_waits_for(
    gateway: Gateway, nothing_is_left: None, kind: str
) -> None:
    spec = execute_pb2.SessionSpec(env={"OMP_NUM_THREADS": "1"} if kind == "spawned" else {})
    for n in range(20 if kind == "forked" else 5):
        stream = gateway.stream()
        await stream.send(worker_pb2.Downward(open=gateway.request(spec)))
        for _ in range(n % 4):
            await gateway.stats()  # a little later each time
        await stream.abort()
    if kind == "forked":
        call = gateway.stub.OpenSession(gateway.request(spec), metadata=gateway.metadata)
        await gateway.stats()
        call.cancel()
    for session in await gateway.sessions():
        await unless_refused(gateway.close(session.id), "SESSION_CLOSED")


async def test_a_session_that_is_closed_while_it_is_opened_is_gone(gateway: Gateway, worker: WorkerProcess) -> None:
    for spec in (execute_pb2.SessionSpec(), execute_pb2.SessionSpec(env={"OMP_NUM_THREADS": "1"})):
        request, stream = gateway.request(spec), gateway.stream()
        opening = asyncio.create_task(stream.open(request))
        while True:
            try:
                await gateway.close(request.session_id)
                break
            except Refused as refused:
                if refused.reason == "SESSION_CLOSED":
                    break
        try:
            await opening
        except Refused as refused:
            assert refused.reason == "SESSION_CLOSED"  # noqa: PT017
        await stream.end()
        assert (await gateway.describe(request.session_id)).state == execute_pb2.SESSION_STATE_CLOSED
        await no_process_is_left(gateway, worker)


async def test_two_closes_at_once_are_one(gateway: Gateway) -> None:
    async with gateway.session() as session:
        await session.run("import atexit, time; atexit.register(time.sleep, .1)")
        first, second = await asyncio.gather(gateway.close(session.session.id), gateway.close(session.session.id))
        assert first.state == second.state == execute_pb2.SESSION_STATE_CLOSED


async def test_a_session_that_is_closed_while_it_recovers_is_gone(gateway: Gateway, worker: WorkerProcess) -> None:
    for _ in range(10):
        async with gateway.session() as session:
            item = await session.submit("import os; os._exit(1)")
            await item.finished()
            waiting = await session.submit("1")
            closed = await gateway.close(session.session.id)
            assert closed.state == execute_pb2.SESSION_STATE_CLOSED
            assert closed.close_reason == execute_pb2.CLOSE_REASON_RELEASED
            try:
                assert (await waiting.finished()).outcome in (
                    execute_pb2.OUTCOME_CANCELLED,
                    execute_pb2.OUTCOME_OK,
                )
            except Refused as refused:
                assert refused.reason == "SESSION_CLOSED"  # noqa: PT017
    await no_process_is_left(gateway, worker)


async def test_many_sessions_are_opened_at_once_through_one_template(gateway: Gateway) -> None:
    spec = execute_pb2.SessionSpec(env={f"VARIABLE_{n}": "x" * 100 for n in range(50)})
    streams = [gateway.stream() for _ in range(120)]
    async with asyncio.timeout(30):
        opened = await asyncio.gather(*(stream.open(gateway.request(spec)) for stream in streams))
    assert len({session.pid for session in opened}) == len(streams)
    templates = (await gateway.stats()).templates
    assert [session.origin for session in opened] == [execute_pb2.SESSION_ORIGIN_FORKED] * len(streams)
    await asyncio.gather(*(gateway.close(session.id) for session in opened))
    for stream in streams:
        await stream.end()
    assert [t.pid for t in (await gateway.stats()).templates] == [t.pid for t in templates]


async def test_an_environment_larger_than_a_socket_buffer_arrives(gateway: Gateway) -> None:
    variables = {f"LARGE_{n}": "x" * 100_000 for n in range(10)}
    async with gateway.session(execute_pb2.SessionSpec(env=variables)) as session:
        code = "import os; sum(len(v) for k, v in os.environ.items() if k.startswith('LARGE_'))"
        assert await session.value(code) == 1_000_000


async def test_a_process_that_never_stands_still_is_caught(gateway: Gateway, worker: WorkerProcess) -> None:
    # Each forks the next and ends, so that its id is another one at every look.
    code = "import os\nif os.fork() == 0:\n    os.setsid()\n    while True:\n        if os.fork(): os._exit(0)"
    async with gateway.session() as session:
        await session.run(code)
        await gateway.close(session.session.id)
    await no_process_is_left(gateway, worker)


async def test_a_session_made_ahead_goes_with_its_template(gateway: Gateway, worker: WorkerProcess) -> None:
    async with gateway.session() as session:
        await session.run("1")
        template = next(t.pid for t in (await gateway.stats()).templates if session.session.pid in children_of(t.pid))
        await eventually(lambda: len(children_of(template)) == 2, "a session is made ahead", 3)
        spare = next(pid for pid in children_of(template) if pid != session.session.pid)
        os.kill(template, signal.SIGKILL)
        await eventually(lambda: not process_is_there(template), "the template has gone", 3)
        async with gateway.session() as other:
            await other.run("1")
        await eventually(lambda: not process_is_there(spare), "the session that nobody wants has gone", 3)
        assert (await session.run("1 + 1")).text == "2"


async def test_an_idle_session_ends_when_its_lease_is_over(gateway: Gateway) -> None:
    spec = execute_pb2.SessionSpec()
    spec.idle_timeout.FromMilliseconds(150)
    async with gateway.session(spec) as session:
        assert session.session.HasField("expires_at")
        await session.run("import time; time.sleep(.3)")  # busy is not idle
        assert (await session.run("1 + 1")).text == "2"
        while (await gateway.describe(session.session.id)).state != execute_pb2.SESSION_STATE_CLOSED:
            pass
        ended = await gateway.describe(session.session.id)
        assert ended.close_reason == execute_pb2.CLOSE_REASON_IDLE_TIMEOUT


async def test_a_session_ends_with_its_lifetime_whatever_it_does(gateway: Gateway) -> None:
    spec = execute_pb2.SessionSpec()
    spec.lifetime.FromMilliseconds(300)
    async with gateway.session(spec) as session:
        item = await session.submit("while True: pass")
        finished = await item.finished()
        assert finished.outcome == execute_pb2.OUTCOME_CANCELLED
        assert not finished.state_preserved
        assert "lifetime" in finished.message
        while (await gateway.describe(session.session.id)).state != execute_pb2.SESSION_STATE_CLOSED:
            pass
