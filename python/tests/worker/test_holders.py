"""Who keeps an execution going, and what happens when they leave."""

from __future__ import annotations

import pytest
from google.protobuf import duration_pb2

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from tests.worker.conftest import both_wires
from tests.worker.driver import Gateway, Refused, Stream, new_id, unless_refused

pytestmark = both_wires

FOREVER = "print('up', flush=True)\nimport time\nwhile True: time.sleep(.01)"


async def test_the_departure_of_the_only_caller_cancels(gateway: Gateway, session: Stream) -> None:
    await session.run("x = 5")
    item = await session.submit(FOREVER)
    await item.says("up")
    await item.depart()
    info = await gateway.execution(item.id, wait_s=10)
    finished = info.result.finished
    assert finished.outcome == execute_pb2.OUTCOME_CANCELLED
    assert finished.stopped_by == execute_pb2.STOP_RUNG_INTERRUPT
    assert finished.state_preserved
    assert finished.message == "its caller went away, or its deadline passed"
    assert await session.value("x") == 5


async def test_the_departure_of_one_who_waits_for_the_result_cancels_too(gateway: Gateway, session: Stream) -> None:
    grace = duration_pb2.Duration(nanos=200_000_000)
    item = await session.submit(FOREVER, delivery=worker_pb2.DELIVERY_RESULT, interrupt_grace=grace)
    await item.depart()
    assert (await gateway.execution(item.id, wait_s=10)).outcome == execute_pb2.OUTCOME_CANCELLED
    assert not item.has_more


async def test_the_departure_of_one_of_two_does_not(gateway: Gateway, session: Stream) -> None:
    item = await session.submit(FOREVER)
    await item.says("up")
    other = await session.submit(FOREVER, id=item.id, delivery=worker_pb2.DELIVERY_RESULT)
    await item.depart()
    info = await gateway.execution(item.id, wait_s=0.05)
    assert info.state == execute_pb2.EXECUTION_STATE_RUNNING
    await other.depart()
    assert (await gateway.execution(item.id, wait_s=10)).outcome == execute_pb2.OUTCOME_CANCELLED


async def test_a_detached_execution_goes_on_without_its_caller(gateway: Gateway, session: Stream) -> None:
    asked = await session.submit(FOREVER, on_disconnect=execute_pb2.ON_DISCONNECT_DETACH)
    await asked.says("up")
    await asked.depart()
    assert (await gateway.execution(asked.id, wait_s=0.05)).state == execute_pb2.EXECUTION_STATE_RUNNING
    await gateway.interrupt(session.session.id)
    told = await session.submit(FOREVER)
    await told.says("up")
    await told.depart(detach=True)
    assert (await gateway.execution(told.id, wait_s=0.05)).state == execute_pb2.EXECUTION_STATE_RUNNING
    assert (await gateway.interrupt(session.session.id)).stopped_by == execute_pb2.STOP_RUNG_INTERRUPT


@pytest.mark.parametrize("how", ["end", "abort"])
async def test_the_end_of_a_stream_is_the_departure_of_all_on_it(gateway: Gateway, session: Stream, how: str) -> None:
    other = gateway.stream()
    await other.attach(session.session.id)
    running = await other.submit(FOREVER)
    await running.says("up")
    waiting = await other.submit("1")
    detached = await other.submit("'went on'", on_disconnect=execute_pb2.ON_DISCONNECT_DETACH)
    await waiting.until("accepted")
    await detached.until("accepted")
    await getattr(other, how)()
    assert (await gateway.execution(running.id, wait_s=10)).outcome == execute_pb2.OUTCOME_CANCELLED
    cancelled = (await gateway.execution(waiting.id, wait_s=10)).result.finished
    assert cancelled.outcome == execute_pb2.OUTCOME_CANCELLED
    assert cancelled.state_preserved
    assert (await gateway.execution(detached.id, wait_s=10)).result.value.text == "went on"


async def test_acceptance_and_that_it_has_ended_are_all_that_such_a_caller_hears(
    gateway: Gateway, session: Stream
) -> None:
    item = await session.submit("print('hi')\n8", delivery=worker_pb2.DELIVERY_ACCEPTANCE)
    await item.accepted()
    info = await gateway.execution(item.id, wait_s=10)
    assert (info.result.value.integer, info.result.stdout) == (8, "hi\n")
    await item.ended()
    again = await session.submit("print('hi')\n8", id=item.id, delivery=worker_pb2.DELIVERY_ACCEPTANCE)
    await again.accepted()
    await again.ended()
    assert not item.has_more
    await item.depart()  # of one who has nothing to leave
    assert (await gateway.execution(item.id)).outcome == execute_pb2.OUTCOME_OK


