"""How an execution ends: from what its session says, from its process's death, and from who asked for the end."""

from __future__ import annotations

from dataclasses import dataclass
from signal import SIGINT, Signals
from typing import Any

from beep.python.v1 import error_pb2, execute_pb2
from beep_worker import encode
from beep_worker.exit_status import ExitStatus
from beep_worker.frames import Frame, FrameError
from beep_worker.ladder import Cause, Ladder

_OUTCOMES: dict[object, execute_pb2.Outcome] = {
    "ok": execute_pb2.OUTCOME_OK,
    "error": execute_pb2.OUTCOME_ERROR,
    "interrupted": execute_pb2.OUTCOME_ERROR,  # unless it was us: then the ladder says what it is
    "exited": execute_pb2.OUTCOME_EXITED,
}


# That come with one end; a session of ours sends fewer.
MAX_NOTICES = 100

# What is told of a long text.
MAX_TEXT_CHARS = 64 * 1024


@dataclass(frozen=True)
class Ending:
    """Outcome, and what goes with it."""

    outcome: execute_pb2.Outcome
    message: str = ""
    exit_code: int | None = None
    signal: int | None = None


@dataclass(frozen=True)
class LastWords:
    """All that an `end` frame says, known to be sound before any of it is told."""

    ending: Ending
    notices: list[execute_pb2.Notice]
    error: error_pb2.PythonError | None
    result: execute_pb2.CellResult | None


def ending_of(header: dict[str, Any], ladder: Ladder | None) -> Ending:
    """How an `end` frame says that an item ended. Raises FrameError and what a wrong type raises."""
    said = header["outcome"]
    if said not in _OUTCOMES:
        raise FrameError(f"unknown outcome {said!r}")
    exit_code = _exit_code(header["exit_code"]) if said == "exited" else None
    exit_text = (header.get("exit_text") or "")[:MAX_TEXT_CHARS]
    exit_text.encode("utf-8")
    # Code that ends by itself after an interrupt is as it is; after its time was up it is TIMEOUT all the same.
    if ladder is not None and (ladder.cause is not Cause.INTERRUPT or said == "interrupted" or _is_interrupt(header)):
        return Ending(ladder.cause.value, ladder.message)
    return Ending(_OUTCOMES[said], exit_text, exit_code)


def last_words(
    frame: Frame, ladder: Ladder | None, max_event_bytes: int, session_id: str, generation: int
) -> LastWords:
    """The `end` frame of an execution taken apart. Raises FrameError and what `encode` raises."""
    header, blobs = frame.header, frame.blobs
    notices = header.get("notices", ())
    if len(notices) > MAX_NOTICES:
        raise FrameError(f"{len(notices)} notices with one end")
    words = LastWords(
        ending_of(header, ladder),
        notices=[encode.warning(text) for text in notices],
        error=encode.python_error(header["error"], blobs) if header.get("error") else None,
        result=encode.cell_result(header, blobs, session_id, generation) if header["outcome"] == "ok" else None,
    )
    if words.error is not None and words.error.ByteSize() > max_event_bytes:
        raise FrameError(f"an error of {words.error.ByteSize()} bytes")
    if words.result is not None and words.result.ByteSize() > max_event_bytes:
        size = words.result.ByteSize()
        words.result.ClearField("value")
        words.result.ClearField("bundle")
        words.result.text = words.result.text[:MAX_TEXT_CHARS]
        words.notices.append(encode.warning(f"the result takes {size} bytes: at most {max_event_bytes} are sent"))
    return words


def _is_interrupt(header: dict[str, Any]) -> bool:
    """Whether a KeyboardInterrupt left the code, by whichever handler of the signal it was raised."""
    error = header.get("error") or {}
    return bool(error.get("type_name") == "KeyboardInterrupt" and error.get("module") == "builtins")


def _exit_code(code: object) -> int:
    if type(code) is not int:
        raise FrameError("an exit code that is no number")
    return code if -(1 << 31) <= code < 1 << 31 else code & 0xFF  # as the system does with what it has no room for


def of_death(status: ExitStatus, ladder: Ladder | None, text: str) -> Ending:
    """The end of an execution whose process is gone. `text` says how it went."""
    if ladder is not None and (
        ladder.has_killed or ladder.cause is not Cause.INTERRUPT or status.signal == SIGINT  # ours: the first rung
    ):
        return Ending(ladder.cause.value, ladder.message)
    outcome = execute_pb2.OUTCOME_EXITED if status.signal is None else execute_pb2.OUTCOME_KILLED
    return Ending(outcome, text, status.exit_code, status.signal)


def describe(status: ExitStatus) -> str:
    """How a process ended, for people."""
    if status.signal is None:
        return f"its process ended with exit code {status.exit_code}"
    try:
        return f"its process was killed by {Signals(status.signal).name}"
    except ValueError:
        return f"its process was killed by signal {status.signal}"
