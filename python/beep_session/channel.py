"""The work socket: the worker's frames in, ours out, and the answers that keep a pipe and a socket in order."""

from __future__ import annotations

import _signal
import _socket
import select
from _thread import allocate_lock, get_ident
from typing import Any, Callable, List, Optional, Sequence

from beep_session.frames import MAX_HEADER_BYTES, Frame, FrameError, FrameReader, Header, pack
from beep_session.interrupts import Interrupts, open_to_interrupts
from beep_session.own import BUILTINS as __builtins__  # noqa: F401

_set_mask = _signal.pthread_sigmask
_BLOCK, _SET = _signal.SIG_BLOCK, _signal.SIG_SETMASK
# Whose handlers a user may let raise.
_RAISING = tuple(
    getattr(_signal, name)
    for name in (
        "SIGALRM SIGCHLD SIGCONT SIGHUP SIGINT SIGIO SIGPROF SIGQUIT SIGTERM SIGUSR1 SIGUSR2 SIGVTALRM SIGWINCH"
    ).split()
    if hasattr(_signal, name)
)

# After this time a wait looks up, so that an exception from the control thread lands where no signal wakes it.
_LOOK_UP_MS = 250


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
        # Frames of this item that ask for `synced`, and answers to them, which come in their order. An interrupt may
        # leave one behind.
        self._synced_asked = self._synced_come = 0
        # `input` frames that nobody has taken yet: an interrupt may leave one behind, too.
        self.inputs: List[Frame] = []
        # A wait for an answer was left by an exception: the answer is still to come.
        self._has_left = False
        # Held while the main thread is inside of this channel: a signal handler of the user's must not come in again. A
        # lock, since one that raises leaves no `with` without its end.
        self._entry = allocate_lock()
        self.is_closed = False

    def send(self, header: Header, blobs: Sequence[bytes] = ()) -> bool:
        """Send one frame; False where that cannot be: in a child, or from a signal handler on top of another frame.
        Raises FrameError where it is too large.
        """
        if self.is_closed:
            return False
        data = pack(header, blobs, MAX_HEADER_BYTES)
        if get_ident() != self._main:
            with self._lock:
                self._send(data)
            return True
        if self._entry.locked():
            return False
        with self._entry, self._lock:
            self._send(data)
        return True

    def send_in_order(self, header: Header, blobs: Sequence[bytes]) -> None:
        """Send what belongs to the running item, and has its place between what is written to fd 1 and 2 before and
        after it; without an item it is dropped. From another thread: it comes as it comes.
        """
        if get_ident() == self._main:
            header["sync"] = True
            self._send_and_wait(header, blobs)
            return
        data = pack(header, blobs, MAX_HEADER_BYTES)
        # The item's end takes the same lock after it has stopped running: nothing of it follows its end.
        with self._lock:
            if self._interrupts.running is not None and not self.is_closed:
                self._send(data)

    def sync(self) -> None:
        """Wait until the worker has read what was written to fd 1 and 2. From another thread: nothing."""
        if get_ident() == self._main:
            self._send_and_wait({"op": "sync"}, ())

    def ask(self, prompt: str, password: bool) -> bool:
        """Ask for input and wait until some has come, if none is there; False where that cannot be."""
        if self.inputs:
            return True
        if self.is_closed or self._entry.locked():
            return False
        self._exchange(pack({"op": "ask", "prompt": prompt, "password": password}), lambda: bool(self.inputs))
        return True

    def receive(self) -> Optional[Frame]:
        """The worker's next frame for a session that waits for work; None when the worker is gone."""
        while True:
            frame = self._frames.read()
            if frame is None or not self._settle(frame):
                # What is left belonged to the item that has ended.
                self._synced_asked = self._synced_come = 0
                self._has_left = False
                del self.inputs[:]
                return frame

    @property
    def is_settled(self) -> bool:
        """Whether nothing that belongs to this item has been left, is here or will come."""
        return not (self._has_left or self._frames.has_held or self.inputs)

    @property
    def has_held(self) -> bool:
        """Whether a frame, or a part of one, has been read ahead."""
        return self._frames.has_held

    @property
    def is_readable(self) -> bool:
        """Whether the worker has sent something that was not taken yet."""
        return self._frames.has_held or bool(self._readable.poll(0))

    def unheard(self, call: Callable[[Frame], Any], frame: Frame) -> None:
        """Make a call in which what is sent goes nowhere."""
        send, self._send = self._send, _nowhere
        try:
            call(frame)
        finally:
            self._send = send

    def _send_and_wait(self, header: Header, blobs: Sequence[bytes]) -> None:
        if self._interrupts.running is None or self.is_closed or self._entry.locked():
            return
        number = self._synced_asked + 1

        def is_over() -> bool:
            self._synced_asked = max(number, self._synced_asked)
            return self._synced_come >= number

        self._exchange(pack(header, blobs, MAX_HEADER_BYTES), is_over)

    def _exchange(self, data: bytes, is_over: Callable[[], bool]) -> None:
        """Send a frame and take answers until it has its own. Handlers of the user's run in the waits alone: one that
        raises anywhere else would leave half a frame or a lock behind.
        """
        before = _set_mask(_BLOCK, ())
        try:
            _set_mask(_BLOCK, _RAISING)
            with self._entry:
                with self._lock:
                    self._send(data)
                while not is_over():
                    if not self._frames.has_held:
                        self._await_readable(before)
                    self._take_answer()
        except BaseException:
            self._has_left = True
            raise
        finally:
            _set_mask(_SET, before)

    def _take_answer(self) -> None:
        frame = self._frames.read()
        if frame is None:
            raise OSError("the worker is gone")
        if not self._settle(frame):
            raise FrameError(f"{frame.header['op']} while an item runs")

    def _settle(self, frame: Frame) -> bool:
        """Whether it is an answer, also a late one."""
        op = frame.header["op"]
        if op == "input":
            self.inputs.append(frame)
        elif op == "synced":
            self._synced_come += 1
        else:
            return False
        return True

    @open_to_interrupts
    def _await_readable(self, mask: Any) -> None:
        # The wait is apart from the read: raised here, the exception loses no bytes.
        try:
            _set_mask(_SET, mask)
            if self._interrupts.is_pending:
                self._interrupts.leave()  # it came before the wait, which may be long
            while not self._readable.poll(_LOOK_UP_MS):
                pass
        finally:
            _set_mask(_BLOCK, _RAISING)

    def close(self) -> None:
        """Close the socket, in a child of the user's."""
        self.is_closed = True
        self._sock.close()


def _nowhere(data: bytes) -> None:
    pass
