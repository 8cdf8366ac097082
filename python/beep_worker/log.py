"""An execution's event log: numbers events, keeps them, and wakes those who read."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from google.protobuf import duration_pb2, timestamp_pb2

from beep.python.v1 import execute_pb2

# What one execution's log keeps; the oldest output beyond it goes.
MAX_KEPT_BYTES = 16 * 1024 * 1024

# What a record takes beside its payload, roughly.
RECORD_BYTES = 512

_EVENT = execute_pb2.ExecutionEvent


@dataclass(slots=True)
class Record:
    """One event, encoded when somebody wants it."""

    seq: int
    at_ns: int
    since_start_ns: int
    kind: str
    body: Any  # the event's message, or what makes it
    size: int
    _bytes: bytes | None = None

    def encoded(self, execution_id: str) -> bytes:
        """The `ExecutionEvent`."""
        if self._bytes is None:
            body = self.body() if callable(self.body) else self.body
            event = _EVENT(
                execution_id=execution_id,
                seq=self.seq,
                time=timestamp(self.at_ns),
                since_start=duration(self.since_start_ns),
                **{self.kind: body},
            )
            self._bytes = event.SerializeToString()
            self.body = None  # one copy of an output is enough
        return self._bytes

    @property
    def is_last(self) -> bool:
        return self.kind == "finished"


@dataclass(slots=True)
class Cursor:
    """How far a reader has come: the number that is next, and the output before it that it read or was told of."""

    seq: int = 1
    output_bytes: int = 0


class EventLog:
    """Sequence numbers 1, 2, 3 ... without a gap, given here and nowhere else; `finished` is last, exactly once."""

    def __init__(self, execution_id: str) -> None:
        self.execution_id = execution_id
        self.next_seq = 1
        self.size = 0
        self.is_finished = False
        self._records: deque[Record] = deque()
        self._first_seq = 1
        self._dropped_bytes = 0
        self._start_ns = time.monotonic_ns()
        self._listeners: list[Callable[[], None]] = []

    @property
    def first_seq(self) -> int:
        """The first event that can still be had."""
        return self._first_seq

    @property
    def has_listeners(self) -> bool:
        return bool(self._listeners)

    def append(self, kind: str, body: Any, size: int = 0) -> Record:
        """Numbers an event and tells everybody who listens. `body` may be a function: many logs are never read."""
        if self.is_finished:
            raise RuntimeError(f"execution {self.execution_id} has ended: {kind} comes too late")
        record = Record(
            self.next_seq, time.time_ns(), time.monotonic_ns() - self._start_ns, kind, body, size + RECORD_BYTES
        )
        self.next_seq += 1
        self._records.append(record)
        self.size += record.size
        self.is_finished = record.is_last
        for listener in self._listeners:
            listener()
        return record

    def trim(self, keep_from: int) -> None:
        """Lets the oldest events go while there are too many bytes, none at or after `keep_from`."""
        while self.size > MAX_KEPT_BYTES and self._records[0].seq < keep_from and len(self._records) > 1:
            gone = self._records.popleft()
            self.size -= gone.size
            self._dropped_bytes += gone.size - RECORD_BYTES
            self._first_seq = gone.seq + 1

    def cursor(self, seq: int) -> Cursor:
        """For a reader that begins with this number."""
        count = max(0, seq - self._first_seq)
        if count == 0:
            return Cursor(seq)
        return Cursor(seq, self._dropped_bytes + sum(r.size - RECORD_BYTES for r in islice(self._records, count)))

    def read(self, cursor: Cursor) -> Iterator[Record]:
        """The records after a cursor that are there now, which moves along; those that are gone as one `dropped`."""
        if cursor.seq < self._first_seq:
            gone = self._gone(cursor)
            cursor.seq, cursor.output_bytes = self._first_seq, self._dropped_bytes
            yield gone
        # Readers keep pace with the end of the log: walking backwards from there is short for them.
        for index in range(-(self.next_seq - cursor.seq), 0):
            record = self._records[index]
            cursor.seq = record.seq + 1
            cursor.output_bytes += record.size - RECORD_BYTES
            yield record

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls after every event, from the event loop; answers how to stop that, then or there."""

        def stop() -> None:
            # A new list: the old one may be walked just now, and nobody after this one may be left out.
            self._listeners = [other for other in self._listeners if other is not listener]

        self._listeners.append(listener)
        return stop

    def _gone(self, cursor: Cursor) -> Record:
        dropped = execute_pb2.Dropped(
            first_seq=cursor.seq,
            last_seq=self._first_seq - 1,
            # Of a reader that begins among what is gone it is not known where that was: it is told of all.
            bytes=self._dropped_bytes - cursor.output_bytes,
            reason=f"an execution's log keeps {MAX_KEPT_BYTES >> 20} MiB; these events were the oldest",
        )
        return Record(self._first_seq - 1, time.time_ns(), time.monotonic_ns() - self._start_ns, "dropped", dropped, 0)


def timestamp(ns: int) -> timestamp_pb2.Timestamp:
    """A point in time, from nanoseconds since the epoch."""
    return timestamp_pb2.Timestamp(seconds=ns // 1_000_000_000, nanos=ns % 1_000_000_000)


def duration(ns: int) -> duration_pb2.Duration:
    """A span of time, from nanoseconds that are not negative."""
    return duration_pb2.Duration(seconds=ns // 1_000_000_000, nanos=ns % 1_000_000_000)
