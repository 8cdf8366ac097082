"""A template of every interpreter under test, and fresh sessions of it."""

from __future__ import annotations

import glob
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.session.worker_double import Session, Template


def _interpreters() -> list[str]:
    """The running interpreter and one other; all that are found with BEEP_TEST_ALL_PYTHONS set."""
    roots = [os.path.expanduser("~/.pyenv/versions"), "/opt/python"]
    found: dict[str, str] = {".".join(map(str, sys.version_info[:2])): sys.executable}
    for root in roots:
        for path in sorted(glob.glob(f"{root}/*/bin/python")):
            answer = subprocess.run(
                [path, "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2], sys.implementation.name)"],
                capture_output=True,
                text=True,
                check=False,
            ).stdout.split()
            if len(answer) == 2 and tuple(map(int, answer[0].split("."))) >= (3, 9):
                name = answer[0] if answer[1] == "cpython" else f"{answer[1]}{answer[0]}"
                found.setdefault(name, path)
    names = list(found)
    if not os.environ.get("BEEP_TEST_ALL_PYTHONS"):
        others = [name for name in ("3.9", "3.13", "3.12", "3.10") if name in found and name != names[0]]
        names = [names[0], *others[:1]]
    return [found[name] for name in names]


def _name(path: str) -> str:
    return path.split("/")[-3] if "/versions/" in path else "running"


@pytest.fixture(scope="session", params=_interpreters(), ids=_name)
def template(request: pytest.FixtureRequest) -> Iterator[Template]:
    """One template for all tests of an interpreter."""
    with Template(request.param) as running:
        yield running
        assert running.wait_all() == [], "sessions were left behind"


@pytest.fixture
def session(template: Template) -> Iterator[Session]:
    """A fresh session; a test that leaves it unusable says so with `is_over`."""
    with template.fork() as forked:
        yield forked
        if not forked.is_over:
            assert forked.run("1 + 1").value == 2, "the session does not go on"
