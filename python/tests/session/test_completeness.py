"""Whether code is complete, as the control thread tells it while the main thread runs."""

from __future__ import annotations

import pytest

from tests.session.worker_double import Session

PYPY_PARSER = pytest.mark.not_on_pypy("its parser has other bounds, and tells unfinished lines otherwise")
NESTED = "for a in b:\n    if a:"
BLOCK = "for a in b:\n    print(a)"


@pytest.mark.parametrize(
    ("code", "state", "indent"),
    [
        ("", "complete", ""),
        ("a = 1", "complete", ""),
        ("a = 1\nb = 2\n", "complete", ""),
        ("await x", "complete", ""),
        ("1 + \\\n2", "complete", ""),
        ("if x: pass", "complete", ""),
        ("'\\d' is 1", "complete", ""),
        ('x = """a\n    b"""', "complete", ""),
        ("for a in b:", "incomplete", "    "),
        ("for a in b:  # note", "incomplete", "    "),
        (NESTED, "incomplete", "        "),
        (BLOCK, "incomplete", "    "),
        (BLOCK + "\n", "complete", ""),
        (BLOCK + "\n    ", "complete", ""),
        ("async def f():\n\tawait y", "incomplete", "\t"),
        ("async def f():\n\tif y:", "incomplete", "\t\t"),
        ("try:\n    x", "incomplete", "    "),
        ("try:\n    x\nexcept E:", "incomplete", "    "),
        ("try:\n    x\n", "incomplete", "    "),
        ("@dec", "incomplete", ""),
        pytest.param("f(a,\n  b", "incomplete", "  ", marks=PYPY_PARSER),
        pytest.param("a = {1:", "incomplete", "", marks=PYPY_PARSER),
        ('a = """\n   b', "incomplete", ""),
        ("a = 1 + \\", "incomplete", ""),
        ("x = = 1", "invalid", ""),
        ("a = 'b", "invalid", ""),
        ("  x", "invalid", ""),
        ("return 1", "invalid", ""),
        ("(\n))", "invalid", ""),
        ("!ls", "invalid", ""),
        ("a\0b", "invalid", ""),
        pytest.param("not " * 100_000 + "x", "invalid", "", marks=PYPY_PARSER),
        pytest.param("(" * 16000, "invalid", "", marks=PYPY_PARSER),
    ],
)
def test_code_is_complete_incomplete_or_invalid(session: Session, code: str, state: str, indent: str) -> None:
    answer = session.ask("complete", code=code)
    assert (answer["state"], answer["indent"]) == (state, indent)


def test_nothing_is_run_or_printed_and_no_name_is_looked_at(session: Session) -> None:
    session.run("import warnings\nfilters = list(warnings.filters)")
    for code in ("print('ran')", "x = '\\d'", "1 is 1", "assert (1, 'x')"):
        assert session.ask("complete", code=code)["state"] == "complete"
    end = session.run("[list(warnings.filters) == filters, 'x' in globals()]")
    assert (end.value, end.stdout, end.stderr) == ([True, False], "", "")


def test_a_match_is_known_from_the_version_on_that_has_it(session: Session) -> None:
    has_match = session.run("import sys\nsys.version_info >= (3, 10)").value
    answer = session.ask("complete", code="match x:")
    assert (answer["state"], answer["indent"]) == (("incomplete", "    ") if has_match else ("invalid", ""))
