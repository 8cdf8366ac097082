"""Large data on its way: bytes of objects out of the session, or into it, beside whatever runs.

A transfer is opened by an item, in its turn. Then the worker hands over the gateway's connection, and a thread of its
own carries the bytes: it waits for a slow caller in the kernel, without the interpreter, and nobody waits for it.
"""

from __future__ import annotations

import _socket
import os
from _thread import start_new_thread
from typing import Any, Callable, Dict, Optional, Tuple, Union

from beep_session.arrays import NoArray
from beep_session.failure import Failure
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.pinned import Pinned
from beep_session.readable import NotReadable, Readable, readable_of
from beep_session.writable import NoRoom, Writable, writable_of

MAX_OPEN = 16

Header = Dict[str, Any]
Transfer = Union[Readable, Writable]
Tell = Callable[[Header], None]

_close = os.close


class Transfers:
    """Those of one session: opened by the main thread, carried on by the control thread's word, each on its own."""

    def __init__(self, pinned: Pinned) -> None:
        self._pinned = pinned
        pinned.in_transit = lambda: sum(transfer.held_bytes() for transfer in list(self._open.values()))
        self._open: Dict[str, Transfer] = {}
        self._carrying: Dict[str, _socket.socket] = {}

    def open_read(self, name: str, target: Any, form: str, offset: int, length: int) -> Optional[Header]:
        """What is about to be read; None where that is its items. Raises Failure, and what the target raises."""
        self._check_room()
        try:
            readable = readable_of(target, form)
        except NotReadable as error:
            raise Failure("CONVERSION_FAILED", f"it cannot be read: {error}") from None
        if readable is None:
            return None
        if readable.held_bytes() > self._pinned.left():
            raise Failure("QUOTA_EXCEEDED", self._pinned.full())
        total = readable.total
        start = min(offset, total) if offset >= 0 else max(0, total + offset)
        count = min(length or total, total - start)
        opened = {"form": readable.form, "total": total, "offset": start, "bytes": count}
        if readable.tensor is not None and readable.form == "tensor":
            opened["dtype"], opened["shape"] = readable.tensor
        if count:
            self._open[name] = readable
        return opened

    def open_write(self, name: str, tensor: Optional[Tuple[str, Any]], is_framed: bool) -> None:
        """Room for what is about to be written. Raises Failure."""
        self._check_room()
        try:
            writable = writable_of(tensor, is_framed, self._pinned.left)
        except NoArray as error:
            raise Failure("CONVERSION_FAILED", f"it cannot be written: {error}", "tensor") from None
        except MemoryError:
            raise Failure("VALUE_TOO_LARGE", "the session has no memory for an array of this size") from None
        if writable.held_bytes() > self._pinned.left():
            raise Failure("QUOTA_EXCEEDED", self._pinned.full())
        self._open[name] = writable

    def close_write(self, name: str) -> Any:
        """The object that was written. Raises Failure."""
        writable = self._open.pop(name, None)
        if not isinstance(writable, Writable):
            raise Failure("CANCELLED", "the write was given up")
        try:
            return writable.value()
        except NoArray as error:
            raise Failure("CONVERSION_FAILED", f"it cannot be written: {error}") from None

    def carry(self, header: Header, fd: int, tell: Tell) -> Header:
        """Begin to carry bytes over a connection, which is the transfer's from now on. From the control thread."""
        name = header["transfer"]
        transfer = self._open.get(name)
        if transfer is None or name in self._carrying:
            _close(fd)
            return {"failed": "no such transfer"}
        self._carrying[name] = sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, fd)
        try:
            # The control thread has all signals blocked, and so does a thread that it starts.
            start_new_thread(self._run, (name, transfer, sock, header["offset"], header["bytes"], tell))
        except RuntimeError:
            self.drop(name)
            self._carrying.pop(name).close()
            return {"failed": "no thread"}
        return {}

    def drop(self, name: str) -> None:
        """Nobody waits for it any more. From the control thread."""
        self._open.pop(name, None)
        sock = self._carrying.get(name)
        if sock is not None:
            try:
                sock.shutdown(_socket.SHUT_RDWR)  # its thread finds the end
            except OSError:
                pass

    def in_child(self) -> None:
        """In a child of the user's: the connections are not its own."""
        self._open.clear()
        for sock in self._carrying.values():
            sock.close()
        self._carrying.clear()

    def _run(
        self,
        name: str,
        transfer: Transfer,
        sock: _socket.socket,
        start: int,
        count: int,
        tell: Tell,
    ) -> None:
        came, is_whole, why = 0, False, ""
        try:
            came, is_whole = transfer.carry(sock, start, count)
        except NoRoom:
            why = self._pinned.full()
        except MemoryError:
            why = "the session has no memory for more of it"
        except BaseException:
            pass  # the caller has gone
        if isinstance(transfer, Readable):
            self._open.pop(name, None)
        del transfer
        self._carrying.pop(name, None)
        sock.close()
        try:
            tell({"op": "carried", "transfer": name, "bytes": came, "is_whole": is_whole, "why": why})
        except OSError:
            pass  # the worker has gone

    def _check_room(self) -> None:
        if len(self._open) >= MAX_OPEN:
            raise Failure(
                "QUOTA_EXCEEDED", f"{MAX_OPEN} reads and writes of this session are under way, its bound; retry later"
            )
