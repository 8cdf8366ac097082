"""The event log itself."""

from __future__ import annotations

import random

import pytest

from beep.python.v1 import execute_pb2
from beep_worker.log import MAX_KEPT_BYTES, RECORD_BYTES, Cursor, EventLog, Record

OUTPUT = execute_pb2.Output(data=b"x")
PIECE = MAX_KEPT_BYTES // 8 - RECORD_BYTES


def filled(count: int) -> EventLog:
    log = EventLog("x")
    for _ in range(count):
        log.append("output", OUTPUT, PIECE)
    return log


def read(log: EventLog, cursor: Cursor) -> list[Record]:
    return list(log.read(cursor))


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


def test_trimming_takes_the_oldest_and_no_more_than_it_must() -> None:
    log = filled(10)
    log.trim(log.next_seq)
    assert log.size <= MAX_KEPT_BYTES
    assert (log.first_seq, log.next_seq) == (3, 11)
    log.trim(log.next_seq)
    assert log.first_seq == 3


def test_trimming_spares_what_somebody_waits_for() -> None:
    log = filled(10)
    log.trim(2)
    assert log.first_seq == 2
    log.trim(2)
    assert log.first_seq == 2
    assert log.size > MAX_KEPT_BYTES


def test_the_last_record_stays_however_large_it_is() -> None:
    log = EventLog("x")
    log.append("output", OUTPUT, 2 * MAX_KEPT_BYTES)
    log.trim(log.next_seq)
    assert [record.seq for record in read(log, Cursor())] == [1]


@pytest.mark.parametrize("seed", range(20))
def test_what_readers_get_and_what_they_are_told_is_gone_add_up(seed: int) -> None:
    rng = random.Random(seed)
    log = EventLog("x")
    cursors = [(Cursor(), [0, 0]) for _ in range(3)]  # events and bytes that each has heard of
    for _ in range(300):
        log.append("output", OUTPUT, rng.choice((0, 10, PIECE, PIECE // 3)))
        log.trim(log.next_seq)
        for cursor, heard in cursors:
            if rng.random() < 0.1:
                for record in log.read(cursor):
                    if record.kind == "dropped":
                        heard[0] += record.body.last_seq - record.body.first_seq + 1
                        heard[1] += record.body.bytes
                        assert record.seq == record.body.last_seq
                    else:
                        heard[0] += 1
                        heard[1] += record.size - RECORD_BYTES
                    assert heard[0] == record.seq
                    if rng.random() < 0.2:
                        break
    for cursor, heard in cursors:
        for record in log.read(cursor):
            is_gap = record.kind == "dropped"
            heard[1] += record.body.bytes if is_gap else record.size - RECORD_BYTES
    assert len({heard[1] for _, heard in cursors}) == 1


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
