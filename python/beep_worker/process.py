"""One session process, from the worker's side: its sockets, its pipes, its end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from beep_worker.ahead import Ahead, ahead_sockets
from beep_worker.exit_status import ExitStatus
from beep_worker.frames import Frame, FrameError, FrameReader, encode
from beep_worker.outbox import burst
from beep_worker.pipe import OutputPipe
from beep_worker.questions import Questions
from beep_worker.reaper import Reaper
from beep_worker.template import SessionDescriptors, TemplateProcess
from beep_worker.tree import descendants_of, kill_tree
from beep_worker.usage import peak_resident_bytes

STDOUT = 1
STDERR = 2

# What is taken from one session before the others have their turn.
_READ_BYTES = 64 * 1024

# A session whose work socket is of no use any more leaves with this status.
_DEAF = 113

# How long the template may take to report the status of a process that the kernel says has ended.
_STATUS_TIMEOUT_S = 2.0


class ProcessListener(Protocol):
    """What a session's process has to tell; every call comes from the event loop."""

    def on_frame(self, frame: Frame) -> None: ...

    def on_caught_up(self) -> None: ...

    def on_next(self) -> None: ...

    def on_output(self, stream: int, data: bytes) -> None: ...

    def on_breach(self, what: str) -> None: ...

    def on_exit(self, status: ExitStatus) -> None: ...


@dataclass(frozen=True)
class ProcessSpec:
    """What a session's process is started with."""

    env: dict[str, str]
    cwd: str
    tmp: str
    generation: int = 1
    # 0: as many as a session has by default.
    max_handles: int = 0
    # 0: as many as a session has by default.
    max_pinned_bytes: int = 0
    # It ends with its first item.
    is_passing: bool = False
    # What the process has to hold itself to.
    limits: dict[str, int] = field(default_factory=dict)

    def as_header(self) -> dict[str, Any]:
        header: dict[str, Any] = {
            "env": self.env,
            "cwd": self.cwd,
            "tmp": self.tmp,
            "argv": [""],
            "generation": self.generation,
        }
        if self.max_handles:
            header["max_handles"] = self.max_handles
        if self.max_pinned_bytes:
            header["max_pinned_bytes"] = self.max_pinned_bytes
        if self.is_passing:
            header["is_passing"] = True
        if self.limits:
            header["limits"] = self.limits
        return header


class _Nobody:
    """Listens to a session that nobody has asked for yet: it has nothing to say."""

    def __init__(self, process: SessionProcess) -> None:
        self._process = process

    def on_frame(self, frame: Frame) -> None:
        raise FrameError(f"{frame.op} before its beginning")

    def on_caught_up(self) -> None:
        pass

    def on_next(self) -> None:
        pass

    def on_output(self, stream: int, data: bytes) -> None:
        pass

    def on_breach(self, what: str) -> None:
        self._process.kill()

    def on_exit(self, status: ExitStatus) -> None:
        pass


