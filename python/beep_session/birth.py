"""What a process does to become a session of its own, after it was forked (or started) for one.

Whatever can be is prepared in the template: what a fresh process touches first, it has to copy, page by page.
"""

from __future__ import annotations

import _signal
import gc
import os
import sys
import time
from dataclasses import dataclass
from typing import Any, Dict

from beep_session import dumps, rlimits
from beep_session.control import MAKE_WAY
from beep_session.native import be_dumpable, become_subreaper, close_range
from beep_session.numpy_random import NumpyRandom
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.own import FOLDER

# Where a session has its sockets, its outputs once more, and the pipe that its stacks are written to: clear of the low
# numbers that careless code closes, and within the 64 descriptors that the kernel gives a process without another
# allocation.
OUT_FD, ERR_FD, AHEAD_FD, STACKS_FD, WORK_FD, CONTROL_FD = OWN_FDS = range(58, 64)

_MAX_FD = (1 << 31) - 1


@dataclass
class Birth:
    """The descriptors that a session is born with; they belong to it."""

    work: int
    control: int
    stdout: int
    stderr: int
    stacks: int
    ahead: int


class Delivery:
    """Cuts a process's ties to its template; made in the template, after everything was imported."""

    def __init__(self) -> None:
        self._env = dict(os.environ)
        self._path = list(sys.path)
        kept = (_signal.SIGPIPE, getattr(_signal, "SIGXFSZ", None), *dumps.SIGNALS, *MAKE_WAY)
        self._signals = [
            number
            for number in range(1, _signal.NSIG)
            if _signal.getsignal(number) not in (None, _signal.SIG_DFL) and number not in kept
        ]
        self._tempfile = sys.modules.get("tempfile")
        self._numpy_random = NumpyRandom()

    def settle(self, birth: Birth) -> None:
        """Leave the process nothing of the template's; whose session it is, nobody has said yet."""
        try:
            os.setsid()
        except PermissionError:
            pass  # a spawned session may lead its group already
        become_subreaper()
        be_dumpable(True)  # the user's own, to debug and to profile
        self._reset_signals()
        _take_descriptors(birth)
        os.umask(0o077)
        sys.path[:] = ["", *self._path]
        if self._tempfile is not None:
            self._tempfile.tempdir = None  # type: ignore[attr-defined]
        self._numpy_random.settle()
        gc.enable()

    def furnish(self, session: Dict[str, Any]) -> None:
        """Give the process what is this session's own: the `session` of a `begin` frame."""
        env, tmp = session["env"], session.get("tmp")
        if tmp:
            env.setdefault("TMPDIR", tmp)
        self._set_environment(env)
        os.chdir(session["cwd"])
        if env.get("PYTHONPATH"):
            sys.path[1:1] = env["PYTHONPATH"].split(os.pathsep)
        sys.argv = list(session.get("argv") or [""])
        if "limits" in session:
            rlimits.bind(session["limits"])

    def _reset_signals(self) -> None:
        _signal.set_wakeup_fd(-1)
        for number in self._signals:
            try:
                _signal.signal(number, _signal.SIG_DFL)
            except (OSError, ValueError):
                pass  # kept by the C library for itself
        _signal.signal(_signal.SIGINT, _signal.SIG_IGN)  # until an item begins there is nothing to interrupt

    def _set_environment(self, env: Dict[str, str]) -> None:
        before = self._env
        for name in before:
            if name not in env:
                del os.environ[name]
        for name, value in env.items():
            if before.get(name) != value:
                os.environ[name] = value
        if env.get("TZ") != before.get("TZ"):
            time.tzset()


def claim_path() -> None:
    """Take our own folder off `sys.path`: all of ours is imported, and the user's modules may have any name."""
    folder = os.path.dirname(FOLDER.rstrip(os.sep))
    sys.path[:] = [entry for entry in sys.path if entry != folder]


def read_nothing() -> None:
    """Put the null device on stdin."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)


def _take_descriptors(birth: Birth) -> None:
    os.dup2(birth.stdout, 1)
    os.dup2(birth.stderr, 2)
    given = (birth.stdout, birth.stderr, birth.ahead, birth.stacks, birth.work, birth.control)
    for fd, number in zip(given, OWN_FDS):
        os.dup2(fd, number, False)
    if not (close_range(3, OWN_FDS[0] - 1) and close_range(OWN_FDS[-1] + 1, _MAX_FD)):
        for name in os.listdir("/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"):
            if int(name) > 2 and int(name) not in OWN_FDS:
                try:
                    os.close(int(name))
                except OSError:
                    pass  # the listing's own
