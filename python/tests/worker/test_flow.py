"""Windows, and callers that read more slowly than the code writes."""

from __future__ import annotations

import zlib

from beep.python.v1 import execute_pb2
from beep_worker.usage import resident_bytes
from tests.worker.driver import Gateway, Item, Stream, WorkerProcess, eventually, waits_in_a_pipe

MIB = 1 << 20


async def test_nothing_more_is_sent_than_the_window_allows(gateway: Gateway, session: Stream) -> None:
    item = await session.submit("for i in range(100): print(i, flush=True)", window=1)
    assert (await item.next()).HasField("accepted")  # one event goes out while there is any window at all
    info = await gateway.execution(item.id, wait_s=10)
    assert info.state == execute_pb2.EXECUTION_STATE_FINISHED
    assert not item.has_more
    spent = item.events[0].ByteSize()
    await item.grant(spent - 1)  # pays the debt, and no more
    await gateway.stats()
    assert not item.has_more
    await item.grant(1)
    await item.next()
    await gateway.stats()
    assert not item.has_more
    await item.grant(1 << 20)
    await item.finished()
    assert [event.seq for event in item.events] == list(range(1, info.next_seq))


async def test_other_items_of_a_stream_do_not_wait_for_a_window(gateway: Gateway, session: Stream) -> None:
    held = await session.submit("print('x' * 100_000)", window=1)
    assert (await session.run("6 * 7")).text == "42"
    await held.grant(1 << 20)
    await held.finished()


async def test_a_blocking_writer_is_held_back_and_nothing_is_lost(
    gateway: Gateway, session: Stream, worker: WorkerProcess
) -> None:
    total = 200 * MIB
    await session.run("import os, zlib\nblock = os.urandom(1 << 20)")
    before = resident_bytes(worker.pid)
    item = await session.submit(
        f"crc = 0\nfor _ in range({total // MIB}):\n    crc = zlib.crc32(block, crc)\n    os.write(1, block)\ncrc",
        window=1,
    )
    await item.next()
    await eventually(lambda: waits_in_a_pipe(session.session.pid), "the code waits in its write")
    peak = 0
    crc = written = 0

    await item.grant(item.events[0].ByteSize() + 4 * MIB)
    while True:
        event = await item.next()
        item.events.clear()
        if event.HasField("output"):
            assert event.output.offset == written
            written += len(event.output.data)
            crc = zlib.crc32(event.output.data, crc)
        elif event.HasField("result"):
            assert event.result.value.integer == crc
        elif event.HasField("finished"):
            assert event.finished.outcome == execute_pb2.OUTCOME_OK
            break
        await item.grant(event.ByteSize())
        peak = max(peak, resident_bytes(worker.pid))
    assert written == total
    assert peak - before < 64 * MIB, f"the worker grew by {(peak - before) / MIB:.0f} MiB"


async def test_a_writer_that_is_to_go_on_loses_the_oldest(
    gateway: Gateway, session: Stream, worker: WorkerProcess
) -> None:
    before = resident_bytes(worker.pid)
    item = await session.submit(
        "import os\nfor _ in range(100): os.write(1, b'x' * (1 << 20))",
        window=1,
        when_behind=execute_pb2.WHEN_BEHIND_DROP,
    )
    info = await gateway.execution(item.id, wait_s=10)
    assert info.outcome == execute_pb2.OUTCOME_OK
    assert resident_bytes(worker.pid) - before < 64 * MIB
    await item.next()
    await item.grant(100 * MIB)
    await item.finished()
    dropped = item.events[1]
    assert dropped.dropped.first_seq == 2
    assert dropped.dropped.last_seq == dropped.seq == item.events[2].seq - 1
    assert dropped.dropped.bytes + len(item.written_bytes("stdout")) == 100 * MIB


async def test_a_caller_that_leaves_lets_a_detached_writer_go_on(gateway: Gateway, session: Stream) -> None:
    item = await session.submit("import os\nfor _ in range(100): os.write(1, b'x' * (1 << 20))", window=1)
    await item.depart(detach=True)
    assert (await gateway.execution(item.id, wait_s=10)).outcome == execute_pb2.OUTCOME_OK


async def test_a_writer_that_is_held_back_can_be_interrupted(gateway: Gateway, session: Stream) -> None:
    item = await session.submit("import os\nwhile True: os.write(1, b'x' * (1 << 20))", window=1)
    await eventually(lambda: waits_in_a_pipe(session.session.pid), "the code waits in its write")
    answer = await gateway.interrupt(session.session.id)
    assert answer.stopped_by == execute_pb2.STOP_RUNG_INTERRUPT
    assert answer.state_preserved
    assert (await session.run("1")).text == "1"
    await item.grant(1 << 30)
    assert (await item.finished()).outcome == execute_pb2.OUTCOME_INTERRUPTED


async def test_a_caller_that_lags_and_has_the_code_wait_can_still_stop_it(gateway: Gateway, session: Stream) -> None:
    item = await session.submit("while True:\n    print('x' * 100_000)\n    clear_output()", window=1)
    await gateway.execution(item.id, wait_s=0.5)
    answer = await gateway.interrupt(session.session.id)
    assert answer.state_preserved
    assert answer.stopped_by == execute_pb2.STOP_RUNG_INTERRUPT
    assert (await session.run("display(1); 2")).text == "2"
    assert (await session.run("import sys\nprint(1)\nprint(2, file=sys.stderr)\n3")).text == "3"
    await item.depart()


async def test_switching_between_streams_is_held_back_as_well(
    gateway: Gateway, session: Stream, worker: WorkerProcess
) -> None:
    before = resident_bytes(worker.pid)
    item = await session.submit(
        "import sys\nfor i in range(800):\n    print('o' * 100_000)\n    print('e' * 100_000, file=sys.stderr)",
        window=1,
    )
    info = await gateway.execution(item.id, wait_s=0.7)
    assert info.state == execute_pb2.EXECUTION_STATE_RUNNING
    assert resident_bytes(worker.pid) - before < 64 * MIB
    await read_on(item)
    assert len(item.written("stdout")) == len(item.written("stderr")) == 800 * 100_001


async def read_on(item: Item) -> None:
    """Reads to the end, granting what was read."""
    while True:
        event = await item.next()
        if event.HasField("finished"):
            return
        await item.grant(event.ByteSize() + (1 << 20))
