"""Lists of executions: newest first, page by page, everybody's own."""

from __future__ import annotations

from typing import Any

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from tests.worker.driver import Gateway, new_id

RUNNING, QUEUED, FINISHED = (
    execute_pb2.EXECUTION_STATE_RUNNING,
    execute_pb2.EXECUTION_STATE_QUEUED,
    execute_pb2.EXECUTION_STATE_FINISHED,
)


def ids(listed: list[worker_pb2.ListedExecution]) -> list[str]:
    return [execute_pb2.ExecutionInfo.FromString(each.info).execution_id for each in listed]


async def test_pages_go_from_the_newest_to_the_oldest_while_new_ones_come(gateway: Gateway) -> None:
    principal = new_id("p")
    async with gateway.session(principal=principal) as session:
        items = [await session.submit(str(n)) for n in range(3)]
        for item in items:
            await item.finished()
        newest_first = [item.id for item in reversed(items)]
        assert ids(await gateway.executions(principal, 10)) == newest_first
        first = await gateway.executions(principal, 2)
        assert ids(first) == newest_first[:2]
        await session.run("'one more'")
        assert ids(await gateway.executions(principal, 2, first[-1].place)) == newest_first[2:]
        assert ids(await gateway.executions(principal, 0)) == []


async def test_they_are_found_by_session_and_by_state(gateway: Gateway) -> None:
    principal = new_id("p")
    async with gateway.session(principal=principal) as one, gateway.session(principal=principal) as other:
        done = await one.submit("1")
        await done.finished()
        running = await one.submit("print('up', flush=True)\nwhile True: pass")
        await running.says("up")
        waiting = await one.submit("2")
        await waiting.until("accepted")
        elsewhere = await other.submit("3")
        await elsewhere.finished()

        async def found(**wanted: Any) -> list[str]:
            return ids(await gateway.executions(principal, 10, **wanted))

        assert await found() == [elsewhere.id, waiting.id, running.id, done.id]
        assert await found(session_id=one.session.id) == [waiting.id, running.id, done.id]
        assert await found(states=[RUNNING]) == [running.id]
        assert await found(states=[QUEUED, RUNNING]) == [waiting.id, running.id]
        assert await found(session_id=other.session.id, states=[FINISHED]) == [elsewhere.id]
        assert await found(session_id="nobody") == []


async def test_nobody_sees_anothers(gateway: Gateway) -> None:
    async with gateway.session(principal="ann") as session:
        await session.run("'hers'")
        assert await gateway.executions("bob", 10) == []
        assert await gateway.executions("bob", 10, session_id=session.session.id) == []


async def test_a_list_says_what_was_run_and_not_what_came_of_it(gateway: Gateway) -> None:
    principal = new_id("p")
    async with gateway.session(principal=principal) as session:
        await session.run("'x' * 100_000 #" + "y" * 5000)
        [listed] = await gateway.executions(principal, 10)
        info = execute_pb2.ExecutionInfo.FromString(listed.info)
        assert info.outcome == execute_pb2.OUTCOME_OK
        assert not info.HasField("result")
        assert info.source.startswith("'x' * 100_000 #yyy")
        assert len(info.source) == 1000
        assert info.accepted_at.ToNanoseconds() == listed.place.accepted_ns
        assert info.HasField("started_at")
        assert info.HasField("finished_at")
