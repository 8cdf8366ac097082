"""Names that a piece of code binds itself, as they are seen at one place in it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from beep_worker.chains import Binding

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (*_FUNCTIONS, ast.ClassDef, *_COMPREHENSIONS)


def bindings_at(path: list[ast.AST]) -> dict[str, Binding]:
    """What is bound in the scopes around a place; `path` leads from the module to it."""
    names: dict[str, Binding] = {}
    inner = next((node for node in reversed(path) if isinstance(node, _SCOPES)), None)
    for node in path:
        if isinstance(node, ast.ClassDef) and node is not inner:
            continue  # names of a class are not seen in its functions
        if isinstance(node, (ast.Module, *_SCOPES)):
            names.update(_bound_in(node))
    return names


def _bound_in(scope: ast.AST) -> Iterator[tuple[str, Binding]]:
    if isinstance(scope, _FUNCTIONS):
        yield from _parameters(scope.args)
    if isinstance(scope, _COMPREHENSIONS):
        for generator in scope.generators:
            yield from _elements(generator.target, generator.iter)
        return
    if isinstance(scope, ast.Lambda):
        return
    waiting: list[ast.AST] = list(reversed(getattr(scope, "body", [])))
    while waiting:
        node = waiting.pop()
        yield from _bound_by(node)
        if not isinstance(node, _SCOPES):
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def _bound_by(node: ast.AST) -> Iterator[tuple[str, Binding]]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield node.name, Binding("function", parameters=keywords_of(node.args))
        case ast.ClassDef():
            yield node.name, Binding("class")
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _target(target, value)
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
            yield name, Binding("variable", annotation if value is None else value, is_instance=value is None)
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            yield name, Binding("variable", value)
        case ast.For() | ast.AsyncFor():
            yield from _elements(node.target, node.iter)
        case ast.With() | ast.AsyncWith():
            for item in node.items:
                if item.optional_vars is not None:
                    yield from _target(item.optional_vars, item.context_expr)
        case ast.ExceptHandler(name=str(name), type=kind):
            yield name, Binding("variable", kind, is_instance=True)
        case ast.Import(names=aliases):
            for alias in aliases:
                top = alias.name.partition(".")[0]
                yield alias.asname or top, Binding("module", module=alias.name if alias.asname else top)
        case ast.ImportFrom(module=str(module), names=aliases, level=0):
            for alias in aliases:
                yield alias.asname or alias.name, Binding("variable", module=module, attribute=alias.name)
        case ast.Global() | ast.Nonlocal():
            return
        case _:
            return


def keywords_of(arguments: ast.arguments) -> tuple[str, ...]:
    """Parameters that can be given by name."""
    return tuple(each.arg for each in (*arguments.args, *arguments.kwonlyargs))


def _parameters(arguments: ast.arguments) -> Iterator[tuple[str, Binding]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: dict[str, ast.expr] = {}
    for each, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
        defaults[each.arg] = default
    for each, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=False):
        if keyword_default is not None:
            defaults[each.arg] = keyword_default
    for each in (*positional, *arguments.kwonlyargs):
        value = each.annotation or defaults.get(each.arg)
        yield each.arg, Binding("parameter", value, is_instance=each.annotation is not None)
    for rest, kind in ((arguments.vararg, "tuple"), (arguments.kwarg, "dict")):
        if rest is not None:
            yield rest.arg, Binding("parameter", ast.Tuple([]) if kind == "tuple" else ast.Dict([], []))


def _target(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, Binding]]:
    match target:
        case ast.Name(id=name):
            yield name, Binding("variable", value)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            values: Iterable[ast.expr | None] = [None] * len(targets)
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(targets):
                values = value.elts
            for each, part in zip(targets, values, strict=False):
                yield from _target(each, part)
        case ast.Starred(value=inner):
            yield from _target(inner, None)
        case _:
            return


def _elements(target: ast.expr, iterable: ast.expr) -> Iterator[tuple[str, Binding]]:
    """Of what is iterated over, the first element stands for all where it is there to be seen."""
    first: ast.expr | None = None
    match iterable:
        case ast.List(elts=[element, *_]) | ast.Tuple(elts=[element, *_]) | ast.Set(elts=[element, *_]):
            first = element
        case ast.Constant(value=str()):
            first = iterable
        case ast.Call(func=ast.Name(id="range")):
            first = ast.Constant(0)
    yield from _target(target, first)
