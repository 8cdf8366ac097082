"""The files that events are moved to when a log outgrows its place in memory: each is written once.

All I/O is done beside the event loop. A disk that takes no more is no error: a log that is told so keeps less.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

log = logging.getLogger("beep_worker.log_files")

# That one write takes.
_MAX_PIECES = os.sysconf("SC_IOV_MAX")

# What is always left to others: so much, or a twentieth of a disk that is smaller than twenty times that.
RESERVE_BYTES = 1 << 30
RESERVE_SHARE = 20

# After a refusal the disk is not asked again for so long, unless something was removed meanwhile.
RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file that is there."""

    number: int
    size: int


class LogFiles:
    """All of one worker's, in a folder of its own and under one bound."""

    def __init__(self, folder: str, max_bytes: int) -> None:
        self.size = 0
        # Removes files of a log that can do without, the oldest first, and says whether there was one.
        self.evict: Callable[[], bool] = lambda: False
        self._folder = folder
        self._max_bytes = max_bytes
        self._numbers = itertools.count(1)
        self._refused_until = 0.0
        self._has_complained = False
        # One thread for what changes the folder, so that what was removed has made room for what is written next.
        self._writer = ThreadPoolExecutor(1, "log writer")
        self._readers = ThreadPoolExecutor(2, "log reader")
        os.makedirs(folder, mode=0o700, exist_ok=True)

    def write(self, pieces: Sequence[bytes], on_done: Callable[[LogFile | None], None]) -> bool:
        """Begins to write a file; `on_done` is called with it, or with None where the disk took no more.

        False: there is no room now, and `on_done` is never called.
        """
        loop = asyncio.get_running_loop()
        size = sum(map(len, pieces))
        while self.size + size > self._max_bytes:
            if not self.evict():
                return False
        if self._refused_until > loop.time():
            return False
        file = LogFile(next(self._numbers), size)
        self.size += size
        writing = loop.run_in_executor(self._writer, _write, self._folder, self._path(file), pieces, size)

        def done(written: asyncio.Future[None]) -> None:
            error = written.exception()
            if error is not None:
                self._refuse(file, error)
            on_done(None if error else file)

        writing.add_done_callback(done)
        return True

    async def read(self, file: LogFile, offset: int, size: int) -> bytes:
        """Some bytes of a file, fewer only at its end. Raises OSError where it is not there as it was written."""
        size = min(size, file.size - offset)
        return await asyncio.get_running_loop().run_in_executor(self._readers, _read, self._path(file), offset, size)

    def remove(self, file: LogFile) -> None:
        """Gives its room back."""
        self.size -= file.size
        self._refused_until = 0.0
        self._writer.submit(_remove, self._path(file))

    def _refuse(self, file: LogFile, error: BaseException) -> None:
        self.size -= file.size
        if not self._has_complained:
            self._has_complained = True
            what = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
            log.warning("events are kept in memory alone while the disk takes no more: %s", what)
        if not self.evict():
            self._refused_until = asyncio.get_running_loop().time() + RETRY_S

    def _path(self, file: LogFile) -> str:
        return f"{self._folder}/{file.number}"


def _write(folder: str, path: str, pieces: Sequence[bytes], size: int) -> None:
    disk = os.statvfs(folder)
    reserve = min(RESERVE_BYTES, disk.f_blocks * disk.f_frsize // RESERVE_SHARE)
    if disk.f_bavail * disk.f_frsize - size < reserve:
        raise OSError(errno.ENOSPC, "the rest of the disk is left to others")
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        for at in range(0, len(pieces), _MAX_PIECES):
            _write_all(fd, pieces[at : at + _MAX_PIECES])
    except BaseException:
        _remove(path)
        raise
    finally:
        os.close(fd)


def _write_all(fd: int, pieces: Sequence[bytes]) -> None:
    written = os.writev(fd, pieces)
    if written < sum(map(len, pieces)):
        data = memoryview(b"".join(pieces))[written:]
        while data:
            data = data[os.write(fd, data) :]


def _read(path: str, offset: int, size: int) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.pread(fd, size, offset)
    finally:
        os.close(fd)
    if len(data) != size:
        raise OSError(errno.EIO, "the file is not as it was written")
    return data


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # whoever took it away has done what was wanted
