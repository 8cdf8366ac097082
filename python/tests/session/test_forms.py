"""Scripts, modules and calls of functions, and what holds for one execution alone."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.session.worker_double import Session

LOOK = "import os, sys, time; [os.environ.get('A'), os.environ.get('B'), os.getcwd(), sys.argv, time.tzname[0]]"


def look(session: Session) -> Any:
    return session.run(LOOK).value


# --- environment, folder, arguments ---


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("1", "ok"),
        ("1 / 0", "error"),
        ("raise SystemExit(3)", "exited"),
        ("import os, sys; os.environ['A'] = 'mine'; os.environ.pop('B', 0); os.chdir('/'); sys.argv[:] = []", "ok"),
        ("import os, sys; del sys.argv; os.rmdir(os.getcwd())", "ok"),
        ("def broken(:", "error"),
    ],
)
def test_surroundings_hold_for_one_execution_however_it_ends(session: Session, code: str, outcome: str) -> None:
    session.run("import os, sys, time; os.environ['A'] = 'before'; sys.argv = ['name', 'x']; argv = sys.argv")
    before = look(session)
    folder = os.path.join(session.cwd, "elsewhere")
    os.mkdir(folder)
    form = {"env": {"A": "a", "B": "ü", "TZ": "Asia/Tokyo"}, "cwd": folder, "argv": ["-v", "é"]}
    assert session.run(LOOK, form=form).value == ["a", "ü", folder, ["name", "-v", "é"], "JST"]
    assert session.run(code, form=form).outcome == outcome
    assert look(session) == before
    assert session.run("sys.argv is argv").value is True


def test_surroundings_are_put_back_after_an_interrupt(session: Session) -> None:
    before = look(session)
    session.send_run(
        "print('ready', flush=True)\nwhile True: pass", form={"env": {"A": "a"}, "cwd": "/", "argv": ["x"]}
    )
    assert session.finish(lambda kind, _: session.interrupt() if kind == "stdout" else None).outcome == "interrupted"
    assert look(session) == before


def test_surroundings_are_put_back_wherever_an_interrupt_lands(session: Session) -> None:
    before = look(session)
    form = {"env": {f"VARIABLE_{n}": "x" for n in range(200)}, "cwd": "/", "argv": ["x"]}
    for _ in range(50):
        session.send_run("while True: pass", form=form)
        session.interrupt()
        assert session.finish().outcome == "interrupted"
        assert look(session) == before
    assert session.run("[name for name in os.environ if name.startswith('VARIABLE_')]").value == []


def test_descriptors_that_the_code_closes_are_not_the_way_back(session: Session) -> None:
    end = session.run("import os; os.closerange(3, 50); kept = os.open('/dev/null', os.O_RDONLY)", form={"cwd": "/"})
    assert (end.outcome, end.notices) == ("ok", [])
    assert session.run("os.getcwd(), os.fstat(kept).st_size").value == {"$tuple": [session.cwd, 0]}
    assert session.run("len([1 for name in os.listdir('/proc/self/fd') if int(name) == 57])").value == 0


@pytest.mark.parametrize(
    "code",
    [
        "import os; type(os.environ).__setitem__ = type(os.environ).__delitem__ = None",
        "import os; os.environ = os.fchdir = os.getcwd = None",
        "import sys; sys.modules.clear()",
        "import sys; del sys.modules['__main__'], sys.path, sys.argv",
        pytest.param(
            "import builtins; builtins.len = builtins.getattr = builtins.vars = None",
            marks=pytest.mark.not_on_pypy("its library is Python, and can be broken"),
        ),
    ],
)
def test_code_that_breaks_what_is_needed_to_put_things_back_ends_all_the_same(session: Session, code: str) -> None:
    assert session.run(code, form={"env": {"A": "a"}, "cwd": "/", "argv": []}).outcome == "ok"
    path = session.write("script.py", code)
    assert session.run_form("script", path, env={"B": "b"}, cwd="/", argv=[]).outcome in ("ok", "error")


def test_what_the_code_changed_otherwise_stays(session: Session) -> None:
    session.run("import os; os.environ['OTHER'] = 'kept'; x = 1", form={"env": {"A": "a"}})
    assert session.run("os.environ['OTHER'], x").value == {"$tuple": ["kept", 1]}
    os.mkdir(os.path.join(session.cwd, "inner"))
    session.run("os.chdir('inner')", form={"argv": ["a"]})
    assert session.run("os.getcwd()").value == os.path.join(session.cwd, "inner")


def test_child_processes_see_the_surroundings(session: Session) -> None:
    code = "import subprocess; subprocess.check_output('echo $A; pwd', shell=True, text=True)"
    assert session.run(code, form={"env": {"A": "a"}, "cwd": "/"}).value == "a\n/\n"


def test_a_folder_that_is_gone_is_an_error_that_leaves_nothing_behind(session: Session) -> None:
    before = look(session)
    end = session.run("1", form={"env": {"A": "a"}, "cwd": os.path.join(session.cwd, "gone")})
    assert (end.outcome, end.error["type_name"]) == ("error", "FileNotFoundError")
    assert look(session) == before


def test_the_way_back_is_found_though_the_folder_was_moved(session: Session) -> None:
    code = f"import os; os.rename({session.cwd!r}, {session.cwd + 'x'!r})"
    assert session.run(code, form={"cwd": "/"}).outcome == "ok"
    assert session.run("os.getcwd()").value == session.cwd + "x"


# --- scripts ---


def test_a_script_runs_as_main_and_leaves_the_session_as_it_was(session: Session) -> None:
    session.write("lib/neighbour.py", "VALUE = 7")
    path = session.write(
        "lib/script.py",
        "import sys, neighbour, pickle\n"
        "class Thing: pass\n"
        "x = 'of the script'\n"
        "if __name__ == '__main__':\n"
        "    print(sys.argv, __file__, sys.path[0], neighbour.VALUE, sys.modules['__main__'].x)\n"
        "    print(type(pickle.loads(pickle.dumps(Thing()))) is Thing, '_' in globals(), 'y' in globals())\n",
    )
    session.run("import sys; x, y, before = 1, 2, (list(sys.path), sys.argv, sys.modules['__main__'])")
    end = session.run_form("script", path, argv=["-v"])
    assert end.outcome == "ok", end.error
    assert end.stdout == f"{[path, '-v']} {path} {os.path.dirname(path)} 7 of the script\nTrue False False\n"
    assert "value" not in end.header
    assert "text" not in end.header
    unchanged = "sys.path == before[0], sys.argv is before[1], sys.modules['__main__'] is before[2]"
    assert session.run(f"[x, y, {unchanged}]").value == [1, 2, True, True, True]
    assert session.run("'Thing' in globals(), sys.modules['__main__'].__dict__ is globals()").value == {
        "$tuple": [False, True]
    }


def test_tracebacks_of_a_script_show_its_lines_as_they_are_now(session: Session) -> None:
    for text in ("def f():\n    return 1 / 0\nf()\n", "\n\ndef f():\n    return [][1]\nf()\n"):
        path = session.write("fails.py", text)
        end = session.run_form("script", path)
        assert end.outcome == "error"
        assert [frame["function"] for frame in end.error["frames"]] == ["<module>", "f"]
        assert [frame["source"] for frame in end.error["frames"]] == ["f()", text.splitlines()[-2].strip()]
        assert {frame["file"] for frame in end.error["frames"]} == {path}
        assert end.error["traceback"].startswith(f'Traceback (most recent call last):\n  File "{path}", line ')
        assert "beep_session" not in end.error["traceback"]


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("def :", ["SyntaxError"]),
        ("x\0", ["SyntaxError", "ValueError"]),
        (None, ["FileNotFoundError"]),
    ],
)
def test_a_script_that_cannot_be_run_fails_as_python_says_it(
    session: Session, text: str | None, errors: list[str]
) -> None:
    path = os.path.join(session.cwd, "script.py") if text is None else session.write("script.py", text)
    end = session.run_form("script", path)
    assert end.outcome == "error"
    assert end.error["type_name"] in errors
    assert session.run_form("script", session.cwd).error["type_name"] == "IsADirectoryError"


def test_a_script_has_an_encoding_of_its_own(session: Session) -> None:
    path = session.write("latin.py", "")
    with open(path, "wb") as file:
        file.write(b"# -*- coding: latin-1 -*-\nprint(ascii('\xe9'))\n")
    assert session.run_form("script", path).stdout == "'\\xe9'\n"


def test_exits_and_interrupts_of_a_script_end_it_alone(session: Session) -> None:
    session.run("x = 1")
    end = session.run_form("script", session.write("exits.py", "import sys\nsys.exit(3)"))
    assert (end.outcome, end.header["exit_code"]) == ("exited", 3)
    endless = session.write("endless.py", "print(1, flush=True)\nwhile True: pass")
    session.send_run("", form={"kind": "script", "name": endless})
    end = session.finish(lambda kind, _: session.interrupt() if kind == "stdout" else None)
    assert end.outcome == "interrupted"
    assert session.run("import sys; x, sys.modules['__main__'].x").value == {"$tuple": [1, 1]}


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_that_a_script_starts_find_its_functions(session: Session, method: str) -> None:
    path = session.write(
        "workers.py",
        "import multiprocessing, sys\n"
        "def double(x): return 2 * x\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:\n"
        "        print(pool.map(double, [1, 2, 3]))\n",
    )
    end = session.run_form("script", path, argv=[method])
    assert (end.stdout, end.outcome) == ("[2, 4, 6]\n", "ok"), (end.stderr, end.header)


def test_displays_of_a_script_are_shown(session: Session) -> None:
    end = session.run_form("script", session.write("shows.py", "display({'text/html': '<b>1</b>'}, raw=True)\n5"))
    assert [header["bundle"].keys() for header, _ in end.displays] == [{"text/html"}]
    assert "value" not in end.header


# --- modules ---


def test_a_module_runs_as_python_does_with_m(session: Session) -> None:
    session.write("data.json", '{"a": 1}')
    end = session.run_form("module", "json.tool", argv=["--compact", "data.json"])
    assert (end.stdout, end.outcome) == ('{"a":1}\n', "ok"), end.header
    end = session.run_form("module", "timeit", argv=["-n", "1", "-r", "1", "pass"])
    assert (end.outcome, end.header["exit_code"]) == ("exited", 0)
    assert "1 loop" in end.stdout


def test_a_package_runs_its_main(session: Session) -> None:
    session.write("pack/__init__.py", "print('init')")
    session.write("pack/other.py", "NAME = 'other'")
    path = session.write(
        "pack/__main__.py",
        "import sys\nfrom . import other\n"
        "print(__name__, __package__, __spec__.name, __file__ == sys.argv[0], sys.argv[1:], other.NAME)\n",
    )
    end = session.run_form("module", "pack", argv=["x"])
    assert end.outcome == "ok", end.error
    assert end.stdout == "init\n__main__ pack pack.__main__ True ['x'] other\n"
    session.write("pack/__main__.py", "1 / 0")
    end = session.run_form("module", "pack")
    assert [frame["file"] for frame in end.error["frames"]] == [path]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no_such_module", "No module named no_such_module"),
        ("json.no_such", "No module named json.no_such"),
        ("json", "'json' is a package and cannot be directly executed"),
        ("sys", "No code object available for sys"),
    ],
)
def test_a_module_that_cannot_be_run_is_an_import_error(session: Session, name: str, text: str) -> None:
    end = session.run_form("module", name)
    assert (end.outcome, end.error["type_name"]) == ("error", "ImportError")
    assert text in end.error["message"]
    assert end.error["frames"] == []


def test_a_package_that_breaks_while_it_is_imported_shows_where(session: Session) -> None:
    path = session.write("bad/__init__.py", "1 / 0")
    end = session.run_form("module", "bad.inner")
    assert end.error["type_name"] == "ZeroDivisionError"
    assert [frame["file"] for frame in end.error["frames"]] == [path]


# --- functions ---


def test_a_function_of_the_session_is_called(session: Session) -> None:
    session.run("class C:\n    class D:\n        @staticmethod\n        def f(*a, **k): return [a, k]\nc = C()")
    end = session.run_form(
        "function",
        "c.D.f",
        b"text",
        b"\x00",
        b'[1.5, {"$tuple": []}]',
        args=[
            {"kind": "none"},
            {"kind": "boolean", "data": True},
            {"kind": "integer", "data": 5},
            {"kind": "real", "data": "nan"},
            {"kind": "text", "data": {"blob": 0}},
        ],
        kwargs={"é ": {"kind": "binary", "data": {"blob": 1}}, "j": {"kind": "json", "data": {"blob": 2}}},
    )
    assert end.outcome == "ok", end.error
    assert end.text == "[(None, True, 5, nan, 'text'), {'é ': b'\\x00', 'j': [1.5, ()]}]"


def test_a_function_of_a_module_is_called(session: Session) -> None:
    end = session.run_form("function", "math:sqrt", args=[{"kind": "integer", "data": 16}])
    assert end.value == 4.0
    session.write("mine.py", "class A:\n    @classmethod\n    def make(cls): return cls.__name__")
    assert session.run_form("function", "mine:A.make").value == "A"
    assert session.run_form("function", "len", b"[1,2]", args=[{"kind": "json", "data": {"blob": 0}}]).value == 2
    assert session.run_form("function", "print").header["value"] == {"kind": "none"}


def test_a_coroutine_function_is_awaited_on_the_loop_of_the_session(session: Session) -> None:
    session.run(
        "import asyncio\nloop = asyncio.get_running_loop(); await asyncio.sleep(0)\n"
        "async def f(fails):\n"
        "    await asyncio.sleep(0.001)\n"
        "    if fails: raise KeyError(1)\n"
        "    return asyncio.get_running_loop() is loop\n"
    )
    assert session.run_form("function", "f", args=[{"kind": "boolean", "data": False}]).value is True
    end = session.run_form("function", "f", args=[{"kind": "boolean", "data": True}])
    assert [frame["function"] for frame in end.error["frames"]] == ["f"]


def test_exits_and_interrupts_of_a_function_are_those_of_a_cell(session: Session) -> None:
    session.run("import asyncio, sys\nasync def wait(): print(1, flush=True); await asyncio.sleep(60)")
    end = session.run_form("function", "sys.exit", args=[{"kind": "integer", "data": 4}])
    assert (end.outcome, end.header["exit_code"]) == ("exited", 4)
    session.send_run("", form={"kind": "function", "name": "wait"})
    end = session.finish(lambda kind, _: session.interrupt() if kind == "stdout" else None)
    assert (end.outcome, end.error["type_name"]) == ("interrupted", "KeyboardInterrupt")


def test_the_result_of_a_function_follows_the_policy(session: Session) -> None:
    session.run("def f(): return ['x' * 100]")
    form = {"kind": "function", "name": "f"}
    session.send_run("", form=form, result={"form": "none"})
    assert "value" not in session.finish().header
    session.send_run("", form=form, result={"form": "value", "max_inline_bytes": 10})
    end = session.finish()
    assert "value" not in end.header
    assert "larger than 10 bytes" in end.notices[0]
    session.run("class H:\n    def _repr_html_(self): return '<i>'")
    session.send_run("", form={"kind": "function", "name": "H"}, result={"mime": ["text/html"]})
    assert list(session.finish().header["bundle"]) == ["text/html"]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("nothing", "NameError"),
        ("len.nothing", "AttributeError"),
        ("no_such:f", "ModuleNotFoundError"),
        ("math:nothing", "AttributeError"),
        ("math:pi", "TypeError"),
        (".:x", "ModuleNotFoundError"),
        ("a..b", "NameError"),
        ("len.", "AttributeError"),
    ],
)
def test_a_function_that_cannot_be_called_fails_as_python_says_it(session: Session, name: str, error: str) -> None:
    end = session.run_form("function", name)
    assert (end.outcome, end.error["frames"]) == ("error", [])
    assert end.error["type_name"] in (error, "ValueError")


def test_a_function_sees_the_surroundings(session: Session) -> None:
    session.run("import os, sys\ndef f(): return [os.environ['A'], os.getcwd(), sys.argv[1:]]")
    assert session.run_form("function", "f", env={"A": "a"}, cwd="/", argv=["x"]).value == ["a", "/", ["x"]]
    assert session.run_form("function", "f", argv=[]).error["type_name"] == "KeyError"


def test_what_only_this_interpreter_cannot_convert_is_an_error_with_its_path(session: Session) -> None:
    zone = {"type_name": "datetime.datetime", "text": "2026-01-01T00:00:00+00:00[Nowhere/Town]"}
    end = session.run_form("function", "print", args=[{"kind": "scalar", "data": zone}])
    assert end.error["type_name"] == "ValueError"
    assert end.error["message"].startswith("args[0]: ")
