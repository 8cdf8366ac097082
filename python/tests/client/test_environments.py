"""Environments and packages through the client."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from beep_python_client import (
    AsyncClient,
    BeepError,
    Client,
    ClientClosed,
    ExecutionFailed,
    GatewayError,
    PackageChange,
    Progress,
    errors,
)
from tests.client.cutter import Cutter
from tests.client.gateway import Gateway
from tests.client.index import Index


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An index with `apple` in two versions, and `basket`, which wants it."""
    with Index(tmp_path_factory.mktemp("index")) as serving:
        serving.add("apple", "1.0")
        serving.add("apple", "2.0")
        serving.add("basket", "1.0", "apple")
        yield {"default_index": serving.url}


@pytest.fixture
def name(client: Client) -> Iterator[str]:
    """The name of an environment, which goes with the test; homes of the tests share theirs."""
    made = f"client-{uuid.uuid4().hex[:12]}"
    yield made
    for venv in client.venvs.list():
        if venv.name.startswith(made):
            client.venvs.delete(venv.name, force=True)


def test_an_environment_is_ensured_with_its_progress_and_used(client: Client, name: str, index: Any) -> None:
    work = client.venvs.ensure(name, packages=["basket"], labels={"of": name}, index=index)
    told = list(work)
    assert all(isinstance(progress, Progress) for progress in told)
    assert {"resolve", "install", "publish"} <= {progress.phase for progress in told}
    change = work.result()
    assert (change.venv.name, change.venv.generation, change.venv.state, change.unchanged) == (name, 1, "READY", False)
    assert change.changes == (PackageChange("apple", "", "2.0"), PackageChange("basket", "", "1.0"))
    with client.create_session(venv=name) as session:
        assert session.import_("apple").VERSION.value_() == "2.0"
        assert client.venvs.get(name).sessions == 1
    again = client.venvs.ensure(name, packages=["basket"], index=index).result()
    assert (again.unchanged, again.changes) == (True, ())
    (found,) = client.venvs.list(labels={"of": name})
    assert (found.name, found.labels, found.runtime.version) == (name, {"of": name}, change.venv.runtime.version)
    packages = {package.name: package for package in client.venvs.packages(name)}
    assert (packages["apple"].requested, packages["apple"].required_by) == (False, ("basket",))
    assert (packages["basket"].requires, packages["basket"].modules) == (("apple",), ("basket",))


def test_packages_come_and_go_and_a_rollback_brings_them_back(client: Client, name: str, index: Any) -> None:
    assert client.venvs.create(name).result().venv.generation == 1
    plan = client.venvs.plan(name, ["apple==1.0"], index=index)
    assert plan.changes == (PackageChange("apple", "", "1.0"),)
    client.venvs.install(name, ["apple==1.0"], index=index).result()
    upgraded = client.venvs.install(name, ["apple"], upgrade=True, index=index).result()
    assert upgraded.changes == (PackageChange("apple", "1.0", "2.0"),)
    assert client.venvs.export(name).split() == ["apple==2.0"]
    assert "[[packages]]" in client.venvs.export(name, "pylock")
    assert client.venvs.check(name, "imports") == ()
    synced = client.venvs.sync(name, "basket\napple<2", index=index).result()
    assert set(synced.changes) == {PackageChange("apple", "2.0", "1.0"), PackageChange("basket", "", "1.0")}
    assert client.venvs.uninstall(name, ["apple"]).result().changes == (PackageChange("apple", "1.0", ""),)
    (problem,) = client.venvs.check(name, "dependencies")
    assert problem.subject == "basket"
    assert client.venvs.rollback(name).generation == synced.venv.generation
    assert client.venvs.check(name, "dependencies") == ()
    assert [made.number for made in client.venvs.get(name).history] == [1, 2, 3, 4, 5]
    assert client.venvs.clone(name, f"{name}-copy").result().venv.package_count == 2
    assert client.venvs.delete(f"{name}-copy") > 0


def test_what_is_refused_is_raised_where_the_result_is_wanted(client: Client, name: str, index: Any) -> None:
    client.venvs.create(name).result()
    taken = client.venvs.create(name)
    with pytest.raises(errors.VenvExists):
        taken.result()
    with pytest.raises(BeepError, match="has ended without a result: VenvExists"):
        taken.result()
    with pytest.raises(errors.VenvNotFound):
        client.venvs.get("no-such-environment")
    with pytest.raises(GatewayError, match="pear"):
        list(client.venvs.install(name, ["pear"], index=index))
    with pytest.raises(TypeError, match="unknown option: package; there are python, packages"):
        client.venvs.ensure(name, package=["apple"])  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unknown option: url; there are default_index"):
        client.venvs.install(name, ["apple"], index={"url": "x"})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="CHECK_LEVEL_DEEP"):
        client.venvs.check(name, "deep")  # type: ignore[arg-type]


def test_whoever_leaves_the_loop_gives_the_work_up(client: Client, name: str) -> None:
    for _ in client.venvs.create(name):
        break
    # The gateway hears of it; then the name is free, or was taken already.
    try:
        client.venvs.create(name).result()
    except errors.VenvExists:
        pass
    assert client.venvs.get(name).state == "READY"


def test_work_that_may_be_done_twice_goes_on_over_a_connection_that_breaks(
    gateway: Gateway, name: str, index: Any
) -> None:
    with Cutter(gateway.rpc, seed=2, most_bytes=900, uncut=3) as cutter:
        with Client(cutter.url, token=gateway.token) as through:
            change = through.venvs.ensure(name, packages=["basket"], index=index).result()
            while cutter.cuts < 3:
                assert through.venvs.ensure(name, packages=["basket"], index=index).result().unchanged
                cutter.cut_all()
    assert change.venv.package_count == 2


async def test_environments_for_asyncio(async_client: AsyncClient, name: str, index: Any) -> None:
    work = async_client.venvs.ensure(name, packages=["apple"], index=index)
    assert [progress async for progress in work][-1].phase == "publish"
    assert (await work.result()).venv.package_count == 1
    both = [async_client.venvs.ensure(name, packages=["apple", "basket"], index=index).result() for _ in range(2)]
    assert [change.venv.generation for change in await asyncio.gather(*both)] == [2, 2]
    assert [package.name for package in await async_client.venvs.packages(name)] == ["apple", "basket"]
    assert await async_client.venvs.check(name, "imports") == ()
    await async_client.venvs.delete(name)
    with pytest.raises(errors.VenvNotFound):
        await async_client.venvs.get(name)


async def test_work_of_a_task_that_is_cancelled_ends(async_client: AsyncClient, name: str) -> None:
    async def work() -> Any:
        return await async_client.venvs.create(name).result()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_work_of_a_client_that_is_closed_says_so(gateway: Gateway) -> None:
    closed = Client(home=gateway.home)
    venvs = closed.venvs
    closed.close()
    with pytest.raises(ClientClosed):
        venvs.ensure("default").result()
    assert not issubclass(ClientClosed, (GatewayError, ExecutionFailed))
