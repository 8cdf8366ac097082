"""One worker for each module, and the calls on it for each test."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from beep.python.worker.v1 import worker_pb2
from tests import interpreters
from tests.worker.driver import Gateway, Stream, WorkerProcess, connected

BASE_PYTHON = interpreters.found()[interpreters.RUNNING]

# The running one and one other; `npm run soak` has all.
both_pythons = pytest.mark.parametrize("python", interpreters.every_cpython())


@pytest.fixture
def python() -> str:
    """The interpreter of the sessions."""
    return BASE_PYTHON


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A short one: multiprocessing listens on sockets in a session's folder, and the path of a socket has 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="t-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    """The module's worker. Nothing that its sessions do may trouble it."""
    with WorkerProcess(tmp_path_factory.mktemp("worker")) as running:
        yield running
    assert running.complaints() == ""


@pytest.fixture
async def gateway(worker: WorkerProcess, python: str, wire: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    """The calls on the module's worker; a test leaves no session behind."""
    async with connected(worker, tmp_path, python) as calls:
        if wire == "lane":
            calls.lane = (await calls.call("Hello", worker_pb2.HelloRequest())).lane
        yield calls
        assert (await calls.stats()).sessions_open == 0


both_wires = pytest.mark.parametrize("wire", ["grpc", "lane"])


@pytest.fixture
def wire() -> str:
    """How `Attach` travels."""
    return "grpc"


@pytest.fixture
async def session(gateway: Gateway) -> AsyncIterator[Stream]:
    """A fresh session with a stream of its own."""
    async with gateway.session() as stream:
        yield stream


@pytest.fixture
async def bystander(gateway: Gateway) -> AsyncIterator[Stream]:
    """Another session, which notices nothing."""
    async with gateway.session() as other:
        await other.run("kept = 'kept'")
        yield other
        assert await other.value("kept") == "kept"
        assert (await gateway.describe(other.session.id)).generation == 1
