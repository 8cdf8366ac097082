"""A template of every interpreter under test, and fresh sessions of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import interpreters
from tests.session.worker_double import Session, Template


@pytest.fixture(scope="session", params=interpreters.every_python())
def template(request: pytest.FixtureRequest) -> Iterator[Template]:
    """One template for all tests of an interpreter."""
    with Template(request.param) as running:
        yield running
        assert running.wait_all() == [], "sessions were left behind"


@pytest.fixture(autouse=True)
def _skip_on_pypy(request: pytest.FixtureRequest) -> None:
    mark = request.node.get_closest_marker("not_on_pypy")
    if mark is not None and "template" in request.fixturenames:
        if request.getfixturevalue("template").ready["implementation"] == "pypy":
            pytest.skip(f"PyPy: {mark.args[0]}")


@pytest.fixture
def session(template: Template) -> Iterator[Session]:
    """A fresh session; a test that leaves it unusable says so with `is_over`."""
    with template.fork() as forked:
        yield forked
        if not forked.is_over:
            assert forked.run("1 + 1").value == 2, "the session does not go on"
