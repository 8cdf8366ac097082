"""input() and getpass(): they read a line of sys.stdin, and tell it what to ask for it with."""

from __future__ import annotations

import sys
from typing import Any, Optional

from beep_session.input import Input
from beep_session.own import BUILTINS as __builtins__  # noqa: F401

_input: Optional[Input] = None


def install(source: Input) -> None:
    """Let the functions of this module read here."""
    global _input
    _input = source


def ask_line(prompt: Any = "", /) -> str:
    """Read a line of input. Raises EOFError where the execution has none, or no more."""
    return _answer("input", prompt, sys.stdout, False)


def ask_password(prompt: str = "Password: ", stream: Any = None) -> str:
    """Read a line of input that is not shown. Raises EOFError where the execution has none, or no more."""
    return _answer("getpass", prompt, sys.stderr if stream is None else stream, True)


def _answer(name: str, prompt: Any, output: Any, password: bool) -> str:
    stdin, source = sys.stdin, _input
    if stdin is None:
        raise RuntimeError(f"{name}() has nothing to read: sys.stdin is None")
    text = str(prompt)
    if text and output is not None:
        output.write(text)
        output.flush()
    if source is None or not source.owns(stdin):
        return _without_end(stdin.readline())  # one of the user's own
    source.check(name)
    try:
        source.question = (text, password)
        return _without_end(stdin.readline())
    finally:
        source.question = ("", False)


def _without_end(line: str) -> str:
    if not line:
        raise EOFError("EOF when reading a line")
    return line[:-1] if line[-1] == "\n" else line


ask_line.__name__ = ask_line.__qualname__ = "input"
ask_password.__name__ = ask_password.__qualname__ = "getpass"
