"""Names that a piece of code binds itself, as they are seen at one place in it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from beep_worker.chains import Binding

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_FUNCTIONS = (*_DEFINITIONS, ast.Lambda)
_PLAIN = (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.DictComp)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (*_FUNCTIONS, ast.ClassDef, *_COMPREHENSIONS)


def bindings_at(path: list[ast.AST]) -> dict[str, Binding]:
    """What is bound in the scopes around a place; `path` leads from the module to it."""
    names: dict[str, Binding] = {}
    inner = next((node for node in reversed(path) if isinstance(node, _SCOPES)), None)
    for outer, node in zip([None, *path], path, strict=False):
        if isinstance(node, ast.ClassDef) and node is not inner:
            continue  # names of a class are not seen in its functions
        if isinstance(node, (ast.Module, *_SCOPES)):
            names.update(_bound_in(node))
        if isinstance(outer, ast.ClassDef) and isinstance(node, _DEFINITIONS):
            names.update(_self_of(outer, node))
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
            yield node.name, Binding("function", parameters=keywords_of(node.args), result=_result_of(node))
        case ast.ClassDef():
            yield node.name, Binding("class", members=tuple(_members_of(node)), bases=tuple(node.bases))
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


def _self_of(owner: ast.ClassDef, method: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, Binding]]:
    """The first parameter of a method is an instance of its class, or the class."""
    name = _first_parameter(method)
    if name:
        yield name, Binding("class", members=tuple(_members_of(owner)), bases=tuple(owner.bases))


def _members_of(owner: ast.ClassDef) -> Iterator[str]:
    """What a class defines, and what its methods set on their first parameter."""
    for node in owner.body:
        yield from (name for name, _ in _bound_by(node))
        own = _first_parameter(node) if isinstance(node, _DEFINITIONS) else ""
        for inner in ast.walk(node) if own else ():
            match inner:
                case ast.Attribute(value=ast.Name(id=name), attr=attr, ctx=ast.Store()) if name == own:
                    yield attr


def _first_parameter(method: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    is_static = any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in method.decorator_list)
    parameters = [*method.args.posonlyargs, *method.args.args]
    return parameters[0].arg if parameters and not is_static else ""


def _result_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.expr | None:
    """What a plain function returns, where that is one expression alone and says something of itself."""
    if isinstance(function, ast.AsyncFunctionDef) or function.decorator_list:
        return None
    results = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    return results[0] if len(results) == 1 and isinstance(results[0], _PLAIN) else None


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
