"""Events that are too many for memory: what is kept, what is dropped, and disks that take no more."""

from __future__ import annotations

import asyncio
import resource
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker.usage import resident_bytes
from tests.worker.driver import Gateway, Refused, Stream, WorkerProcess, connected, eventually

MIB = 1 << 20
STDOUT = execute_pb2.OUTPUT_STREAM_STDOUT
STDERR = execute_pb2.OUTPUT_STREAM_STDERR


def writes(mib: int) -> str:
    """Code that writes so much, each line another."""
    return f"import os\nfor i in range({mib * 16}): os.write(1, b'%08d' % i * 8192)"


def expected(mib: int) -> bytes:
    return b"".join(b"%08d" % i * 8192 for i in range(mib * 16))


async def leave(session: Stream, code: str, **fields: object) -> str:
    """Begins an execution that nobody reads; its id."""
    item = await session.submit(code, delivery=worker_pb2.DELIVERY_ACCEPTANCE, **fields)  # type: ignore[arg-type]
    await item.accepted()
    return item.id


async def ended(gateway: Gateway, execution_id: str) -> execute_pb2.ExecutionInfo:
    info = await gateway.execution(execution_id, wait_s=40)
    assert info.outcome == execute_pb2.OUTCOME_OK, info
    return info


def kept(worker: WorkerProcess) -> int:
    """Bytes in the worker's files."""
    return sum(path.stat().st_size for path in (worker.folder / "logs").iterdir())


@asynccontextmanager
async def own_worker(folder: Path, python: str, **settings: Any) -> AsyncIterator[tuple[WorkerProcess, Gateway]]:
    """One that a test may ill-treat."""
    with WorkerProcess(folder, **settings) as worker:
        async with connected(worker, folder, python) as gateway:
            yield worker, gateway
        assert worker.complaints() == ""


async def test_a_small_execution_touches_no_file(gateway: Gateway, session: Stream, worker: WorkerProcess) -> None:
    before = {path.name for path in (worker.folder / "logs").iterdir()}
    for _ in range(20):
        await session.run("print('x' * 40_000); 1 + 1")
    assert {path.name for path in (worker.folder / "logs").iterdir()} <= before


