"""A template process, from the worker's side: started once for its key, forks sessions on request."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from beep_worker.exit_status import ExitStatus
from beep_worker.frames import Frame, FrameError, FrameReader, encode
from beep_worker.reaper import Reaper
from beep_worker.tree import signal_process

log = logging.getLogger("beep_worker.template")

START_TIMEOUT_S = 60.0
# By when it is reaped, once its socket is closed.
_STATUS_S = 1.0

_START = (
    "import sys; sys.path[:] = [sys.argv[1], *filter(None, sys.path)]; "
    "from beep_session import forks; forks.watch(); from beep_session.template import main; main()"
)
_PYTHON_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class TemplateError(Exception):
    """The template cannot do what was asked; the text is for people."""


@dataclass(frozen=True)
class TemplateKey:
    """What sessions have in common that are forked from one template."""

    principal: str
    venv: str
    venv_generation: int
    python_path: str
    preload: tuple[str, ...]


@dataclass
class SessionDescriptors:
    """The session's ends; handed over and closed here once the session has them."""

    work: int
    control: int
    stdout: int
    stderr: int
    stacks: int
    ahead: int

    def as_list(self) -> list[int]:
        return [self.work, self.control, self.stdout, self.stderr, self.stacks, self.ahead]


class Request:
    """A frame on its way to a template, with descriptors that go along with its first byte."""

    def __init__(self, data: bytes, descriptors: list[int]) -> None:
        self._unsent = memoryview(data)
        self._descriptors = descriptors
        self._has_begun = False

    @property
    def is_sent(self) -> bool:
        return not self._unsent

    def send(self, sock: socket.socket) -> None:
        """As much as the socket takes. Raises OSError."""
        if self._descriptors and not self._has_begun:
            sent = socket.send_fds(sock, [self._unsent], self._descriptors)
        else:
            sent = sock.send(self._unsent)
        self._has_begun = True
        self._unsent = self._unsent[sent:]

    def withdraw(self) -> None:
        """Sends nothing, unless it has begun to."""
        if not self._has_begun:
            self._unsent = self._unsent[:0]


