"""Where every thread is."""

from __future__ import annotations

import linecache
import sys
import threading
from _thread import get_ident
from types import FrameType
from typing import Any, Dict, List, Optional

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.own import FOLDER, is_ours
from beep_session.text import bounded

_MAX_FRAMES = 100
_MAX_THREADS = 256

# All that called these is ours too, or started us.
_START_FILES = (FOLDER + "cell.py", FOLDER + "session.py")

_current_frames = sys._current_frames
_get_line = linecache.getline
_main = threading.main_thread
# The table itself: `threading.enumerate` takes a lock that the user's code may hold.
_threads: Dict[int, Any] = threading._active  # type: ignore[attr-defined]


def thread_stacks() -> List[Dict[str, Any]]:
    """All threads but ours, the main one first."""
    main = _main().ident
    stacks = []
    for ident, frame in list(_current_frames().items())[:_MAX_THREADS]:
        frames = _frames(frame)
        if ident == get_ident() or (not frames and ident != main):
            continue
        thread = _threads.get(ident)
        name = getattr(thread, "name", None)
        stacks.append(
            {
                "name": bounded(name, 200) if type(name) is str else f"thread {ident}",
                "main": ident == main,
                "frames": frames,
            }
        )
    stacks.sort(key=lambda stack: not stack["main"])
    return stacks


def _frames(frame: Optional[FrameType]) -> List[Dict[str, Any]]:
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
                    "source": bounded(_get_line(code.co_filename, line).strip(), 4096),
                }
            )
        frame = frame.f_back
    frames.reverse()
    return frames
