"""The client for asyncio: the same scenarios, where awaiting makes a difference."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from beep_python_client import (
    AsyncClient,
    AsyncSession,
    Client,
    ExecutionTimeout,
    Finished,
    InputRequest,
    Output,
    errors,
)
from tests.client.cutter import Cutter
from tests.client.gateway import Gateway


async def test_sessions_and_executions(async_client: AsyncClient) -> None:
    async with await async_client.create_session(labels={"of": "asyncio"}) as session:
        result = await session.run("print('out'); x = 6\nx * 7")
        assert (result.value, result.stdout) == (42, "out\n")
        assert session.id in [found.id async for found in async_client.list_sessions(labels={"of": "asyncio"})]
        assert (await (await async_client.get_session(session.id)).run("x")).value == 6
        assert (await session.renew(100)).id == session.id
        with pytest.raises(ZeroDivisionError):
            await session.run("1 / 0")
        with pytest.raises(ExecutionTimeout):
            await session.run("while True: pass", timeout=0.1)
        assert (await session.restart()).generation == 2
    with pytest.raises(errors.SessionClosed):
        await session.run("1")
    assert (await async_client.run("1 + 1")).value == 2
    assert (await async_client.fresh().run("'x' in globals()")).value is False


async def test_events_come_in_order_and_the_result_after_them(async_session: AsyncSession) -> None:
    execution = async_session.execute("print('a')\n2 + 2")
    events = [event async for event in execution]
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert isinstance(events[-1], Finished)
    assert (await execution.result()).value == 4


async def test_code_that_asks_is_answered(async_session: AsyncSession) -> None:
    async with async_session.execute("input('name? ')", interactive=True) as execution:
        async for event in execution:
            if isinstance(event, InputRequest):
                await execution.send("Ada\n", to=event)
        assert (await execution.result()).value == "Ada"


async def started(session: AsyncSession) -> None:
    """Wait until something runs there."""
    while (await session.refresh()).state != "BUSY":
        await asyncio.sleep(0)


@pytest.mark.parametrize("way", ["run", "result", "events", "object", "loop"])
async def test_a_cancelled_task_stops_its_code(async_session: AsyncSession, way: str) -> None:
    code = "x = 1\nwhile True: pass"

    async def work() -> Any:
        if way == "run":
            return await async_session.run(code)
        if way == "result":
            return await async_session.execute(code).result()
        if way == "object":
            return await async_session.evaluate("[0 for _ in iter(int, 1)]")
        async for _ in async_session.execute(code):
            if way == "loop":
                await asyncio.sleep(3600)

    task = asyncio.create_task(work())
    await started(async_session)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await async_session.run("1", queue_timeout=20)).value == 1
    assert (await async_session.refresh()).generation == 1


async def test_leaving_the_loop_stops_the_code(async_session: AsyncSession) -> None:
    async with async_session.execute("print('ready')\nwhile True: pass") as execution:
        async for event in execution:
            if isinstance(event, Output):
                break
    assert (await execution.result(check=False)).outcome == "INTERRUPTED"


async def test_a_detached_execution_can_be_attached_to(async_client: AsyncClient, async_session: AsyncSession) -> None:
    execution_id = async_session.execute("input()\n7", interactive=True, execution_id="detached-1").detach()
    assert execution_id == "detached-1"
    # It was left before it was begun.
    with pytest.raises(errors.ExecutionNotFound):
        await async_client.attach(execution_id).result()


async def test_many_executions_at_once(async_client: AsyncClient) -> None:
    fresh = async_client.fresh()
    results = await asyncio.gather(*(fresh.run(f"import time; time.sleep(0.2); {n}") for n in range(10)))
    assert [result.value for result in results] == list(range(10))


async def test_objects_are_awaited(async_session: AsyncSession) -> None:
    math = async_session.import_("math")
    assert await math.sqrt(16) == 4.0
    xs = async_session.variable("list")([3, 1, 2])
    assert await xs.append(math.floor(4.5)) is None
    assert await xs == [3, 1, 2, 4]
    assert await async_session.values(xs, xs[0] + 1) == ([3, 1, 2, 4], 4)
    assert await xs.length_() == 4
    await xs.set_item_(0, "x")
    await xs.delete_item_(1)
    assert [item async for item in xs] == ["x", 2, 4]
    thing = async_session.import_("types").SimpleNamespace()
    await thing.set_("a", xs)
    assert await thing.a[0] == "x"
    await thing.delete_("a")
    with pytest.raises(AttributeError):
        await thing.a
    await async_session.assign("name", 5)
    assert await async_session.variable("name") == 5
    assert (await xs.describe_()).type_name == "list"
    async with async_session.import_("contextlib").nullcontext([1]) as entered:
        assert await entered[0] == 1
    with pytest.raises(ValueError, match="mine"):
        async with async_session.import_("contextlib").nullcontext():
            raise ValueError("mine")


async def test_what_python_cannot_await_says_what_to_write(async_session: AsyncSession) -> None:
    remote = async_session.variable("list")()
    with pytest.raises(TypeError, match="if await remote"):
        bool(remote)
    with pytest.raises(TypeError, match="async for"):
        list(remote)
    with pytest.raises(TypeError, match="await remote.set_"):
        remote.name = 1
    with pytest.raises(TypeError, match="await remote.set_item_"):
        remote[0] = 1
    with pytest.raises(TypeError):
        len(remote)  # type: ignore[arg-type]


async def test_scopes_release(async_session: AsyncSession) -> None:
    async with async_session.scope() as scope:
        inside = await async_session.variable("list")().handle_()
        kept = await scope.keep(async_session.variable("list")([1]))
    assert await kept == [1]
    assert len(await async_session.handles()) == 1
    with pytest.raises(ValueError, match="was released"):
        await inside


async def test_scopes_of_tasks_do_not_mix(async_session: AsyncSession) -> None:
    async def work(number: int) -> Any:
        async with async_session.scope():
            held = await async_session.variable("list")([number]).handle_()
            await asyncio.sleep(0)
            return await held[0]

    assert await asyncio.gather(*(work(n) for n in range(20))) == list(range(20))
    assert await async_session.handles() == []


async def test_an_iterator_is_let_go_where_the_loop_is_left(async_session: AsyncSession) -> None:
    items = async_session.evaluate("iter(range(10**9))").items_()
    async for item in items:
        if item == 150:
            break
    await items.aclose()  # type: ignore[attr-defined]
    assert await async_session.handles() == []


async def test_a_connection_that_is_cut_loses_nothing(gateway: Gateway) -> None:
    code = "import sys\nfor i in range(1000): print(i, file=(sys.stdout, sys.stderr)[i % 2])"
    with Cutter(gateway.rpc, seed=11) as cutter:
        while cutter.cuts < 10:
            async with AsyncClient(cutter.url, token=gateway.token) as client:
                events = [event async for event in client.fresh().execute(code)]
            assert [event.seq for event in events] == list(range(1, len(events) + 1))
            text = "".join(event.text for event in events if isinstance(event, Output) and event.stream == "stdout")
            assert text == "".join(f"{i}\n" for i in range(0, 1000, 2))


async def test_large_values_go_both_ways(gateway: Gateway, async_session: AsyncSession) -> None:
    data = bytes(range(256)) * 20_000
    remote = await async_session.put(data, "data")
    assert await async_session.variable("len")(remote) == len(data)
    assert await remote == data
    assert await async_session.variable("len")(data) == len(data)


def test_a_client_of_each_kind_in_one_program(gateway: Gateway) -> None:
    async def both() -> Any:
        async with AsyncClient(home=gateway.home) as client:
            return (await client.run("1")).value

    with Client(home=gateway.home) as client:
        assert client.run("2").value == 2
        assert asyncio.run(both()) == 1
