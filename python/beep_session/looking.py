"""What the control thread tells of the session's variables while the main thread runs: names, signatures, previews.

Nothing here runs code of the user's, imports, or takes a lock, and all of it is bounded: every look costs the code that
runs a few milliseconds at most.
"""

from __future__ import annotations

import builtins
import keyword
import sys
from types import FunctionType, GeneratorType
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from beep_session.leftovers import Leftovers
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.own import is_ours
from beep_session.previews import Previews
from beep_session.rows import MAX_NAME, MAX_NAMES, Row, fits, rows_of
from beep_session.signatures import (
    code_of,
    documentation_of,
    keyword_names,
    signature_of,
)
from beep_session.statically import (
    NOTHING,
    attribute,
    attribute_names,
    entries_of_list,
    find,
    instance_names,
    is_class,
    is_module,
    items_of,
    keys_of,
    module_of_class,
    name_of_class,
    of_an_instance,
    own_entries,
)
from beep_session.text import bounded, plain
from beep_session.types_of_results import type_of_result

# One answer has no more than so many.
MAX_VARIABLES = 1000
_MAX_STEPS = 50
_MAX_KEYS = 10_000
_MAX_PATH = 200
_MAX_TEXT_BYTES = 4096

Header = Dict[str, Any]

_builtins = vars(builtins)
_modules = sys.modules
_keywords = [*keyword.kwlist, *getattr(keyword, "softkwlist", ())]
_builtin_modules = list(sys.builtin_module_names)
_types = {"function": FunctionType, "generator": GeneratorType}


class _Known(NamedTuple):
    """What a chain of steps leads to: a value, or some instance of a class; and whether it came off an instance."""

    value: Any
    is_instance_of: bool = False
    is_bound: bool = False


class Looking:
    """Answers questions about one session's namespace."""

    def __init__(self, namespace: Dict[str, Any], leftovers: Leftovers) -> None:
        self._namespace = namespace
        self._leftovers = leftovers

    def names(self, header: Header) -> Header:
        """Names that begin with a prefix: of what a chain leads to, or else all that a bare name may be."""
        prefix = header["prefix"]
        found: List[Tuple[str, Any]]
        is_known, is_bound = True, False
        if "chain" in header:
            known = self._follow(header["chain"])
            is_known = known is not None
            found = [] if known is None else _attributes_of(known)
            is_bound = known is not None and _is_instance(known)
        else:
            found = [*items_of(self._namespace), *items_of(_builtins)]
        self._leftovers.hold(found)
        rows, omitted = rows_of(found, prefix, is_bound)
        if "chain" not in header:
            rows = [*([name, "keyword", ""] for name in _keywords if fits(name, prefix)), *rows]
        if "call" in header:
            called = self._follow(header["call"])
            if called is not None and not called.is_instance_of:
                names = keyword_names(called.value, called.is_bound)
                rows = [*([f"{plain(name)}=", "parameter", ""] for name in names if fits(name, prefix)), *rows]
        return {"rows": rows, "omitted": omitted, "known": is_known}

    def keys(self, header: Header) -> Header:
        """Texts that are keys of what a chain leads to."""
        known = self._follow(header["chain"])
        rows: List[Row] = []
        omitted = 0
        if known is not None and not known.is_instance_of and issubclass(type(known.value), dict):
            prefix = header["prefix"]
            for key in keys_of(known.value, _MAX_KEYS):
                if type(key) is str and key.startswith(prefix) and len(key) <= MAX_NAME and _is_whole(key):
                    if len(rows) < MAX_NAMES:
                        rows.append([key, "key", ""])
                    else:
                        omitted += 1
        return {"rows": rows, "omitted": omitted, "known": known is not None}

    def modules(self, header: Header) -> Header:
        """Where modules are found, which are loaded, and what is in the one that is named."""
        name = header["module"]
        path = [entry for entry in entries_of_list(sys.path, _MAX_PATH) if type(entry) is str and _is_whole(entry)]
        below = f"{name}." if name else ""
        loaded = []
        for key in keys_of(_modules):
            if type(key) is str and key.startswith(below) and "." not in key[len(below) :] and _is_whole(key):
                if key != __package__:
                    loaded.append(key[len(below) :])
        answer: Header = {"path": path, "loaded": loaded[:MAX_NAMES]}
        if not name:
            answer["loaded"] += _builtin_modules
            return answer
        module = find(_modules, name)
        entries = own_entries(module) if is_module(module) else None
        if entries is not None:
            rows, _ = rows_of(items_of(entries), header["prefix"])
            answer["rows"] = rows
            folders = find(entries, "__path__")
            if type(folders) is list:
                answer["folders"] = [entry for entry in folders[:_MAX_PATH] if type(entry) is str and _is_whole(entry)]
        return answer

    def inspect(self, header: Header) -> Header:
        """What a chain leads to."""
        known = self._follow(header["chain"])
        if known is None:
            return {"found": False}
        if known.is_instance_of:
            kind, value = known.value, known.value
        else:
            kind, value = type(known.value), known.value
        answer = {
            "found": True,
            "type": bounded(name_of_class(kind), _MAX_TEXT_BYTES),
            "file": bounded(_file_of(value), _MAX_TEXT_BYTES),
        }
        answer["documentation"] = documentation_of(value)
        answer["signature"] = "" if known.is_instance_of else signature_of(value, known.is_bound)
        return answer

    def variables(self, header: Header) -> Header:
        """The names of the namespace and what they stand for, in the order that they came in."""
        with_private = header["private"]
        previews = Previews()
        rows: List[List[Any]] = []
        omitted = 0
        entries = items_of(self._namespace)
        self._leftovers.hold(entries)
        for name, value in entries:
            if type(name) is not str or (name.startswith("_") and not with_private):
                continue
            if len(rows) == MAX_VARIABLES:
                omitted += 1
                continue
            type_name = previews.facts(type(value)).name
            size, shape = previews.size(value), previews.shape(value)
            rows.append([plain(name[:MAX_NAME]), type_name, previews.of(value), size, shape])
        return {"rows": rows, "omitted": omitted}

    def _follow(self, chain: Header) -> Optional[_Known]:
        steps = chain["steps"]
        known = self._start(chain)
        self._hold(known)
        for kind, *arguments in steps[:_MAX_STEPS]:
            if known is None:
                return None
            known = _STEPS[kind](known, *arguments)
            self._hold(known)
        return known if len(steps) <= _MAX_STEPS else None

    def _start(self, chain: Header) -> Optional[_Known]:
        if "type" in chain:
            kind = _types.get(chain["type"]) or find(_builtins, chain["type"])
            return _Known(kind, is_instance_of=True) if is_class(kind) else None
        if "module" in chain:
            found = find(_modules, chain["module"])
        else:
            found = find(self._namespace, chain["name"])
            if found is NOTHING:
                found = find(_builtins, chain["name"])
        return None if found is NOTHING else _Known(found)

    def _hold(self, known: Optional[_Known]) -> None:
        if known is not None:
            self._leftovers.hold([("", known.value)])


