"""What code reads: nothing, what came with it, or what its caller answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.session.worker_double import Session

EOF_ERROR = "EOF when reading a line"
IS_NULL = "import os; os.path.samestat(os.fstat(0), os.stat(os.devnull))"


def test_without_input_there_is_an_error_that_says_so(session: Session) -> None:
    for call in ("input('name? ')", "__import__('getpass').getpass()"):
        end = session.run(call)
        assert end.error["type_name"] == "EOFError"
        assert "this execution has no input" in end.error["message"]
    assert session.run("import sys; sys.stdin.read()").value == ""


def test_preset_input_is_read_line_by_line_then_ends(session: Session) -> None:
    end = session.run("[input(), input('second? ')]", stdin="ä\nb".encode())
    assert end.value == ["ä", "b"]
    assert end.stdout == "second? "
    end = session.run("input(); input()", stdin=b"only\n")
    assert (end.error["type_name"], end.error["message"]) == ("EOFError", EOF_ERROR)
    assert session.run("input()", stdin=b"").error["message"] == EOF_ERROR


def test_preset_input_is_there_for_children_and_c_code(session: Session) -> None:
    end = session.run(
        "import os, subprocess\nfirst = os.read(0, 6)\nrest = subprocess.run(['cat'], capture_output=True).stdout\n"
        "(first, rest)",
        stdin=b"first\nrest\n\xff\0",
    )
    assert end.text == "(b'first\\n', b'rest\\n\\xff\\x00')"
    assert session.run("import os; os.system('wc -l')", stdin=b"1\n2\n").stdout.strip() == "2"


@pytest.mark.parametrize("size", [0, 1, 8192, 65536, 10_000_000])
def test_preset_input_of_any_size_comes_whole(session: Session, size: int) -> None:
    stdin = (b"0123456789abcde\n" * (size // 16 + 1))[:size]
    assert session.run("import sys, zlib; zlib.crc32(sys.stdin.buffer.read())", stdin=stdin).value == (
        __import__("zlib").crc32(stdin)
    )


def test_each_execution_has_its_own_input(session: Session) -> None:
    assert session.run("import sys; former = sys.stdin; input()", stdin=b"a\nleft\n").value == "a"
    assert session.run(IS_NULL).value is True
    assert session.run("(former.read() in ('', 'left\\n'), sys.stdin is sys.__stdin__ is not former)").text == (
        "(True, True)"
    )
    assert session.run("input()", stdin=b"b\n").value == "b"
    end = session.converse("kept = sys.stdin; input()", ["c\nleft\n"])
    assert end.value == "c"
    assert session.run(IS_NULL).value is True
    assert session.run("input()").error["type_name"] == "EOFError"
    assert session.converse("input()", ["d\n"]).value == "d"
    assert session.run("kept.buffer.raw.read(1)").value == b""


def test_input_that_the_code_has_closed_or_replaced_is_there_for_the_next(session: Session) -> None:
    assert session.run("import os, sys; sys.stdin.close(); os.close(0)", stdin=b"a").outcome == "ok"
    assert session.run("input()", stdin=b"b\n").value == "b"
    assert session.converse("sys.stdin.close()", []).outcome == "ok"
    assert session.converse("input()", ["c\n"]).value == "c"
    assert session.run("import io; sys.stdin = io.StringIO('mine\\n'); input()").value == "mine"
    assert session.run("input()", stdin=b"preset\n").value == "preset"
    assert session.run("sys.stdin.read()").value == ""
    assert session.run("sys.stdin = None; input()").error["type_name"] == "RuntimeError"
    assert session.run("sys.stdin = sys.__stdin__; sys.stdin.read()").value == ""


def test_interactive_input_is_asked_for_with_its_prompt(session: Session) -> None:
    end = session.converse("a = input('name? '); b = input(); (a, b)", ["Zoë\n", "second\r\n"])
    assert end.value == {"$tuple": ["Zoë", "second"]}
    assert end.questions == [("name? ", False), ("", False)]
    assert end.stdout == "name? "


def test_a_prompt_comes_before_its_question_and_the_echo_after(session: Session) -> None:
    code = "import sys\nfor i in range(300): print('a', file=sys.stderr); print(input(f'{i}? '))"
    end = session.converse(code, [f"answer {i}\n" for i in range(300)])
    seen = "".join(data.decode() if kind == "stdout" else "|" for kind, data in end.events if kind != "stderr")
    assert seen == "".join(f"{i}? |answer {i}\n" for i in range(300))
    assert end.stderr == "a\n" * 300


def test_a_password_is_asked_for_as_one(session: Session) -> None:
    end = session.converse("import getpass; getpass.getpass(), getpass.getpass('PIN: ')", ["se", "cret\n", "1234\n"])
    assert end.value == {"$tuple": ["secret", "1234"]}
    assert end.questions == [("Password: ", True), ("", True), ("PIN: ", True)]
    assert (end.stdout, end.stderr) == ("", "Password: PIN: ")


def test_one_answer_may_hold_many_lines_and_one_line_many_answers(session: Session) -> None:
    end = session.converse("[input('?') for _ in range(4)]", ["a\nb\n", "c", "", ""][:2] + ["c\n", "d\n"])
    assert end.value == ["a", "b", "cc", "d"]
    assert end.questions == [("?", False), ("?", False), ("", False), ("?", False)]


def test_characters_may_be_cut_in_two(session: Session) -> None:
    data = "äöü€😀\n".encode()
    assert session.converse("input()", [data[i : i + 1] for i in range(len(data))]).value == "äöü€😀"


def test_all_ways_to_read_lines(session: Session) -> None:
    lines = [f"line {i}\n" for i in range(500)]
    assert session.converse("import sys; [line for line in sys.stdin]", [*lines, ""]).value == lines
    assert session.converse("sys.stdin.read()", ["a\n", "b", ""]).value == "a\nb"
    assert session.converse("sys.stdin.readlines()", ["a\nb\n", "c", ""]).value == ["a\n", "b\n", "c"]
    assert session.converse("sys.stdin.buffer.readline()", ["a\n"]).value == b"a\n"
    assert session.converse("sys.stdin.read(3)", ["ab", "cd"]).value == "abc"
    assert session.converse("sys.stdin.isatty(), sys.stdin.fileno()", []).text == "(False, 0)"


def test_after_the_end_of_file_nothing_is_asked_any_more(session: Session) -> None:
    end = session.converse("import sys; [sys.stdin.readline() for _ in range(3)]", ["a", ""])
    assert end.value == ["a", "", ""]
    assert len(end.questions) == 2
    assert session.converse("input()", [""]).error["message"] == EOF_ERROR


def test_a_huge_line_comes_whole(session: Session) -> None:
    size = 5_000_000
    assert session.converse("len(input())", [b"x" * size + b"\n"]).value == size


def test_a_thread_is_told_that_it_cannot_ask(session: Session) -> None:
    code = (
        "import sys, threading\nfailed = []\n"
        "def ask(read):\n    try: read()\n    except Exception as error: failed.append(str(error))\n"
        "for read in (input, sys.stdin.readline):\n"
        "    t = threading.Thread(target=ask, args=(read,)); t.start(); t.join()\nfailed"
    )
    end = session.converse(code, [])
    assert end.value == ["input is asked for in the main thread only: read it there and hand it to this one"] * 2
    assert session.run(code.replace("read()", "failed.append(read())"), stdin=b"a\nb\n").value == ["a", "b\n"]


def test_children_find_the_end_of_file(session: Session) -> None:
    code = (
        "import os, subprocess, sys\n"
        "out = subprocess.run([sys.executable, '-c', 'print(repr(input()))'], capture_output=True, text=True)\n"
        "r, w = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    try: input()\n    except EOFError as error: os.write(w, str(error).encode())\n    os._exit(0)\n"
        "os.wait()\n(out.stderr.splitlines()[-1][:8], os.read(r, 100), input())"
    )
    end = session.converse(code, ["mine\n"])
    assert end.text == f"('EOFError', b'{EOF_ERROR}', 'mine')"


def test_input_in_a_cell_that_awaits(session: Session) -> None:
    code = "import asyncio\nasync def ask(): return input('?')\nawait asyncio.gather(ask(), ask())"
    assert session.converse(code, ["a\n", "b\n"]).value == ["a", "b"]


def test_a_prompt_of_any_kind(session: Session) -> None:
    end = session.converse("input('\\ud800' + 'é'), input('x' * 100_000), input(5)", ["a\n", "b\n", "c\n"])
    assert [text for text, _ in end.questions] == ["\\ud800é", "x" * 4096, "5"]


def interrupt_on_question(session: Session, code: str, then: list[bytes]) -> Any:
    """The first question is interrupted, each further one gets an answer."""
    left: list[bytes] = [b"", *then]

    def on_event(kind: str, _: Any) -> None:
        if kind == "ask":
            answer = left.pop(0)
            if answer:
                session.give(answer)
            else:
                session.interrupt()

    return session.run(code, on_event, input="interactive")


@pytest.mark.parametrize("call", ["input('?')", "sys.stdin.read()", "next(sys.stdin)", "getpass.getpass()"])
def test_an_interrupt_ends_the_wait_and_the_state_is_kept(session: Session, call: str) -> None:
    end = interrupt_on_question(session, f"import getpass, sys; x = 7\n{call}", [])
    assert (end.outcome, end.error["type_name"]) == ("interrupted", "KeyboardInterrupt")
    assert session.run("x").value == 7
    assert session.converse("input()", ["on\n"]).value == "on"


def test_code_that_catches_the_interrupt_may_ask_again(session: Session) -> None:
    code = "try: input('first')\nexcept KeyboardInterrupt: print('caught'); again = input('second')\ndisplay(1)\nagain"
    end = interrupt_on_question(session, code, [b"answer\n"])
    assert end.value == "answer"
    assert end.questions == [("first", False), ("second", False)]


def test_an_answer_that_crosses_an_interrupt_is_not_lost(session: Session) -> None:
    def on_event(kind: str, _: Any) -> None:
        if kind == "ask" and [kind for kind, _ in session.events].count("ask") == 1:
            session.interrupt()
            session.give(b"crossed\n")

    code = (
        "import sys, time\ngot = []\n"
        "try:\n    got.append(input())\n    time.sleep(10)\n"
        "except KeyboardInterrupt: pass\n"
        "display(1); print(2, file=sys.stderr); got or input()"
    )
    for _ in range(30):
        assert session.run(code, on_event, input="interactive").value in ("crossed", ["crossed"])


def test_a_late_answer_is_nothing_to_the_next_execution(session: Session) -> None:
    interrupt_on_question(session, "input()", [])
    session.give(b"late\n")
    assert session.run("1 + 1").value == 2
    assert session.converse("input()", ["own\n"]).value == "own"


def test_a_users_alarm_ends_the_wait(session: Session) -> None:
    code = (
        "import signal\nclass Late(Exception): pass\ndef on_alarm(*_): raise Late\n"
        "signal.signal(signal.SIGALRM, on_alarm)\nlate = 0\n"
        "for _ in range(100):\n"
        "    try: signal.setitimer(signal.ITIMER_REAL, 0.001); input()\n    except Late: late += 1\nlate"
    )
    assert session.run(code, input="interactive").value == 100


def test_alarms_and_answers_that_cross_lose_no_frame(session: Session) -> None:
    code = (
        "import random, signal\nclass Late(Exception): pass\ndef on_alarm(*_): raise Late\n"
        "signal.signal(signal.SIGALRM, on_alarm)\nlate = lines = 0\n"
        "for _ in range(1000):\n"
        "    try:\n        signal.setitimer(signal.ITIMER_REAL, random.uniform(0.00005, 0.0005)); input(); lines += 1\n"
        "        signal.setitimer(signal.ITIMER_REAL, 0)\n"
        "    except Late: late += 1\n"
        "signal.setitimer(signal.ITIMER_REAL, 0)\n"
        "late + lines"
    )

    def on_event(kind: str, _: Any) -> None:
        if kind == "ask":
            session.give(b"x" * 100 + b"\n")

    assert session.run(code, on_event, input="interactive").value >= 1000


@pytest.mark.not_on_pypy("it has no second rung")
def test_code_that_ignores_the_signal_is_interrupted_by_an_exception(session: Session) -> None:
    code = "import signal; x = 7; signal.signal(signal.SIGINT, signal.SIG_IGN)\ninput()"

    def on_event(kind: str, _: Any) -> None:
        if kind == "ask":
            session.raise_in(f"item-{session.count}")

    end = session.run(code, on_event, input="interactive")
    assert (end.outcome, end.error["type_name"]) == ("interrupted", "KeyboardInterrupt")
    assert session.run("x").value == 7


def test_a_signal_handler_on_top_of_a_display_cannot_ask_but_does_no_harm(session: Session) -> None:
    code = (
        "import signal\nfailed = set()\ndef on_alarm(*_):\n    try: input()\n"
        "    except RuntimeError as error: failed.add(str(error))\n"
        "    signal.setitimer(signal.ITIMER_REAL, 0.0005)\n"
        "signal.signal(signal.SIGALRM, on_alarm); signal.setitimer(signal.ITIMER_REAL, 0.0005)\n"
        "for i in range(200): display(i)\nsignal.signal(signal.SIGALRM, signal.SIG_IGN); 'done'"
    )

    def on_event(kind: str, _: Any) -> None:
        if kind == "ask":
            session.give(b"x\n")

    assert session.run(code, on_event, input="interactive").value == "done"
