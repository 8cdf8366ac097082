"""input() and getpass(): they ask the worker."""

from __future__ import annotations

import sys
from typing import Any, Callable, Optional

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

Ask = Callable[[str, bool], str]

_ask: Optional[Ask] = None


def install(ask: Ask) -> None:
    """Let the functions of this module ask here."""
    global _ask
    _ask = ask


def ask_line(prompt: Any = "", /) -> str:
    """Read a line of input. Raises EOFError where the execution has none."""
    return _answer(prompt, False)


def ask_password(prompt: str = "Password: ", stream: Any = None) -> str:
    """Read a line of input that is not shown. Raises EOFError where the execution has none."""
    return _answer(prompt, True)


def _answer(prompt: Any, password: bool) -> str:
    text = str(prompt)
    if text and sys.stdout is not None:
        sys.stdout.write(text)
        sys.stdout.flush()
    if _ask is None:
        raise EOFError("there is no session to ask for input")
    return _ask(text, password)


ask_line.__name__ = ask_line.__qualname__ = "input"
ask_password.__name__ = ask_password.__qualname__ = "getpass"
