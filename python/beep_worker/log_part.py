"""A part of a log that lies in a file: consecutive events, each behind a head of fixed length."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from beep_worker.log_files import LogFile

# Number and length of the event, what of it is payload, and whether it is the last of its execution.
_HEAD = struct.Struct(">QII?")


@dataclass(frozen=True, slots=True)
class LogPart:
    """Which events a file holds."""

    file: LogFile
    first_seq: int
    last_seq: int
    # What had been written before it: in all, and to each stream.
    output_before: int
    offsets: tuple[int, int, int]


def joined(first_seq: int, events: Iterable[tuple[tuple[bytes, ...], int, bool]]) -> list[bytes]:
    """What a file of these events is made of, each of which may come in pieces."""
    pieces: list[bytes] = []
    for seq, (body, payload_bytes, is_last) in enumerate(events, first_seq):
        pieces.append(_HEAD.pack(seq, sum(map(len, body)), payload_bytes, is_last))
        pieces.extend(body)
    return pieces


def first_length(data: bytes) -> int:
    """How many bytes the first event of a file takes, or of the rest of one. Raises ValueError where there is none."""
    if len(data) < _HEAD.size:
        raise ValueError("no event begins here")
    _, length, _, _ = _HEAD.unpack_from(data)
    return _HEAD.size + int(length)


def split(data: bytes, seq: int, last_seq: int) -> Iterator[tuple[bytes, int, bool, int]]:
    """The events that are whole, from a number on, each with the place behind it.

    Raises ValueError for other numbers: the user's code could reach the file.
    """
    at = 0
    while at + _HEAD.size <= len(data):
        found, length, payload_bytes, is_last = _HEAD.unpack_from(data, at)
        start, at = at + _HEAD.size, at + _HEAD.size + length
        if at > len(data):
            return
        if found != seq or seq > last_seq:
            raise ValueError("the file is not as it was written")
        yield data[start:at], payload_bytes, is_last, at
        seq += 1
