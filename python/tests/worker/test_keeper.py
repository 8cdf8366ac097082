"""Whatever ends first, nothing outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.worker.driver import (
    PYTHON_FOLDER,
    START_KEEPER,
    Stream,
    WorkerProcess,
    all_below,
    connected,
    eventually,
    process_is_there,
)

DAEMON = """
import os, signal
readable, writable = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork(): os._exit(0)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(number, signal.SIG_IGN)
    os.write(writable, b'daemon')
    while True: signal.pause()
print(os.read(readable, 100), flush=True)
"""


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[WorkerProcess]:
    """A worker of the test's own."""
    with WorkerProcess(tmp_path) as running:
        yield running


def kill(pid: Callable[[WorkerProcess], int]) -> Callable[[WorkerProcess], None]:
    return lambda worker: os.kill(pid(worker), signal.SIGKILL)


@pytest.mark.parametrize(
    "blow",
    [
        pytest.param(WorkerProcess.cut_lifeline, id="the-gateway"),
        pytest.param(kill(lambda worker: worker.pid), id="the-worker"),
        pytest.param(kill(lambda worker: worker.keeper.pid), id="the-keeper"),
    ],
)
async def test_the_end_of_one_is_the_end_of_all(
    worker: WorkerProcess, tmp_path: Path, python: str, blow: Callable[[WorkerProcess], None]
) -> None:
    async with connected(worker, tmp_path, python) as gateway:
        sessions: list[Stream] = []
        for code in (DAEMON, DAEMON + "while True: pass", "import time; print('daemon', flush=True); time.sleep(60)"):
            stream = gateway.stream()
            await stream.open(gateway.request())
            item = await stream.submit(code)
            await item.says("daemon")
            sessions.append(stream)
        pids = {worker.keeper.pid, *all_below(worker.keeper.pid)}
        assert len(pids) >= 3 + 3 + 2
        blow(worker)
        await eventually(lambda: not any(map(process_is_there, pids)), "all have gone", 2)
        for stream in sessions:
            await stream.abort()


async def test_an_interrupt_from_the_terminal_is_not_for_them(
    worker: WorkerProcess, tmp_path: Path, python: str
) -> None:
    async with connected(worker, tmp_path, python) as gateway, gateway.session() as session:
        item = await session.submit(
            "print('up', flush=True)\nimport os, time\nwhile not os.path.exists('go'): time.sleep(.001)"
        )
        await item.says("up")
        for number in (signal.SIGINT, signal.SIGHUP):
            os.killpg(worker.keeper.pid, number)
            os.killpg(worker.pid, number)
        assert (await gateway.stats()).sessions_busy == 1
        Path(session.session.workspace, "go").touch()
        await item.finished()
        assert worker.keeper.poll() is None


async def test_the_worker_ends_by_itself_when_it_is_told_to(worker: WorkerProcess, tmp_path: Path, python: str) -> None:
    async with connected(worker, tmp_path, python) as gateway:
        stream = gateway.stream()
        await stream.open(gateway.request())
        item = await stream.submit(DAEMON)
        await item.says("daemon")
        pids = {worker.keeper.pid, *all_below(worker.keeper.pid)}
        os.kill(worker.pid, signal.SIGTERM)
        await eventually(lambda: not any(map(process_is_there, pids)), "all have gone", 2)
        await stream.abort()


def test_a_keeper_that_is_told_nothing_starts_nothing() -> None:
    keeper = subprocess.run(
        [sys.executable, "-I", "-c", START_KEEPER, PYTHON_FOLDER],
        input=b"",
        capture_output=True,
        timeout=10,
        check=True,
    )
    assert keeper.stdout == keeper.stderr == b""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, 128 + signal.SIGKILL), (signal.SIGTERM, 0)])
def test_the_keeper_ends_as_its_worker_did(worker: WorkerProcess, number: signal.Signals, code: int) -> None:
    os.kill(worker.pid, number)
    assert worker.keeper.wait(10) == code
