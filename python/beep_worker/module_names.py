"""Modules by name, from the folders that an interpreter would find them in; nothing is imported."""

from __future__ import annotations

import ast
import os
import re
import warnings
from collections.abc import Iterable, Iterator
from itertools import islice

from beep_worker.bindings import bindings_at

# Of all folders together. The path is the session's, which may say what it likes.
_MAX_FOLDERS = 200
_MAX_ENTRIES = 20_000
_MAX_SOURCE_BYTES = 128 * 1024

_MODULE_FILE = re.compile(r"^([^\W\d]\w*)(?:\.py|\.pyc|(?:\.[\w-]+)?\.so)$")


def names_in(folders: Iterable[str], is_top: bool) -> set[str]:
    """Names of the modules in these folders. A folder is one if it has an `__init__`, or is within another one."""
    searched = list(dict.fromkeys(folders))[:_MAX_FOLDERS]
    names = (name for folder in searched for name in _names_in_one(folder, is_top))
    return set(islice(names, _MAX_ENTRIES)) - {"", "__init__", "__main__"}


def _names_in_one(folder: str, is_top: bool) -> Iterator[str]:
    """A name for each entry; nothing for one that is no module."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                found = _MODULE_FILE.match(entry.name)
                if found is not None:
                    yield found[1]
                elif entry.name.isidentifier() and entry.name != "__pycache__" and entry.is_dir():
                    is_package = not is_top or os.path.exists(os.path.join(entry.path, "__init__.py"))
                    yield entry.name if is_package else ""
                else:
                    yield ""
    except (OSError, ValueError):
        return


def folders_of(module: str, path: Iterable[str]) -> list[str]:
    """Where the submodules of a package are, by its name."""
    folders = list(path)
    for part in module.split("."):
        folders = [inner for folder in folders if os.path.isdir(inner := os.path.join(folder, part))]
    return folders


def names_defined_by(module: str, path: Iterable[str]) -> set[str]:
    """Names that the source of a module binds at its top."""
    *parents, name = module.split(".")
    folders = folders_of(".".join(parents), path) if parents else list(path)
    for folder in folders:
        for file in (os.path.join(folder, name, "__init__.py"), os.path.join(folder, f"{name}.py")):
            source = _source_of(file)
            if source is not None:
                return _names_bound_by(source)
    return set()


def _source_of(file: str) -> bytes | None:
    try:
        if not os.path.isfile(file) or os.path.getsize(file) > _MAX_SOURCE_BYTES:
            return None
        with open(file, "rb") as opened:
            return opened.read(_MAX_SOURCE_BYTES)
    except (OSError, ValueError):
        return None


def _names_bound_by(source: bytes) -> set[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {name for name in bindings_at([tree]) if name != "*"}
