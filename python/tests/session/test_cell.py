"""What a cell is: its result, its names, its errors."""

from __future__ import annotations

import pytest

from tests.session.worker_double import Session


def test_an_expression_answers_its_value(session: Session) -> None:
    end = session.run("1 + 1")
    assert (end.outcome, end.value, end.text) == ("ok", 2, "2")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = 3\nx * 2", 6),
        ("def f(a):\n    return a + 1\nf(1)", 2),
        ("'a'; 'b'", "b"),
        ("'kept';", "kept"),
        ("class A:\n    pass\nA.__module__", "__main__"),
        ("__name__", "__main__"),
        ("[i * i for i in range(3)]", [0, 1, 4]),
        ("import sys; sys.argv", [""]),
        ("import sys; sys.path[0]", ""),
        ("import sys; sys.displayhook = None; 5", 5),
        ('"""doc"""', "doc"),
        ("import os; os.getpid() == os.getsid(0)", True),
        ("import os; oct(os.umask(0o077))", "0o77"),
        ("'beep_session' in __import__('os').environ", False),
        ("__builtins__.__name__", "builtins"),
        ("sorted(dir())", ["__builtins__", "__doc__", "__loader__", "__name__", "__package__", "__spec__"]),
        ("any('beep' in entry for entry in __import__('sys').path)", False),
    ],
)
def test_the_last_expression_is_the_result(session: Session, code: str, expected: object) -> None:
    assert session.run(code).value == expected


def test_a_cell_without_an_expression_has_no_result(session: Session) -> None:
    end = session.run("x = 1")
    assert "value" not in end.header
    assert "text" not in end.header


def test_an_empty_cell_and_a_comment_are_fine(session: Session) -> None:
    assert session.run("").outcome == session.run("# nothing").outcome == "ok"


def test_names_last_from_cell_to_cell(session: Session) -> None:
    session.run("a = 20")
    assert session.run("a + 1").value == 21


def test_underscore_is_the_last_value_that_was_not_none(session: Session) -> None:
    session.run("41")
    session.run("None")
    assert session.run("_ + 1").value == 42
    session.run("_ = 'mine'")
    session.run("5")
    assert session.run("_").value == "mine"


def test_future_imports_count_from_their_cell_on(session: Session) -> None:
    session.run("from __future__ import annotations")
    assert session.run("def f(x: not_defined): pass\nf.__annotations__").value == {"x": "not_defined"}


def test_a_function_of_a_cell_has_its_source(session: Session) -> None:
    session.run("def twice(x):\n    return 2 * x\n")
    assert session.run("import inspect; inspect.getsource(twice)").value == "def twice(x):\n    return 2 * x\n"


def test_the_lines_of_a_cell_are_known_after_it_and_not_for_ever(session: Session) -> None:
    session.run("try: 1/0\nexcept Exception as e: kept = e")
    assert "1/0" in session.run("import traceback; ''.join(traceback.format_tb(kept.__traceback__))").value
    for _ in range(150):
        session.run("1")
    assert session.run("import linecache; sum(name.startswith('<cell') for name in linecache.cache) < 110").value


def test_what_a_cell_defines_can_be_pickled(session: Session) -> None:
    session.run("import pickle, dataclasses\n@dataclasses.dataclass\nclass P:\n    x: int\n")
    assert session.run("pickle.loads(pickle.dumps(P(3))) == P(3)").value is True


def test_text_that_is_no_python_names_line_and_place(session: Session) -> None:
    error = session.run("x = 1\ny = = 2").error
    assert error["type_name"] == "SyntaxError"
    assert error["frames"] == []
    assert error["traceback"].startswith('  File "<cell 1>", line 2\n')
    assert "y = = 2" in error["traceback"]


@pytest.mark.parametrize("code", ["!pip install numpy", "%pip install numpy", "%matplotlib inline", "!ls"])
def test_notebook_commands_get_a_hint(session: Session, code: str) -> None:
    end = session.run(code)
    assert end.outcome == "error"
    assert len(end.notices) == 1


