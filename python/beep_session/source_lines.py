"""One line of a source file, or of a cell: without imports, locks, or loaders of the user's."""

from __future__ import annotations

import linecache
import os
import stat
from typing import Any, Dict

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.statically import find

_MAX_FILE_BYTES = 1 << 20

_cache: Dict[Any, Any] = linecache.cache
_open, _read, _close, _fstat = os.open, os.read, os.close, os.fstat
_is_regular = stat.S_ISREG
# A file name may be anybody's, and opening a pipe waits.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class SourceLines:
    """Looks lines up for one answer: each file is read once, and only so many are."""

    def __init__(self, max_files: int = 8) -> None:
        self._left = max_files
        self._files: Dict[str, Any] = {}

    def line(self, file: str, number: int) -> str:
        """The line without its margins, or nothing."""
        if number < 1:
            return ""
        cached = find(_cache, file)
        if type(cached) is tuple and len(cached) == 4 and type(cached[2]) is list:
            lines = cached[2]
            text = lines[number - 1] if number <= len(lines) else ""
            return text.strip() if type(text) is str else ""
        if not file.startswith("/"):
            return ""
        if file not in self._files and self._left > 0:
            self._left -= 1
            self._files[file] = _contents(file).split(b"\n")
        lines = self._files.get(file, ())
        return str(lines[number - 1], "utf-8", "replace").strip() if number <= len(lines) else ""


def _contents(path: str) -> bytes:
    try:
        fd = _open(path, _FLAGS)
    except (OSError, ValueError):
        return b""
    try:
        return _read(fd, _MAX_FILE_BYTES) if _is_regular(_fstat(fd).st_mode) else b""
    except OSError:
        return b""
    finally:
        _close(fd)
