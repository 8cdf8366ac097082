"""From an expression to the steps by which a session finds what it stands for, without evaluating it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_DEPTH = 40

Chain = dict[str, Any]

_LITERALS: dict[type, str] = {
    ast.JoinedStr: "str",
    ast.List: "list",
    ast.ListComp: "list",
    ast.Tuple: "tuple",
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.Set: "set",
    ast.SetComp: "set",
    ast.Compare: "bool",
    ast.GeneratorExp: "generator",
    ast.Lambda: "function",
}


@dataclass(frozen=True)
class Binding:
    """What the code itself says of a name: that it exists, of what kind it is, and what it stands for where that is
    plain.
    """

    kind: str
    value: ast.expr | None = None
    # The value is a class, and the name one of its instances.
    is_instance: bool = False
    # Of an import: the module, and the attribute of it.
    module: str = ""
    attribute: str = ""
    # Of a function: what can be given by name, and the expression that it returns, if it is one alone.
    parameters: tuple[str, ...] = ()
    result: ast.expr | None = None
    # Of a class: what it defines, and what it inherits from.
    members: tuple[str, ...] = ()
    bases: tuple[ast.expr, ...] = ()


def chain_of(expression: ast.expr, names: Mapping[str, Binding], depth: int = 0) -> Chain | None:
    """The chain of an expression; None where it says nothing."""
    if depth > MAX_DEPTH:
        return None
    match expression:
        case ast.Name(id=name):
            return _of_name(name, names, depth)
        case ast.Attribute(value=value, attr=attr):
            return _extended(chain_of(value, names, depth + 1), "attribute", attr)
        case ast.Call(func=ast.Name(id=name)) if name in names and names[name].result is not None:
            return chain_of(names[name].result or expression, names, depth + 1)
        case ast.Call(func=func):
            return _extended(chain_of(func, names, depth + 1), "call")
        case ast.Subscript(value=value, slice=ast.Constant(value=key)) if type(key) in (int, str):
            return _extended(chain_of(value, names, depth + 1), "item", key)
        case ast.Subscript(value=value, slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(key)))):
            return _extended(chain_of(value, names, depth + 1), "item", -key)
        case ast.Constant(value=value):
            kind = type(value).__name__
            return {"type": kind, "steps": []} if kind in ("str", "bytes", "int", "float", "complex", "bool") else None
        case ast.BinOp(left=left):
            return chain_of(left, names, depth + 1) if type(left) in (ast.Constant, ast.JoinedStr) else None
        case ast.NamedExpr(value=value):
            return chain_of(value, names, depth + 1)
        case _:
            kind = _LITERALS.get(type(expression), "")
            return {"type": kind, "steps": []} if kind else None


def _of_name(name: str, names: Mapping[str, Binding], depth: int) -> Chain | None:
    binding = names.get(name)
    if binding is None:
        return {"name": name, "steps": []}
    if binding.module:
        chain: Chain = {"module": binding.module, "steps": []}
        return _extended(chain, "attribute", binding.attribute) if binding.attribute else chain
    if binding.kind == "class":
        bases = [found for base in binding.bases if (found := chain_of(base, names, depth + 1)) is not None]
        return {"members": list(binding.members), "bases": bases, "steps": []}
    if binding.value is None:
        # A parameter hides what may have the same name; what was bound before by other code is still there.
        return None if binding.kind == "parameter" else {"name": name, "steps": []}
    # Without itself: `x = x.y` means another x.
    others = {other: known for other, known in names.items() if other != name}
    chain_or_none = chain_of(binding.value, others, depth + 1)
    return _extended(chain_or_none, "call") if binding.is_instance else chain_or_none


def _extended(chain: Chain | None, *step: Any) -> Chain | None:
    return None if chain is None else {**chain, "steps": [*chain["steps"], step]}
