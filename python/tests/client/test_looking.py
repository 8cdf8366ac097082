"""Looking into sessions, and at the host."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from beep_python_client import AsyncClient, AsyncSession, Client, Completeness, GatewayError, Session, errors
from tests.client.gateway import Gateway

CODE = "settings = {'host': 'h'}\ndef connect(host, port=80):\n    'Opens a connection.'\n    return host\n_hidden = 1"


def test_what_could_stand_at_a_place(session: Session) -> None:
    session.run(CODE)
    found = session.complete("conn")
    assert (found.matches[0].text, found.matches[0].signature) == ("connect", "(host, port=80)")
    assert (found.start, found.end, found.omitted) == (0, 4, 0)
    # Places count characters, of whatever plane.
    assert session.complete("'🐍'; conn + 1", 9).start == 5
    with pytest.raises(errors.InvalidArgument, match="cursor"):
        session.complete("x", 2)


def test_whether_code_can_be_run(session: Session) -> None:
    assert session.check_complete("1 + 1") == Completeness("COMPLETE", "")
    assert session.check_complete("for n in range(3):") == Completeness("INCOMPLETE", "    ")
    assert session.check_complete("x = )").completeness == "INVALID"


def test_what_stands_at_a_place(session: Session) -> None:
    session.run(CODE)
    found = session.inspect("connect(1)", 3)
    assert found is not None
    assert (found.name, found.type_name, found.signature) == ("connect", "function", "(host, port=80)")
    assert found.documentation == "Opens a connection."
    assert session.inspect("no_such_name") is None


def test_the_variables(session: Session) -> None:
    session.run(CODE)
    told = session.variables()
    assert [variable.name for variable in told.variables] == ["settings", "connect"]
    assert (told.variables[0].type_name, told.variables[0].preview) == ("dict", "{'host': 'h'}")
    assert "_hidden" in [variable.name for variable in session.variables(include_private=True).variables]


def test_where_code_is_while_it_runs(session: Session) -> None:
    with ThreadPoolExecutor() as threads:
        running = threads.submit(session.run, "def stay():\n    while True: pass\nstay()", check=False)
        while True:
            stacks = session.stacks()
            (main,) = [thread for thread in stacks.threads if thread.main_thread]
            if main.frames and main.frames[-1].function == "stay":
                break
        assert not stacks.interpreter_held
        assert main.frames[-1].file == "<cell 1>"
        session.interrupt()
        assert running.result().outcome == "INTERRUPTED"


async def test_looking_for_asyncio(async_session: AsyncSession) -> None:
    await async_session.run(CODE)
    assert (await async_session.complete("conn")).matches[0].text == "connect"
    assert (await async_session.check_complete("(")).completeness == "INCOMPLETE"
    assert (await async_session.inspect("nothing")) is None
    assert len((await async_session.variables()).variables) == 2
    assert (await async_session.stacks()).threads[0].main_thread


def test_the_host_tells_of_itself(client: Client, gateway: Gateway) -> None:
    info = client.host.info()
    assert (info.default_venv, info.principal, info.start_method) == ("default", "token:default", "FORK")
    assert {endpoint.address for endpoint in info.endpoints} >= {gateway.http, gateway.rpc}
    assert [level.level for level in info.isolation if level.available][:2] == ["NONE", "LIMITS"]
    with client.create_session() as session:
        stats = client.host.stats()
        assert stats.sessions_open >= 1
        assert any(kind.venv == "default" and kind.open >= 1 for kind in stats.kinds)
        workers = client.host.workers()
        assert {worker.state for worker in workers} == {"READY"}
        assert all(os.path.exists(f"/proc/{worker.pid}") for worker in workers)
        assert session.refresh().state == "IDLE"


def test_what_happens_on_the_host_is_told_as_it_happens(client: Client) -> None:
    events = client.host.watch()
    assert "watch.begun" in (event.kind for event in events)
    session = client.create_session()
    opened = next(event for event in events if event.kind == "session.opened" and event.subject == session.id)
    assert opened.time is not None
    assert opened.attributes["generation"] == "1"
    session.close()
    assert any(event.kind == "session.closed" and event.subject == session.id for event in events)


async def test_the_host_for_asyncio(async_client: AsyncClient) -> None:
    assert (await async_client.host.info()).default_venv == "default"
    assert (await async_client.host.stats()).operations_total >= 0
    assert len(await async_client.host.workers()) >= 1
    async for event in async_client.host.watch():
        if event.kind == "watch.begun":
            break


def test_the_interpreters_of_the_machine(client: Client) -> None:
    found = client.runtimes.list()
    default = client.runtimes.get()
    assert default.default
    assert default.id in [runtime.id for runtime in found]
    assert default.usable
    assert client.runtimes.get(default.id).path == default.path
    assert all(runtime.version.startswith("3.") for runtime in client.runtimes.list(">=3,<4"))
    assert client.runtimes.verify(default.id) == []
    assert client.runtimes.set_default(default.id).id == default.id
    with pytest.raises(GatewayError, match="no-such-python"):
        client.runtimes.install("no-such-python").result()
    with pytest.raises(errors.RuntimeNotFound):
        client.runtimes.get("2.1")
    with pytest.raises(errors.InvalidArgument):
        client.runtimes.uninstall("")


async def test_the_interpreters_for_asyncio(async_client: AsyncClient) -> None:
    default = await async_client.runtimes.get()
    assert default.id in [runtime.id for runtime in await async_client.runtimes.list()]
    assert await async_client.runtimes.verify() == []
