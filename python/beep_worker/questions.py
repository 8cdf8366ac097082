"""The worker's end of a session's control socket: what it is told there, and what it is asked while its code runs."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from beep_worker import dump
from beep_worker.frames import FrameError, FrameReader, encode
from beep_worker.making_way import make_way
from beep_worker.tree import signal_main_thread

_READ_BYTES = 256 * 1024

# So many are under way at once; the others wait their turn.
_MAX_AT_ONCE = 16

# Asked and not answered yet, or too late; more than that are not worth asking.
_MAX_OPEN = 64

# As in `beep_session.dumps`: all threads, and the one that gets the signal.
_DUMP_ALL, _DUMP_ONE = signal.SIGRTMAX - 7, signal.SIGRTMAX - 8

# How long to look which threads run, and how long a dump that has begun may take to come to its end.
_SAMPLE_S = 0.01
_DUMP_S = 0.5
_MAX_DUMP_READS = 64

_MAX_WHY_CHARS = 200


@dataclass(frozen=True)
class Carried:
    """How far a transfer's bytes have come."""

    bytes: int
    # As many as there were to be.
    is_whole: bool
    # Why not, where the session knows.
    why: str


class Unanswered(Exception):
    """Thrown when a session does not answer in time, or cannot."""


class ProcessGone(Exception):
    """Thrown when the process that was asked has ended."""


