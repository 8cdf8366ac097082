"""A session's own folder: made before its first process, kept across generations, removed at its end."""

from __future__ import annotations

import asyncio
import os
import shutil
import time

from beep_worker.spec import working_folder


def make_workspace(workspace: str, cwd: str) -> tuple[str, str]:
    """Its working folder and its folder for temporary files, which are there now. Raises Refusal and OSError."""
    work, tmp = working_folder(workspace, cwd), os.path.join(workspace, "tmp")
    for folder in (tmp, work):
        os.makedirs(folder, mode=0o700, exist_ok=True)
    return work, tmp


def remove_workspace(workspace: str) -> None:
    """Out of the way at once, since a default session may be opened again under its id; then file by file."""
    gone = f"{workspace}.{time.monotonic_ns()}"
    try:
        os.rename(workspace, gone)
    except OSError:
        return  # it was never made, or the code has taken it away
    asyncio.get_running_loop().run_in_executor(None, _remove, gone)


def _remove(folder: str) -> None:
    try:
        for name in ("work", "tmp", ""):
            os.rmdir(os.path.join(folder, name))  # nothing was kept in it
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