async def test_all_is_there_again_while_it_fits(gateway: Gateway, session: Stream, worker: WorkerProcess) -> None:
    execution_id = await leave(session, writes(30))
    await ended(gateway, execution_id)
    events = await gateway.read_all(execution_id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert b"".join(event.output.data for event in events) == expected(30)
    for first in (2, len(events) // 2, len(events)):
        assert await gateway.read_all(execution_id, first) == events[first - 1 :]


async def test_one_that_nobody_reads_never_waits_and_says_what_is_gone(
    gateway: Gateway, session: Stream, worker: WorkerProcess
) -> None:
    before = resident_bytes(worker.pid)
    execution_id = await leave(session, writes(200))
    info = await ended(gateway, execution_id)
    assert resident_bytes(worker.pid) - before < 48 * MIB
    assert kept(worker) < 140 * MIB  # of this one and those before it
    first, *rest = await gateway.read_all(execution_id)
    assert (first.dropped.first_seq, first.dropped.last_seq) == (1, info.first_seq - 1)
    assert [event.seq for event in rest] == list(range(info.first_seq, info.next_seq))
    data = b"".join(event.output.data for event in rest)
    assert first.dropped.bytes + len(data) == 200 * MIB
    assert expected(200).endswith(data)
    assert 56 * MIB < len(data) < 66 * MIB


# --- readers ---


async def test_a_reader_that_stops_is_sent_no_more_than_its_window(
    gateway: Gateway, session: Stream, worker: WorkerProcess
) -> None:
    execution_id = await leave(session, writes(40))
    await ended(gateway, execution_id)
    before = resident_bytes(worker.pid)
    idle = [await gateway.reader(execution_id) for _ in range(30)]
    for call in idle:
        await call.read()
    assert (await session.run("1")).text == "1"
    assert (resident_bytes(worker.pid) - before) / len(idle) < MIB
    for call in idle:
        call.cancel()


async def test_a_reader_that_lags_too_far_is_told_and_goes_on_by_number(gateway: Gateway, session: Stream) -> None:
    item = await session.submit(
        "print('up', flush=True)\ninput()\n" + writes(100),
        input_mode=execute_pb2.INPUT_MODE_INTERACTIVE,
        when_behind=execute_pb2.WHEN_BEHIND_DROP,
    )
    await item.says("up")
    reader = await gateway.reader(item.id, window=1)
    response = await reader.read()
    assert [envelope.seq for envelope in response.envelopes] == [1]
    await gateway.send_input(item.id, b"go\n")
    await item.finished()
    await reader.write(worker_pb2.ReadEventsRequest(grant=1000))
    response = await reader.read()
    assert response.is_last
    refused = Refused(response.refusal)
    assert refused.reason == "READER_TOO_SLOW"
    assert refused.metadata == {"executionId": item.id, "nextSeq": "2"}
    reader.cancel()
    first, *rest = await gateway.read_all(item.id, 2)
    assert first.dropped.first_seq == 2
    assert rest[0].seq == first.dropped.last_seq + 1
    assert rest[-1].HasField("finished")


# --- the disk ---


@pytest.mark.parametrize("lags", [False, True])
async def test_a_disk_that_takes_no_more_loses_nothing_for_a_caller_that_reads(
    tmp_path: Path, python: str, lags: bool
) -> None:
    async with own_worker(tmp_path, python) as (worker, gateway), gateway.session() as session:
        # The kernel refuses every file of more than this to the worker: EFBIG instead of ENOSPC, in the same place.
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        item = await session.submit(writes(40), window=100_000 if lags else 1 << 30)
        crc = size = 0
        while not (event := await item.next()).HasField("finished"):
            assert event.seq == item.events[-1].seq
            crc, size = zlib.crc32(event.output.data, crc), size + len(event.output.data)
            item.events.clear()
            if lags:
                await item.grant(event.ByteSize())
        assert event.finished.outcome == execute_pb2.OUTCOME_OK
        assert (size, crc) == (40 * MIB, zlib.crc32(expected(40)))
        assert kept(worker) == 0
        assert (await session.run("1 + 1")).text == "2"


async def test_on_a_disk_that_takes_no_more_a_detached_execution_goes_on_and_says_what_is_gone(
    tmp_path: Path, python: str
) -> None:
    async with own_worker(tmp_path, python) as (worker, gateway), gateway.session() as session:
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        execution_id = await leave(session, writes(40))
        await ended(gateway, execution_id)
        first, *rest = await gateway.read_all(execution_id)
        assert "no room on the disk" in first.dropped.reason
        data = b"".join(event.output.data for event in rest)
        assert first.dropped.bytes + len(data) == 40 * MIB
        assert expected(40).endswith(data)
        assert len(data) > MIB // 2
        # The disk has room again: files are used again.
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        async with asyncio.timeout(20):
            while kept(worker) == 0:
                await ended(gateway, await leave(session, writes(4)))
        execution_id = await leave(session, writes(40))
        await ended(gateway, execution_id)
        assert b"".join([event.output.data for event in await gateway.read_all(execution_id)]) == expected(40)


async def test_a_folder_that_goes_away_is_a_disk_without_room(tmp_path: Path, python: str) -> None:
    async with own_worker(tmp_path, python) as (_, gateway), gateway.session() as session:
        (tmp_path / "logs").rename(tmp_path / "gone")
        result = await session.run(writes(8) + "\n1 + 1")
        assert (result.text, result.truncated_bytes) == ("2", 7 * MIB)


async def test_when_the_files_of_all_logs_are_too_much_the_oldest_finished_make_room(
    tmp_path: Path, python: str
) -> None:
    async with own_worker(tmp_path, python, max_kept_log_bytes=50 * MIB) as (worker, gateway):
        async with gateway.session() as session:
            ids = []
            for _ in range(5):
                ids.append(await leave(session, writes(20)))
                await ended(gateway, ids[-1])
                assert kept(worker) <= 50 * MIB
            whole = [not (await gateway.read_all(each))[0].HasField("dropped") for each in ids]
            assert whole == [False, False, False, True, True]
            # What it came to is known all the same.
            assert (await gateway.execution(ids[0])).result.finished.usage.stdout_bytes == 20 * MIB


async def test_what_a_caller_has_not_read_makes_no_room_for_others(tmp_path: Path, python: str) -> None:
    async with own_worker(tmp_path, python, max_kept_log_bytes=30 * MIB) as (worker, gateway):
        async with gateway.session() as session, gateway.session() as other:
            slow = await session.submit(writes(20), window=1)
            await eventually(lambda: kept(worker) > 18 * MIB, "it lies in files")
            execution_id = await leave(other, writes(40))
            await ended(gateway, execution_id)
            await slow.grant(100 * MIB)
            await slow.finished()
            assert slow.written_bytes("stdout") == expected(20)
            first = (await gateway.read_all(execution_id))[0]
            assert "no room on the disk" in first.dropped.reason


# --- ReadOutput ---


async def test_output_is_read_by_stream_and_offset_wherever_it_lies(gateway: Gateway, session: Stream) -> None:
    execution_id = await leave(session, writes(10) + "\nos.write(2, b'complaint')\nos.write(1, b'end')")
    await ended(gateway, execution_id)
    whole = expected(10) + b"end"
    for offset, size in ((0, 100), (5 * MIB + 3, 1000), (65_530, 2 * MIB), (len(whole) - 10, 100), (0, 1 << 30)):
        outputs, answer = await gateway.output(execution_id, STDOUT, offset, size)
        assert joined(outputs, offset) == whole[offset : offset + size]
        assert answer.next_offset == offset + len(joined(outputs, offset))
        assert answer.end_offset == len(whole)
    for offset in (-3, -100_000, -len(whole) - 5):
        outputs, _ = await gateway.output(execution_id, STDOUT, offset)
        assert joined(outputs, max(0, len(whole) + offset)) == whole[max(0, len(whole) + offset) :]
    outputs, answer = await gateway.output(execution_id, STDOUT, len(whole))
    assert (outputs, answer.next_offset) == ([], len(whole))
    outputs, _ = await gateway.output(execution_id, STDERR)
    assert joined(outputs, 0) == b"complaint"


async def test_output_that_is_gone_is_read_from_where_it_is_kept(gateway: Gateway, session: Stream) -> None:
    execution_id = await leave(session, writes(100))
    await ended(gateway, execution_id)
    outputs, _ = await gateway.output(execution_id, STDOUT, 0, 100)
    assert outputs[0].offset > 30 * MIB
    assert joined(outputs, outputs[0].offset) == expected(100)[outputs[0].offset :][:100]


async def test_output_can_be_read_while_it_is_written(gateway: Gateway, session: Stream) -> None:
    item = await session.submit(
        "print('one', flush=True); input(); print('two')", input_mode=execute_pb2.INPUT_MODE_INTERACTIVE
    )
    await item.says("one")
    outputs, answer = await gateway.output(item.id, STDOUT)
    assert (joined(outputs, 0), answer.end_offset) == (b"one\n", 4)
    await gateway.send_input(item.id, b"\n")
    await item.finished()
    outputs, answer = await gateway.output(item.id, STDOUT, answer.next_offset)
    assert joined(outputs, 4) == b"two\n"
    with pytest.raises(Refused) as refused:
        await gateway.output("nobody's", STDOUT)
    assert refused.value.reason == "EXECUTION_NOT_FOUND"


def joined(outputs: list[execute_pb2.Output], offset: int) -> bytes:
    """The bytes of consecutive pieces."""
    for output in outputs:
        assert output.offset == offset
        offset += len(output.data)
    return b"".join(output.data for output in outputs)
