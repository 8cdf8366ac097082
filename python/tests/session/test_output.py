"""stdout and stderr: nothing lost, and in order where order is promised."""

from __future__ import annotations

import os
from typing import TextIO

import pytest

from tests.session.worker_double import PATIENCE_S, End, Session


def kinds(end: End) -> list[tuple[str, str]]:
    return [(kind, data.decode()) for kind, data in end.events if kind in ("stdout", "stderr")]


def test_what_is_printed_arrives_before_the_end(session: Session) -> None:
    end = session.run("print('a'); print('b', end=''); import sys; print('c', file=sys.stderr)")
    assert (end.stdout, end.stderr) == ("a\nb", "c\n")


def test_writes_that_switch_between_the_streams_keep_their_order(session: Session) -> None:
    end = session.run(
        "import sys\nfor i in range(50):\n"
        "    print(i)\n"
        "    print(i, file=sys.stderr)\n"
        "    print('part', end='')\n"
        "    sys.stderr.write('other')\n"
    )
    expected = []
    for i in range(50):
        expected += [("stdout", f"{i}\n"), ("stderr", f"{i}\n"), ("stdout", "part"), ("stderr", "other")]
    assert kinds(end) == expected


def test_a_line_that_does_not_end_is_seen_while_the_code_goes_on(session: Session) -> None:
    os.mkfifo(os.path.join(session.cwd, "gate"))
    opened: list[TextIO] = []

    def on_event(kind: str, data: bytes) -> None:
        if kind == "stdout" and not opened:
            opened.append(open(os.path.join(session.cwd, "gate"), "w"))
            opened[0].write("open")
            opened[0].close()

    for text in ("first", "second"):
        opened.clear()
        end = session.run(f"print({text!r}, end=''); gate = open('gate').read()", on_event)
        assert end.stdout == text
        assert opened


def test_every_line_of_many_arrives(session: Session) -> None:
    assert session.run("for i in range(10_000): print(i)").stdout == "".join(f"{i}\n" for i in range(10_000))


def test_a_large_text_arrives_whole(session: Session) -> None:
    end = session.run("print('x' * 3_000_000); print('y' * 5000, end=''); print('z')")
    assert end.stdout == "x" * 3_000_000 + "\n" + "y" * 5000 + "z\n"


def test_c_code_and_children_keep_their_place_in_their_stream(session: Session) -> None:
    end = session.run("import os\nprint('a')\nos.system('echo b')\nprint('c')\nos.write(1, b'd')\nprint('e')")
    assert end.stdout == "a\nb\nc\nde\n"


def test_text_that_has_no_utf8_does_not_fail(session: Session) -> None:
    assert session.run("print('\\ud800 \\xe9')").stdout == "\\ud800 é\n"


def test_redirected_and_replaced_streams_are_the_users_business(session: Session) -> None:
    code = "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as f:\n    print('in')\nf.getvalue()"
    assert session.run(code).value == "in\n"
    assert session.run("import sys; sys.stdout = None; print('x')").outcome == "ok"
    assert session.run("sys.stdout = sys.__stdout__; print('back')").stdout == "back\n"


def test_a_closed_stream_is_there_again_for_the_next_cell(session: Session) -> None:
    session.run("import sys; sys.stdout.close(); sys.stderr.close()")
    assert session.run("print('again')").stdout == "again\n"


def test_threads_print_without_asking_the_worker(session: Session) -> None:
    end = session.run(
        "import threading, sys\n"
        "def work(n):\n    for i in range(100):\n        print(n, i)\n        print(n, i, file=sys.stderr)\n"
        "threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]; print('done')"
    )
    assert sorted(end.stdout.split("\n")) == sorted([f"{n} {i}" for n in range(4) for i in range(100)] + ["done", ""])
    assert len(end.stderr.splitlines()) == 400


def test_the_end_of_a_session_runs_what_a_program_runs(session: Session) -> None:
    session.run("import atexit, threading, time\natexit.register(print, 'bye')\nprint('waits', end='')")
    session.run("t = threading.Thread(target=lambda: print('thread')); t.start(); t.join()")
    session.is_over = True
    session.events = []
    session.work.close()
    assert session.leave()["status"] == 0
    assert b"".join(data for _, data in session.events) == b"bye\n"


@pytest.mark.parametrize("code", ["import os; os.close(1); os.close(2); print('x')", "import os; os.closerange(3, 10)"])
def test_closed_descriptors_do_not_end_the_session(session: Session, code: str) -> None:
    session.run(code)
    assert PATIENCE_S
    assert session.run("'here'").value == "here"
