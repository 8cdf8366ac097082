"""A first item, run in the template by the session that its forks will be: what it touches, they need not copy."""

from __future__ import annotations

import _socket
import os
from typing import Callable

from beep_session.ahead import SOCKET_TYPE
from beep_session.birth import AHEAD_FD, CONTROL_FD, ERR_FD, OUT_FD, OWN_FDS, WORK_FD
from beep_session.frames import pack
from beep_session.native import become_subreaper
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.session import REHEARSAL, Session


def reserve_descriptors() -> None:
    """Take the numbers of a session's own descriptors before a preloaded module gets them."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in OWN_FDS:
        os.dup2(null, number, False)
    os.close(null)


def rehearse(make: Callable[[], Session]) -> Session:
    """Make a session on dummies of its sockets and pipes, and let it run one item."""
    worker, work = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM)
    _, control = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM)
    _, ahead = _socket.socketpair(_socket.AF_UNIX, SOCKET_TYPE)
    saved = [os.dup(1), os.dup(2)]
    readable, writable = os.pipe()
    os.dup2(work.fileno(), WORK_FD, False)
    os.dup2(control.fileno(), CONTROL_FD, False)
    os.dup2(ahead.fileno(), AHEAD_FD, False)
    for number in (OUT_FD, ERR_FD):
        os.dup2(writable, number, False)
    os.dup2(writable, 1)
    os.dup2(writable, 2)
    try:
        session = make()
        worker.sendall(pack({"op": "run", **REHEARSAL}, [b"1+1"]))
        session.serve_one()
        session.forget_rehearsal()
        become_subreaper(False)
        return session
    finally:
        for number, fd in zip((1, 2), saved):
            os.dup2(fd, number)
            os.close(fd)
        os.close(readable)
        os.close(writable)
