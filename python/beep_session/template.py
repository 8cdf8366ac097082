"""The template: imports what its sessions will need, then forks one for each request."""

from __future__ import annotations

import _socket
import gc
import os
import select
import signal
import sys
import traceback
from dataclasses import fields
from importlib import import_module
from typing import Any, Dict, List, Optional, Set

from beep_session import birth as births
from beep_session import completeness, forks, guard, hooks, warned
from beep_session.birth import Birth, Delivery
from beep_session.descriptors import receive
from beep_session.frames import Frame, FrameReader, pack
from beep_session.native import be_dumpable
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.rehearsal import rehearse, reserve_descriptors
from beep_session.session import Session
from beep_session.thread_counts import ThreadCounts

_DESCRIPTORS = len(fields(Birth))


def main() -> None:
    """Serve the worker on the socket that is our stdin; never returns."""
    # Its number would be one of a session's sockets some day, had it kept the one that the worker knew it by.
    be_dumpable(False)  # what it holds becomes the memory of every session
    template = Template(_socket.socket(fileno=os.dup(0)))
    births.read_nothing()
    birth = template.serve()
    if birth is None:
        os._exit(0)
    template.delivery.settle(birth)
    if template.is_forked:
        template.threads.restore()
    template.session.start(template.delivery.furnish)


class Template:
    """One preloaded interpreter and the sessions forked from it."""

    def __init__(self, sock: _socket.socket) -> None:
        self._sock = sock
        self._pid = os.getpid()
        self._woken = -1
        self._descriptors: List[int] = []
        self._frames = FrameReader(self._receive)
        # Children that may be reaped; the others are still to be seen by the worker.
        self._reapable: Set[int] = set()

    def serve(self) -> Optional[Birth]:
        """Answer frames until the worker closes its end (None), or this process is a session (its birth)."""
        births.claim_path()
        reserve_descriptors()
        guard.silence_fork_warning()
        completeness.silence_warnings()
        hooks.install()
        warned.install()
        frame = self._frames.read()
        if frame is None or frame.header["op"] != "init":
            return None
        failed = _preload(frame.header.get("preload", ()))
        self.session = rehearse(Session)
        forks.look_away()
        self._woken = _wake_on_child()
        self.delivery = Delivery()
        self.threads = ThreadCounts()
        spawn_reason = _why_no_fork()
        self._send(
            {
                "op": "ready",
                "pid": os.getpid(),
                "version": ".".join(map(str, sys.version_info[:3])),
                "implementation": sys.implementation.name,
                "spawn_reason": spawn_reason,
                "failed": failed,
            }
        )
        # No collection may run between here and a fork: it would touch, and so copy, every page that is shared.
        gc.collect()
        gc.disable()
        if hasattr(gc, "freeze"):
            gc.freeze()
        poll = select.poll()
        poll.register(self._sock.fileno(), select.POLLIN)
        poll.register(self._woken, select.POLLIN)
        while True:
            frame = self._frames.take()
            if frame is None:
                ready = {fd for fd, _ in poll.poll()}
                if self._woken in ready:
                    os.read(self._woken, 4096)
                    self._reap()
                if self._sock.fileno() in ready:
                    data = self._receive(65536)
                    if not data:
                        return None
                    self._frames.feed(data)
                continue
            birth = self._answer(frame)
            if birth is not None:
                return birth

    @property
    def is_forked(self) -> bool:
        """Whether this process is a session that was forked from the template's."""
        return os.getpid() != self._pid

    def _answer(self, frame: Frame) -> Optional[Birth]:
        op = frame.header["op"]
        if op == "reap":
            self._reapable.add(frame.header["pid"])
            self._reap()
            return None
        if op not in ("fork", "become") or len(self._descriptors) < _DESCRIPTORS:
            os._exit(1)
        taken, self._descriptors = self._descriptors[:_DESCRIPTORS], self._descriptors[_DESCRIPTORS:]
        birth = Birth(*taken)
        if op == "become":
            self._send({"op": "forked", "id": frame.header["id"], "pid": os.getpid()})
            return birth
        try:
            return self._fork(frame.header["id"], birth)
        finally:
            if os.getpid() == self._pid:
                for fd in taken:
                    os.close(fd)

    def _fork(self, request: Any, birth: Birth) -> Optional[Birth]:
        self.threads.settle()
        reason = _why_no_fork()
        if reason:
            self._send({"op": "refused", "id": request, "message": reason})
            return None
        try:
            pid = forks.fork()
        except OSError as error:
            self._send({"op": "refused", "id": request, "message": f"fork failed: {error}"})
            return None
        if pid == 0:
            self._sock.detach()  # the descriptor itself is closed with every other one that is not the session's
            return birth
        self._send({"op": "forked", "id": request, "pid": pid})
        return None

    def _reap(self) -> None:
        for pid in list(self._reapable):
            try:
                seen, status, usage = os.wait4(pid, os.WNOHANG)
            except ChildProcessError:
                self._reapable.discard(pid)
                continue
            if seen == 0:
                continue
            self._reapable.discard(pid)
            self._send(
                {
                    "op": "exited",
                    "pid": pid,
                    "status": status,
                    "rusage": {"utime": usage.ru_utime, "stime": usage.ru_stime, "maxrss_kib": usage.ru_maxrss},
                }
            )

    def _send(self, header: Dict[str, Any]) -> None:
        try:
            self._sock.sendall(pack(header))
        except OSError:
            os._exit(0)  # the worker is gone; its sessions go on

    def _receive(self, size: int) -> bytes:
        try:
            return receive(self._sock, size, self._descriptors)
        except ConnectionError:
            return b""


def _preload(names: List[str]) -> Dict[str, str]:
    failed: Dict[str, str] = {}
    for name in names:
        try:
            import_module(name)
        except BaseException as error:
            failed[name] = "".join(traceback.format_exception_only(type(error), error)).strip()[:2000]
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()  # or each session would write it again
        except Exception:
            pass
    return failed


def _wake_on_child() -> int:
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.signal(signal.SIGCHLD, lambda signum, frame: None)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return readable


def _why_no_fork() -> str:
    """Why this process cannot fork sessions, or nothing: a fork copies one thread, and the locks of all of them."""
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return "this platform does not fork safely"
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        return f"a preloaded module started threads: {threads} are running"
    return ""
