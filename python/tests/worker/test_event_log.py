"""The event log itself."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from beep.python.v1 import execute_pb2
from beep_worker import log as log_module
from beep_worker.log import FILE_BYTES, HELD_BYTES, MEMORY_BYTES, PART_BYTES, RECORD_BYTES, Cursor, EventLog, Record
from beep_worker.log_files import LogFiles

OUTPUT = execute_pb2.Output(data=b"x")
PIECE = MEMORY_BYTES // 8 - RECORD_BYTES
BLOCK = execute_pb2.Output(stream=execute_pb2.OUTPUT_STREAM_STDOUT, data=b"x" * PIECE)


def filled(count: int) -> EventLog:
    log = EventLog("x")
    for _ in range(count):
        log.append("output", OUTPUT, PIECE)
    return log


def trim(log: EventLog, keep_from: int | None = None) -> bool:
    return log.make_room(log.next_seq if keep_from is None else keep_from, lambda: None)


def read(log: EventLog, cursor: Cursor) -> list[Record]:
    return list(log.read(cursor))


class Writer:
    """Appends as an execution does: it waits for the disk where the log says so."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._moved = asyncio.Event()

    async def __call__(self, count: int = 1, keep_from: int | None = None) -> None:
        log = self._log
        for _ in range(count):
            log.append("output", BLOCK, PIECE, execute_pb2.OUTPUT_STREAM_STDOUT)
            self._moved.clear()
            while not log.make_room(log.next_seq if keep_from is None else keep_from, self._moved.set):
                async with asyncio.timeout(10):
                    await self._moved.wait()
                self._moved.clear()


async def read_all(log: EventLog, cursor: Cursor) -> list[Record]:
    """What lies in files too."""
    found = read(log, cursor)
    while log.is_in_file(cursor):
        await log.fetch(cursor)
        found += log.read(cursor)
    return found


@pytest.fixture
def files(tmp_path: Path) -> Iterator[LogFiles]:
    files = LogFiles(f"{tmp_path}/logs", 1 << 30)
    yield files
    files._writer.shutdown()  # or its folder would go while it writes there


def test_a_reader_gets_what_is_new_each_time() -> None:
    log = filled(3)
    cursor = Cursor()
    assert [record.seq for record in read(log, cursor)] == [1, 2, 3]
    assert read(log, cursor) == []
    log.append("output", OUTPUT)
    assert [record.seq for record in read(log, cursor)] == [4]
    assert read(log, log.cursor(9)) == []


def test_a_reader_that_stops_in_the_middle_goes_on_from_there() -> None:
    log = filled(5)
    cursor = Cursor()
    for record in log.read(cursor):
        if record.seq == 2:
            break
    assert [record.seq for record in read(log, cursor)] == [3, 4, 5]


def test_without_files_the_oldest_go_and_no_more_than_must() -> None:
    log = filled(10)
    assert trim(log)
    assert log.size <= MEMORY_BYTES
    assert (log.first_seq, log.next_seq) == (3, 11)
    assert trim(log)
    assert log.first_seq == 3


def test_what_somebody_waits_for_is_spared() -> None:
    log = filled(20)
    for _ in range(2):
        assert not trim(log, keep_from=2)
        assert log.first_seq == 2
    assert log.size > HELD_BYTES


def test_the_last_record_stays_however_large_it_is() -> None:
    log = EventLog("x")
    log.append("output", OUTPUT, 2 * HELD_BYTES)
    assert trim(log), "nobody needs it, so nobody waits"
    assert not trim(log, keep_from=1), "who needs it has the code wait"
    assert [record.seq for record in read(log, Cursor())] == [1]


