"""Where every thread is."""

from __future__ import annotations

import sys
import threading
from _thread import get_ident
from types import FrameType
from typing import Any, Dict, List, Optional

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.own import FOLDER, is_ours
from beep_session.source_lines import SourceLines
from beep_session.statically import find, items_of, own_entries
from beep_session.text import bounded

_MAX_FRAMES = 100
_MAX_THREADS = 256

# All that called these is ours too, or started us.
_START_FILES = (FOLDER + "cell.py", FOLDER + "session.py")

_current_frames = sys._current_frames
# A fork keeps it.
_main = get_ident()
# The table itself: `threading.enumerate` takes a lock that the user's code may hold.
_threads: Dict[int, Any] = threading._active  # type: ignore[attr-defined]


def thread_stacks() -> List[Dict[str, Any]]:
    """All threads but ours, the main one first."""
    lines = SourceLines()
    known = {ident: thread for ident, thread in items_of(_threads) if type(ident) is int}
    stacks = []
    found = sorted(items_of(_current_frames()), key=lambda item: item[0] != _main)
    for ident, frame in found[:_MAX_THREADS]:
        frames = _frames(frame, lines)
        if ident == get_ident() or (not frames and ident != _main):
            continue
        stacks.append({"name": _name_of(ident, known.get(ident)), "main": ident == _main, "frames": frames})
    return stacks


def _name_of(ident: int, thread: Any) -> str:
    # A thread of a class of the user's may have a property of that name.
    entries = own_entries(thread)
    name = None if entries is None else find(entries, "_name")
    return bounded(name, 200) if type(name) is str else f"thread {ident}"


def _frames(frame: Optional[FrameType], lines: SourceLines) -> List[Dict[str, Any]]:
    """Innermost last, without ours."""
    frames: List[Dict[str, Any]] = []
    while frame is not None and len(frames) < _MAX_FRAMES:
        code = frame.f_code
        if code.co_filename in _START_FILES:
            break
        if not is_ours(code):
            line = frame.f_lineno or 0
            frames.append(
                {
                    "file": bounded(code.co_filename, 4096),
                    "line": line,
                    "function": bounded(code.co_name, 4096),
                    "source": bounded(lines.line(code.co_filename, line), 4096),
                }
            )
        frame = frame.f_back
    frames.reverse()
    return frames
