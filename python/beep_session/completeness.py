"""Whether code can be run as it is, as a prompt must know: it is compiled, and never run."""

from __future__ import annotations

import ast
import codeop
import warnings
from typing import Any, Dict, Optional

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

_FILENAME = "<check>"
_UNIT = "    "
# What may stand in a block.
_BODIES = ("pass", "case _: pass")

_AWAIT, _ONLY_AST = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, ast.PyCF_ONLY_AST
# From 3.11 on the compiler itself says that more has to follow.
_CAN_TELL: int = getattr(codeop, "PyCF_ALLOW_INCOMPLETE_INPUT", 0)
_FLAGS = _AWAIT | _CAN_TELL | (getattr(codeop, "PyCF_DONT_IMPLY_DEDENT", 0) if _CAN_TELL else 0)
# Errors that have to do with the end of the code, before 3.11.
_AT_THE_END = ("was never closed", "EOF", "unterminated triple-quoted", "expected an indented block")


def silence_warnings() -> None:
    """Compiling warns of doubtful code, into the output of whatever runs: when it is run is early enough."""
    warnings.filterwarnings("ignore", module=f"^{_FILENAME}$")


def completeness(header: Dict[str, Any]) -> Dict[str, Any]:
    """The answer to one question: `complete`, `invalid`, or `incomplete` and the white space that comes next."""
    source: str = header["code"]
    state = _state(source)
    if state == "complete" and _is_in_block(source):
        state = "incomplete"
    return {"state": state, "indent": _next_indent(source) if state == "incomplete" else ""}


def _state(source: str) -> str:
    error = _error(source + "\n")
    if error is None:
        return "complete"
    if _CAN_TELL:
        return "incomplete" if "incomplete input" in str(error) else "invalid"
    # What a further line changes was about the end.
    is_at_end = repr(_error(source + "\n\n")) != repr(error) or any(text in str(error) for text in _AT_THE_END)
    return "incomplete" if isinstance(error, SyntaxError) and is_at_end else "invalid"


def _error(source: str) -> Optional[Exception]:
    try:
        compile(source, _FILENAME, "exec", _FLAGS, True)
    except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError) as error:
        return error
    return None


def _is_in_block(source: str) -> bool:
    """Whether the last line belongs to a block that may go on: an empty line ends it."""
    last_line = source.rsplit("\n", 1)[-1]
    if not last_line.strip() or last_line[0] not in " \t":
        return False
    body = compile(source + "\n", _FILENAME, "exec", _AWAIT | _ONLY_AST, True).body
    return bool(body) and hasattr(body[-1], "body")


def _next_indent(source: str) -> str:
    line = next((line for line in reversed(source.split("\n")) if line.strip()), "")
    indent = line[: len(line) - len(line.lstrip())]
    deeper = indent + ("\t" if indent.endswith("\t") else _UNIT)
    if _state(f"{source}\n{deeper}$") != "invalid":
        return ""  # within a text, where white space would be a part of it
    opens_block = any(_state(f"{source}\n{deeper}{body}") != "invalid" for body in _BODIES)
    return deeper if opens_block else indent