TASK = "async def f(): return 5\n{}task = asyncio.create_task(f())"


def test_a_task_in_a_plain_cell_gets_a_hint_that_works(session: Session) -> None:
    session.run("import asyncio")
    end = session.run(TASK.format(""))
    assert (end.outcome, end.error["type_name"], end.error["message"]) == (
        "error",
        "RuntimeError",
        "no running event loop",
    )
    assert len(end.notices) == 1
    hint = end.notices[0].split("`")[1]
    assert hint == "await asyncio.sleep(0)"
    assert session.run(TASK.format(f"{hint}\n")).notices == []
    assert session.run("await task").value == 5
    assert session.run("raise RuntimeError('mine')").notices == []
    broken = "class E(RuntimeError):\n    def __str__(self): 1/0\n    args = property(__str__)\nraise E()"
    assert session.run(broken).error["type_name"] == "E"
    assert len(session.run("asyncio.run(asyncio.sleep(0))\nasyncio.ensure_future(asyncio.sleep(0))").notices) == 1


@pytest.mark.parametrize("code", ["x = 'a\x00b'", "(" * 500, "a" + "+a" * 100_000, "\ufeff1"])
def test_odd_source_is_at_most_an_error(session: Session, code: str) -> None:
    assert session.run(code).outcome in ("ok", "error")


@pytest.mark.parametrize(
    ("code", "exit_code", "exit_text"),
    [
        ("import sys; sys.exit(3)", 3, None),
        ("raise SystemExit", 0, None),
        ("exit()", 0, None),
        ("import sys; sys.exit('bad thing')", 1, "bad thing"),
        ("import sys; sys.exit(True)", 1, None),
        ("import sys; sys.exit(-1)", -1, None),
        ("import sys; sys.exit(10**30)", 255, None),
    ],
)
def test_an_exit_ends_the_cell_and_not_the_session(
    session: Session, code: str, exit_code: int, exit_text: str | None
) -> None:
    session.run("kept = 1")
    end = session.run(code)
    assert (end.outcome, end.header["exit_code"], end.header.get("exit_text")) == ("exited", exit_code, exit_text)
    assert end.stderr == (exit_text + "\n" if exit_text else "")
    assert session.run("kept").value == 1


def test_input_says_clearly_that_there_is_none(session: Session) -> None:
    end = session.run("input('name? ')")
    assert end.error["type_name"] == "EOFError"
    assert "no input" in end.error["message"]
    assert end.stdout == "name? "
    assert session.run("import getpass; getpass.getpass()").error["type_name"] == "EOFError"
    assert session.run("import sys; sys.stdin.read()").value == ""


def test_environment_folder_and_temp_folder_are_those_that_were_asked_for(session: Session) -> None:
    assert session.run("import os; os.environ['HOME'], os.getenv('USER')").value == {"$tuple": ["/", None]}
    assert session.run("os.getcwd()").value == session.cwd
    assert session.run("import tempfile; tempfile.gettempdir()").value == session.cwd
    assert session.run("import subprocess; subprocess.check_output(['env'])").value.count(b"TMPDIR=") == 1


def test_a_module_beside_the_session_can_be_imported_under_any_name(session: Session) -> None:
    session.write("frames.py", "x = 7")
    session.write("beep_worker.py", "x = 8")
    assert session.run("import frames, beep_worker; frames.x, beep_worker.x").value == {"$tuple": [7, 8]}


@pytest.mark.parametrize("line", ["%d of %d", "!important", "%magic"])
def test_a_hint_is_for_the_line_that_is_wrong(session: Session, line: str) -> None:
    assert session.run(f"x = '''\n{line}\n'''\n(").notices == []


def test_what_stands_above_a_cell_is_nobodys(session: Session) -> None:
    end = session.run("import warnings\nwarnings.warn('odd', stacklevel=2)")
    assert end.stderr == "sys:1: UserWarning: odd\n"
    left = session.run("async def f(): pass\nf()\n1/0").stderr + session.run("import gc; gc.collect()").stderr
    assert "coroutine 'f' was never awaited" in left
    assert "beep_session" not in left