@pytest.mark.parametrize("seed", range(20))
def test_what_readers_get_and_what_they_are_told_is_gone_add_up(seed: int) -> None:
    rng = random.Random(seed)
    log = EventLog("x")
    cursors = [(Cursor(), [0, 0]) for _ in range(3)]  # events and bytes that each has heard of
    for _ in range(300):
        log.append("output", OUTPUT, rng.choice((0, 10, PIECE, PIECE // 3)))
        trim(log)
        for cursor, heard in cursors:
            if rng.random() < 0.1:
                for record in log.read(cursor):
                    hear(record, heard)
                    if rng.random() < 0.2:
                        break
    for cursor, heard in cursors:
        for record in log.read(cursor):
            hear(record, heard)
    assert len({heard[1] for _, heard in cursors}) == 1


@pytest.mark.parametrize("seed", range(10))
async def test_the_same_adds_up_over_memory_and_files(
    seed: int, files: LogFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "FILE_BYTES", 6 * PART_BYTES)
    rng = random.Random(seed)
    log = EventLog("x", files)
    write = Writer(log)
    cursors = [(Cursor(), [0, 0]) for _ in range(3)]
    for _ in range(30):
        await write(rng.randrange(8))
        if rng.random() < 0.1:
            log.remove_files()
        for cursor, heard in cursors:
            if rng.random() < 0.5:
                continue
            if log.is_in_file(cursor):
                fetching = asyncio.create_task(log.fetch(cursor))
                await write(rng.randrange(30))  # what is being fetched may go meanwhile
                await fetching
            for record in log.read(cursor):
                hear(record, heard)
                if rng.random() < 0.1:
                    break
    for cursor, heard in cursors:
        for record in await read_all(log, cursor):
            hear(record, heard)
    assert [heard for _, heard in cursors] == [[log.next_seq - 1, (log.next_seq - 1) * PIECE]] * 3
    log.close()


def hear(record: Record, heard: list[int]) -> None:
    if record.kind == "dropped":
        assert record.body.first_seq == heard[0] + 1
        heard[0] += record.body.last_seq - record.body.first_seq + 1
        heard[1] += record.body.bytes
        assert record.seq == record.body.last_seq
    else:
        heard[0] += 1
        heard[1] += record.payload_bytes
    assert heard[0] == record.seq


async def test_what_is_too_much_for_memory_is_read_from_files(files: LogFiles) -> None:
    log = EventLog("x", files)
    write = Writer(log)
    await write(100)
    assert log.first_seq == 1
    assert log.size <= HELD_BYTES
    assert files.size > 80 * PIECE
    found = await read_all(log, log.cursor(1))
    assert [record.seq for record in found] == list(range(1, 101))
    events = [execute_pb2.ExecutionEvent.FromString(record.encoded("x")) for record in found]
    assert [event.seq for event in events] == list(range(1, 101))
    assert all(event.output.data == BLOCK.data for event in events)
    for first in (2, 50, 100):
        assert [record.seq for record in await read_all(log, log.cursor(first))] == list(range(first, 101))


async def test_files_are_bounded_and_the_oldest_go(files: LogFiles) -> None:
    log = EventLog("x", files)
    write = Writer(log)
    await write(700)
    assert FILE_BYTES * 0.9 < files.size <= FILE_BYTES
    first, *rest = await read_all(log, Cursor())
    assert first.kind == "dropped"
    assert first.body.bytes + sum(record.payload_bytes for record in rest) == 700 * PIECE
    assert rest[-1].seq == 700


async def test_files_are_not_dropped_before_whoever_waits_has_read_them(files: LogFiles) -> None:
    log = EventLog("x", files)
    write = Writer(log)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3):
            await write(700, keep_from=1)
    assert log.first_seq == 1
    assert log.size <= HELD_BYTES + PIECE + RECORD_BYTES
    assert files.size <= FILE_BYTES


async def test_a_closed_log_leaves_nothing_on_the_disk(files: LogFiles, tmp_path: Path) -> None:
    log = EventLog("x", files)
    write = Writer(log)
    await write(50)
    log.append("output", BLOCK, PIECE)
    trim(log)  # something is under way as well
    log.close()
    async with asyncio.timeout(5):
        while files.size or list((tmp_path / "logs").iterdir()):
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b"short"),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(bytes(path.stat().st_size)),
        lambda path: path.write_bytes(b"\xff" * path.stat().st_size),
        lambda path: path.write_bytes(path.read_bytes()[1:] + b"\0"),
    ],
    ids=["gone", "short", "empty", "zeros", "ones", "shifted"],
)
async def test_a_file_that_was_meddled_with_harms_nobody(
    files: LogFiles, tmp_path: Path, harm: Callable[[Path], object]
) -> None:
    log = EventLog("x", files)
    write = Writer(log)
    await write(50)
    harm(sorted((tmp_path / "logs").iterdir(), key=lambda path: int(path.name))[1])
    found = await read_all(log, Cursor())
    seqs = [record.seq for record in found]
    assert seqs == sorted(set(seqs)), "none comes twice, and none out of order"
    assert seqs[-1] == 50
    for record in found:
        if record.kind == "dropped":
            assert record.body.first_seq == seqs[seqs.index(record.seq) - 1] + 1
            assert "could not be read" in record.body.reason
    log.close()


