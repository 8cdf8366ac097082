"""A cell: source text to code, and the rules of a Python prompt about what its result is."""

from __future__ import annotations
import __future__ as future_features

import ast
import linecache
from collections import deque
from types import CodeType
from typing import Any, Callable, Coroutine, Deque, Dict, List, NamedTuple, Optional

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

_ONLY_AST = ast.PyCF_ONLY_AST
_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_FUTURE = 0
for _name in future_features.all_feature_names:
    _FUTURE |= getattr(future_features, _name).compiler_flag
_BLANKS = ("", " ", "\t", "\f")
_NO_LOOP = ("no running event loop", "There is no current event loop")
_COROUTINE = 0x80  # inspect.CO_COROUTINE
_Expr, _Expression = ast.Expr, ast.Expression
_sources = linecache.cache
_MAX_PLAIN_SOURCES = 100


class Cell(NamedTuple):
    """Compiled code: what runs first, and the last expression if there is one."""

    filename: str
    body: Optional[CodeType]
    result: Optional[CodeType]

    @property
    def awaits(self) -> bool:
        """Whether it awaits at its top level."""
        return any(code is not None and code.co_flags & _COROUTINE for code in (self.body, self.result))


class Compiler:
    """Compiles the cells of one session; `from __future__ import` counts from its cell on."""

    def __init__(self) -> None:
        self._flags = 0

    def compile(self, source: str, filename: str) -> Cell:
        """Raises what `compile` raises."""
        # Most cells of programs are one expression: compiled as that, they need no tree. (One that begins with a blank
        # is an indented statement, which "eval" would let pass.)
        if "\n" not in source and source[:1] not in _BLANKS:
            try:
                result = compile(source, filename, "eval", _AWAIT | self._flags, True)
                return Cell(filename, None, result)
            except SyntaxError:
                pass
        tree = compile(source, filename, "exec", _ONLY_AST | _AWAIT | self._flags, True)
        body = tree.body
        last = body.pop() if body and type(body[-1]) is _Expr else None
        first = result = None
        if body:
            first = compile(tree, filename, "exec", _AWAIT | self._flags, True)
            self._flags |= first.co_flags & _FUTURE
        if last is not None:
            result = compile(_Expression(last.value), filename, "eval", _AWAIT | self._flags, True)
        return Cell(filename, first, result)


class Sources:
    """Lets tracebacks and `inspect` find the lines of cells, without keeping every line that ever ran."""

    def __init__(self) -> None:
        self._plain: Deque[str] = deque()

    def add(self, source: str, filename: str) -> None:
        """Remember a cell's lines."""
        _sources[filename] = (len(source), None, source.splitlines(True), filename)

    def clear(self) -> None:
        """Forget the lines of all cells that may be forgotten."""
        while self._plain:
            _sources.pop(self._plain.popleft(), None)

    def settle(self, filename: str, cell: Optional[Cell]) -> None:
        """A cell has run. One that defined no function, class or comprehension left no code that needs its lines, but
        an exception may still be looked at: the last of such are kept.
        """
        for code in (cell.body, cell.result) if cell is not None else ():
            if code is not None and any(type(constant) is CodeType for constant in code.co_consts):
                return
        self._plain.append(filename)
        if len(self._plain) > _MAX_PLAIN_SOURCES:
            _sources.pop(self._plain.popleft(), None)


def run(cell: Cell, namespace: Dict[str, Any]) -> Any:
    """Run a cell that does not await; its result, or None."""
    if cell.body is not None:
        eval(cell.body, namespace)
    if cell.result is not None:
        return eval(cell.result, namespace)
    return None


async def run_awaiting(cell: Cell, namespace: Dict[str, Any]) -> Any:
    """Run a cell that awaits, as one task; its result, or None."""
    result = None
    for code in (cell.body, cell.result):
        if code is not None:
            result = eval(code, namespace)
            if code.co_flags & _COROUTINE:
                result = await result
    return result if cell.result is not None else None


def call(function: Callable[..., Any], args: List[Any], kwargs: Dict[str, Any]) -> Any:
    """Call a function of the user's, from where a traceback begins."""
    return function(*args, **kwargs)


async def awaited(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine of the user's gives, from where a traceback begins."""
    return await coroutine


def hint_for_loop(error: RuntimeError) -> str:
    """One sentence for a plain cell's error, where it wanted the event loop, or nothing."""
    message = error.args[0] if type(error) is RuntimeError and len(error.args) == 1 else None
    if type(message) is not str or not message.startswith(_NO_LOOP):
        return ""
    return (
        "the session's event loop runs while a cell awaits, and between cells: "
        "begin the cell with `await asyncio.sleep(0)`, or run a coroutine to its end with asyncio.run()"
    )


def hint_for(source: str, line_number: Optional[int]) -> str:
    """One sentence for source that did not compile at this line, or nothing."""
    lines = source.splitlines()
    line = lines[line_number - 1].strip() if line_number and line_number <= len(lines) else ""
    if line.startswith(("!pip", "%pip", "! pip", "!uv ", "%uv ", "%conda", "!conda")):
        return (
            "packages are installed into the environment, not from code: "
            "use the gateway's package operations (VenvService), then open a new session"
        )
    if line.startswith("!"):
        return f"shell commands are no Python: use subprocess.run({line[1:].strip()[:80]!r}, shell=True)"
    if line.startswith("%"):
        return "magic commands belong to IPython and are not known here: use Python instead"
    return ""
