"""The worker's end of a session's stdout or stderr."""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
import termios
from collections.abc import Callable

# What is worth a reading, and how long it is waited for.
CHUNK_BYTES = 64 * 1024
BATCH_S = 0.005

# The most that is read at once.
READ_BYTES = 128 * 1024

# What it holds, and what it holds while code writes at full rate: a user's share of pipe memory is bounded.
_PIPE_BYTES = 256 * 1024
_BUSY_PIPE_BYTES = 1024 * 1024
_INT = struct.Struct("i")


class OutputPipe:
    """Reads what comes: the first bytes at once, and while the stream is busy what 5 ms or 64 KiB have gathered.

    How long it takes to gather so much is told by what came last, so code that writes at full rate waits for nothing.

    Paused, it leaves the bytes in the pipe, so that whoever writes waits when the pipe is full.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, fd: int, prepare: Callable[[], None], deliver: Callable[[bytes], None]
    ) -> None:
        self._loop = loop
        self._fd = fd
        # Before a read, so that whoever gets the bytes is known.
        self._prepare = prepare
        self._deliver = deliver
        self._timer: asyncio.TimerHandle | None = None
        self._read_at = 0.0
        self._is_paused = False
        self._is_closed = False
        os.set_blocking(fd, False)
        self._is_large = False
        self._resize(_PIPE_BYTES)
        loop.add_reader(fd, self._on_readable)

    def pause(self) -> None:
        """Reads no more until resumed."""
        if not self._is_paused and not self._is_closed:
            self._is_paused = True
            self._stop_waiting()

    def resume(self) -> None:
        """Reads again."""
        if self._is_paused and not self._is_closed:
            self._is_paused = False
            self._loop.add_reader(self._fd, self._on_readable)

    def drain(self) -> None:
        """Delivers all that has been written up to now, paused or not."""
        if self._is_closed:
            return
        waiting: int = _INT.unpack(fcntl.ioctl(self._fd, termios.FIONREAD, bytes(4)))[0]
        while waiting > 0:
            data = self._read(min(waiting, READ_BYTES))
            if not data:
                return
            waiting -= len(data)
            self._deliver(data)

    def settle(self) -> None:
        """An execution has ended: delivers what it wrote."""
        self.drain()
        self.rest()

    def rest(self) -> None:
        """The next execution's first byte goes out at once again."""
        if self._is_large:
            self._is_large = False
            self._resize(_PIPE_BYTES)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._loop.add_reader(self._fd, self._on_readable)

    def close(self) -> None:
        """Closes the descriptor; bytes still in it are lost."""
        if not self._is_closed:
            self._stop_waiting()
            self._is_closed = True
            os.close(self._fd)

    def _read(self, size: int) -> bytes | None:
        """Some bytes, nothing (b"") at the end of the stream, None where none are waiting."""
        self._prepare()
        try:
            data = os.read(self._fd, size)
        except BlockingIOError:
            return None
        if not data:
            self._stop_waiting()
        elif len(data) == READ_BYTES and not self._is_large:
            self._is_large = True
            self._resize(_BUSY_PIPE_BYTES)
        return data

    def _resize(self, size: int) -> None:
        try:
            fcntl.fcntl(self._fd, fcntl.F_SETPIPE_SZ, size)
        except OSError:
            pass  # beyond the user's share of pipe memory, or more is in it: as it is, it serves too

    def _on_readable(self) -> None:
        data = self._read(READ_BYTES)
        if not data:
            return
        gathering_s = self._gathering_s(len(data))
        if len(data) < CHUNK_BYTES:
            self._loop.remove_reader(self._fd)
            self._timer = self._loop.call_later(gathering_s, self._on_timer)
        self._deliver(data)

    def _on_timer(self) -> None:
        self._timer = None
        data = self._read(READ_BYTES)
        if data == b"":
            return
        gathering_s = self._gathering_s(len(data)) if data else 0.0
        if data is None or len(data) >= CHUNK_BYTES:
            self._loop.add_reader(self._fd, self._on_readable)  # quiet, or so much that waiting only costs time
        else:
            self._timer = self._loop.call_later(gathering_s, self._on_timer)
        if data:
            self._deliver(data)

    def _gathering_s(self, size: int) -> float:
        """How long it takes to gather a chunk if what comes next comes as fast as this."""
        now, before = self._loop.time(), self._read_at
        self._read_at = now
        return min(BATCH_S, (now - before) * CHUNK_BYTES / size)

    def _stop_waiting(self) -> None:
        self._loop.remove_reader(self._fd)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
