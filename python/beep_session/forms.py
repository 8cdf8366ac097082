"""What runs where it is no cell: a script, a module, a call of a function."""

from __future__ import annotations

import builtins
import io
import linecache
import os.path
import runpy
import sys
from importlib import invalidate_caches
from importlib.machinery import SourceFileLoader
from types import CodeType, CoroutineType, ModuleType
from typing import Any, Callable, Coroutine, Dict, Optional, Sequence, Tuple

from beep_session import cell as cells
from beep_session.handles import Handles, NoHandle
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.own import is_ours
from beep_session.surroundings import Surroundings
from beep_session.values_in import Makers, NotConvertible, step_to, to_python

_modules = sys.modules
_real_builtins = vars(builtins)
_module_details: Callable[[str], Tuple[str, Any, CodeType]] = runpy._get_module_details  # type: ignore[attr-defined]
_RUNPY_FILE = _module_details.__code__.co_filename
_open_code = io.open_code
_forget_changed_lines = linecache.checkcache

Await = Callable[[Coroutine[Any, Any, Any]], Any]


def run_script(form: Dict[str, Any], surroundings: Surroundings) -> None:
    """Run a file as `__main__`. Raises what reading and compiling it raise, and what it raises."""
    path = form["name"]
    with _open_code(path) as file:
        source = file.read()
    _forget_changed_lines(path)
    code = compile(source, path, "exec", dont_inherit=True)
    names = {"__file__": path, "__cached__": None, "__loader__": SourceFileLoader("__main__", path)}
    _run(code, names, form, surroundings, os.path.dirname(path))


def run_module(form: Dict[str, Any], surroundings: Surroundings) -> None:
    """Run a module as `python -m` does. Raises ImportError, and what it raises."""
    invalidate_caches()  # it may have been written a moment ago
    try:
        _, spec, code = _module_details(form["name"])
    except Exception as error:
        raise error.with_traceback(_without_runpy(error.__traceback__))  # noqa: B904 - it is the same one
    _forget_changed_lines(code.co_filename)
    names = {
        "__file__": spec.origin,
        "__cached__": spec.cached,
        "__loader__": spec.loader,
        "__package__": spec.parent,
        "__spec__": spec,
    }
    _run(code, names, form, surroundings, None)


def call_function(
    form: Dict[str, Any], blobs: Sequence[bytes], namespace: Dict[str, Any], wait: Await, handles: Handles
) -> Any:
    """Call a function; what a coroutine gives is waited for. Raises what finding and calling it raise."""
    make = Makers(reference=handles.get)
    args = [to_argument(value, blobs, f"args[{index}]", make) for index, value in enumerate(form.get("args", ()))]
    kwargs = {
        name: to_argument(value, blobs, f"kwargs{step_to(name)}", make)
        for name, value in form.get("kwargs", {}).items()
    }
    result = cells.call(_find(form["name"], namespace), args, kwargs)
    return wait(cells.awaited(result)) if type(result) is CoroutineType else result


def to_argument(value: Dict[str, Any], blobs: Sequence[bytes], path: str, make: Makers) -> Any:
    """The worker has looked at it: what cannot be converted all the same, this session does not know."""
    try:
        return to_python(value, blobs, path, make)
    except NotConvertible as error:
        raise ValueError(f"{error} (CONVERSION_FAILED)") from None
    except NoHandle as error:
        raise ValueError(f"{path}: {error} ({error.reason})") from None


def _find(name: str, namespace: Dict[str, Any]) -> Any:
    module, colon, attributes = name.rpartition(":")
    first, *rest = attributes.split(".")
    if colon:
        if module not in _modules:
            invalidate_caches()  # as above
        __import__(module)
        found = getattr(_modules[module], first)
    elif first in namespace:
        found = namespace[first]
    elif first in _real_builtins:
        found = _real_builtins[first]
    else:
        raise NameError(f"name {first!r} is not defined")
    for attribute in rest:
        found = getattr(found, attribute)
    return found


def _run(
    code: CodeType, names: Dict[str, Any], form: Dict[str, Any], surroundings: Surroundings, folder: Optional[str]
) -> None:
    main = ModuleType("__main__")
    vars(main).update(names, __builtins__=builtins)
    path = names["__file__"]
    surroundings.enter_program(main, path, form.get("argv", []), folder)
    cells.run(cells.Cell(path, code, None), vars(main))


def _without_runpy(trace: Any) -> Any:
    """A traceback from where the user's code begins, if it does at all."""
    while trace is not None and (is_ours(trace.tb_frame.f_code) or trace.tb_frame.f_code.co_filename == _RUNPY_FILE):
        trace = trace.tb_next
    return trace
