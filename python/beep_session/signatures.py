"""How something is called and what its documentation says, as far as that is told without running code."""

from __future__ import annotations

import re
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
)
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.previews import preview
from beep_session.statically import NOTHING, entries_of_class, find, find_in_class, ids, is_class, own_entries
from beep_session.text import bounded

_MAX_PARAMETERS = 100
_MAX_WRAPPERS = 10
_MAX_DEFAULT = 40
_MAX_SIGNATURE_BYTES = 2000
_MAX_DOCUMENTATION_BYTES = 16384

_VARARGS, _VARKEYWORDS = 0x04, 0x08

_SLOT_WRAPPER = type(object.__init__)
_BOUND_SLOT = type("".__str__)
_CLASS_METHOD = type(dict.__dict__["fromkeys"])
_c_functions = ids(BuiltinFunctionType, MethodDescriptorType, _SLOT_WRAPPER, _BOUND_SLOT, _CLASS_METHOD)

# "$self", "$module" and the like, where C says that they are given.
_GIVEN = re.compile(r"\(\$\w+(?:, /)?(?:, )?").match

_code_of = FunctionType.__dict__["__code__"].__get__
_defaults_of = FunctionType.__dict__["__defaults__"].__get__
_keyword_defaults_of = FunctionType.__dict__["__kwdefaults__"].__get__
_doc_of_function = FunctionType.__dict__["__doc__"].__get__
_function_of_method = MethodType.__dict__["__func__"].__get__
_read_getset, _read_member = GetSetDescriptorType.__get__, MemberDescriptorType.__get__
_class_text = type.__dict__["__text_signature__"].__get__
_class_doc = type.__dict__["__doc__"].__get__


class Called(NamedTuple):
    """A function of Python's, and whether its first argument is given already."""

    function: Any
    is_bound: bool


def signature_of(value: Any, is_bound: bool = False) -> str:
    """Such as "(a, b=1)"; nothing where it cannot be called, or nobody says how."""
    found = _python_function(value, is_bound)
    if found is not None:
        return bounded(_of_code(found), _MAX_SIGNATURE_BYTES)
    text = _c_text(value)
    return bounded(_without_self(text), _MAX_SIGNATURE_BYTES) if type(text) is str else ""


def keyword_names(value: Any, is_bound: bool = False) -> List[str]:
    """Parameters that can be given by name."""
    found = _python_function(value, is_bound)
    if found is not None:
        code = _code_of(found.function)
        names = _names(code)
        start = max(code.co_posonlyargcount, int(found.is_bound))
        return names[start : code.co_argcount + code.co_kwonlyargcount][:_MAX_PARAMETERS]
    text = _c_text(value)
    return _keywords_in(text) if type(text) is str else []


def is_callable(value: Any) -> bool:
    """Whether its type has a `__call__`."""
    return is_class(value) or find_in_class(type(value), "__call__")[0] is not NOTHING


def documentation_of(value: Any) -> str:
    """Its docstring, or that of its class."""
    kind = type(value)
    text: Any
    if kind is MethodType:
        return documentation_of(_function_of_method(value))
    if kind is FunctionType:
        text = _doc_of_function(value)
    elif id(kind) in _c_functions:
        text = _c_attribute(value, "__doc__")
    elif is_class(value):
        text = _find(entries_of_class(value), "__doc__")
    else:
        entries = own_entries(value)
        text = NOTHING if entries is None else find(entries, "__doc__")
        if type(text) is not str:
            text = find_in_class(kind, "__doc__")[0]
    return (
        bounded(_undented(text[: 4 * _MAX_DOCUMENTATION_BYTES]), _MAX_DOCUMENTATION_BYTES) if type(text) is str else ""
    )


def code_of(value: Any) -> Optional[CodeType]:
    """The code of a function of Python's, below its wrappers."""
    found = _python_function(value, False) if not is_class(value) else None
    return None if found is None else _code_of(found.function)


def _python_function(value: Any, is_bound: bool) -> Optional[Called]:
    if type(value) is MethodType:
        value, is_bound = _function_of_method(value), True
    if is_class(value):
        return _constructor(value)
    # Wrappers in C have what they wrap as well: those of numpy and of lru_cache.
    for _ in range(_MAX_WRAPPERS):
        entries = own_entries(value)
        wrapped = NOTHING if entries is None else find(entries, "__wrapped__")
        if type(wrapped) is not FunctionType:
            break
        value = wrapped
    if type(value) is FunctionType:
        return Called(value, is_bound)
    called, _ = find_in_class(type(value), "__call__")
    return Called(called, True) if type(called) is FunctionType else None


