"""What Python says on stderr by itself, without the frames of ours that it has come upon."""

from __future__ import annotations

import sys
import traceback
import warnings
from types import TracebackType
from typing import Any, Optional

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.own import FOLDER, is_ours

_format_warning = warnings.formatwarning
_print_exception = traceback.print_exception


def install() -> None:
    """Until the user's code sets others."""
    warnings.formatwarning = _formatted
    sys.unraisablehook = _on_unraisable


def without_ours(trace: Optional[TracebackType]) -> Optional[TracebackType]:
    """The same traceback of the user's frames alone."""
    kept = []
    while trace is not None:
        if not is_ours(trace.tb_frame.f_code):
            kept.append(trace)
        trace = trace.tb_next
    last = None
    for each in reversed(kept):
        last = TracebackType(last, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return last


def _formatted(message: Any, category: Any, filename: str, lineno: int, line: Optional[str] = None) -> str:
    # What stands above a cell is nobody's: as Python has it for a script.
    if filename.startswith(FOLDER):
        return _format_warning(message, category, "sys", 1, "")
    return _format_warning(message, category, filename, lineno, line)


def _on_unraisable(unraisable: Any) -> None:
    stderr = sys.stderr
    if stderr is None:
        return
    said = unraisable.err_msg or "Exception ignored in"
    about = unraisable.object
    try:
        stderr.write(f"{said}: {about!r}\n" if about is not None else f"{said}:\n")
    except Exception:
        stderr.write(f"{said}: <object repr() failed>\n")
    trace = without_ours(unraisable.exc_traceback)
    _print_exception(unraisable.exc_type, unraisable.exc_value, trace, file=stderr)
    stderr.flush()
