"""The control thread: answers the worker while the main thread runs the user's code."""

from __future__ import annotations

import _signal
import _socket
import select
import sys
from _thread import allocate_lock, start_new_thread
from time import monotonic, sleep
from types import FrameType
from typing import Any, Callable, Dict, List, Optional

from beep_session import dumps
from beep_session.completeness import completeness
from beep_session.descriptors import receive
from beep_session.frames import MAX_HEADER_BYTES, Frame, FrameError, FrameReader, pack
from beep_session.handles import Handles
from beep_session.interrupts import Interrupts, called_by_python
from beep_session.leftovers import Leftovers
from beep_session.looking import Header, Looking
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.stacks import thread_stacks
from beep_session.streams import Streams
from beep_session.transfers import Transfers

_select = select.select  # not a poll object: a signal may come while this one's handler looks

# The worker's word that a question waits for the interpreter: ignored by whoever does not know of it. Before 3.11, a
# handler that raises just when another signal comes leaves an interpreter that has lost its way.
MAKE_WAY = (_signal.SIGURG,) if sys.version_info >= (3, 11) else ()
_WAY_S, _MAX_WAY_S = 0.002, 0.05


class Control:
    """Started after the fork; a bare thread, so that `threading` does not list it and nothing waits for its end."""

    def __init__(
        self,
        fd: int,
        stacks_fd: int,
        interrupts: Interrupts,
        streams: Streams,
        namespace: Dict[str, Any],
        handles: Handles,
        transfers: Transfers,
    ) -> None:
        self._sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, fd)
        self._fd = fd
        self._stacks_fd = stacks_fd
        # A fork keeps both handlers.
        dumps.install(stacks_fd)
        for number in MAKE_WAY:
            _signal.signal(number, self._make_way)
            _signal.siginterrupt(number, False)
        self._interrupts = interrupts
        self._streams = streams
        self.leftovers = Leftovers(interrupts)
        looking = Looking(namespace, self.leftovers)
        self._questions: Dict[str, Callable[[Header], Header]] = {
            "stacks": lambda header: {"threads": thread_stacks()},
            "names": looking.names,
            "keys": looking.keys,
            "modules": looking.modules,
            "inspect": looking.inspect,
            "variables": looking.variables,
            "handles": lambda header: {"rows": handles.listing(self.leftovers)},
            "complete": completeness,
            "carry": lambda header: transfers.carry(header, self._descriptors.pop(0), self._send),
        }
        self._transfers = transfers
        # Came in with the frame that is about to be read.
        self._descriptors: List[int] = []
        # Threads of transfers tell here that they have ended.
        self._sending = allocate_lock()
        self._signals = tuple(_signal.valid_signals())
        self._frames = FrameReader(lambda size: receive(self._sock, size, self._descriptors))
        self._is_answering = False
        self._asked = (fd,)

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
        dumps.remove(self._stacks_fd)

    @called_by_python
    def _make_way(self, signum: int, frame: Optional[FrameType]) -> None:
        """In the main thread: wait until what the worker has asked is answered.

        Python takes the GIL from a thread that has kept it for a whole switch interval. Code that gives it up and takes
        it back all the time (to write, to look at a file) never has, and is back before another thread has woken up.
        """
        limit = monotonic() + _MAX_WAY_S
        while (self._is_answering or _select(self._asked, (), (), 0)[0]) and monotonic() < limit:
            sleep(_WAY_S)

    def _run(self) -> None:
        try:
            self._serve()
        except (OSError, FrameError, KeyError):
            pass  # the worker is gone, or spoke nonsense: the work socket says what happens next

    def _serve(self) -> None:
        frames = self._frames
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        timer = self._streams.timer_fd
        if timer is not None:
            poll.register(timer, select.POLLIN)
        while True:
            patience_ms = self._interrupts.patience_ms
            if timer is None and patience_ms is None and not frames.has_held:
                # Every call that waits gives up the GIL, and it may take a whole switch interval to get it back: a
                # single one where nothing else is waited for.
                frame = frames.read()
                if frame is None:
                    return
                self._answer(frame)
                continue
            ready: Dict[int, int] = {} if frames.has_held else dict(poll.poll(patience_ms))
            if timer is not None and timer in ready:
                self._streams.run_timer()
                poll.unregister(timer)
                timer = None
            if self._fd in ready or frames.has_held:
                frame = frames.read()
                if frame is None:
                    return
                self._answer(frame)
            elif not ready:
                self._interrupts.remind()

    def _answer(self, frame: Frame) -> None:
        self._is_answering = True
        try:
            self._heed(frame.header)
        finally:
            self._is_answering = False

    def _heed(self, header: Header) -> None:
        if header["op"] == "interrupt":
            self._interrupts.interrupt(header["id"])
        elif header["op"] == "raise":
            self._interrupts.raise_in(header["id"])
        elif header["op"] == "drop":
            self._transfers.drop(header["transfer"])
        else:
            self._send(self._tell(header))

    def _send(self, header: Header) -> None:
        try:
            data = pack(header, (), MAX_HEADER_BYTES)
        except FrameError:
            data = pack({"op": header["op"], "request": header["request"], "failed": "FrameError"})
        with self._sending:
            self._sock.sendall(data)

    def _tell(self, header: Header) -> Header:
        op, request = header["op"], header["request"]
        try:
            return {"op": op, "request": request, **self._questions[op](header)}
        except (MemoryError, RecursionError, RuntimeError, OSError, IndexError) as error:
            return {"op": op, "request": request, "failed": type(error).__name__}
        finally:
            self.leftovers.hand_over()
