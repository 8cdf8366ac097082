"""What the running item reads: nothing, the bytes that came with it, or what its caller answers when it asks."""

from __future__ import annotations

import os
import sys
from _thread import get_ident
from io import BufferedReader, FileIO, RawIOBase, TextIOWrapper
from typing import Any, Optional, Tuple

from beep_session.channel import Channel
from beep_session.frames import Frame
from beep_session.interrupts import Interrupts, open_to_interrupts
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.streams import Streams
from beep_session.text import plain

_open, _close, _dup2, _write, _seek, _unlink = os.open, os.close, os.dup2, os.write, os.lseek, os.unlink
_DEVNULL, _READ, _NEW = os.devnull, os.O_RDONLY, os.O_RDWR | os.O_CREAT | os.O_EXCL
_environ, _urandom = os.environ, os.urandom
_memfd_create = getattr(os, "memfd_create", None)

_MAX_PROMPT_CHARS = 4096


class Input:
    """Between items, and for one that has no input, fd 0 is the null device."""

    def __init__(self, channel: Channel, interrupts: Interrupts, streams: Streams) -> None:
        self._channel = channel
        self._interrupts = interrupts
        self._streams = streams
        self._main = get_ident()
        # The one that this item was given; None: it has no input.
        self._stdin: Optional[TextIOWrapper] = None
        self._former: Any = None
        self._is_interactive = False
        self._has_ended = False
        self._has_file = False
        self._unread = b""
        # Prompt, and whether it is for a password, of what is asked next.
        self.question: Tuple[str, bool] = ("", False)

    def begin(self, frame: Frame) -> None:
        """An item starts. Raises OSError where its input cannot be kept in a file."""
        given = frame.header.get("input")
        if given is None:
            return
        if given == "interactive":
            self._is_interactive, self._has_ended = True, False
            raw: RawIOBase = _Asking(self)
        else:
            self._has_file = True
            _become_input(frame.blobs[given["blob"]])
            raw = FileIO(0, "r", closefd=False)
        self._stdin = TextIOWrapper(BufferedReader(raw), "utf-8", "surrogateescape")
        self._former = sys.stdin, sys.__stdin__
        sys.stdin = sys.__stdin__ = self._stdin  # type: ignore[misc]

    def end(self) -> None:
        """An item has ended: nothing of its input is left to the next."""
        if self._has_file:
            self._has_file = False
            _restore_null()
        stdin, self._stdin = self._stdin, None
        if stdin is None:
            return
        former, self._former = self._former, None
        if sys.stdin is stdin:
            sys.stdin = former[0]
        if sys.__stdin__ is stdin:
            sys.__stdin__ = former[1]  # type: ignore[misc]
        self._is_interactive = False
        self._unread = b""

    def owns(self, stdin: Any) -> bool:
        """Whether a sys.stdin is ours, and not one that the user made."""
        return stdin is self._stdin or stdin is self._streams.stdin

    def check(self, name: str) -> None:
        """Raises EOFError and RuntimeError where there is nothing to wait for."""
        if self._stdin is None:
            raise EOFError(
                f"{name}() has nothing to read: this execution has no input; give it stdin, or run it interactively"
            )
        if self._is_interactive and not self._channel.is_closed:
            self._check_thread()

    def _check_thread(self) -> None:
        if get_ident() != self._main:
            raise RuntimeError("input is asked for in the main thread only: read it there and hand it to this one")

    @open_to_interrupts
    def read(self, buffer: Any) -> int:
        """Put what the caller answers into a buffer; asks if there is nothing left. 0: end of file."""
        if not self._unread:
            self._await_more()
        part = self._unread[: len(buffer)]
        buffer[: len(part)] = part
        self._unread = self._unread[len(part) :]
        return len(part)

    def _await_more(self) -> None:
        channel = self._channel
        # In a child of the user's, and in what another item has left, there is nobody to ask.
        if channel.is_closed or not self._is_interactive or self._interrupts.running is None:
            return
        self._check_thread()
        if self._has_ended:
            return
        prompt, password = self.question
        self.question = ("", password)
        if not channel.ask(plain(prompt)[:_MAX_PROMPT_CHARS], password):
            raise RuntimeError("input cannot be asked for here: this interrupted another wait for the worker")
        frame = channel.inputs.pop(0)
        self._unread = frame.blobs[0]
        self._has_ended = bool(frame.header.get("eof"))
        self._interrupts.leave()


class _Asking(RawIOBase):
    """The bytes below an interactive sys.stdin."""

    name = "<stdin>"
    mode = "rb"

    def __init__(self, source: Input) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 0  # the null device: end of file for children and C code

    @open_to_interrupts
    def readinto(self, buffer: Any) -> int:
        if self.closed:
            raise ValueError("I/O operation on closed file.")
        return self._source.read(buffer)


def _become_input(data: bytes) -> None:
    fd = _make_file()
    try:
        view = memoryview(data)
        while view:
            view = view[_write(fd, view) :]
        _seek(fd, 0, 0)
        _dup2(fd, 0)
    finally:
        _close(fd)


def _make_file() -> int:
    """A file without a name."""
    if _memfd_create is not None:
        fd: int = _memfd_create("stdin")
        return fd
    path = f"{_environ.get('TMPDIR', '/tmp')}/stdin-{_urandom(16).hex()}"
    fd = _open(path, _NEW, 0o600)
    _unlink(path)
    return fd


def _restore_null() -> None:
    try:
        null = _open(_DEVNULL, _READ)
    except OSError:
        _close(0)  # the user has all descriptors that there may be: the next one opened is this number
        null = _open(_DEVNULL, _READ)
    if null != 0:
        _dup2(null, 0)
        _close(null)
