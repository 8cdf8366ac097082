"""The control thread: answers the worker while the main thread runs the user's code."""

from __future__ import annotations

import _signal
import _socket
import select
from _thread import start_new_thread
from typing import Dict

from beep_session.frames import Frame, FrameError, FrameReader, pack
from beep_session.interrupts import Interrupts
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.stacks import thread_stacks
from beep_session.streams import Streams


class Control:
    """Started after the fork; a bare thread, so that `threading` does not list it and nothing waits for its end."""

    def __init__(self, fd: int, interrupts: Interrupts, streams: Streams) -> None:
        self._sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, fd)
        self._fd = fd
        self._interrupts = interrupts
        self._streams = streams
        self._signals = tuple(_signal.valid_signals())

    def start(self) -> None:
        """Start the thread, with all signals blocked: they are the main thread's."""
        mask = _signal.pthread_sigmask(_signal.SIG_BLOCK, self._signals)
        try:
            start_new_thread(self._run, ())
        finally:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)

    def close(self) -> None:
        """Close the socket, in a child of the user's."""
        self._sock.close()

    def _run(self) -> None:
        try:
            self._serve()
        except (OSError, FrameError, KeyError):
            pass  # the worker is gone, or spoke nonsense: the work socket says what happens next

    def _serve(self) -> None:
        frames = FrameReader(self._sock.recv)
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        timer = self._streams.timer_fd
        if timer is not None:
            poll.register(timer, select.POLLIN)
        while True:
            ready: Dict[int, int] = {} if frames.has_held else dict(poll.poll(self._interrupts.patience_ms))
            if timer is not None and timer in ready:
                self._streams.run_timer()
                poll.unregister(timer)
            if self._fd in ready or frames.has_held:
                frame = frames.read()
                if frame is None:
                    return
                self._answer(frame)
            elif not ready:
                self._interrupts.remind()

    def _answer(self, frame: Frame) -> None:
        header = frame.header
        if header["op"] == "interrupt":
            self._interrupts.interrupt(header["id"])
        elif header["op"] == "raise":
            self._interrupts.raise_in(header["id"])
        elif header["op"] == "stacks":
            threads = thread_stacks()
            self._sock.sendall(pack({"op": "stacks", "request": header["request"], "threads": threads}))
