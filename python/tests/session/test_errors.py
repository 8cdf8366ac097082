"""Exceptions as data."""

from __future__ import annotations

import pytest

from tests.session.worker_double import Session, plain_value


def test_an_error_says_what_where_and_why(session: Session) -> None:
    end = session.run("def f(x):\n    return 1 / x\nf(0)")
    error = end.error
    assert end.outcome == "error"
    assert (error["type_name"], error["module"], error["message"]) == (
        "ZeroDivisionError",
        "builtins",
        "division by zero",
    )
    assert error["mro"][:2] == ["builtins.ZeroDivisionError", "builtins.ArithmeticError"]
    assert error["frames"] == [
        {"file": "<cell 1>", "line": 3, "function": "<module>", "source": "f(0)"},
        {"file": "<cell 1>", "line": 2, "function": "f", "source": "return 1 / x"},
    ]
    assert error["traceback"].splitlines()[:3] == [
        "Traceback (most recent call last):",
        '  File "<cell 1>", line 3, in <module>',
        "    f(0)",
    ]
    assert error["traceback"].endswith("ZeroDivisionError: division by zero\n")
    assert "beep_session" not in error["traceback"]


def test_arguments_are_values(session: Session) -> None:
    end = session.run("raise ValueError(1, 'two', [3], object())")
    assert [plain_value(arg, end.blobs) for arg in end.error["args"]] == [1, "two", [3]]


def test_causes_and_contexts_are_told_apart(session: Session) -> None:
    code = "try:\n    1/0\nexcept Exception as e:\n    raise KeyError('k')"
    error = session.run(code).error
    assert error["context"]["type_name"] == "ZeroDivisionError"
    assert "cause" not in error
    error = session.run(code + " from e").error
    assert error["cause"]["type_name"] == "ZeroDivisionError"
    assert "context" not in error
    error = session.run(code + " from None").error
    assert "cause" not in error
    assert "context" not in error


def test_notes_and_members_of_a_group(session: Session) -> None:
    if session.template.version < (3, 11):
        pytest.skip("groups and notes came with 3.11")
    code = "e = ExceptionGroup('g', [ValueError('a'), ExceptionGroup('h', [KeyError('b')])]); e.add_note('n'); raise e"
    error = session.run(code).error
    assert error["notes"] == ["n"]
    assert [member["type_name"] for member in error["group"]] == ["ValueError", "ExceptionGroup"]
    assert error["group"][1]["group"][0]["message"] == "'b'"


def test_a_long_chain_is_cut(session: Session) -> None:
    code = (
        "def f(n):\n    e = None\n    for i in range(n):\n        new = ValueError(i); new.__context__ = e; e = new\n"
        "    return e\ne = f(100_000)\nraise e"
    )
    error = session.run(code).error
    depth, link = 1, error
    while "context" in link:
        depth, link = depth + 1, link["context"]
    assert depth == 16
    assert link["truncated"] is True
    assert session.run("e.__context__ is not None").value is True
    session.run("while e is not None: e, e.__context__ = e.__context__, None")


def test_a_chain_that_bites_its_tail_ends(session: Session) -> None:
    code = "a, b = ValueError('a'), ValueError('b'); a.__context__ = b; b.__context__ = a; raise a"
    assert session.run(code).error["message"] == "a"


RAISING = pytest.mark.not_on_pypy("raising runs this code of the error's own, so that it is another error")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("def f(): f()\nf()", "RecursionError"),
        ("x = []\nfor _ in range(100_000): x = [x]\nrepr(x)", "RecursionError"),
        ("bytearray(1 << 62)", "MemoryError"),
        ("raise MemoryError", "MemoryError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E", "E"),
        ("class E(Exception):\n    def __str__(self): return 5\nraise E", "E"),
        ("class E(BaseException):\n    def __str__(self): raise SystemExit\nraise E", "E"),
        ("class E(Exception):\n    args = property(lambda self: 1/0)\nraise E", "E"),
        ("class E(Exception):\n    __cause__ = 5\nraise E", "E"),
        pytest.param("class E(Exception):\n    __traceback__ = 5\nraise E", "E", marks=RAISING),
        pytest.param(
            "class E(Exception):\n    def __getattribute__(self, name): raise ValueError\nraise E", "E", marks=RAISING
        ),
        (
            "class M(type):\n    def __getattribute__(self, name): raise ValueError\n"
            "class E(Exception, metaclass=M): pass\nraise E",
            "E",
        ),
        ("class E(Exception): pass\nE.__module__ = 5\nE.__qualname__ = 'x' * 100_000\nraise E", "x"),
        ("raise ValueError('\\ud800')", "ValueError"),
        ("raise ValueError('x' * 10_000_000)", "ValueError"),
        ("raise ValueError(*range(10_000))", "ValueError"),
        ("import linecache; linecache.getline = linecache.checkcache = None; 1/0", "ZeroDivisionError"),
        ("import traceback; traceback.TracebackException = None; 1/0", "ZeroDivisionError"),
    ],
)
def test_odd_errors_are_told_all_the_same(session: Session, code: str, name: str) -> None:
    end = session.run(code)
    assert end.outcome == "error"
    assert end.error["type_name"].startswith(name)
    assert len(str(end.header).encode()) < 600_000


def test_frames_of_a_deep_stack_are_those_at_both_ends(session: Session) -> None:
    error = session.run("def f(n):\n    return f(n - 1) if n else 1 / 0\nf(500)").error
    assert len(error["frames"]) == 100
    assert error["truncated"] is True
    assert error["frames"][0]["function"] == "<module>"
    assert error["frames"][-1]["line"] == 2


def test_a_failure_after_output_keeps_the_output(session: Session) -> None:
    end = session.run("print('a', end='')\n1/0")
    assert (end.stdout, end.outcome) == ("a", "error")


def test_an_error_holds_nothing_alive(session: Session) -> None:
    session.run(
        "import weakref\nclass A: pass\ndef f():\n    global ref\n    a = A(); ref = weakref.ref(a)\n    1/0\nf()"
    )
    assert session.run("import gc; gc.collect(); ref() is None").value is True
