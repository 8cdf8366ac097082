"""What a process does to become a session of its own, after it was forked (or started) for one."""

from __future__ import annotations

import _signal
import fcntl
import gc
import os
import sys
import time
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Dict, List, Sequence

from beep_session.native import become_subreaper
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.own import FOLDER

# Ours stay clear of the low numbers that careless code closes.
_FIRST_OWN_DESCRIPTOR = 64

_path: List[str] = []


@dataclass
class Birth:
    """What a session starts with; the four descriptors belong to it."""

    work: int
    control: int
    stdout: int
    stderr: int
    env: Dict[str, str]
    cwd: str
    tmp: str
    argv: List[str]

    @classmethod
    def of(cls, session: Dict[str, Any], descriptors: Sequence[int]) -> "Birth":
        """From the `session` of a frame and the descriptors that came with it."""
        work, control, stdout, stderr = descriptors
        return cls(
            work,
            control,
            stdout,
            stderr,
            session["env"],
            session["cwd"],
            session.get("tmp", ""),
            session.get("argv") or [""],
        )


def claim_path() -> None:
    """Take our own folder off `sys.path`: all of ours is imported, and the user's modules may have any name."""
    folder = os.path.dirname(FOLDER.rstrip(os.sep))
    sys.path[:] = [entry for entry in sys.path if entry != folder]
    _path[:] = sys.path


def settle(birth: Birth) -> ModuleType:
    """Cut every tie to the template and answer the fresh `__main__`."""
    try:
        os.setsid()
    except PermissionError:
        pass  # a spawned session may lead its group already
    become_subreaper()
    _reset_signals()
    _take_descriptors(birth)
    os.umask(0o077)
    _set_environment(birth.env, birth.tmp)
    os.chdir(birth.cwd)
    _reset_modules(birth)
    gc.enable()
    return _fresh_main()


def _reset_signals() -> None:
    _signal.set_wakeup_fd(-1)
    ignored = (_signal.SIGPIPE, getattr(_signal, "SIGXFSZ", None))  # as Python itself starts
    for number in range(1, _signal.NSIG):
        handler = _signal.getsignal(number)
        if handler is None or handler == _signal.SIG_DFL or number in ignored:
            continue
        try:
            _signal.signal(number, _signal.SIG_DFL)
        except (OSError, ValueError):
            pass  # kept by the C library for itself
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)


def _take_descriptors(birth: Birth) -> None:
    birth.work = _move_up(birth.work)
    birth.control = _move_up(birth.control)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(birth.stdout, 1)
    os.dup2(birth.stderr, 2)
    os.dup2(null, 0)
    birth.stdout, birth.stderr = 1, 2
    keep = (0, 1, 2, birth.work, birth.control)
    folder = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
    for name in os.listdir(folder):
        if int(name) not in keep:
            try:
                os.close(int(name))
            except OSError:
                pass  # the listing's own


def _move_up(fd: int) -> int:
    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _FIRST_OWN_DESCRIPTOR)
    except OSError:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)


def _set_environment(env: Dict[str, str], tmp: str) -> None:
    zone = os.environ.get("TZ")
    if tmp:
        env.setdefault("TMPDIR", tmp)
    for name in [name for name in os.environ if name not in env]:
        del os.environ[name]
    for name, value in env.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
    if env.get("TZ") != zone:
        time.tzset()


def _reset_modules(birth: Birth) -> None:
    modules = sys.modules
    sys.argv = list(birth.argv)
    sys.path[:] = ["", *_path]
    sys.path_importer_cache.pop("", None)
    if "tempfile" in modules:
        modules["tempfile"].tempdir = None
    # `random` reseeds itself after a fork; numpy's global generator does not.
    numpy_random = modules.get("numpy.random")
    if numpy_random is not None:
        try:
            numpy_random.seed()
        except Exception:
            pass


def _fresh_main() -> ModuleType:
    main = ModuleType("__main__")
    main.__dict__["__builtins__"] = sys.modules["builtins"]
    sys.modules["__main__"] = main
    return main
