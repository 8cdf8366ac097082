"""What stands at a place in a piece of code: what is to be completed there, or looked up."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field

from beep_worker.bindings import bindings_at
from beep_worker.chains import MAX_DEPTH, Binding, Chain, chain_of
from beep_worker.unfinished import Unfinished

# So much before the place and behind it is looked at: all of any cell that a person writes. Parsing takes a
# millisecond for each of these, during which the worker does nothing else.
MAX_CODE = 16 * 1024

# Stands for the name that is being written, so that the code around it can be parsed.
_MARK = "beep_place_"

_NAME_BEFORE = re.compile(r"[^\W\d]\w*\Z")
_NAME_AFTER = re.compile(r"\w*")
_IMPORT = re.compile(r"^\s*import\s+(?:.*,\s*)?([\w.]*)$")
_FROM = re.compile(r"^\s*from\s+([\w.]*)$")
_FROM_IMPORT = re.compile(r"^\s*from\s+(\.*[\w.]*)\s+import\s+\(?(?:[^()]*,)?\s*(\w*)$", re.DOTALL)
_GLOBAL = re.compile(r"^\s*(?:global|nonlocal)\s+(?:\w+\s*,\s*)*\w*$")
_CHAIN_BEFORE = re.compile(r"((?:[^\W\d]\w*\.)*)([^\W\d]\w*)?\Z")


@dataclass
class Place:
    """`kind` is name, attribute, module (of an import), member (of a module, in `from x import`), key or nothing."""

    kind: str = "nothing"
    # What is there already, and where in the code it begins.
    prefix: str = ""
    start: int = 0
    # What stands before the dot or the bracket; None: it says nothing.
    chain: Chain | None = None
    # What is called, where the place is among its arguments, and what the code says of its parameters.
    call: Chain | None = None
    parameters: tuple[str, ...] = ()
    # Name of the module.
    module: str = ""
    names: dict[str, Binding] = field(default_factory=dict)
    # What follows a key: the quote and bracket that are still missing.
    quote: str = ""


def place_to_complete(code: str, cursor: int) -> Place:
    """The place where something is being written."""
    skipped = _skipped(code, cursor)
    place = _place_in(code[skipped:cursor], code[cursor : cursor + MAX_CODE])
    place.start = cursor if place.kind == "nothing" else place.start + skipped
    return place


def place_to_inspect(code: str, cursor: int) -> Place:
    """The name that the cursor is on or behind; else what is called around it."""
    after = _NAME_AFTER.match(code, cursor)
    end = after.end() if after is not None else cursor
    skipped = _skipped(code, end)
    before = code[skipped:end]
    name = _NAME_BEFORE.search(before)
    place = _place_in(before, code[end : end + MAX_CODE], is_whole=True)
    if name is None:
        return Place("call", chain=place.call) if place.call is not None else Place()
    return place


def _skipped(code: str, cursor: int) -> int:
    """Where to begin to read: at the beginning of a line."""
    if cursor <= MAX_CODE:
        return 0
    newline = code.find("\n", cursor - MAX_CODE, cursor)
    return newline + 1 if newline >= 0 else cursor - MAX_CODE


def _place_in(before: str, following: str, is_whole: bool = False) -> Place:
    state = Unfinished(before)
    if state.is_comment:
        return Place()
    if state.string is not None:
        return _key_in(before, state) if len(state.quote) == 1 and "\\" not in state.string else Place()
    line_start = before.rfind("\n") + 1
    line = before[line_start:]
    if (found := _FROM_IMPORT.match(before[_statement_start(before) :])) is not None:
        return Place("member", found[2], len(before) - len(found[2]), module=found[1])
    if (found := _IMPORT.match(line) or _FROM.match(line)) is not None:
        module, _, prefix = found[1].rpartition(".")
        return Place("module", prefix, len(before) - len(prefix), module=module)
    name = _NAME_BEFORE.search(before)
    prefix = name[0] if name is not None else ""
    start = len(before) - len(prefix)
    if _GLOBAL.match(line) is not None:
        return Place("name", prefix, start)
    if before[:start].rstrip(" \t").endswith(tuple("0123456789")) and not prefix:
        return Place()
    rest = _NAME_AFTER.match(following)
    # As it stands, if that makes sense: what follows may bind names too.
    tree = _try_parse(before[:start] + _MARK + following[rest.end() if rest is not None else 0 :])
    if tree is None:
        tree = _parsed(before[:start], state.closers)
    if tree is None:
        return _plainly(before)
    path = _path_to_mark(tree)
    if not path:
        return Place()
    names = bindings_at(path)
    names.pop(_MARK, None)
    place = Place("name", prefix, start, names=names)
    place.call, place.parameters = _call_around(path, names)
    node = path[-1]
    if isinstance(node, ast.Attribute):
        place.kind = "attribute"
        place.chain = chain_of(node.value, names)
    elif is_whole and prefix:
        place.chain = chain_of(ast.Name(prefix), names)
    return place


def _statement_start(before: str) -> int:
    """The line that a `from` statement begins in, whose names may go on over several."""
    start = before.rfind("\nfrom ") + 1
    return start if start or before.startswith("from ") else before.rfind("\n") + 1


def _key_in(before: str, state: Unfinished) -> Place:
    prefix = state.string or ""
    opened = state.string_start - len(state.quote)
    while opened > 0 and before[opened - 1].isalpha():
        opened -= 1
    if not before[:opened].rstrip().endswith("["):
        return Place()
    # The string may stand alone in its brackets: then it is a key, or the one element of a list.
    tree = _parsed(before[:opened], state.closers)
    path = _path_to_mark(tree) if tree is not None else []
    if len(path) < 2 or not isinstance(path[-2], ast.Subscript) or path[-2].slice is not path[-1]:
        return Place()
    names = bindings_at(path)
    chain = chain_of(path[-2].value, names)
    return Place("key", prefix, state.string_start, chain=chain, quote=state.quote)


def _parsed(before: str, closers: str) -> ast.Module | None:
    """The code with a mark at its end: all of it, or the last statement alone where what precedes it is none."""
    line_start = before.rfind("\n") + 1
    ends = [f"{_MARK}{closers}"]
    head = before[line_start:].lstrip()
    # A compound statement of which only the head is there, or an `except` without its `try`.
    if re.match(r"(if|while|for|with|def|class|async|elif|else|try|except|finally|match|case)\b", head):
        ends.append(f"{_MARK}{closers}: pass")
        ends.append(f"{_MARK}{closers} in (): pass")
    ends.append(f"{_MARK}{closers}=0")
    for text, ending in ((before, ""), (before, "\nfinally: pass"), (before[line_start:].lstrip(), "")):
        for end in ends:
            tree = _try_parse(text + end + ending)
            if tree is not None:
                return tree
    return None


def _try_parse(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _path_to_mark(tree: ast.Module) -> list[ast.AST]:
    """The nodes from the module to the mark."""
    parents: dict[ast.AST, ast.AST] = {}
    found: ast.AST | None = None
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            parents[child] = node
        is_name = isinstance(node, ast.Name) and node.id == _MARK
        if is_name or (isinstance(node, ast.Attribute) and node.attr == _MARK):
            found = node
    path = []
    while found is not None:
        path.append(found)
        found = parents.get(found)
    return path[::-1]


def _call_around(path: list[ast.AST], names: dict[str, Binding]) -> tuple[Chain | None, tuple[str, ...]]:
    """What is called with the place as one of its arguments."""
    for node, inner in zip(reversed(path[:-1]), reversed(path), strict=False):
        if isinstance(node, ast.Call) and inner is not node.func:
            is_known = isinstance(node.func, ast.Name) and node.func.id in names
            parameters = names[node.func.id].parameters if is_known else ()  # type: ignore[attr-defined]
            return chain_of(node.func, names), parameters
        if not isinstance(node, (ast.Starred, ast.keyword)):
            break
    return None, ()


def _plainly(before: str) -> Place:
    """Code that cannot be parsed: the names and dots before the place are all that is looked at."""
    found = _CHAIN_BEFORE.search(before)
    dotted, prefix = (found[1], found[2] or "") if found is not None else ("", "")
    start = len(before) - len(prefix)
    if not dotted:
        return Place() if before[:start].rstrip(" \t").endswith(".") else Place("name", prefix, start)
    base, *rest = dotted.rstrip(".").split(".")
    if len(rest) > MAX_DEPTH:
        return Place()
    chain: Chain = {"name": base, "steps": [["attribute", name] for name in rest]}
    return Place("attribute", prefix, start, chain=chain)