async def test_who_leaves_what_goes_on_hears_that_it_has_ended(gateway: Gateway, session: Stream) -> None:
    for delivery in (worker_pb2.DELIVERY_EVENTS, worker_pb2.DELIVERY_RESULT):
        code = "import os, time\nwhile not os.path.exists('go'): time.sleep(.001)\nos.remove('go')"
        item = await session.submit(code, delivery=delivery, on_disconnect=execute_pb2.ON_DISCONNECT_DETACH)
        await item.depart()
        assert (await gateway.execution(item.id, wait_s=0.05)).state == execute_pb2.EXECUTION_STATE_RUNNING
        open(session.session.workspace + "/go", "w").close()
        while (envelope := await item.next_envelope()).kind == worker_pb2.ENVELOPE_KIND_EVENT:
            pass  # what was on its way
        assert (envelope.kind, envelope.body) == (worker_pb2.ENVELOPE_KIND_FINISHED, b"")
        assert not item.has_more


async def test_a_retry_joins_and_never_runs_again(gateway: Gateway, session: Stream) -> None:
    code = (
        "count = globals().get('count', 0) + 1\nprint('up', flush=True)\n"
        "import os, time\nwhile not os.path.exists('go'): time.sleep(.001)\ncount"
    )
    item = await session.submit(code)
    await item.says("up")
    again = await session.submit(code, id=item.id)
    result = await session.submit(code, id=item.id, delivery=worker_pb2.DELIVERY_RESULT)
    open(session.session.workspace + "/go", "w").close()
    await item.finished()
    await again.finished()
    assert again.events == item.events
    assert (await result.result()).value.integer == 1
    late = await session.submit(code, id=item.id)
    await late.finished()
    assert late.events == item.events
    assert await session.value("count") == 1


async def test_a_retry_joins_from_another_stream_and_keeps_it_going(gateway: Gateway, session: Stream) -> None:
    first = await session.submit(FOREVER)
    await first.says("up")
    other = gateway.stream()
    await other.attach(session.session.id)
    joined = await other.submit(FOREVER, id=first.id)
    await joined.says("up")
    await first.depart()
    assert (await gateway.execution(first.id, wait_s=0.05)).state == execute_pb2.EXECUTION_STATE_RUNNING
    await other.end()
    assert (await gateway.execution(first.id, wait_s=10)).outcome == execute_pb2.OUTCOME_CANCELLED


async def test_another_request_under_the_same_id_is_refused(session: Stream) -> None:
    item = await session.submit("1")
    await item.finished()
    other = await session.submit("2", id=item.id)
    with pytest.raises(Refused) as refused:
        await other.next()
    assert refused.value.reason == "EXECUTION_ID_REUSED"
    assert refused.value.metadata == {"executionId": item.id}


async def test_an_ephemeral_session_ends_with_its_first_item(gateway: Gateway) -> None:
    stream = gateway.stream()
    session = await stream.open(gateway.request(ephemeral=True))
    assert await stream.value("40 + 2") == 42
    await stream.end()
    ended = await gateway.describe(session.id)
    assert ended.state in (execute_pb2.SESSION_STATE_CLOSING, execute_pb2.SESSION_STATE_CLOSED)
    await unless_refused(gateway.close(session.id), "SESSION_CLOSED")


async def test_an_ephemeral_session_whose_item_was_refused_ends_with_its_stream(gateway: Gateway) -> None:
    stream = gateway.stream()
    await stream.open(gateway.request(ephemeral=True))
    item = await stream.submit("1", generation=99)
    with pytest.raises(Refused):
        await item.next()
    await stream.end()
    assert await ends(gateway, stream)


async def test_an_ephemeral_session_that_a_retry_does_not_need_ends_with_its_stream(
    gateway: Gateway, session: Stream
) -> None:
    item = await session.submit("1")
    await item.finished()
    stream = gateway.stream()
    await stream.open(gateway.request(ephemeral=True))
    await (await stream.submit("1", id=item.id)).finished()
    await stream.end()
    assert await ends(gateway, stream)


async def test_a_fresh_session_goes_on_with_a_detached_item(gateway: Gateway) -> None:
    stream = gateway.stream()
    await stream.open(gateway.request(ephemeral=True))
    item = await stream.submit("import time; time.sleep(.1); 'done'", id=new_id("fresh"))
    await item.until("started")
    await item.depart(detach=True)
    await stream.end()
    assert (await gateway.execution(item.id, wait_s=10)).result.value.text == "done"
    assert await ends(gateway, stream)


async def ends(gateway: Gateway, stream: Stream) -> bool:
    """Whether a session ends by itself within the patience of a call."""
    for _ in range(500):
        state = (await gateway.describe(stream.session.id)).state
        if state == execute_pb2.SESSION_STATE_CLOSED:
            return True
    return False
