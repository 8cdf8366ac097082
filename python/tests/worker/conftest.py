"""One worker for each module, and the calls on it for each test."""

from __future__ import annotations

import glob
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from beep.python.worker.v1 import worker_pb2
from tests.worker.driver import Gateway, Stream, WorkerProcess, connected

BASE_PYTHON = os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def _other_python() -> str | None:
    """An interpreter of another version than ours, the oldest that is supported and here."""
    found: dict[str, str] = {}
    for root in (os.path.expanduser("~/.pyenv/versions"), "/opt/python"):
        for path in sorted(glob.glob(f"{root}/*/bin/python")):
            question = "import sys; print('%d.%d' % sys.version_info[:2], sys.implementation.name)"
            answer = subprocess.run([path, "-I", "-c", question], capture_output=True, text=True, check=False).stdout
            found.setdefault(answer.strip(), path)
    wanted = (f"3.{minor} cpython" for minor in (9, 13, 12, 10, 11) if minor != sys.version_info[1])
    return next((found[name] for name in wanted if name in found), None)


OTHER_PYTHON = _other_python()

both_pythons = pytest.mark.parametrize(
    "python",
    [
        pytest.param(BASE_PYTHON, id="running"),
        pytest.param(
            OTHER_PYTHON, id="other", marks=pytest.mark.skipif(OTHER_PYTHON is None, reason="no other Python is here")
        ),
    ],
)


@pytest.fixture
def python() -> str:
    """The interpreter of the sessions."""
    return BASE_PYTHON


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
