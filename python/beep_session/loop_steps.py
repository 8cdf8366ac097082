"""Where an event loop must not be interrupted: an exception there loses a callback for good, and what waits for it."""

from __future__ import annotations

import os
import sys
from asyncio import base_events, events, futures, tasks
from types import CodeType, FrameType, FunctionType
from typing import Any, Callable, FrozenSet, Mapping, Optional

from beep_session.own import BUILTINS as __builtins__  # noqa: F401


def is_loop_step(frame: FrameType) -> bool:
    """Whether a loop is between a callback's leaving its queue and its run, or begins or ends to run."""
    step: Optional[FrameType] = frame
    while step is not None:
        if step.f_code in _loop_steps:
            return True
        name = step.f_code.co_filename
        if _PYTHON_LIBRARY is None or not name.startswith(_PYTHON_LIBRARY) or "-packages" in name:
            break
        step = step.f_back
    return False


def call_soon(frame: FrameType, callback: Callable[[], None]) -> bool:
    """Have the loop call back that runs in the frame, or below it; whether there is one."""
    running: Optional[FrameType] = frame
    while running is not None and running.f_code not in _loop_runs:
        running = running.f_back
    if running is None:
        return False
    try:
        running.f_locals["self"].call_soon_threadsafe(callback)
    except (KeyError, AttributeError, RuntimeError):
        return False  # it has been closed
    return True


def _codes_of(attributes: Mapping[str, Any], *names: str) -> FrozenSet[CodeType]:
    """Of those that are written in Python."""
    functions = (attributes.get(name) for name in names)
    return frozenset(function.__code__ for function in functions if isinstance(function, FunctionType))


# One that is interrupted while it begins or ends to run would be left as one that runs for ever.
_loop_runs = _codes_of(
    vars(base_events.BaseEventLoop), "_run_once", "run_forever", "_run_forever_setup", "_run_forever_cleanup"
)
_loop_steps = _loop_runs | _codes_of(vars(events.Handle), "_run")
# PyPy has more of it in Python: tasks and futures, and what the loop's steps call.
_PYTHON_LIBRARY = os.path.dirname(os.__file__) + os.sep if sys.implementation.name == "pypy" else None
if _PYTHON_LIBRARY:
    for _kind in (tasks.Task, futures.Future):
        _loop_steps |= _codes_of(vars(_kind), *vars(_kind))
