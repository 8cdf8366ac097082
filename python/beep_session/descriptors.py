"""Bytes off a socket, and the descriptors that came along with them."""

from __future__ import annotations

import _socket
import array
from typing import List

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

_ROOM = _socket.CMSG_SPACE(16 * 4)
_CLOEXEC = getattr(_socket, "MSG_CMSG_CLOEXEC", 0)


def receive(sock: _socket.socket, size: int, descriptors: List[int]) -> bytes:
    """What a `recv` gives; the descriptors are added to the list, in their order. Raises OSError."""
    data, ancillary, _, _ = sock.recvmsg(size, _ROOM, _CLOEXEC)
    for level, kind, content in ancillary:
        if level == _socket.SOL_SOCKET and kind == _socket.SCM_RIGHTS:
            fds = array.array("i")
            fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
            descriptors.extend(fds)
    return data
