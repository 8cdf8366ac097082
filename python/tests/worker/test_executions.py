"""Which executions are known, and for how long."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker import executions as executions_module
from beep_worker.ending import Ending
from beep_worker.execution import Execution
from beep_worker.executions import Executions
from beep_worker.log import RECORD_BYTES
from beep_worker.log_files import LogFiles
from beep_worker.outbox import LongUpward
from beep_worker.process import STDOUT
from beep_worker.refusal import Refusal
from beep_worker.shown import MAX_COLLECTED_DISPLAY_BYTES
from beep_worker.subscription import Subscription

OK = Ending(execute_pb2.OUTCOME_OK)


def execution(name: str, chosen: bool = False, files: LogFiles | None = None) -> Execution:
    request = execute_pb2.ExecuteRequest(code="1", execution_id=name if chosen else "")
    return Execution("p", name, "s", request, name.encode(), files=files)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for a few executions."""
    monkeypatch.setattr(executions_module, "MAX_KEPT_BYTES", 50_000)


async def finish(known: Executions, one: Execution, output: int = 0) -> None:
    known.add(one)
    if output:
        one.output(STDOUT, b"x" * output)
    one.finish(OK, state_preserved=True, generation=1)
    known.on_finished(one)


async def test_the_oldest_are_forgotten_when_there_is_no_more_room(small: None) -> None:
    known = Executions()
    for n in range(10):
        await finish(known, execution(f"x{n}"), 1000)
    with pytest.raises(Refusal) as refused:
        known.get("p", "x0")
    assert refused.value.reason == "EXECUTION_NOT_FOUND"
    assert known.get("p", "x9").id == "x9"


async def test_an_id_that_its_caller_chose_is_remembered(small: None) -> None:
    known = Executions()
    for n in range(10):
        await finish(known, execution(f"x{n}", chosen=True), 1000)
    for look in (known.get, lambda p, x: known.join(p, x, b"")):
        with pytest.raises(Refusal) as refused:
            look("p", "x0")
        assert refused.value.reason == "LOG_EXPIRED"


async def test_the_count_stays_true_when_logs_change_after_their_end(small: None) -> None:
    known = Executions()
    for n in range(200):
        one = execution(f"x{n}")
        await finish(known, one, 1000)
        one.log.size = 0  # as trimming does when the last reader has gone
    await finish(known, execution("last"), 1000)
    assert known.get("p", "last")
    assert known.get("p", "x199")


async def test_a_forgotten_one_leaves_nothing_on_the_disk_once_its_caller_has_all(small: None, tmp_path: Path) -> None:
    files = LogFiles(f"{tmp_path}/logs", 1 << 30)
    known = Executions(files)
    one = execution("x", files=files)
    sent: list[int] = []
    known.add(one)
    subscription = Subscription(one, 1, 1, Sent(sent), lambda number: None)
    subscription.start()
    for _ in range(40):
        one.output(STDOUT, b"x" * (65536 - RECORD_BYTES))
        while not one.relieve():
            await asyncio.sleep(0)
    one.finish(OK, state_preserved=True, generation=1)
    known.on_finished(one)
    with pytest.raises(Refusal):
        known.get("p", "x")
    assert files.size > 0
    while not sent or sent[-1] < one.log.next_seq - 1:
        subscription.grant(30_000)
        await asyncio.sleep(0.001)
    assert sent == list(range(1, one.log.next_seq))
    assert files.size == 0


class Sent:
    """An outbox that notes the numbers."""

    def __init__(self, numbers: list[int]) -> None:
        self._numbers = numbers

    def put(self, item: worker_pb2.Upward, can_wait: bool = False) -> None:
        self._numbers.append(item.envelope.seq)

    def put_long(self, item: LongUpward) -> None:
        self.put(worker_pb2.Upward.FromString(b"".join(item)))

    def close(self) -> None:
        pass


async def test_one_that_alone_is_too_large_is_not_kept(small: None) -> None:
    known = Executions()
    await finish(known, execution("large"), 100_000)
    with pytest.raises(Refusal):
        known.get("p", "large")
    await finish(known, execution("small"))
    assert known.get("p", "small")


async def test_another_principals_is_not_there() -> None:
    known = Executions()
    known.add(execution("x"))
    assert known.find("q", "x") is None
    assert known.join("p", "x", b"x") is not None
    with pytest.raises(Refusal) as refused:
        known.join("p", "x", b"another body")
    assert refused.value.reason == "EXECUTION_ID_REUSED"


async def test_a_result_holds_a_bounded_share_of_what_was_shown() -> None:
    one = execution("x")
    for _ in range(20):
        display = execute_pb2.Display()
        display.bundle.parts["image/png"].data = b"x" * (1 << 20)
        one.display(display)
    one.finish(OK, state_preserved=True, generation=1)
    shown = one.collected().displays
    assert 0 < sum(bundle.ByteSize() for bundle in shown) <= MAX_COLLECTED_DISPLAY_BYTES


async def test_waiting_leaves_nothing_behind() -> None:
    one = execution("x")
    await one.wait(0)
    assert one._waiters == []
