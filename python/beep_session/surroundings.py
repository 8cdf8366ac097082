"""What one execution finds other than the rest of its session does: environment, folder, arguments, `__main__`."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from types import ModuleType
from typing import Any, Callable, Dict, List, Optional

from beep_session.birth import OWN_FDS
from beep_session.interrupts import Interrupts
from beep_session.own import BUILTINS as __builtins__  # noqa: F401

_environ = os.environ
_open, _close, _change_folder, _return_to = os.open, os.close, os.chdir, os.fchdir
_THIS_FOLDER = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_PATH", 0)
_duplicate = fcntl.fcntl
_ABOVE = getattr(fcntl, "F_DUPFD_CLOEXEC", 1030)  # PyPy does not name it
# Beside the session's own, clear of the low numbers that careless code closes.
_LEAST_FD = OWN_FDS[0] - 1
_modules = sys.modules
_ABSENT = object()


class Surroundings:
    """Every change puts down how it is undone before it is made, so that half of them can be undone as well."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts
        self._undo: List[Callable[[], None]] = []

    def enter(self, form: Dict[str, Any]) -> None:
        """Make the changes of a `form` that are the same for code of every form. Raises OSError."""
        env = form.get("env")
        if env:
            self._set_environment(env)
        cwd = form.get("cwd")
        if cwd:
            self._change_folder(cwd)
        if "argv" in form:
            before = getattr(sys, "argv", None) or [""]
            self._set_argv(before[0], form["argv"])
        self._interrupts.leave()

    def enter_program(self, main: ModuleType, name: str, arguments: List[str], folder: Optional[str]) -> None:
        """Make those of a program with a `__main__` of its own, whose imports look in this folder first."""
        if folder is not None:
            path = sys.path
            self._undo.append(lambda: path.remove(folder) if folder in path else None)
            path.insert(0, folder)
        self._set(_modules, "__main__", main)
        self._set_argv(name, arguments)
        self._interrupts.leave()

    def leave(self) -> List[BaseException]:
        """Undo every change, the last one first; answers with what went wrong."""
        failures: List[BaseException] = []
        while self._undo:
            try:
                self._undo.pop()()
            except BaseException as error:  # the code may have bent anything that is used here
                failures.append(error)
        return failures

    def _set_argv(self, name: Any, arguments: List[str]) -> None:
        self._set(vars(sys), "argv", [name, *arguments])

    def _set(self, names: Any, name: str, value: Any) -> None:
        before = names.get(name, _ABSENT)
        self._undo.append(lambda: names.pop(name, None) if before is _ABSENT else names.__setitem__(name, before))
        names[name] = value

    def _set_environment(self, env: Dict[str, str]) -> None:
        if "TZ" in env:
            self._undo.append(time.tzset)  # the last one that is undone: TZ itself is as it was by then
        for name, value in env.items():
            self._set(_environ, name, value)
        if "TZ" in env:
            time.tzset()

    def _change_folder(self, cwd: str) -> None:
        # By descriptor, not by name: it leads back also when the folder has been moved or removed meanwhile.
        before = _this_folder()

        def go_back() -> None:
            try:
                _return_to(before)
            finally:
                _close(before)

        self._undo.append(go_back)
        _change_folder(cwd)


def _this_folder() -> int:
    fd = _open(".", _THIS_FOLDER)
    try:
        return _duplicate(fd, _ABOVE, _LEAST_FD)
    finally:
        _close(fd)
