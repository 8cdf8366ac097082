"""Code that breaks what it can: the session, or its next generation, goes on; never a wrong answer."""

from __future__ import annotations

import os

import pytest

from tests.session.worker_double import Session

PYTHON_LIBRARY = pytest.mark.not_on_pypy("what our code calls of the library is Python there, and can be broken")


@pytest.mark.parametrize(
    "code",
    [
        "print = None",
        "del __builtins__",
        "__builtins__ = {}",
        pytest.param(
            "import builtins\n"
            "for name in 'len str repr type isinstance id dict max enumerate'.split(): setattr(builtins, name, None)",
            marks=PYTHON_LIBRARY,
        ),
        "globals().clear()",
        "import sys; sys.stdout = None; sys.stderr = None; sys.stdin = None",
        "import sys; sys.stdout = sys.stderr = object()",
        "import sys; sys.modules.clear()",
        "import sys; sys.path[:] = []; sys.meta_path[:] = []",
        "import sys; del sys.modules['__main__']",
        pytest.param(
            "import json, time, os, select, socket, signal\n"
            "for m in json, time, os, select, signal, json.encoder, json.decoder:\n"
            "    for n in list(vars(m)):\n        if not n.startswith('__'): setattr(m, n, None)",
            marks=PYTHON_LIBRARY,
        ),
        "import linecache; linecache.cache.clear(); linecache.cache = None",
        "import asyncio; asyncio.all_tasks = asyncio.new_event_loop = None",
        "import sys; sys.setrecursionlimit(60)",
        "import threading; threading._active.clear()",
        "import gc; gc.disable(); gc.collect()",
        "import sys; sys.excepthook = sys.unraisablehook = sys.displayhook = None",
        "import os; os.chdir('/'); os.environ.clear()",
        "import sys; sys.settrace(lambda *a: 1/0)",
        "import sys; sys.setprofile(lambda *a: None)",
        "import warnings; warnings.resetwarnings(); warnings.simplefilter('error')",
        "import locale; locale.setlocale(locale.LC_ALL, 'C')",
        "import signal; signal.setitimer(signal.ITIMER_REAL, 0)",
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (5, 4096))",
        "import os; os.setpgid(0, 0) if False else None",
        "import beep_session",
        "import decimal; decimal.getcontext().prec = 1",
    ],
)
def test_the_next_cells_run_all_the_same(session: Session, code: str) -> None:
    session.run(code)
    assert session.run("1 + 1").value == 2
    assert session.run("[1, 'a', 2.5]").value == [1, "a", 2.5]
    assert session.run("1 / 0").outcome == "error"
    assert session.run("2 + 2").value == 4


def test_a_signal_handler_that_shows_things_comes_in_on_top_of_nothing(session: Session) -> None:
    end = session.run(
        "import signal, sys, time\n"
        "def on_alarm(*_):\n    print('alarm', file=sys.stderr); display('alarm')\n"
        "    signal.setitimer(signal.ITIMER_REAL, 0.0005)\n"
        "signal.signal(signal.SIGALRM, on_alarm); signal.setitimer(signal.ITIMER_REAL, 0.0005)\n"
        "for i in range(200):\n    display(i); print(i)\n"
        "signal.signal(signal.SIGALRM, signal.SIG_IGN)"
    )
    assert end.outcome == "ok"
    assert end.stdout.splitlines() == [str(i) for i in range(200)]


@pytest.mark.parametrize(
    ("code", "signal", "exit_code"),
    [
        ("import os; os._exit(3)", 0, 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 9, 0),
        ("import os; os.abort()", 6, 0),
    ],
)
def test_a_death_is_the_workers_business(session: Session, code: str, signal: int, exit_code: int) -> None:
    session.is_over = True
    session.send_run("import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n" + code)
    status = session.template.reap(session.pid)["status"]
    assert (status & 0x7F, status >> 8) == (signal, exit_code)
    session.status = {"status": status}


@pytest.mark.parametrize(
    "frame",
    [
        b"\x00\x00\x00\x02xx",
        b"\xff\xff\xff\xff\x00\x00\x00\x00",
        b"\x00\x00\x00\x08\x00\x00\x00\x04nope",
        b'\x00\x00\x00\x10\x00\x00\x00\x0c{"op":"wat"}',
    ],
)
def test_a_frame_that_makes_no_sense_ends_the_session_alone(session: Session, frame: bytes) -> None:
    session.is_over = True
    session.work.sendall(frame)
    assert os.waitstatus_to_exitcode(session.template.reap(session.pid)["status"]) == 113
    session.status = {"status": 0}
    with session.template.fork() as other:
        assert other.run("1").value == 1


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("type('x' * (70 << 20), (), {})()", "ok"),
        ("type('x' * (5 << 20), (), {})()", "ok"),
        ("import sys; sys.exit('x' * (70 << 20))", "exited"),
        ("raise type('x' * (70 << 20), (Exception,), {})('y' * (70 << 20))", "error"),
    ],
)
def test_names_and_texts_of_any_size_are_cut(session: Session, code: str, outcome: str) -> None:
    assert session.run(code).outcome == outcome


def test_one_exception_many_times_in_a_group_is_told_a_few_times(session: Session) -> None:
    if session.template.version < (3, 11):
        pytest.skip("no exception groups")
    end = session.run("raise ExceptionGroup('g', [ValueError('x' * 100000)] * 3000)")
    assert end.outcome == "error"
    assert end.error["truncated"]


def test_an_end_that_fits_into_no_frame_is_told_in_short(session: Session) -> None:
    end = session.run(
        "name = 'é' * 2000\n"
        "exec(f'def {name}(n):\\n    if n: {name}(n - 1)\\n    raise KeyError')\n"
        "def chain(n):\n    try:\n        if n: chain(n - 1)\n    finally:\n        globals()[name](98)\n"
        "chain(15)"
    )
    assert (end.outcome, end.error["type_name"], end.error["truncated"]) == ("error", "KeyError", True)
    assert end.error["frames"] == []
    assert "too large" in end.notices[-1]
