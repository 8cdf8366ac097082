"""One gateway for all tests of the client, and a session for each test."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from beep_python_client import AsyncClient, AsyncSession, Client, Session
from tests import interpreters
from tests.client.gateway import Gateway


@pytest.fixture(scope="session")
def gateway() -> Iterator[Gateway]:
    """The gateway."""
    with Gateway() as running:
        yield running
        assert running.said() == ""


@pytest.fixture(scope="session")
def client(gateway: Gateway) -> Iterator[Client]:
    """A client that finds it by its home."""
    with Client(home=gateway.home) as connected:
        yield connected


@pytest.fixture(scope="session")
def venvs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environments of the running interpreter and of one other, by version."""
    made = {}
    for version in filter(None, (interpreters.RUNNING, interpreters.other())):
        made[version] = str(tmp_path_factory.mktemp("venvs") / version)
        python = interpreters.found()[version]
        subprocess.run([python, "-m", "venv", "--without-pip", made[version]], check=True)
    return made


@pytest.fixture(params=[interpreters.RUNNING, interpreters.other()])
def session(client: Client, venvs: dict[str, str], request: Any) -> Iterator[Session]:
    """A session of the test's own, on each interpreter; it ends with the test."""
    if request.param is None:
        pytest.skip("there is one interpreter here")
    with client.create_session(venv=venvs[request.param]) as made:
        yield made


@pytest.fixture
async def async_client(gateway: Gateway) -> AsyncIterator[AsyncClient]:
    """A client for asyncio."""
    async with AsyncClient(home=gateway.home) as connected:
        yield connected


@pytest.fixture
async def async_session(async_client: AsyncClient) -> AsyncIterator[AsyncSession]:
    """A session of the test's own."""
    async with await async_client.create_session() as made:
        yield made
