"""An execution's event log: numbers events, keeps them, and wakes those who read.

The newest are in memory; older ones have been moved to files, a part of the log in each; the oldest may be gone.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from google.protobuf import duration_pb2, timestamp_pb2

from beep.python.v1 import execute_pb2
from beep_worker import long_field
from beep_worker.log_files import LogFile, LogFiles
from beep_worker.log_part import LogPart, first_length, joined, split

# What a log keeps in memory before it moves its oldest to a file, and how much it moves at once: encoding many small
# events holds everybody up.
MEMORY_BYTES = 1 << 20
PART_BYTES = 1 << 20
PART_EVENTS = 1000

# So long the oldest stays in memory for a caller who has the code wait and is about to get it: that takes less than to
# fetch it from a file, and who is slower is not waited for.
PATIENCE_S = 0.1

# What a reader has at hand of a file, where one event alone is not larger.
FETCH_BYTES = 132 * 1024

# What it keeps in files; the oldest beyond it goes.
FILE_BYTES = 64 << 20

# With more than this in memory the code has to wait: the disk, or a caller that has it wait, does not keep up.
HELD_BYTES = 7 * MEMORY_BYTES // 4

# What a record takes beside its payload, roughly.
RECORD_BYTES = 512

_EVENT = execute_pb2.ExecutionEvent

_LOG_IS_FULL = f"an execution's log keeps {(FILE_BYTES + MEMORY_BYTES) >> 20} MiB; these events were the oldest"
_DISK_IS_FULL = "there was no room on the disk for an execution's log; these events were the oldest"
_FILE_IS_LOST = "the files of the execution's log could not be read"


@dataclass(slots=True)
class Record:
    """One event, encoded when somebody wants it."""

    seq: int
    at_ns: int
    since_start_ns: int
    kind: str
    body: Any  # the event's message, or what makes it
    size: int
    stream: int = 0  # of output
    tail: bytes = b""  # its `data`, where that is long
    _head: bytes | None = None

    def encoded(self, execution_id: str) -> bytes:
        """The `ExecutionEvent`."""
        return b"".join(self.pieces(execution_id))

    def pieces(self, execution_id: str) -> tuple[bytes, ...]:
        """The same, in two where it ends with a long output."""
        if self._head is None:
            body = self.body() if callable(self.body) else self.body
            event = _EVENT(
                execution_id=execution_id,
                seq=self.seq,
                time=timestamp(self.at_ns),
                since_start=duration(self.since_start_ns),
                **({} if self.tail else {self.kind: body}),
            )
            if self.tail:
                output = long_field.head(body, "data", len(self.tail))
                self._head = long_field.head(event, "output", len(output) + len(self.tail)) + output
            else:
                self._head = event.SerializeToString()
            self.body = None  # one copy of an output is enough
        return (self._head, self.tail) if self.tail else (self._head,)

    @property
    def payload_bytes(self) -> int:
        return self.size - RECORD_BYTES

    @property
    def is_last(self) -> bool:
        return self.kind == "finished"


@dataclass(slots=True)
class Place:
    """Where in a file the next events lie: which number comes there, and the output before it."""

    file: LogFile
    offset: int
    seq: int
    output_bytes: int


@dataclass(slots=True)
class Cursor:
    """How far a reader has come: the number that is next, and the output before it that it read or was told of."""

    seq: int = 1
    output_bytes: int = 0
    # The next ones, where they came from a file, and where those after them lie.
    fetched: deque[Record] = field(default_factory=deque)
    place: Place | None = None


class EventLog:
    """Sequence numbers 1, 2, 3 ... without a gap, given here and nowhere else; `finished` is last, exactly once."""

    def __init__(self, execution_id: str, files: LogFiles | None = None) -> None:
        self.execution_id = execution_id
        self.next_seq = 1
        # Of what is in memory.
        self.size = 0
        self.is_finished = False
        self._files = files
        self._records: deque[Record] = deque()
        self._parts: list[LogPart] = []
        self._moving = 0  # so many of the oldest records are being written to a file
        # Runs while a caller is waited for.
        self._patience: asyncio.TimerHandle | None = None
        self._is_impatient = False
        self._is_closed = False
        # Where memory begins: number, output, and offset in each stream.
        self._memory_seq = 1
        self._memory_output_bytes = 0
        self._memory_offsets = (0, 0, 0)
        self._dropped_bytes = 0
        self._drop_reason = _LOG_IS_FULL
        self._start_ns = time.monotonic_ns()
        self._listeners: list[Callable[[], None]] = []

    @property
    def first_seq(self) -> int:
        """The first event that can still be had."""
        return self._parts[0].first_seq if self._parts else self._memory_seq

    @property
    def has_files(self) -> bool:
        """Whether it takes room on the disk, or is about to."""
        return bool(self._parts or self._moving)

    @property
    def file_bytes(self) -> int:
        """The room that it takes on the disk."""
        return sum(part.file.size for part in self._parts)

    def append(self, kind: str, body: Any, size: int = 0, stream: int = 0, tail: bytes = b"") -> Record:
        """Numbers an event and tells everybody who listens.

        `body` may be a function: many logs are never read. `tail` is the `data` of an output that lacks it.
        """
        if self.is_finished:
            raise RuntimeError(f"execution {self.execution_id} has ended: {kind} comes too late")
        since_start_ns = time.monotonic_ns() - self._start_ns
        size += RECORD_BYTES
        record = Record(self.next_seq, time.time_ns(), since_start_ns, kind, body, size, stream, tail)
        self.next_seq += 1
        self._records.append(record)
        self.size += record.size
        self.is_finished = record.is_last
        for listener in self._listeners:
            listener()
        return record

    # --- room ---

    def make_room(self, keep_from: int, on_moved: Callable[[], None]) -> bool:
        """Moves the oldest in memory to a file; where there is no room for one, lets the oldest of all go.

        None goes at or after `keep_from`. Whether the code may write more; `on_moved`: this may be asked again.
        """
        if self.is_finished:
            self._make_room_for_the_rest(keep_from)
        while self.size > MEMORY_BYTES and not self._moving and not self._is_closed:
            if self._is_about_to_be_read(keep_from, on_moved):
                break
            if self._move(self.next_seq if self._is_impatient else keep_from, on_moved):
                break
            if (self.is_finished and not self._parts) or not self._drop_oldest(keep_from):
                break
        # One event alone may be larger than all that; whoever needs it has the code wait, and nobody else does.
        is_last_one = len(self._records) == 1 and not self._moving and self._records[0].seq < keep_from
        return self.size <= HELD_BYTES or is_last_one

    def _make_room_for_the_rest(self, keep_from: int) -> None:
        """What is still to be moved finds room now: an execution that has ended tells its first event."""
        left = self.size - MEMORY_BYTES
        while left > 0 and self._parts and self.file_bytes + left + 2 * PART_BYTES > FILE_BYTES:
            self._drop_reason = _LOG_IS_FULL
            if not self._drop_oldest(keep_from):
                break

    def remove_files(self) -> None:
        """Makes do with what is in memory."""
        if self._parts:
            self._drop_reason = _DISK_IS_FULL
        while self._parts:
            self._drop_part()

    def close(self) -> None:
        """Nobody will read it any more."""
        self._is_closed = True
        self._stop_waiting()
        self.remove_files()

    def _is_about_to_be_read(self, keep_from: int, on_over: Callable[[], None]) -> bool:
        """Whether a caller is given a moment to get what would be moved."""
        if self._files is None or keep_from - self._memory_seq >= max(1, len(self._records) // 2):
            self._stop_waiting()
            self._is_impatient = False
            return False
        if self._is_impatient:
            return False

        def on_time() -> None:
            self._patience = None
            self._is_impatient = True
            on_over()

        if self._patience is None:
            self._patience = asyncio.get_running_loop().call_later(PATIENCE_S, on_time)
        return True

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _move(self, end_seq: int, on_moved: Callable[[], None]) -> bool:
        """Begins to write the oldest records before a number to a file, if there is room for them."""
        if self._files is None:
            return False
        moved: list[Record] = []
        size = 0
        for record in islice(self._records, min(PART_EVENTS, end_seq - self._memory_seq)):
            moved.append(record)
            size += record.size
            if size >= PART_BYTES:
                break
        if self._parts and self.file_bytes + size > FILE_BYTES:
            self._drop_reason = _LOG_IS_FULL
            return False
        pieces = joined(moved[0].seq, ((r.pieces(self.execution_id), r.payload_bytes, r.is_last) for r in moved))

        def done(file: Any) -> None:
            self._moving = 0
            if file is not None and self._is_closed:
                self._files.remove(file)  # type: ignore[union-attr]
            elif file is not None:
                first, offsets = moved[0].seq, self._memory_offsets
                before = self._memory_output_bytes
                for _ in moved:
                    self._leave_memory()
                self._parts.append(LogPart(file, first, self._memory_seq - 1, before, offsets))
            on_moved()

        if not self._files.write(pieces, done):
            self._drop_reason = _DISK_IS_FULL
            return False
        self._moving = len(moved)
        return True

    def _leave_memory(self) -> None:
        record = self._records.popleft()
        self.size -= record.size
        self._memory_seq = record.seq + 1
        self._memory_output_bytes += record.payload_bytes
        if record.stream:
            offsets = list(self._memory_offsets)
            offsets[record.stream] += record.payload_bytes
            self._memory_offsets = (offsets[0], offsets[1], offsets[2])

    def _drop_oldest(self, keep_from: int) -> bool:
        if self._parts:
            if self._parts[0].last_seq >= keep_from:
                return False
            self._drop_part()
        else:
            if self._records[0].seq >= keep_from or len(self._records) == 1:
                return False
            self._leave_memory()
            self._dropped_bytes = self._memory_output_bytes
        return True

    def _drop_part(self) -> None:
        assert self._files is not None
        self._files.remove(self._parts.pop(0).file)
        self._dropped_bytes = self._parts[0].output_before if self._parts else self._memory_output_bytes

    # --- readers ---

    def cursor(self, seq: int) -> Cursor:
        """For a reader that begins with this number."""
        if seq < self.first_seq:
            return Cursor(seq)
        if seq < self._memory_seq:
            return Cursor(seq, self._part_of(seq).output_before)  # exactly once it has been fetched
        before = islice(self._records, seq - self._memory_seq)
        return Cursor(seq, self._memory_output_bytes + sum(record.payload_bytes for record in before))

    def read(self, cursor: Cursor) -> Iterator[Record]:
        """The records after a cursor that are at hand, which moves along; those that are gone as one `dropped`."""
        while cursor.fetched:
            record = cursor.fetched.popleft()
            cursor.seq = record.seq + 1
            cursor.output_bytes += record.payload_bytes
            yield record
        if cursor.seq < self.first_seq:
            gone = self._gone(cursor)
            cursor.seq, cursor.output_bytes = self.first_seq, self._dropped_bytes
            yield gone
        if cursor.seq < self._memory_seq:
            return
        # Readers keep pace with the end of the log: walking backwards from there is short for them.
        for index in range(-(self.next_seq - cursor.seq), 0):
            record = self._records[index]
            cursor.seq = record.seq + 1
            cursor.output_bytes += record.payload_bytes
            yield record

    def is_in_file(self, cursor: Cursor) -> bool:
        """Whether the next event has to be fetched before it can be read."""
        return not cursor.fetched and self.first_seq <= cursor.seq < self._memory_seq

    async def fetch(self, cursor: Cursor) -> None:
        """Has the next events of a cursor at hand, unless they go meanwhile."""
        assert self._files is not None
        while self.is_in_file(cursor):
            part = self._part_of(cursor.seq)
            if cursor.place is None or cursor.place.file is not part.file:
                cursor.place = Place(part.file, 0, part.first_seq, part.output_before)
            try:
                data = await self._files.read(part.file, cursor.place.offset, FETCH_BYTES)
                if first_length(data) > len(data):
                    data = await self._files.read(part.file, cursor.place.offset, first_length(data))
                self._take(cursor, cursor.place, part, data)
            except (OSError, ValueError):
                self._lose(part)

    def _take(self, cursor: Cursor, place: Place, part: LogPart, data: bytes) -> None:
        start = place.offset
        if first_length(data) > len(data):
            raise ValueError("the file is not as it was written")
        for body, payload_bytes, is_last, end in split(data, place.seq, part.last_seq):
            if place.seq >= cursor.seq:
                kind = "finished" if is_last else ""
                cursor.fetched.append(Record(place.seq, 0, 0, kind, None, payload_bytes + RECORD_BYTES, _head=body))
            else:
                cursor.output_bytes = max(cursor.output_bytes, place.output_bytes + payload_bytes)
            place.seq, place.output_bytes = place.seq + 1, place.output_bytes + payload_bytes
            place.offset = start + end

    def _lose(self, part: LogPart) -> None:
        if part in self._parts:
            self._drop_reason = _FILE_IS_LOST
            while self._parts and self._parts[0].first_seq <= part.first_seq:
                self._drop_part()

    def seq_at(self, stream: int, offset: int) -> int:
        """A number from which on a stream's byte is found, where it is kept; those before it are not far off."""
        if offset < self._memory_offsets[stream]:
            index = bisect_right(self._parts, offset, key=lambda part: part.offsets[stream]) - 1
            return self._parts[max(0, index)].first_seq if self._parts else self._memory_seq
        seq, at = self._memory_seq, self._memory_offsets[stream]
        for record in self._records:
            if record.stream == stream:
                at += record.payload_bytes
                if at > offset:
                    return record.seq
            seq = record.seq + 1
        return seq

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls after every event, from the event loop; answers how to stop that, then or there."""

        def stop() -> None:
            # A new list: the old one may be walked just now, and nobody after this one may be left out.
            self._listeners = [other for other in self._listeners if other is not listener]

        self._listeners.append(listener)
        return stop

    def _part_of(self, seq: int) -> LogPart:
        return self._parts[bisect_right(self._parts, seq, key=lambda part: part.first_seq) - 1]

    def _gone(self, cursor: Cursor) -> Record:
        dropped = execute_pb2.Dropped(
            first_seq=cursor.seq,
            last_seq=self.first_seq - 1,
            # Of a reader that begins among what is gone it is not known where that was: it is told of all.
            bytes=self._dropped_bytes - cursor.output_bytes,
            reason=self._drop_reason,
        )
        return Record(self.first_seq - 1, time.time_ns(), time.monotonic_ns() - self._start_ns, "dropped", dropped, 0)


def timestamp(ns: int) -> timestamp_pb2.Timestamp:
    """A point in time, from nanoseconds since the epoch."""
    return timestamp_pb2.Timestamp(seconds=ns // 1_000_000_000, nanos=ns % 1_000_000_000)


def duration(ns: int) -> duration_pb2.Duration:
    """A span of time, from nanoseconds that are not negative."""
    return duration_pb2.Duration(seconds=ns // 1_000_000_000, nanos=ns % 1_000_000_000)
