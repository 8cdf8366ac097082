"""Frames between the worker and its templates and sessions (`docs/internals/session-protocol.md`)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from beep_session.frames import MAX_FRAME_BYTES, MAX_HEADER_BYTES, FrameError, decode_json, pack

_PREFIX = struct.Struct("!II")

__all__ = ["MAX_FRAME_BYTES", "MAX_HEADER_BYTES", "Frame", "FrameError", "FrameReader", "encode"]


@dataclass
class Frame:
    """One frame as it came in."""

    header: dict[str, Any]
    blobs: list[bytes]

    @property
    def op(self) -> str:
        op = self.header.get("op")
        if not isinstance(op, str):
            raise FrameError("a frame without an op")
        return op


def encode(header: dict[str, Any], *blobs: bytes) -> bytes:
    """The bytes of one frame."""
    return pack(header, blobs)


class FrameReader:
    """Turns bytes in any portions into frames; raises FrameError at the first that is none."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole now."""
        if not self._buffer and len(data) >= 8 and int.from_bytes(data[:4], "big") == len(data) - 4:
            return [_parse(data)]  # the usual case: one frame in one read
        self._buffer += data
        frames = []
        while len(self._buffer) >= 8:
            length, header_length = _PREFIX.unpack_from(self._buffer)
            if length > MAX_FRAME_BYTES or length < 4:
                raise FrameError(f"a frame of {length} bytes")
            if header_length > min(MAX_HEADER_BYTES, length - 4):
                raise FrameError(f"a header of {header_length} bytes in a frame of {length}")
            if len(self._buffer) < 4 + length:
                break
            frames.append(_parse(bytes(self._buffer[: 4 + length])))
            del self._buffer[: 4 + length]
        return frames


def _parse(data: bytes) -> Frame:
    header_end = 8 + int.from_bytes(data[4:8], "big")
    if header_end > len(data):
        raise FrameError("a header longer than its frame")
    if header_end - 8 > MAX_HEADER_BYTES:
        raise FrameError(f"a header of {header_end - 8} bytes")
    try:
        header = decode_json(str(data[8:header_end], "utf-8"))
    except UnicodeDecodeError as error:
        raise FrameError("a header that is not JSON") from error
    if not isinstance(header, dict):
        raise FrameError("a header that is no object")
    lengths = header.get("blobs")
    if lengths is None:
        if header_end != len(data):
            raise FrameError("bytes that no blob accounts for")
        return Frame(header, [])
    if not isinstance(lengths, list) or not all(type(n) is int and n >= 0 for n in lengths):
        raise FrameError("blob lengths that are no lengths")
    if header_end + sum(lengths) != len(data):
        raise FrameError("blob lengths that do not fit the frame")
    blobs = []
    at = header_end
    for length in lengths:
        blobs.append(data[at : at + length])
        at += length
    return Frame(header, blobs)
