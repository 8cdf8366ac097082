"""Objects that are written from outside: their bytes come first, the object is there when all of them have come."""

from __future__ import annotations

import _socket
from io import BytesIO
from typing import Any, Callable, Optional, Tuple

from beep_session.arrays import NoArray, check_shape
from beep_session.own import BUILTINS as __builtins__  # noqa: F401

_PIECE_BYTES = 1 << 20

_import = __import__
# Until all have come, in a single call and without the interpreter.
_ALL = _socket.MSG_WAITALL


class NoRoom(Exception):
    """Thrown when more comes than callers may hold."""


class Writable:
    """What has come so far of an object."""

    def held_bytes(self) -> int:
        """How many bytes are there for it."""
        raise NotImplementedError

    def carry(self, sock: _socket.socket, start: int, count: int) -> Tuple[int, bool]:
        """Take so many bytes from one on; how many came, and whether those were all. Raises OSError."""
        raise NotImplementedError

    def value(self) -> Any:
        """The object; called once. Raises NoArray."""
        raise NotImplementedError


class _Bytes(Writable):
    """Grows as they come: a size that was only announced takes no memory."""

    def __init__(self, is_framed: bool, left: Callable[[], int]) -> None:
        self._is_framed = is_framed
        self._left = left
        self._data = BytesIO()
        self._held = 0

    def held_bytes(self) -> int:
        return self._held

    def carry(self, sock: _socket.socket, start: int, count: int) -> Tuple[int, bool]:
        self._data.seek(start)
        piece = memoryview(bytearray(min(_PIECE_BYTES, count) if not self._is_framed else _PIECE_BYTES))
        if not self._is_framed:
            came = self._take(sock, piece, count)
            return came, came == count
        came = 0
        while True:
            prefix = sock.recv(4, _ALL)
            if len(prefix) < 4:
                return came, False
            length = int.from_bytes(prefix, "big")
            if not length:
                return came, True
            taken = self._take(sock, piece, length)
            came += taken
            if taken < length:
                return came, False

    def _take(self, sock: _socket.socket, piece: memoryview, count: int) -> int:
        came = 0
        while came < count:
            length = _received(sock, piece[: count - came])
            if not length:
                break
            end = self._data.tell() + length
            if end > self._held and end - self._held > self._left():
                raise NoRoom
            self._data.write(piece[:length])
            self._held = max(self._held, end)
            came += length
        return came

    def value(self) -> Any:
        data, self._data = self._data, BytesIO()
        return data.getvalue()


class _Array(Writable):
    """The bytes come to where they stay."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def held_bytes(self) -> int:
        size: int = self._array.nbytes
        return size

    def carry(self, sock: _socket.socket, start: int, count: int) -> Tuple[int, bool]:
        came = 0
        with memoryview(self._array.reshape(-1).view("u1"))[start : start + count] as view:
            while came < count:
                length = _received(sock, view[came:])
                if not length:
                    break
                came += length
        return came, came == count

    def value(self) -> Any:
        array = self._array
        if array.dtype.kind == "b" and array.size and int(array.view("u1").max()) > 1:
            raise NoArray("a bool is one byte, 0 or 1")
        return array


def _received(sock: _socket.socket, room: memoryview) -> int:
    """How many bytes have come; 0 where no more do, for whatever reason."""
    try:
        return sock.recv_into(room, 0, _ALL)
    except OSError:
        return 0


def writable_of(tensor: Optional[Tuple[str, Any]], is_framed: bool, left: Callable[[], int]) -> Writable:
    """For bytes, of which so many more may come, or for an array. Raises NoArray and MemoryError."""
    if tensor is None:
        return _Bytes(is_framed, left)
    dtype, shape = tensor
    check_shape(dtype, shape)
    try:
        numpy = _import("numpy")
    except Exception as error:
        raise NoArray(
            "a tensor becomes a numpy array, and numpy cannot be imported here "
            f"({type(error).__name__}); install it in this environment, or send bytes"
        ) from None
    try:
        return _Array(numpy.empty(tuple(shape), dtype))
    except (ValueError, TypeError, OverflowError) as error:
        raise NoArray(f"numpy makes no array of it: {error}") from None
