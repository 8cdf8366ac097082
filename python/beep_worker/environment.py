"""The environment variables that templates and sessions run with: an allow-list, nothing of the worker's own."""

from __future__ import annotations

import functools
import os

_ALLOWED = ("HOME", "LANG", "LANGUAGE", "LOGNAME", "SHELL", "SSL_CERT_DIR", "SSL_CERT_FILE", "TZ", "USER")

# Variables that count only when an interpreter or a library starts: a forked session comes too late for them.
_INTERPRETER = (
    "PYTHONDEVMODE",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHASHSEED",
    "PYTHONINTMAXSTRDIGITS",
    "PYTHONMALLOC",
    "PYTHONNODEBUGRANGES",
    "PYTHONTRACEMALLOC",
    "PYTHONUTF8",
    "PYTHONWARNINGS",
)
_START_ONLY = ("GLIBC_TUNABLES", "LD_", "MALLOC_", "MKL_", "OMP_", "OPENBLAS_", *_INTERPRETER)
# Heeded by a session itself, when it begins.
_PATH = "PYTHONPATH"


# One OS thread in a template: numerical libraries start theirs at import, unless they are told not to. Sessions
# are given their threads after the fork (`beep_session.thread_counts`).
SINGLE_THREADED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "BLIS_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "ARROW_IO_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "VECLIB_MAXIMUM_THREADS": "1",
}


@functools.cache
def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in os.environ if name in _ALLOWED or name.startswith("LC_")}


def template_environment(python_path: str) -> dict[str, str]:
    """What an interpreter of an environment starts with."""
    environment = dict(_inherited())
    folder = os.path.dirname(python_path)
    if "TMPDIR" in os.environ:
        environment["TMPDIR"] = os.environ["TMPDIR"]  # by it the next gateway knows what this one could not end
    environment["PATH"] = f"{folder}:{os.environ.get('PATH', os.defpath)}"
    if os.path.exists(os.path.join(os.path.dirname(folder), "pyvenv.cfg")):
        environment["VIRTUAL_ENV"] = os.path.dirname(folder)
    return environment


def session_environment(python_path: str, tmp: str, wanted: dict[str, str]) -> dict[str, str]:
    """What a session's code finds in os.environ."""
    return {**template_environment(python_path), "TMPDIR": tmp, **wanted}


def needs_own_process(wanted: dict[str, str]) -> bool:
    """Whether some of the variables take effect only in an interpreter that starts with them."""
    return any(name.startswith(_START_ONLY) for name in wanted)


def counts_from_the_start(name: str) -> bool:
    """Whether a variable comes too late for a session that has begun."""
    return name == _PATH or name.startswith(_START_ONLY)


def start_environment(environment: dict[str, str]) -> dict[str, str]:
    """What an interpreter of a session's own starts with: without the variables that would lead our imports astray."""
    return {name: environment[name] for name in environment if not name.startswith("PYTHON") or name in _INTERPRETER}
