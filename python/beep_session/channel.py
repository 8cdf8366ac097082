"""The work socket: the worker's frames in, ours out, and the answers that keep a pipe and a socket in order."""

from __future__ import annotations

import _socket
import select
from _thread import allocate_lock, get_ident
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Optional, Sequence

from beep_session.frames import Frame, FrameError, FrameReader, Header, pack
from beep_session.interrupts import Interrupts, open_to_interrupts
from beep_session.own import BUILTINS as __builtins__  # noqa: F401


class Channel:
    """Read by the main thread alone; written by any, a frame at a time."""

    def __init__(self, fd: int, interrupts: Interrupts) -> None:
        self._sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, fd)
        self.fd = fd
        self._interrupts = interrupts
        self._send: Callable[[bytes], Any] = self._sock.sendall
        self._frames = FrameReader(self._sock.recv)
        self._main = get_ident()
        self._lock = allocate_lock()
        self._readable = select.poll()
        self._readable.register(fd, select.POLLIN)
        # `synced` answers that are still to come: an interrupt may leave one behind.
        self._owed = 0
        # The main thread is inside of this channel: a signal handler of the user's must not come in again.
        self._is_entered = False
        self.is_closed = False

    def send(self, header: Header, blobs: Sequence[bytes] = ()) -> bool:
        """Send one frame; False where that cannot be: in a child, or from a signal handler on top of another frame."""
        if self.is_closed:
            return False
        data = pack(header, blobs)
        if get_ident() != self._main:
            with self._lock:
                self._send(data)
            return True
        if self._is_entered:
            return False
        self._is_entered = True
        try:
            with self._lock:
                self._send(data)
        finally:
            self._is_entered = False
        return True

    def send_while_running(self, header: Header, blobs: Sequence[bytes]) -> None:
        """Send what belongs to the running item; without one it is dropped."""
        if get_ident() == self._main:
            if self._interrupts.running is not None:
                self.send(header, blobs)
            return
        data = pack(header, blobs)
        # The item's end takes the same lock after it has stopped running: nothing of it follows its end.
        with self._lock:
            if self._interrupts.running is not None and not self.is_closed:
                self._send(data)

    def receive(self) -> Optional[Frame]:
        """The worker's next frame; None when it is gone."""
        while True:
            frame = self._frames.read()
            if frame is None or not (self._owed and frame.header["op"] == "synced"):
                return frame
            self._owed -= 1

    @property
    def has_held(self) -> bool:
        """Whether a frame, or a part of one, has been read ahead."""
        return self._frames.has_held

    @property
    def is_readable(self) -> bool:
        """Whether the worker has sent something that was not taken yet."""
        return self._frames.has_held or bool(self._readable.poll(0))

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """What is sent meanwhile goes nowhere."""
        send, self._send = self._send, _nowhere
        try:
            yield
        finally:
            self._send = send

    def sync(self) -> None:
        """Wait until the worker has read what was written to fd 1 and 2. From another thread: nothing."""
        if get_ident() != self._main or self._interrupts.running is None or not self.send({"op": "sync"}):
            return
        self._owed += 1
        self._is_entered = True
        try:
            while self._owed:
                if not self._frames.has_held:
                    self._await_readable()
                frame = self._frames.read()
                if frame is None:
                    raise OSError("the worker is gone")
                if frame.header["op"] != "synced":
                    raise FrameError(f"{frame.header['op']} while waiting for synced")
                self._owed -= 1
        finally:
            self._is_entered = False

    @open_to_interrupts
    def _await_readable(self) -> None:
        # The wait is apart from the read: raised here, the exception loses no bytes.
        self._readable.poll()

    def ask(self, prompt: str, password: bool) -> str:
        """Where interactive input will be asked for; an execution has none yet."""
        raise EOFError(f"{'getpass' if password else 'input'}() has nothing to read: this execution has no input")

    def close(self) -> None:
        """Close the socket, in a child of the user's."""
        self.is_closed = True
        self._sock.close()


def _nowhere(data: bytes) -> None:
    pass