class SessionProcess:
    """A live session process. Whoever it was given to hears of everything; `on_exit` is the last."""

    def __init__(
        self,
        pid: int,
        pidfd: int,
        exited: asyncio.Future[ExitStatus],
        work: socket.socket,
        control: socket.socket,
        stdout: int,
        stderr: int,
        stacks: int,
        ahead: Ahead,
        reaper: Reaper,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.pid = pid
        self._loop = loop
        self._work = work
        # To the selector by number: it would describe an object that it does not know yet in an error that nobody sees.
        self._work_fd = work.fileno()
        self.questions = Questions(pid, control, stacks)
        self.ahead = ahead
        self._listener: ProcessListener = _Nobody(self)
        self._reaper = reaper
        self._frames = FrameReader()
        self._unsent = bytearray()
        self._is_closed = False
        self._has_breached = False
        self._has_exited = False
        self._are_frames_paused = False
        self._pidfd = pidfd
        self._exited = exited
        # Held open: it belongs to this process even when its number is another's, and reading it costs a single call.
        self._status = os.open(f"/proc/{pid}/status", os.O_RDONLY | os.O_CLOEXEC)
        self._stdout = OutputPipe(loop, stdout, self.hold, lambda data: self._listener.on_output(STDOUT, data))
        self._stderr = OutputPipe(loop, stderr, self.hold, lambda data: self._listener.on_output(STDERR, data))
        self.questions.on_breach = self._breach
        loop.add_reader(self._work_fd, self._on_work)
        loop.add_reader(pidfd, self._on_pidfd)

    @classmethod
    async def fork(cls, template: TemplateProcess, reaper: Reaper) -> SessionProcess:
        """Forks a session from a template, or makes a template that cannot fork into one; it waits for its `begin`.

        Raises TemplateError, and OSError where there are no descriptors left or the process has gone already.
        """
        with ExitStack() as ours:
            with ExitStack() as theirs:
                (work, their_work), (control, their_control) = (_socket_pair(ours, theirs) for _ in range(2))
                (stdout, their_stdout), (stderr, their_stderr) = (_pipe(ours, theirs) for _ in range(2))
                stacks, their_stacks = _pipe(ours, theirs)
                os.set_blocking(their_stacks, False)  # they are written in a signal handler, which must not wait
                ahead, their_ahead = ahead_sockets()
                for end in (ahead, their_ahead):
                    ours.callback(end.close)
                descriptors = SessionDescriptors(
                    their_work.fileno(),
                    their_control.fileno(),
                    their_stdout,
                    their_stderr,
                    their_stacks,
                    their_ahead.fileno(),
                )
                start = template.become if template.spawn_reason else template.fork
                pid = await start(descriptors)
            try:
                pidfd = os.pidfd_open(pid)
            except OSError:
                template.abandon(pid)
                raise
            ours.pop_all()
            exited, handed = template.acknowledge(pid), Ahead(ahead, their_ahead)
            return cls(pid, pidfd, exited, work, control, stdout, stderr, stacks, handed, reaper)

    def begin(self, spec: ProcessSpec, listener: ProcessListener) -> None:
        """Gives the session to somebody; once."""
        self._listener = listener
        self.send({"op": "begin", "session": spec.as_header()})

    @property
    def is_ending(self) -> bool:
        """It has died, or is killed for what it sent: nothing that is given to it any more is run."""
        return self._has_breached or self._has_exited

    @property
    def has_unsent(self) -> bool:
        """Whether it has not read all that was sent to it."""
        return bool(self._unsent)

    def send(self, header: dict[str, Any], *blobs: bytes) -> None:
        """One frame on the work socket; never waits."""
        self.send_bytes(encode(header, *blobs))

    def send_bytes(self, data: bytes) -> None:
        """A frame that is one already."""
        if not self._unsent:
            try:
                sent = self._work.send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                return  # it is ending; on_exit says so
            if sent == len(data):
                return
            data = data[sent:]
            self._loop.add_writer(self._work_fd, self._on_writable)
        self._unsent += data

    def send_control(self, header: dict[str, Any]) -> None:
        """One small frame on the control socket."""
        self.questions.tell(header)

    def hold(self) -> None:
        """From here on it begins nothing that it is not told to; what it has begun by itself is told."""
        if self.ahead.count:
            for _ in range(self.ahead.take_back()):
                self._listener.on_next()

    def interrupt(self) -> None:
        """SIGINT for the session and what it started in its own process group."""
        try:
            os.killpg(self.pid, signal.SIGINT)
        except ProcessLookupError:
            pass

    def interrupt_children(self) -> None:
        """SIGINT for what it started in its own process group, but not for the session itself."""
        for pid in descendants_of(self.pid):
            try:
                if os.getpgid(pid) == self.pid:
                    os.kill(pid, signal.SIGINT)
            except ProcessLookupError:
                continue

    def leave(self) -> None:
        """Asks the session to end as a Python program does."""
        if not self._is_closed:
            try:
                self._work.shutdown(socket.SHUT_WR)
            except OSError:
                pass

    def kill(self) -> None:
        """SIGKILL for all that the session is and has started."""
        if not self._has_exited:
            kill_tree(self.pid)

    def drain_output(self) -> None:
        """Delivers what has been written up to now."""
        self._stdout.drain()
        self._stderr.drain()

    def settle_output(self) -> None:
        """Delivers what an execution has written, at its end."""
        self._stdout.settle()
        self._stderr.settle()

    def rest_output(self) -> None:
        """An execution has ended whose output has been delivered."""
        self._stdout.rest()
        self._stderr.rest()

    def peak_resident_bytes(self) -> int:
        """The most memory that was in use, by the kernel; 0 where it has gone."""
        return peak_resident_bytes(self._status)

    def pause_output(self) -> None:
        """Leaves further output in the pipes."""
        self._stdout.pause()
        self._stderr.pause()

    def resume_output(self) -> None:
        """Reads the pipes again."""
        self._stdout.resume()
        self._stderr.resume()

    def pause_frames(self) -> None:
        """Leaves further frames in the work socket, so that who sends more waits."""
        if not self.is_ending and not self._are_frames_paused:
            self._are_frames_paused = True
            self._loop.remove_reader(self._work_fd)

    def resume(self) -> None:
        """Reads pipes and frames again."""
        self.resume_output()
        if self._are_frames_paused and not self.is_ending:
            self._are_frames_paused = False
            self._loop.add_reader(self._work_fd, self._on_work)

    def _on_work(self) -> None:
        try:
            data = self._work.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self._work_fd)
            # A process that dies closes its sockets a moment before the kernel says that it has gone.
            self._loop.call_later(_STATUS_TIMEOUT_S, self._on_deaf)
            return
        self._take(data)

    def _take(self, data: bytes) -> None:
        try:
            frames = self._frames.feed(data)
            burst.is_on = len(frames) > 1
            for frame in frames:
                if frame is frames[-1]:
                    burst.is_on = False
                self._listener.on_frame(frame)
            self._listener.on_caught_up()
        except (FrameError, KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
            # Whatever it sent: it is the session's doing, and the session's end.
            self._breach(f"it sent what is no frame of ours ({type(error).__name__}: {error})")
        finally:
            burst.is_on = False

    def _on_deaf(self) -> None:
        self._breach("it closed its work socket")

    def _breach(self, what: str) -> None:
        if not self._has_breached and not self._is_closed:
            self._has_breached = True  # and nothing that it sent after that is looked at
            self._loop.remove_reader(self._work_fd)
            self._listener.on_breach(what)

    def _on_writable(self) -> None:
        try:
            sent = self._work.send(self._unsent)
        except BlockingIOError:
            return
        except OSError:
            sent = len(self._unsent)
        del self._unsent[:sent]
        if not self._unsent:
            self._loop.remove_writer(self._work_fd)

    def _on_pidfd(self) -> None:
        self._loop.remove_reader(self._pidfd)
        self._loop.remove_reader(self._work_fd)
        self._has_exited = True
        self._settling = self._loop.create_task(self._settle())

    async def _settle(self) -> None:
        """The process has ended: takes what it left in its socket and pipes, and what it left running."""
        try:
            async with asyncio.timeout(_STATUS_TIMEOUT_S):
                status = await self._exited
        except TimeoutError:
            status = ExitStatus(signal.SIGKILL)  # its template is stuck; the status is lost with it
        await self._reaper.sweep_orphans()
        while not self._has_breached:
            try:
                data = self._work.recv(_READ_BYTES)
            except OSError:
                break
            if not data:
                break
            self._take(data)
        self.drain_output()
        if status.exit_code == _DEAF:
            self._on_deaf()
            status = replace(status, wait_status=signal.SIGKILL)  # as one that waits on is ended by us
        self._close()
        self._listener.on_exit(status)

    def _close(self) -> None:
        self._is_closed = True
        self._loop.remove_reader(self._work_fd)
        self._loop.remove_writer(self._work_fd)
        self._work.close()
        self.questions.close()
        self.ahead.close()
        self._stdout.close()
        self._stderr.close()
        os.close(self._pidfd)
        os.close(self._status)


def _socket_pair(ours: ExitStack, theirs: ExitStack) -> tuple[socket.socket, socket.socket]:
    our_end, their_end = socket.socketpair()
    ours.callback(our_end.close)
    theirs.callback(their_end.close)
    our_end.setblocking(False)
    return our_end, their_end


def _pipe(ours: ExitStack, theirs: ExitStack) -> tuple[int, int]:
    readable, writable = os.pipe()
    ours.callback(os.close, readable)
    theirs.callback(os.close, writable)
    return readable, writable
