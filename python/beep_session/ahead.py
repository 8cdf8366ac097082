"""Items that wait, handed over before their turn: the session goes on to the next one without being told to.

They come as packets on a socket whose end here the worker holds as well. The kernel gives each packet to one of the
two: what the session has not taken the worker can take back, and what it cannot take back has begun. It takes back one
after the other, so one from the middle may come here: each says which one it follows, and only after that it runs.
"""

from __future__ import annotations

import _socket
import struct
import sys
from fcntl import ioctl
from os import close as _close
from typing import Optional

from beep_session.birth import AHEAD_FD, ERR_FD, OUT_FD
from beep_session.frames import Frame, FrameReader
from beep_session.own import BUILTINS as __builtins__  # noqa: F401

# On a pipe's end for writing Linux tells what waits for the reader; other systems tell nothing, or something else.
_FIONREAD: Optional[int] = None
if sys.platform == "linux":
    import termios

    _FIONREAD = termios.FIONREAD

SOCKET_TYPE = getattr(_socket, "SOCK_SEQPACKET", _socket.SOCK_DGRAM)
# A packet is the number of the item that it follows (0: one that was never ahead), its own, and a whole frame.
PLACE = struct.Struct("!QQ")
MAX_PACKET_BYTES = 16384

_AT_ONCE = getattr(_socket, "MSG_DONTWAIT", 0)
_NOTHING = bytes(4)
_ioctl = ioctl
_PLACE_BYTES, _unpack_place = PLACE.size, PLACE.unpack_from


class Ahead:
    """Where items come ahead, and the pipes that must be empty before one of them begins."""

    def __init__(self) -> None:
        self._sock = _socket.socket(_socket.AF_UNIX, SOCKET_TYPE, 0, AHEAD_FD)
        self._recv = self._sock.recv
        self._frames = FrameReader(self._recv)
        # The number of the item that runs; 0 where it was never ahead.
        self._at = 0

    @property
    def may_begin(self) -> bool:
        """Whether all output has been read: a pipe says nothing of whose its bytes are.

        Whoever reads takes back first what is ahead. So output that the worker has in its hands, but has given to
        nobody yet, looks like none here, and nothing is there to begin.
        """
        if _FIONREAD is None:
            return False
        try:
            return _ioctl(OUT_FD, _FIONREAD, _NOTHING) == _ioctl(ERR_FD, _FIONREAD, _NOTHING) == _NOTHING
        except OSError:
            return False  # closed by the user

    def follow(self, frame: Frame) -> None:
        """An item begins that is not ahead; it may have been, and taken back."""
        self._at = frame.header.get("number", 0)

    def take(self) -> Optional[Frame]:
        """The next item, if one is there; from now on the worker cannot take it back. Raises FrameError."""
        try:
            data = self._recv(MAX_PACKET_BYTES, _AT_ONCE)
        except OSError:
            return None
        if len(data) < _PLACE_BYTES:
            return None  # the worker has gone
        follows, number = _unpack_place(data)
        if follows != self._at:
            return None  # those before it are being taken back, and so is this one
        self._at = number
        self._frames.feed(data[_PLACE_BYTES:])
        return self._frames.take()

    def close(self) -> None:
        """Close all of it, in a child of the user's."""
        self._sock.close()
        for fd in (OUT_FD, ERR_FD):
            try:
                _close(fd)
            except OSError:
                pass
