"""sys.stdout and sys.stderr: C all the way while one of them is busy, with a hook of ours where something changes.

The hook sits on the `write` attribute of a stream's instance, which hides the method of its class: `print` finds it
there. It sees the first write after the other stream's, and the first after a quiet time, and takes itself away.
"""

from __future__ import annotations

import select
import sys
from _thread import allocate_lock, get_ident, start_new_thread
from io import BufferedReader, BufferedWriter, FileIO, TextIOWrapper
from os import read
from typing import Any, Callable, Optional, Tuple

from beep_session.channel import Channel
from beep_session.interrupts import Interrupts, open_to_interrupts
from beep_session.native import Timer, make_timer
from beep_session.own import BUILTINS as __builtins__  # noqa: F401

# Closed by the user, or its descriptor is; or this is a signal handler on top of a write.
_UNFIT = (OSError, ValueError, RuntimeError)

# A line that does not end becomes visible after this time.
_PARTIAL_LINE_MS = 5
# Together at most PIPE_BUF (4,096): what waits fits into any pipe that polls writable, so the flusher never blocks
# while it holds a buffer's lock.
_TEXT_BYTES, _BUFFER_BYTES = 1024, 3072


class Streams:
    """Both streams of a session."""

    def __init__(self, channel: Channel, interrupts: Interrupts) -> None:
        self._channel = channel
        self._interrupts = interrupts
        self._main = get_ident()
        self._timer: Optional[Timer] = None
        self._unopened = make_timer(_PARTIAL_LINE_MS)
        # Kept alive: their end would cost a fresh process more than they do.
        self._former: Tuple[Any, ...] = (sys.stdin, sys.stdout, sys.stderr)
        self._former += (sys.__stdin__, sys.__stdout__, sys.__stderr__)
        self._is_timing = False
        # Held while the flusher is in a buffer: a fork then would leave the buffer locked in the child for ever.
        self._flushing = allocate_lock()
        # The stream that this item's code wrote to last.
        self._last: Optional[TextIOWrapper] = None
        self._make_all()

    def _make_all(self) -> None:
        self.out, self._hook_out = self._make(1, "<stdout>")
        self.err, self._hook_err = self._make(2, "<stderr>")
        stdin = BufferedReader(FileIO(0, "r", closefd=False))
        self.stdin = TextIOWrapper(stdin, "utf-8", "surrogateescape")
        self._arm()

    def install(self) -> None:
        """Be the process's streams."""
        if self._timer is None and self._unopened is not None and self._unopened.open():
            self._timer = self._unopened
        sys.stdin = sys.__stdin__ = self.stdin  # type: ignore[misc]
        sys.stdout = sys.__stdout__ = self.out  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = self.err  # type: ignore[misc]

    def begin(self) -> None:
        """An item starts: streams that the one before closed (`exit()` closes stdin) are there again."""
        if self.out.closed or self.err.closed or self.stdin.closed:
            self._make_all()
            self.install()

    @open_to_interrupts
    def flush(self) -> None:
        """Write out what waits in either, in their order."""
        first, second = (self.err, self.out) if self._last is self.out else (self.out, self.err)
        try:
            first.flush()
        except _UNFIT:
            pass
        try:
            second.flush()
        except _UNFIT:
            pass

    def end(self, discard: bool) -> None:
        """An item ends and has been flushed; an interrupted one may have left what a full pipe does not take."""
        if discard:
            for stream in (self.out, self.err):
                _discard(stream)
        if self._is_timing:
            self._is_timing = False
            if self._timer is not None:
                self._timer.stop()
        self._last = None
        self._arm()

    def stop_flusher(self) -> None:
        """Until `let_flusher_go` the flusher is in no buffer."""
        self._flushing.acquire()

    def let_flusher_go(self) -> None:
        """The fork is over."""
        self._flushing.release()

    def in_child(self) -> None:
        """A child of the user's code: plain streams, without a flusher and without the worker."""
        self._timer = None
        self._last = None
        for stream in (self.out, self.err):
            vars(stream).pop("write", None)

    def _arm(self) -> None:
        vars(self.out)["write"] = self._hook_out
        vars(self.err)["write"] = self._hook_err

    def _make(self, fd: int, name: str) -> Tuple[TextIOWrapper, Callable[[str], int]]:
        raw = FileIO(fd, "w", closefd=False)
        raw.name = name
        stream = TextIOWrapper(BufferedWriter(raw, _BUFFER_BYTES), "utf-8", "backslashreplace", "\n", True)
        stream._CHUNK_SIZE = _TEXT_BYTES  # type: ignore[attr-defined]
        vars(stream)["mode"] = "w"
        return stream, self._make_hook(stream, stream.write, vars(stream))

    def _make_hook(self, stream: TextIOWrapper, plain: Callable[[str], int], attributes: Any) -> Callable[[str], int]:
        @open_to_interrupts
        def write(text: str) -> int:
            if self._last is not stream and get_ident() == self._main:
                self._turn_to(stream)
            timer = self._timer
            if timer is None:
                return _write_through(stream, plain, text)
            if not self._is_timing:
                self._is_timing = True
                timer.start()
            attributes.pop("write", None)
            return plain(text)

        return write

    def _turn_to(self, stream: TextIOWrapper) -> None:
        """The main thread writes to the other stream: the worker reads what the first one holds before that."""
        other = self._last
        if other is not None:
            _flush_one(other)
            self._channel.sync()
        self._last = stream
        if stream is self.out:
            vars(self.err)["write"] = self._hook_err
        else:
            vars(self.out)["write"] = self._hook_out
        self._interrupts.leave()

    def run_timer(self) -> None:
        """From the control thread, at the timer's first expiry: a thread of its own flushes from now on."""
        start_new_thread(self._keep_flushing, ())

    @property
    def timer_fd(self) -> Optional[int]:
        """What the control thread waits on until there is a flusher."""
        return None if self._timer is None else self._timer.fd

    def _keep_flushing(self) -> None:
        writable = [select.poll(), select.poll()]
        for fd, poll in zip((1, 2), writable):
            poll.register(fd, select.POLLOUT)
        while self._timer is not None:
            read(self._timer.fd, 8)
            self._is_timing = False
            # First the hook, then the flush: a write between the two starts the timer again.
            self._arm()
            for stream, poll in zip((self.out, self.err), writable):
                poll.poll()
                with self._flushing:
                    try:
                        stream.flush()
                    except _UNFIT:
                        pass


@open_to_interrupts
def _flush_one(stream: TextIOWrapper) -> None:
    try:
        stream.flush()
    except _UNFIT:
        pass


@open_to_interrupts
def _write_through(stream: TextIOWrapper, plain: Callable[[str], int], text: str) -> int:
    # Without a timer a part of a line is written at once.
    size = plain(text)
    if text[-1:] != "\n":
        stream.flush()
    return size


def _discard(stream: TextIOWrapper) -> None:
    writable = select.poll()
    try:
        writable.register(stream.fileno(), select.POLLOUT)
        if writable.poll(0):
            stream.flush()
            return
        raw = stream.buffer.raw  # type: ignore[attr-defined]
        raw.write = len
        try:
            stream.flush()
        finally:
            del raw.write
    except _UNFIT:
        pass
