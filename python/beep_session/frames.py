"""Frames on the private sockets: length, header length, JSON header, blobs."""

from __future__ import annotations

import json
import struct
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

MAX_FRAME_BYTES = 64 << 20
# What the worker takes of a session: JSON takes many times its size in memory, and what is large travels in blobs.
MAX_HEADER_BYTES = 8 << 20
_CHUNK = 16384

_two = struct.Struct(">II")
_pack_sizes = _two.pack
_unpack_sizes = _two.unpack_from

Header = Dict[str, Any]


class Frame(NamedTuple):
    """One frame: its header and its blobs."""

    header: Header
    blobs: Sequence[bytes]


class FrameError(Exception):
    """Thrown when the bytes on a socket are no frame."""


def _make_encoder() -> Callable[[Any], str]:
    # The C encoder itself: `json.dumps` and `JSONEncoder` are Python functions that user code may replace.
    try:
        from json.encoder import c_make_encoder, encode_basestring_ascii  # type: ignore[attr-defined]

        encoder = c_make_encoder(None, _refuse, encode_basestring_ascii, None, ":", ",", False, False, True)
        if "".join(encoder({"a": [1, None]}, 0)) == '{"a":[1,null]}':
            join = "".join
            return lambda value: join(encoder(value, 0))
    except (ImportError, TypeError):
        pass
    return json.JSONEncoder(separators=(",", ":")).encode


def _refuse(value: object) -> Any:
    raise FrameError(f"no JSON: {type(value).__name__}")


encode_json: Callable[[Any], str] = _make_encoder()
_scan: Callable[[str, int], Tuple[Any, int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def decode_json(text: str) -> Any:
    """Parse JSON text; raises FrameError."""
    try:
        value, end = _scan(text, 0)
    except (StopIteration, ValueError, RecursionError) as error:
        raise FrameError(f"the header is not JSON: {error}") from None
    if end != len(text):
        raise FrameError("the header is not JSON: more follows its end")
    return value


def pack(header: Header, blobs: Sequence[bytes] = (), max_header_bytes: int = MAX_FRAME_BYTES - 4) -> bytes:
    """The bytes of one frame, so that it goes out in a single send; raises FrameError where they are too many."""
    if blobs:
        header["blobs"] = [len(blob) for blob in blobs]
    head = encode_json(header).encode("ascii")
    if len(head) > max_header_bytes:
        raise FrameError(f"header of {len(head)} bytes: at most {max_header_bytes}")
    if not blobs:
        return _pack_sizes(4 + len(head), len(head)) + head
    size = 4 + len(head) + sum(header["blobs"])
    if size > MAX_FRAME_BYTES:
        raise FrameError(f"frame of {size} bytes: at most {MAX_FRAME_BYTES}")
    return b"".join((_pack_sizes(size, len(head)), head, *blobs))


class FrameReader:
    """Takes frames off a blocking socket; a small one costs a single `recv`."""

    def __init__(self, recv: Callable[[int], bytes]) -> None:
        self._recv = recv
        self._held = b""

    @property
    def has_held(self) -> bool:
        """Whether bytes of a next frame are here already."""
        return bool(self._held)

    def feed(self, data: bytes) -> None:
        """Add bytes that were read elsewhere."""
        self._held += data

    def take(self) -> Optional[Frame]:
        """The next frame if all of it is here."""
        held = self._held
        if len(held) < 8:
            return None
        if len(held) < 4 + _checked_sizes(held)[0]:
            return None
        return self._cut(held)

    def read(self) -> Optional[Frame]:
        """The next frame, waiting for it; None at the end of the stream."""
        data = self._held
        if len(data) < 8:
            data = self._fill(data, 4)
            if len(data) < 4:
                return None
            if len(data) < 8:
                _check_size(int.from_bytes(data[:4], "big"))
                data = self._fill(data, 8)
            if len(data) < 8:
                return None
        total = 4 + _checked_sizes(data)[0]
        if len(data) < total:
            data = self._fill(data, total)
            if len(data) < total:
                return None
        return self._cut(data)

    def _fill(self, data: bytes, size: int) -> bytes:
        if not data:
            data = self._recv(_CHUNK)
            if len(data) >= size or not data:
                return data
        parts = bytearray(data)
        while len(parts) < size:
            more = self._recv(max(_CHUNK, min(size - len(parts), 1 << 20)))
            if not more:
                break
            parts += more
        return bytes(parts)

    def _cut(self, data: bytes) -> Frame:
        size, head_size = _unpack_sizes(data)
        total = 4 + size
        self._held = data[total:] if len(data) > total else b""
        at = 8 + head_size
        try:
            header = decode_json(str(data[8:at], "utf-8"))
        except UnicodeDecodeError:
            raise FrameError("the header is not UTF-8") from None
        if type(header) is not dict or type(header.get("op")) is not str:
            raise FrameError("the header is no object with an op")
        lengths = header.get("blobs")
        if lengths is None:
            if at != total:
                raise FrameError("bytes that the header does not name")
            return Frame(header, ())
        blobs: List[bytes] = []
        for length in lengths:
            if type(length) is not int or length < 0:
                raise FrameError("a blob's length is no length")
            blobs.append(data[at : at + length])
            at += length
        if at != total:
            raise FrameError("the blobs' lengths do not add up to the frame's")
        return Frame(header, blobs)


def _checked_sizes(data: bytes) -> Tuple[int, int]:
    size, head_size = _unpack_sizes(data)
    _check_size(size)
    if head_size + 4 > size:
        raise FrameError(f"a header of {head_size} bytes in a frame of {size}")
    return size, head_size


def _check_size(size: int) -> None:
    if size > MAX_FRAME_BYTES or size < 4:
        raise FrameError(f"frame of {size} bytes: at most {MAX_FRAME_BYTES}")