@dataclass
class TemplateProcess:
    """One running interpreter of an environment that can fork sessions, or become one."""

    key: TemplateKey
    pid: int
    python_version: str = ""
    implementation: str = ""
    spawn_reason: str = ""
    failed_preloads: dict[str, str] = field(default_factory=dict)
    used_at: float = field(default_factory=time.monotonic)
    # Why it has ended, once it has.
    end: str = ""
    # Called then.
    on_ended: Callable[[TemplateProcess], None] | None = None

    _socket: socket.socket = field(init=False, repr=False)
    _loop: asyncio.AbstractEventLoop = field(init=False, repr=False)
    _reaper: Reaper = field(init=False, repr=False)
    _ready: asyncio.Future[None] = field(init=False, repr=False)
    _forks: dict[int, asyncio.Future[int]] = field(init=False, repr=False, default_factory=dict)
    _exits: dict[int, asyncio.Future[ExitStatus]] = field(init=False, repr=False, default_factory=dict)
    _next_fork: int = field(init=False, default=0)
    _requests: deque[Request] = field(init=False, repr=False, default_factory=deque)
    _frames: FrameReader = field(init=False, repr=False, default_factory=FrameReader)
    _is_blocked: bool = field(init=False, default=False)
    _has_ended: bool = field(init=False, default=False)
    _is_session: bool = field(init=False, default=False)
    _is_closed: bool = field(init=False, default=False)

    @classmethod
    async def start(cls, key: TemplateKey, environment: dict[str, str], reaper: Reaper) -> TemplateProcess:
        """Starts the interpreter and waits until it has imported the preload list. Raises TemplateError."""
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        # Isolated, but where variables of the interpreter's own are there to be heeded.
        isolation = "-s" if any(name.startswith("PYTHON") for name in environment) else "-I"
        try:
            process = subprocess.Popen(
                [key.python_path, isolation, "-c", _START, _PYTHON_FOLDER],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        except (OSError, ValueError) as error:  # ValueError: variables that no process can have
            ours.close()
            reason = error.strerror if isinstance(error, OSError) else error
            raise TemplateError(f"the interpreter of environment {key.venv} cannot be started: {reason}") from error
        finally:
            theirs.close()
        template = cls(key, process.pid)
        process.returncode = 0  # the reaper takes its status, not Popen
        template._socket = ours
        template._loop = loop
        template._reaper = reaper
        template._ready = loop.create_future()
        reaper.expect(process.pid, template._on_reaped)
        loop.add_reader(ours.fileno(), template._on_readable)
        template._send({"op": "init", "preload": list(key.preload)})
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await template._ready
        except TimeoutError:
            template.close()
            raise TemplateError(
                f"the interpreter of environment {key.venv} was not ready after {START_TIMEOUT_S:.0f} s"
            ) from None
        except asyncio.CancelledError:
            template.close()
            raise
        for module, why in template.failed_preloads.items():
            template.close()
            raise TemplateError(f"{module} of the preload list could not be imported: {why}")
        return template

    @property
    def is_alive(self) -> bool:
        return not self._has_ended

    @property
    def is_forking(self) -> bool:
        """Somebody waits for a session of it."""
        return bool(self._forks)

    async def fork(self, descriptors: SessionDescriptors) -> int:
        """The pid of a new session. Raises TemplateError. The caller closes the descriptors."""
        return await self._request("fork", descriptors)

    async def become(self, descriptors: SessionDescriptors) -> int:
        """Turns this process into a session, for environments that cannot fork; it is no template afterwards."""
        self._is_session = True
        return await self._request("become", descriptors)

    def acknowledge(self, pid: int) -> asyncio.Future[ExitStatus]:
        """Lets the template reap a session; the future has its status then, whoever reaps it."""
        future: asyncio.Future[ExitStatus] = self._loop.create_future()
        self._exits[pid] = future
        if pid == self.pid:
            return future  # it became the session: our reaper has its status
        self._reaper.expect(pid, lambda status: self._settle(pid, status))  # should the template die first
        self._send({"op": "reap", "pid": pid})
        return future

    def abandon(self, pid: int) -> None:
        """Nobody wants this session any more: it finds its sockets closed and leaves, and is reaped."""
        if pid == self.pid:
            self.close()
        else:
            self._send({"op": "reap", "pid": pid})

    def close(self) -> None:
        """Ends the template; its sessions go on."""
        self._is_closed = True
        if not self._has_ended:
            signal_process(self.pid, signal.SIGKILL)

    async def _request(self, op: str, descriptors: SessionDescriptors) -> int:
        if self._has_ended:
            raise TemplateError(f"the template of environment {self.key.venv} has ended")
        self.used_at = time.monotonic()
        self._next_fork += 1
        answer: asyncio.Future[int] = self._loop.create_future()
        self._forks[self._next_fork] = answer
        request = Request(encode({"op": op, "id": self._next_fork}), descriptors.as_list())
        self._put(request)
        try:
            return await answer
        finally:
            request.withdraw()  # its descriptors are closed from here on

    def _send(self, header: dict[str, Any]) -> None:
        self._put(Request(encode(header), []))

    def _put(self, request: Request) -> None:
        self._requests.append(request)
        if len(self._requests) == 1:
            self._on_writable()

    def _on_writable(self) -> None:
        while self._requests and not self._has_ended:
            request = self._requests[0]
            try:
                request.send(self._socket)
            except BlockingIOError:
                break
            except OSError:
                self._on_closed()
                return
            if request.is_sent:
                self._requests.popleft()
        if self._has_ended or bool(self._requests) == self._is_blocked:
            return
        self._is_blocked = not self._is_blocked
        if self._is_blocked:
            self._loop.add_writer(self._socket.fileno(), self._on_writable)
        else:
            self._loop.remove_writer(self._socket.fileno())

    def _on_readable(self) -> None:
        try:
            data = self._socket.recv(65536)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        if not data:
            self._on_closed()
            return
        try:
            for frame in self._frames.feed(data):
                self._on_frame(frame)
        except (FrameError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            log.error("template %d sent what is no frame: %s", self.pid, error)
            self._on_end("it sent what is no frame")

    def _on_frame(self, frame: Frame) -> None:
        header = frame.header
        match frame.op:
            case "ready":
                self.python_version = str(header["version"])
                self.implementation = str(header["implementation"])
                self.spawn_reason = str(header.get("spawn_reason", ""))
                self.failed_preloads = {str(k): str(v) for k, v in header.get("failed", {}).items()}
                if not self._ready.done():
                    self._ready.set_result(None)
            case "forked":
                answer, pid = self._forks.pop(header["id"], None), int(header["pid"])
                if answer is not None and not answer.done():
                    answer.set_result(pid)
                else:
                    self.abandon(pid)
            case "refused":
                answer = self._forks.pop(header["id"], None)
                if answer is not None and not answer.done():
                    answer.set_exception(TemplateError(str(header["message"])))
            case "exited":
                usage = header["rusage"]
                self._settle(
                    int(header["pid"]),
                    ExitStatus(
                        int(header["status"]),
                        float(usage["utime"]),
                        float(usage["stime"]),
                        int(usage["maxrss_kib"]) * 1024,
                    ),
                )
            case other:
                raise FrameError(f"unknown op {other!r}")

    def _settle(self, pid: int, status: ExitStatus) -> None:
        self._reaper.forget(pid)
        future = self._exits.pop(pid, None)
        if future is not None and not future.done():
            future.set_result(status)

    def _on_reaped(self, status: ExitStatus) -> None:
        how = f"signal {status.signal}" if status.signal else f"exit code {status.exit_code}"
        self.end = "it was no longer used" if self._is_closed else f"it ended by itself: {how}"
        if not self._is_closed and not self._is_session:
            log.warning("template %d of environment %s ended by itself: %s", self.pid, self.key.venv, how)
        self._on_end(how)
        self._settle(self.pid, status)
        if self.on_ended is not None:
            self.on_ended(self)

    def _on_closed(self) -> None:
        """Mostly it has ended, and who reaps it says how."""
        if not self._has_ended:
            self._loop.remove_reader(self._socket.fileno())
            self._loop.remove_writer(self._socket.fileno())
            self._loop.call_later(_STATUS_S, self._on_end)

    def _on_end(self, how: str = "it closed its socket") -> None:
        if self._has_ended:
            return
        self._has_ended = True
        self._requests.clear()
        self._loop.remove_reader(self._socket.fileno())
        self._loop.remove_writer(self._socket.fileno())
        self._socket.close()
        problem = TemplateError(f"the template of environment {self.key.venv} ended unexpectedly: {how}")
        waiting: list[asyncio.Future[Any]] = [self._ready, *self._forks.values()]
        for future in waiting:
            if not future.done():
                future.set_exception(problem)
        self._forks.clear()
        if not self._is_session:
            signal_process(self.pid, signal.SIGKILL)