class Questions:
    """Asks one session process. Nothing is read before the first question."""

    def __init__(self, pid: int, control: socket.socket, stacks_fd: int) -> None:
        self._pid = pid
        self._control = control
        self._control_fd = control.fileno()
        self._stacks_fd = stacks_fd
        os.set_blocking(stacks_fd, False)
        self._loop = asyncio.get_running_loop()
        self._frames = FrameReader()
        self._ids = itertools.count(1)
        self._turns = asyncio.Semaphore(_MAX_AT_ONCE)
        self._open: dict[int, asyncio.Future[dict[str, Any]]] = {}
        # Transfers under way, by their names.
        self._carrying: dict[str, asyncio.Future[Carried]] = {}
        self._is_listening = False
        # How many answers have come.
        self.answered = 0
        # The other end of the socket is closed, or not to be understood.
        self.is_deaf = False
        self._is_closed = False
        self._is_stacks_over = False
        self._dump: asyncio.Task[str] | None = None
        # Called with what is wrong when something comes that nobody asked for.
        self.on_breach: Callable[[str], None] = lambda what: None

    def tell(self, header: dict[str, Any], *descriptors: int) -> None:
        """One small frame, and what goes along."""
        try:
            if descriptors:
                socket.send_fds(self._control, [encode(header)], descriptors)
            else:
                self._control.send(encode(header))
        except OSError:
            pass  # a session that closes or clogs its control socket loses what it would have said there

    async def ask(self, header: dict[str, Any], patience_s: float) -> dict[str, Any]:
        """The answer to a question. Raises Unanswered and ProcessGone."""
        try:
            async with asyncio.timeout(patience_s), self._turns:
                answer = await self._ask(header)
        except TimeoutError:
            raise Unanswered from None
        if "failed" in answer:
            raise Unanswered
        return answer

    async def carry(self, name: str, offset: int, count: int, connection: int) -> Carried:
        """Has the session carry bytes of a transfer over a connection; answers when it is done with that, however long
        that takes. Raises Unanswered and ProcessGone.
        """
        self._carrying[name] = carried = self._loop.create_future()
        header = {"op": "carry", "transfer": name, "offset": offset, "bytes": count}
        if "failed" in await self._ask(header, connection):
            raise Unanswered
        return await asyncio.shield(carried)

    def drop(self, name: str) -> None:
        """Nobody waits for a transfer any more."""
        self.tell({"op": "drop", "transfer": name})

    async def _ask(self, header: dict[str, Any], *descriptors: int) -> dict[str, Any]:
        if self._is_closed:
            raise ProcessGone
        if len(self._open) >= _MAX_OPEN:
            raise Unanswered
        if not (self._is_listening or self.is_deaf):
            self._is_listening = True
            self._loop.add_reader(self._control_fd, self._on_readable)
        request = next(self._ids)
        # A process that dies closes its sockets a moment before the kernel says that it has gone: that is waited for.
        self.tell({**header, "request": request}, *descriptors)
        self._open[request] = future = self._loop.create_future()
        make_way(self._pid, future)
        # It stays open beyond the asker's patience: the answer that comes too late is expected all the same.
        return await asyncio.shield(future)

    async def dump_stacks(self) -> str:
        """What C code in the session says of its threads, whoever holds its interpreter; nothing where it does not."""
        if self._dump is None or self._dump.done():
            self._dump = self._loop.create_task(self._dump_stacks())
        return await asyncio.shield(self._dump)

    def close(self) -> None:
        """The process has gone."""
        if self._is_listening:
            self._loop.remove_reader(self._control_fd)
        self._is_closed = True
        self._control.close()
        if self._dump is None or self._dump.done():
            os.close(self._stacks_fd)
        else:
            self._dump.add_done_callback(lambda _: os.close(self._stacks_fd))
        self._fail(ProcessGone())

    def _on_readable(self) -> None:
        try:
            data = self._control.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._be_deaf()
            return
        try:
            for frame in self._frames.feed(data):
                if frame.op == "carried":
                    self._on_carried(frame.header)
                    continue
                self.answered += 1
                answered = self._open.pop(frame.header["request"], None)
                if answered is None:
                    raise FrameError("an answer to what was not asked")
                if not answered.done():
                    answered.set_result(frame.header)
        except (FrameError, KeyError, TypeError, ValueError) as error:
            self._be_deaf()
            self._fail(ProcessGone())
            self.on_breach(f"it sent what is no answer of ours ({type(error).__name__}: {error})")

    def _on_carried(self, header: dict[str, Any]) -> None:
        count, is_whole, why = header["bytes"], header["is_whole"], header["why"]
        if type(count) is not int or count < 0 or type(is_whole) is not bool or type(why) is not str:
            raise ValueError("a transfer's end that is none")
        carried = self._carrying.pop(header["transfer"], None)
        if carried is None:
            raise FrameError("the end of a transfer that was not begun")
        if not carried.done():
            carried.set_result(Carried(count, is_whole, why[:_MAX_WHY_CHARS]))

    def _be_deaf(self) -> None:
        self.is_deaf = True
        self._is_listening = False
        self._loop.remove_reader(self._control_fd)

    def _fail(self, error: Exception) -> None:
        waiting: list[asyncio.Future[Any]] = [*self._open.values(), *self._carrying.values()]
        for future in waiting:
            if not future.done():
                future.set_exception(error)
                future.exception()  # seen, whoever waits
        self._open.clear()
        self._carrying.clear()

    async def _dump_stacks(self) -> str:
        self._read_stacks()  # what an earlier one left
        # Frames of a thread that runs Python while another one reads them may be gone before they are read.
        is_one_alone = await dump.is_one_running(self._pid, _SAMPLE_S)
        number = _DUMP_ALL if is_one_alone else _DUMP_ONE
        if self._is_closed or not dump.is_caught(self._pid, number):
            return ""  # where nobody catches it, it would be the end
        if not signal_main_thread(self._pid, number):
            return ""
        text = ""
        written = asyncio.Event()
        self._loop.add_reader(self._stacks_fd, written.set)
        try:
            async with asyncio.timeout(_DUMP_S):
                while not (dump.is_whole(text) or self._is_stacks_over):
                    await written.wait()
                    written.clear()
                    text += self._read_stacks()
        except TimeoutError:
            pass  # what has come is what there is
        finally:
            self._loop.remove_reader(self._stacks_fd)
        return text

    def _read_stacks(self) -> str:
        parts: list[bytes] = []
        while len(parts) < _MAX_DUMP_READS:
            try:
                data = os.read(self._stacks_fd, 65536)
            except OSError:
                break
            if not data:
                self._is_stacks_over = True
                break
            parts.append(data)
        return b"".join(parts).decode("ascii", "replace")
