"""The interpreters that sessions are tested on."""

from __future__ import annotations

import functools
import glob
import os
import shutil
import subprocess
import sys
from typing import Any

import pytest

# Those that are promised, whether they are on this machine or not.
SUPPORTED = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "pypy")

# Where a version is, the oldest promised one comes before the newest.
_PREFERRED = ("3.9", "3.13", "3.12", "3.10", "3.11", "3.14")

RUNNING = f"{sys.version_info[0]}.{sys.version_info[1]}"

_QUESTION = "import sys; print('%d.%d' % sys.version_info[:2], sys.implementation.name)"


@functools.cache
def found() -> dict[str, str]:
    """Interpreters on this machine by their version ("3.12"), or "pypy"; the running one is always there."""
    paths = {RUNNING: os.path.realpath(getattr(sys, "_base_executable", sys.executable))}
    for path in _candidates():
        answer = subprocess.run([path, "-I", "-c", _QUESTION], capture_output=True, text=True, check=False).stdout
        version, _, implementation = answer.strip().partition(" ")
        name = version if implementation == "cpython" else implementation
        if name in SUPPORTED:
            paths.setdefault(name, path)
    return paths


def _candidates() -> list[str]:
    roots = (os.path.expanduser("~/.pyenv/versions"), "/opt/python")
    paths = [path for root in roots for path in sorted(glob.glob(f"{root}/*/bin/python"))]
    pypy = shutil.which("pypy3")
    return paths if pypy is None else [*paths, pypy]


def other() -> str | None:
    """The version of an interpreter that is not the running one."""
    return next((version for version in _PREFERRED if version in found() and version != RUNNING), None)


def every_python() -> list[Any]:
    """A parameter for every promised one that is here; all but the running one and one other are for the soak."""
    return [_parameter(name) for name in SUPPORTED if name in found()]


def every_cpython() -> list[Any]:
    """The same without PyPy, which has no second rung, and whose objects are finalized later than they are left."""
    return [_parameter(name) for name in SUPPORTED if name in found() and name != "pypy"]


def _parameter(name: str) -> Any:
    return pytest.param(found()[name], id=name, marks=[] if name in (RUNNING, other()) else [pytest.mark.soak])
