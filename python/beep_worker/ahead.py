"""What a session was handed before its turn, so that it goes on to the next item without being told to.

Output, interrupts and withdrawals have to know which item it is at. So each goes ahead as a packet of its own, on a
socket whose other end is held here as well: before anything is done that depends on it, what the session has not taken
is taken back. It stands still then at the end of its item, and what cannot be taken back has begun.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from beep_session.ahead import MAX_PACKET_BYTES, PLACE, SOCKET_TYPE
from beep_worker.frames import FrameError, encode

if TYPE_CHECKING:
    from beep_worker.item import Item

# More would keep no session busier, and has to be taken back one by one.
MAX_AHEAD = 16


def ahead_sockets() -> tuple[socket.socket, socket.socket]:
    """Our end and the session's."""
    return socket.socketpair(socket.AF_UNIX, SOCKET_TYPE)


class Ahead:
    """The items at the front of a queue that its session has as well."""

    def __init__(self, ours: socket.socket, theirs: socket.socket) -> None:
        self._ours, self._theirs = ours, theirs
        # Of those that the session may take, or has taken without our knowing; and of the one before them.
        self._numbers: deque[int] = deque()
        self._at = 0
        self._last = 0
        # How many of them are executions.
        self._executions = 0

    @property
    def count(self) -> int:
        """How many are ahead."""
        return len(self._numbers)

    def fill(self, queue: Sequence[Item], count: int, max_event_bytes: int) -> None:
        """Hands over what waits, as far as it may go ahead. `count` is the current one's among executions."""
        numbers = self._numbers
        while len(numbers) < min(MAX_AHEAD, len(queue)):
            item = queue[len(numbers)]
            if not item.may_go_ahead:
                return
            header, blobs = item.hand_over(count + self._executions + item.is_numbered, max_event_bytes)
            number = self._last + 1
            place = PLACE.pack(numbers[-1] if numbers else self._at, number)
            data = place + encode({**header, "number": number}, *blobs)
            if len(data) > MAX_PACKET_BYTES:
                return
            try:
                self._ours.send(data, socket.MSG_DONTWAIT)
            except OSError:
                return  # no room now, or the session has meddled with it
            self._last = number
            numbers.append(number)
            self._executions += item.is_numbered

    def pass_on(self, item: Item) -> None:
        """The first one has been taken, by the session or for it."""
        self._at = self._numbers.popleft()
        self._executions -= item.is_numbered

    def leave(self) -> None:
        """The session gets an item that was not ahead."""
        self._at = 0

    def take_first(self) -> bytes:
        """Takes the first one's frame from a session that waits. Raises FrameError where that has taken it itself."""
        try:
            data = self._theirs.recv(MAX_PACKET_BYTES, socket.MSG_DONTWAIT)
        except OSError:
            data = b""
        if len(data) <= PLACE.size or PLACE.unpack_from(data)[1] != self._numbers[0]:
            raise FrameError("it waits, and has taken the next item")
        return data[PLACE.size :]

    def take_back(self) -> int:
        """Takes back what it has not taken; how many it has taken that were not known to be.

        While this goes on it may take one from the middle, which it will not run.
        """
        first = self._last + 1
        try:
            while place := self._theirs.recv(PLACE.size, socket.MSG_DONTWAIT):
                first = min(first, PLACE.unpack(place)[1])
        except OSError:
            pass  # no more
        taken = 0
        while self._numbers and self._numbers[0] < first:
            self._at = self._numbers.popleft()
            taken += 1
        self._numbers.clear()
        self._executions = 0
        return taken

    def close(self) -> None:
        """Closes both ends."""
        self._ours.close()
        self._theirs.close()
