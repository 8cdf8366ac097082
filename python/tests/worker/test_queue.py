"""Items that wait for their turn."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf import duration_pb2

from beep.python.v1 import execute_pb2
from tests.worker.conftest import both_wires
from tests.worker.driver import Gateway, Item, Refused, Stream

pytestmark = both_wires

FOREVER = "print('up', flush=True)\nimport time\nwhile True: time.sleep(.01)"


async def busy(session: Stream) -> Item:
    """The session runs something until it is interrupted."""
    item = await session.submit(FOREVER)
    await item.says("up")
    return item


async def test_items_run_one_after_another_in_their_order(gateway: Gateway, session: Stream) -> None:
    first = await busy(session)
    await session.submit("order = []")
    items = [await session.submit(f"order.append({n}); order") for n in range(3)]
    accepted = [(await item.until("accepted")).accepted.queue_position for item in items]
    assert accepted == [2, 3, 4]
    assert (await gateway.describe(session.session.id)).queued_items == 4
    await gateway.interrupt(session.session.id, first.id)
    for n, item in enumerate(items):
        assert (await item.until("result")).result.text == str(list(range(n + 1)))
        await item.finished()


async def test_no_more_wait_than_the_bound(gateway: Gateway, session: Stream) -> None:
    first = await busy(session)
    waiting = [await session.submit("1") for _ in range(4)]
    refused = await session.submit("1")
    with pytest.raises(Refused) as refusal:
        await refused.next()
    assert refusal.value.reason == "QUEUE_FULL"
    assert "4 items waiting" in refusal.value.message
    assert refusal.value.retry_after_ms > 0
    await gateway.interrupt(session.session.id, first.id)
    for item in waiting:
        assert (await item.finished()).outcome == execute_pb2.OUTCOME_OK
    # The id that was refused is free.
    assert (await (await session.submit("1", id=refused.id)).finished()).outcome == execute_pb2.OUTCOME_OK


async def test_who_waits_too_long_times_out_without_having_started(gateway: Gateway, session: Stream) -> None:
    first = await busy(session)
    late = await session.submit("late = True", queue_timeout=duration_pb2.Duration(nanos=20_000_000))
    finished = await late.finished()
    assert late.kinds == ["accepted", "finished"]
    assert finished.outcome == execute_pb2.OUTCOME_TIMEOUT
    assert finished.state_preserved
    assert finished.stopped_by == execute_pb2.STOP_RUNG_UNSPECIFIED
    await gateway.interrupt(session.session.id, first.id)
    assert await session.value("'late' in globals()") is False


async def test_a_queue_timeout_does_not_count_once_the_code_runs(session: Stream) -> None:
    item = await session.submit("import time; time.sleep(.1); 3", queue_timeout=duration_pb2.Duration(nanos=20_000_000))
    assert (await item.finished()).outcome == execute_pb2.OUTCOME_OK


async def test_an_item_that_counts_on_another_generation_is_refused(gateway: Gateway, session: Stream) -> None:
    assert (await session.run("1", generation=1)).finished.outcome == execute_pb2.OUTCOME_OK
    await session.run("import os; os._exit(1)")
    item = await session.submit("1", generation=1)
    with pytest.raises(Refused) as refused:
        await item.next()
    assert refused.value.reason == "STALE_GENERATION"
    assert refused.value.metadata["generation"] == "2"
    assert (await session.run("1", generation=2)).finished.outcome == execute_pb2.OUTCOME_OK


async def test_an_interrupt_of_a_waiting_item_withdraws_it(gateway: Gateway, session: Stream) -> None:
    first = await busy(session)
    waiting = await session.submit("1")
    answer = await gateway.interrupt(session.session.id, waiting.id)
    assert answer.stopped_by == execute_pb2.STOP_RUNG_UNSPECIFIED
    assert answer.state_preserved
    assert (await waiting.finished()).outcome == execute_pb2.OUTCOME_CANCELLED
    assert first.kinds[-1] != "finished"
    assert (await gateway.interrupt("", first.id)).stopped_by == execute_pb2.STOP_RUNG_INTERRUPT


async def test_the_departure_of_a_waiting_items_caller_withdraws_it(gateway: Gateway, session: Stream) -> None:
    await busy(session)
    waiting = await session.submit("1")
    await waiting.until("accepted")
    await waiting.depart()
    assert (await gateway.execution(waiting.id, wait_s=10)).outcome == execute_pb2.OUTCOME_CANCELLED
    await gateway.interrupt(session.session.id)


async def test_an_interrupt_of_an_idle_session_finds_nothing_running(gateway: Gateway, session: Stream) -> None:
    with pytest.raises(Refused) as refused:
        await gateway.interrupt(session.session.id)
    assert refused.value.reason == "NOTHING_RUNNING"
    done = await session.submit("1")
    await done.finished()
    with pytest.raises(Refused) as refused:
        await gateway.interrupt(session.session.id, done.id)
    assert refused.value.reason == "NOTHING_RUNNING"


async def test_items_submitted_while_the_session_is_being_opened_run(gateway: Gateway) -> None:
    request = gateway.request()
    opener = gateway.stream()
    opening = asyncio.create_task(opener.open(request))
    streams = [opener]
    result = None
    while result is None:
        streams.append(gateway.stream())
        await streams[-1].attach(request.session_id)
        try:
            result = await streams[-1].run("'ran'")
        except (EOFError, Refused):
            pass  # it was not there yet
    assert result.value.text == "ran"
    await opening
    await gateway.close(request.session_id)
    for stream in streams:
        await stream.end()
