"""Code that forks, starts threads and uses multiprocessing: again and again, and each time as if it were alone."""

from __future__ import annotations

import os

import pytest

from beep.python.v1 import execute_pb2
from tests import interpreters
from tests.worker.driver import Gateway, all_below
from tests.worker.forking import FORKING, Forking

LONG_ROUNDS = 1000

# Items that are under way at once: each waits for the one before it.
AT_ONCE = 4


def _rows() -> list[object]:
    rows: list[object] = []
    for python in interpreters.every_cpython():
        for row in FORKING:
            name, path = f"{row.name}-{python.id}", python.values[0]
            rows.append(pytest.param(row, path, row.rounds, marks=python.marks, id=name))
            long = [pytest.mark.soak, pytest.mark.timeout(1800), *python.marks]
            rows.append(pytest.param(row, path, LONG_ROUNDS, marks=long, id=f"{name}-long"))
    return rows


@pytest.mark.parametrize(("row", "python", "rounds"), _rows())
async def test_what_it_starts_writes_and_ends_and_the_item_ends_once(
    gateway: Gateway, row: Forking, rounds: int
) -> None:
    async with gateway.session() as session:
        open_files = 0
        for start in range(0, rounds, AT_ONCE):
            items = [await session.submit(row.code) for _ in range(min(AT_ONCE, rounds - start))]
            for item in items:
                finished = await item.finished()
                assert (finished.outcome, finished.generation, finished.state_preserved) == (
                    execute_pb2.OUTCOME_OK,
                    1,
                    True,
                ), item.events
                assert item.written("stderr") == ""
                assert sorted(item.written("stdout").splitlines()) == sorted(row.lines)
                assert not item.has_more
                others = [kind for kind in item.kinds if kind != "output"]
                assert others in (["accepted", "started", "finished"], ["accepted", "started", "result", "finished"])
            if not start:
                open_files = _open_files(session.session.pid)
        assert _open_files(session.session.pid) <= open_files + 1
        below = set(all_below(session.session.pid))
        await gateway.close(session.session.id)
        assert not [pid for pid in below if os.path.exists(f"/proc/{pid}")]


def _open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))