def _constructor(kind: Any) -> Optional[Called]:
    for name, root in (("__init__", object.__init__), ("__new__", object.__new__)):
        found, _ = find_in_class(kind, name)
        if type(found) is staticmethod:
            found = staticmethod.__dict__["__func__"].__get__(found)
        if type(found) is FunctionType:
            return Called(found, True)
        if found is not NOTHING and found is not root and type(found) is _SLOT_WRAPPER:
            return None
    return None


def _names(code: CodeType) -> List[str]:
    return list(code.co_varnames)


def _of_code(found: Called) -> str:
    code = _code_of(found.function)
    names = _names(code)
    positional = code.co_argcount
    defaults: Tuple[Any, ...] = _defaults_of(found.function) or ()
    by_keyword: Dict[Any, Any] = _keyword_defaults_of(found.function) or {}
    parts: List[str] = []
    for at in range(positional):
        text = names[at]
        default = at - (positional - len(defaults))
        if default >= 0:
            text += f"={_default(defaults[default])}"
        parts.append(text)
        if at + 1 == code.co_posonlyargcount:
            parts.append("/")
    end = positional + code.co_kwonlyargcount
    if code.co_flags & _VARARGS:
        parts.append(f"*{names[end]}")
        rest = end + 1
    else:
        rest = end
        if code.co_kwonlyargcount:
            parts.append("*")
    for name in names[positional:end]:
        default_value = find(by_keyword, name) if issubclass(type(by_keyword), dict) else NOTHING
        parts.append(name if default_value is NOTHING else f"{name}={_default(default_value)}")
    if code.co_flags & _VARKEYWORDS:
        parts.append(f"**{names[rest]}")
    if found.is_bound and positional:
        del parts[0]
        if parts[:1] == ["/"]:
            del parts[0]
    return f"({', '.join(parts[:_MAX_PARAMETERS])})"


def _default(value: Any) -> str:
    return preview(value, _MAX_DEFAULT)


def _c_text(value: Any) -> Any:
    if is_class(value):
        # What a class of Python's inherits from C is told by that class.
        return _class_text(value)
    if id(type(value)) not in _c_functions:
        return None
    text = _c_attribute(value, "__text_signature__")
    return text if type(text) is str else _first_of_documentation(value)


def _first_of_documentation(value: Any) -> Optional[str]:
    """What C functions have said there before they had signatures."""
    name, text = _c_attribute(value, "__name__"), _c_attribute(value, "__doc__")
    if type(name) is not str or type(text) is not str or not text.startswith(f"{name}("):
        return None
    line = text.split("\n", 1)[0]
    end = line.rfind(")")
    return line[len(name) : end + 1] if end > 0 else None


def _c_attribute(value: Any, name: str) -> Any:
    found = _find(entries_of_class(type(value)), name)
    try:
        if type(found) is GetSetDescriptorType:
            return _read_getset(found, value)
        if type(found) is MemberDescriptorType:
            return _read_member(found, value)
    except Exception:
        pass
    return None


def _without_self(text: str) -> str:
    """In one line, without what is given already."""
    text = " ".join(text.split()).replace("( ", "(").replace(", )", ")")
    given = _GIVEN(text)
    return text if given is None else "(" + text[given.end() :]


def _keywords_in(text: str) -> List[str]:
    inside = _without_self(text).strip("()")
    if " /" in inside:
        inside = inside.split("/", 1)[1]
    names = [part.split("=", 1)[0].strip() for part in inside.split(",")]
    return [name for name in names if name.isidentifier()][:_MAX_PARAMETERS]


def _undented(text: str) -> str:
    """As `inspect.cleandoc` does it."""
    lines = text.expandtabs().split("\n")
    margins = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    margin = min(margins) if margins else 0
    return "\n".join([lines[0].lstrip(), *(line[margin:] for line in lines[1:])]).strip("\n")


def _find(entries: Any, name: str) -> Any:
    for key, found in entries:
        if type(key) is str and key == name:
            return found
    return NOTHING