async def test_a_place_in_a_stream_is_found_wherever_it_lies(files: LogFiles) -> None:
    log = EventLog("x", files)
    write = Writer(log)
    await write(100)
    for at in (0, PIECE - 1, PIECE, 20 * PIECE + 5, 99 * PIECE, 100 * PIECE - 1):
        seq = at // PIECE + 1
        assert seq - PART_BYTES // PIECE <= log.seq_at(execute_pb2.OUTPUT_STREAM_STDOUT, at) <= seq
    assert log.seq_at(execute_pb2.OUTPUT_STREAM_STDOUT, 100 * PIECE) == 101
    assert log.seq_at(execute_pb2.OUTPUT_STREAM_STDERR, 0) == 101


def test_nothing_comes_after_the_end() -> None:
    log = filled(1)
    log.append("finished", execute_pb2.Finished())
    assert log.is_finished
    with pytest.raises(RuntimeError):
        log.append("output", OUTPUT)


def test_listeners_that_leave_while_they_are_called_keep_nobody_else_from_hearing() -> None:
    log = EventLog("x")
    heard: list[int] = []

    def listen(number: int, leaves: bool) -> None:
        def on_event() -> None:
            heard.append(number)
            if leaves:
                stop()

        stop = log.listen(on_event)

    for number in range(6):
        listen(number, leaves=number % 2 == 0)
    log.append("output", OUTPUT)
    assert heard == [0, 1, 2, 3, 4, 5]
    log.append("output", OUTPUT)
    assert heard[6:] == [1, 3, 5]


def test_an_event_is_encoded_once_and_as_it_was() -> None:
    log = EventLog("the-id")
    record = log.append("output", execute_pb2.Output(stream=execute_pb2.OUTPUT_STREAM_STDERR, data=b"x", offset=3), 1)
    encoded = record.encoded("the-id")
    assert record.encoded("the-id") is encoded
    event = execute_pb2.ExecutionEvent.FromString(encoded)
    assert (event.execution_id, event.seq, event.output.data, event.output.offset) == ("the-id", 1, b"x", 3)


def test_a_long_output_is_encoded_around_its_bytes() -> None:
    log = EventLog("the-id")
    data = bytes(range(256)) * 1024
    output = execute_pb2.Output(stream=execute_pb2.OUTPUT_STREAM_STDERR, offset=1 << 40)
    record = log.append("output", output, len(data), execute_pb2.OUTPUT_STREAM_STDERR, data)
    assert record.pieces("the-id")[-1] is data
    event = execute_pb2.ExecutionEvent.FromString(record.encoded("the-id"))
    assert (event.execution_id, event.seq, event.output.data, event.output.offset) == ("the-id", 1, data, 1 << 40)
    assert event.output.stream == execute_pb2.OUTPUT_STREAM_STDERR
    assert event.time.seconds > 0


async def test_what_a_caller_is_about_to_get_stays_in_memory_for_a_moment(files: LogFiles) -> None:
    log = EventLog("x", files)
    over = asyncio.Event()
    for _ in range(9):
        log.append("output", BLOCK, PIECE, execute_pb2.OUTPUT_STREAM_STDOUT)
    assert log.size > MEMORY_BYTES
    assert log.make_room(1, over.set)
    assert not log.has_files
    assert log.make_room(log.next_seq, over.set)  # it has read them
    assert log.has_files
    await over.wait()


async def test_who_does_not_get_it_in_a_moment_is_not_waited_for(
    files: LogFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "PATIENCE_S", 0.001)
    log = EventLog("x", files)
    over = asyncio.Event()
    for _ in range(30):
        log.append("output", BLOCK, PIECE, execute_pb2.OUTPUT_STREAM_STDOUT)
    assert not log.make_room(1, over.set)
    while not log.make_room(1, over.set):
        await over.wait()
        over.clear()
    assert log.size <= HELD_BYTES
    assert [record.seq for record in await read_all(log, Cursor())] == list(range(1, 31))
