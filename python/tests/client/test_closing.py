"""A client that is closed says so, whatever was asked of it, before or after."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from beep_python_client import AsyncClient, Client, ClientClosed, Output, Started
from tests.client.gateway import Gateway

SAYS = "the client was closed; make another one"


def test_every_call_after_it_is_refused(gateway: Gateway) -> None:
    client = Client(home=gateway.home)
    session = client.create_session()
    remote = session.variable("list")().handle_()
    execution = session.execute("1")
    client.close()
    client.close()
    for call in (
        lambda: client.run("1"),
        lambda: client.execute("1"),
        lambda: client.create_session(),
        lambda: list(client.list_sessions()),
        lambda: session.run("1"),
        lambda: session.refresh(),
        lambda: session.put(b"x"),
        lambda: remote.value_(),
        lambda: len(remote),
        lambda: execution.interrupt(),
        lambda: execution.result(),
    ):
        with pytest.raises(ClientClosed, match=SAYS):
            call()
    with Client(home=gateway.home) as other:
        other.get_session(session.id).close()


@pytest.mark.parametrize("way", ["run", "events", "object"])
def test_what_is_under_way_ends_with_it(gateway: Gateway, client: Client, way: str) -> None:
    with client.create_session() as session, ThreadPoolExecutor() as threads:
        closed = Client(home=gateway.home)
        same = closed.get_session(session.id)
        code = "import time\nprint('ready', flush=True)\ntime.sleep(600)"

        def work() -> Any:
            if way == "object":
                return same.import_("time").sleep(600).value_()
            return same.run(code) if way == "run" else list(same.execute(code))

        working = threads.submit(work)
        while session.refresh().state != "BUSY":
            pass
        closed.close()
        with pytest.raises(ClientClosed, match=SAYS):
            working.result(30)


def test_closing_from_many_threads_at_once_is_closing(gateway: Gateway) -> None:
    client = Client(home=gateway.home)
    start = threading.Barrier(8)

    def work(number: int) -> str:
        start.wait()
        try:
            if number % 2:
                client.close()
            while True:
                client.run("1")
        except ClientClosed:
            return "closed"

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(work, range(8))) == ["closed"] * 8


async def test_an_awaited_call_after_it_is_refused(gateway: Gateway) -> None:
    client = AsyncClient(home=gateway.home)
    session = await client.create_session()
    remote = await session.variable("list")().handle_()
    await client.close()
    await client.close()
    for call in (
        lambda: client.run("1"),
        lambda: client.create_session(),
        lambda: session.refresh(),
        lambda: session.put(b"x"),
        lambda: remote.value_(),
        lambda: session.execute("1").result(),
    ):
        with pytest.raises(ClientClosed, match=SAYS):
            await call()
    async with AsyncClient(home=gateway.home) as other:
        await (await other.get_session(session.id)).close()


@pytest.mark.parametrize("way", ["run", "events", "object"])
async def test_what_is_awaited_ends_with_it(gateway: Gateway, async_client: AsyncClient, way: str) -> None:
    async with await async_client.create_session() as session:
        closed = AsyncClient(home=gateway.home)
        same = await closed.get_session(session.id)
        code = "import time\ntime.sleep(600)"

        async def work() -> Any:
            if way == "object":
                return await same.import_("time").sleep(600)
            return await same.run(code) if way == "run" else [event async for event in same.execute(code)]

        task = asyncio.create_task(work())
        while (await session.refresh()).state != "BUSY":
            pass
        await closed.close()
        with pytest.raises(ClientClosed, match=SAYS):
            await task


async def test_who_detaches_ends_the_loop_of_another_task(async_client: AsyncClient) -> None:
    async with await async_client.create_session() as session:
        execution = session.execute("print('ready')\ntime = __import__('time')\ntime.sleep(600)")
        started = asyncio.Event()

        async def read() -> Any:
            events = []
            async for event in execution:
                events.append(event)
                if isinstance(event, (Started, Output)):
                    started.set()
            return events

        reading = asyncio.create_task(read())
        await started.wait()
        execution.detach()
        assert len(await reading) >= 2
        assert (await session.refresh()).state == "BUSY"
        await session.interrupt()
