"""The event log over the wire: numbers, readers, replays."""

from __future__ import annotations

import asyncio

import pytest

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from tests.worker.driver import Gateway, Item, Refused, Stream

MIB = 1 << 20
KEPT = 65 * MIB


def assert_is_whole(events: list[execute_pb2.ExecutionEvent], first: int = 1) -> None:
    """Numbers without a gap, and one end, last."""
    assert [event.seq for event in events] == list(range(first, first + len(events)))
    assert [event.WhichOneof("body") == "finished" for event in events] == [False] * (len(events) - 1) + [True]


async def finished(item: Item) -> list[execute_pb2.ExecutionEvent]:
    await item.finished()
    return item.events


async def test_events_are_numbered_without_a_gap_and_the_end_is_last(session: Stream) -> None:
    item = await session.submit("for i in range(500): print(i, flush=True)\ndisplay(1)\n1/0")
    assert_is_whole(await finished(item))
    assert item.kinds[:2] == ["accepted", "started"]
    assert item.kinds[-2:] == ["error", "finished"]
    assert not item.has_more
    spans = [event.since_start.ToNanoseconds() for event in item.events]
    assert spans == sorted(spans)


async def test_a_finished_log_replays_the_same_events_from_any_number(gateway: Gateway, session: Stream) -> None:
    events = await finished(await session.submit("for i in range(20): print(i)\ndisplay('shown')\n'text'"))
    execution_id = events[0].execution_id
    for first in range(len(events) + 3):
        assert await gateway.read_all(execution_id, first) == events[max(first, 1) - 1 :]


async def test_a_reader_follows_live_from_any_number(gateway: Gateway, session: Stream) -> None:
    item = await session.submit("import time\nprint('up')\nfor i in range(50):\n    print(i); time.sleep(.001)")
    await item.says("up")
    readers = [asyncio.create_task(gateway.read_all(item.id, first)) for first in (0, 1, 2, 3, 10, 20)]
    events = await finished(item)
    for first, reader in zip((1, 1, 2, 3, 10, 20), readers, strict=True):
        assert await reader == events[first - 1 :]


async def test_a_reader_that_does_not_read_delays_nobody(gateway: Gateway, session: Stream) -> None:
    item = await session.submit("print('up')\nfor i in range(200): print('x' * 50_000)")
    await item.says("up")
    idle = [await gateway.reader(item.id) for _ in range(5)]
    assert_is_whole(await finished(item))
    assert len(item.written("stdout")) == 3 + 200 * 50_001
    assert (await session.run("1")).text == "1"
    for call in idle:
        call.cancel()


async def test_who_reads_late_is_told_what_is_gone(gateway: Gateway, session: Stream) -> None:
    size = KEPT + 8 * MIB
    # Nobody's reading holds this back, so the oldest goes.
    item = await session.submit(
        f"import os\nfor _ in range({size // 65536}): os.write(1, b'x' * 65536)",
        delivery=worker_pb2.DELIVERY_ACCEPTANCE,
    )
    await item.accepted()
    info = await gateway.execution(item.id, wait_s=10)
    assert info.state == execute_pb2.EXECUTION_STATE_FINISHED
    events = await gateway.read_all(item.id)
    first, *rest = events
    dropped = first.dropped
    assert (dropped.first_seq, dropped.last_seq) == (1, first.seq)
    assert first.seq + 1 == info.first_seq == rest[0].seq
    assert_is_whole(rest, first.seq + 1)
    kept = sum(len(event.output.data) for event in rest)
    assert dropped.bytes + kept == size
    assert rest[0].output.offset == dropped.bytes
    assert KEPT * 0.8 < kept <= KEPT
    # A number that is gone means what is left; one that is there does not.
    again = await gateway.read_all(item.id, first.seq)
    assert (again[0].dropped.first_seq, again[0].dropped.last_seq) == (first.seq, first.seq)
    assert again[1:] == rest
    assert await gateway.read_all(item.id, first.seq + 1) == rest


async def test_an_execution_is_another_principals_as_if_it_were_not_there(gateway: Gateway, session: Stream) -> None:
    item = await session.submit("1")
    await item.finished()
    request = worker_pb2.GetExecutionRequest(principal="q", execution_id=item.id)
    with pytest.raises(Refused) as refused:
        await gateway.call("GetExecution", request)
    assert refused.value.reason == "EXECUTION_NOT_FOUND"


async def test_info_waits_for_the_end_as_long_as_it_is_asked_to(gateway: Gateway, session: Stream) -> None:
    item = await session.submit("print('up')\nimport time\nwhile True: time.sleep(.01)")
    await item.says("up")
    info = await gateway.execution(item.id, wait_s=0.01)
    assert info.state == execute_pb2.EXECUTION_STATE_RUNNING
    assert not info.HasField("result")
    waiting = asyncio.create_task(gateway.execution(item.id, wait_s=10))
    await gateway.interrupt(session.session.id)
    info = await waiting
    assert info.outcome == execute_pb2.OUTCOME_INTERRUPTED
    assert info.result.finished.stopped_by == execute_pb2.STOP_RUNG_INTERRUPT


async def test_usage_is_that_of_the_execution(session: Stream) -> None:
    await session.run("import time\nend = time.process_time() + .3\nwhile time.process_time() < end: pass")
    usage = (
        await session.run("import time\nend = time.process_time() + .1\nwhile time.process_time() < end: pass")
    ).finished.usage
    used_s = (usage.user_cpu.ToNanoseconds() + usage.system_cpu.ToNanoseconds()) / 1e9
    assert 0.09 < used_s < 0.25
    assert usage.wall.ToNanoseconds() / 1e9 > 0.09
    assert usage.peak_resident_bytes > MIB
