"""Folders of sessions, and whose they are."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from beep.python.v1 import execute_pb2
from beep_worker.identity import SessionIdentity
from beep_worker.template import TemplateKey
from beep_worker.workspace import Workspaces, _remove_tree


def identity(folder: Path, name: str, principal: str = "me", is_ephemeral: bool = True) -> SessionIdentity:
    key = TemplateKey(principal, "default", 1, "python", ())
    return SessionIdentity(name, key, execute_pb2.SessionSpec(), str(folder / name), is_ephemeral)


async def test_a_folder_that_was_left_as_it_was_made_is_the_next_fresh_sessions(tmp_path: Path) -> None:
    workspaces = Workspaces()
    first, second = identity(tmp_path, "a"), identity(tmp_path, "b")
    inode = os.stat(workspaces.make(first)[0]).st_ino
    workspaces.remove(first)
    assert not os.path.exists(first.workspace)
    work, tmp = workspaces.make(second)
    assert (work, tmp) == (str(tmp_path / "b" / "work"), str(tmp_path / "b" / "tmp"))
    assert os.stat(work).st_ino == inode
    assert os.listdir(work) == os.listdir(tmp) == []


def touch(work: Path) -> None:
    (work / "left").touch()


def open_to_all(work: Path) -> None:
    work.chmod(0o777)


def make_another(work: Path) -> None:
    (work.parent / "another").mkdir()


def make_a_link(work: Path) -> None:
    work.rmdir()
    work.symlink_to(work.parent / "tmp")


@pytest.mark.parametrize("change", [touch, open_to_all, make_another, make_a_link])
async def test_one_that_was_changed_is_nobodys(tmp_path: Path, change: Callable[[Path], None]) -> None:
    workspaces = Workspaces()
    first = identity(tmp_path, "a")
    work, _ = workspaces.make(first)
    change(Path(work))
    workspaces.remove(first)
    work, _ = workspaces.make(identity(tmp_path, "b"))
    assert sorted(os.listdir(tmp_path / "b")) == ["tmp", "work"]
    assert os.listdir(work) == []
    assert os.stat(work).st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("principal", "is_ephemeral"), [("another", True), ("me", False)])
async def test_it_is_for_the_same_principals_fresh_sessions_alone(
    tmp_path: Path, principal: str, is_ephemeral: bool
) -> None:
    workspaces = Workspaces()
    first = identity(tmp_path, "a")
    inode = os.stat(workspaces.make(first)[0]).st_ino
    workspaces.remove(first)
    work, _ = workspaces.make(identity(tmp_path, "b", principal, is_ephemeral))
    assert os.stat(work).st_ino != inode


async def test_few_are_kept(tmp_path: Path) -> None:
    workspaces = Workspaces()
    made = [identity(tmp_path, str(n)) for n in range(10)]
    for one in made:
        workspaces.make(one)
    for one in made:
        workspaces.remove(one)
    await asyncio.get_running_loop().shutdown_default_executor()
    assert len(os.listdir(tmp_path)) == 2


@pytest.mark.skipif(os.getuid() != 0, reason="another user is needed, whom the modes of folders bind")
def test_what_code_has_made_read_only_goes_too() -> None:
    nobody = 65534
    with tempfile.TemporaryDirectory() as above:
        folder = Path(above) / "workspace"
        (folder / "cache" / "module").mkdir(parents=True)
        (folder / "cache" / "module" / "file").touch()
        (folder / "elsewhere").symlink_to("/")
        for path in (folder / "cache" / "module", folder / "cache"):
            path.chmod(0o500)
        for path in (Path(above), *Path(above).rglob("*")):
            os.chown(path, nobody, nobody, follow_symlinks=False)
        pid = os.fork()
        if pid == 0:
            os.setuid(nobody)
            _remove_tree(str(folder))
            os._exit(folder.exists())
        assert os.waitpid(pid, 0)[1] == 0