def _is_instance(known: _Known) -> bool:
    return known.is_instance_of or not (is_class(known.value) or is_module(known.value))


def _attribute_step(known: _Known, name: str) -> Optional[_Known]:
    if known.is_instance_of:
        found = of_an_instance(known.value, name)
    else:
        found = attribute(known.value, name)
    if found is NOTHING:
        return None
    return _Known(found, is_bound=_is_instance(known) and type(found) is FunctionType)


def _item_step(known: _Known, key: Any) -> Optional[_Known]:
    value, kind = known.value, type(known.value)
    if known.is_instance_of:
        return None
    found: Any = NOTHING
    if issubclass(kind, dict):
        for own, entry in items_of(value):
            if type(own) is type(key) and own == key:
                found = entry
                break
    elif (kind is list or kind is tuple) and type(key) is int:
        try:
            found = value[key]
        except IndexError:
            return None
    elif kind is str or kind is bytes:
        return _Known(str if kind is str else int, is_instance_of=True)
    return None if found is NOTHING else _Known(found)


def _call_step(known: _Known) -> Optional[_Known]:
    if known.is_instance_of:
        return None
    kind = known.value if is_class(known.value) else type_of_result(known.value)
    return None if kind is None or kind is type else _Known(kind, is_instance_of=True)


_STEPS: Dict[str, Any] = {"attribute": _attribute_step, "item": _item_step, "call": _call_step}


def _attributes_of(known: _Known) -> List[Tuple[str, Any]]:
    return instance_names(known.value) if known.is_instance_of else attribute_names(known.value)


def _file_of(value: Any) -> str:
    code = code_of(value)
    if code is not None:
        return "" if is_ours(code) else code.co_filename
    module = value if is_module(value) else find(_modules, module_of_class(value)) if is_class(value) else NOTHING
    entries = own_entries(module) if is_module(module) else None
    file = NOTHING if entries is None else find(entries, "__file__")
    return file if type(file) is str else ""


def _is_whole(text: str) -> bool:
    """Whether it can be sent as it is: a lone surrogate cannot."""
    return text.isascii() or plain(text) == text
