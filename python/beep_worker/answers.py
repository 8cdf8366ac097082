"""Questions to a session process, and its answers, which are believed only as far as they are what they should be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from beep_worker.frames import FrameError
from beep_worker.process import SessionProcess
from beep_worker.questions import ProcessGone, Unanswered
from beep_worker.refusal import Refusal
from beep_worker.session import Session

# Beside a busy loop an answer takes a few milliseconds. Where there is none by then, C code holds the interpreter.
ANSWER_S = 1.0

NOT_THERE = "what answers in it is not there"

# Longer code is read beside the event loop.
_MAX_CODE_AT_ONCE = 4096

# A name, its kind, its signature.
Row = tuple[str, str, str]

_A = TypeVar("_A")


async def ask(session: Session, process: SessionProcess, header: dict[str, Any]) -> dict[str, Any]:
    """The answer of a session. Raises Refusal where it is not in time, and ProcessGone."""
    try:
        return await process.questions.ask(header, ANSWER_S)
    except Unanswered:
        why = NOT_THERE
        for thread in await session.stacks(process):
            if thread.frames and not process.questions.is_deaf:
                last = thread.frames[-1]
                why = f"C code holds its interpreter, called in {last.function} ({last.file}, line {last.line})"
                break
        raise unresponsive(session, why) from None


class checked:
    """Whatever of an answer is not as it should be is the session's doing, and the session's end."""

    def __init__(self, process: SessionProcess) -> None:
        self._process = process

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        if isinstance(error, (FrameError, KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError)):
            self._process.questions.on_breach(f"it sent what is no answer of ours ({type(error).__name__}: {error})")
            raise ProcessGone from error


def rows_of(rows: Any) -> list[Row]:
    """Names with their kinds and signatures."""
    return [(_text(name), _text(kind), _text(signature)) for name, kind, signature in rows]


def texts_of(values: Any) -> list[str]:
    """A list of texts."""
    return [_text(value) for value in values]


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError("a text that is none")
    value.encode()  # a lone surrogate cannot be sent on
    return value


async def beside(size: int, function: Callable[..., _A], *arguments: Any) -> _A:
    """Reads code, in a thread where it is long."""
    return function(*arguments) if size <= _MAX_CODE_AT_ONCE else await asyncio.to_thread(function, *arguments)


def unresponsive(session: Session, why: str) -> Refusal:
    """A session that does not tell in time."""
    return Refusal(
        "SESSION_UNRESPONSIVE",
        f"session {session.identity.id} did not answer within {ANSWER_S:g} s: {why}; try again later, or interrupt it",
        retry_after_ms=1000,
        session_id=session.identity.id,
    )
