"""A session's own folder: made before its first process, kept across generations, removed at its end."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import stat
import time

from beep_worker.identity import SessionIdentity
from beep_worker.refusal import Refusal
from beep_worker.spec import working_folder

_FOLDERS = ("tmp", "work")

# Empty folders that one principal's fresh sessions left behind, for those to come.
_MAX_EMPTY = 2


class Workspaces:
    """Making and removing folders takes longer than a short call: one that was left as it was made is used again."""

    def __init__(self) -> None:
        self._empty: dict[str, list[str]] = {}

    def make(self, identity: SessionIdentity) -> tuple[str, str]:
        """Its working folder and its folder for temporary files, which are there now. Raises Refusal and OSError."""
        workspace, cwd = identity.workspace, identity.spec.cwd
        work, tmp = working_folder(workspace, cwd), os.path.join(workspace, "tmp")
        empty = self._empty.get(identity.key.principal) if identity.is_ephemeral and not cwd else None
        if not (empty and _renamed(empty.pop(), workspace)):
            for folder in (workspace, tmp):
                os.makedirs(folder, mode=0o700, exist_ok=True)
            _make_working_folder(work, cwd)
        return work, tmp

    def remove(self, identity: SessionIdentity) -> None:
        """Out of the way at once, since a default session may be opened again under its id; then file by file."""
        gone = f"{identity.workspace}.{time.monotonic_ns()}"
        if not _renamed(identity.workspace, gone):
            return  # it was never made, or the code has taken it away
        if identity.is_ephemeral and _is_as_made(gone):
            empty = self._empty.setdefault(identity.key.principal, [])
            if len(empty) < _MAX_EMPTY:
                empty.append(gone)
                return
        asyncio.get_running_loop().run_in_executor(None, _remove_tree, gone)


def _remove_tree(folder: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if not os.path.lexists(folder):
        return
    # Code may leave folders that nothing can be removed from.
    os.chmod(folder, 0o700)
    for parent, names, _ in os.walk(folder):
        for path in (os.path.join(parent, name) for name in names):
            if not os.path.islink(path):
                os.chmod(path, 0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _make_working_folder(folder: str, cwd: str) -> None:
    """What the caller has asked for may be no name for a folder. Raises Refusal and OSError."""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError as error:
        if error.errno not in (errno.ENAMETOOLONG, errno.ENOTDIR, errno.EEXIST, errno.ELOOP):
            raise
        why = (error.strerror or str(error)).lower()
        raise Refusal("INVALID_ARGUMENT", f"cwd cannot be a folder: {why}; take another one", field="cwd") from error


def _renamed(path: str, to: str) -> bool:
    try:
        os.rename(path, to)
    except OSError:
        return False
    return True


def _is_as_made(workspace: str) -> bool:
    try:
        for folder, names in (("", list(_FOLDERS)), *((name, []) for name in _FOLDERS)):
            path = os.path.join(workspace, folder)
            if os.lstat(path).st_mode != stat.S_IFDIR | 0o700 or sorted(os.listdir(path)) != names:
                return False
    except OSError:
        return False
    return True
