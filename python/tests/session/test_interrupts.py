"""The first two rungs of the ladder: what they end, and what they never touch."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.session.worker_double import Session


def interrupting(session: Session, text: bytes = b"on\n") -> Callable[[str, Any], None]:
    """Send SIGINT as soon as the code has printed this."""
    return lambda kind, data: session.interrupt() if kind == "stdout" and text in data else None


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "import time; time.sleep(1000)",
        "import threading; threading.Event().wait()",
        "import subprocess; subprocess.run(['sleep', '1000'])",
        "import os; os.read(os.pipe()[0], 1)",
        "class A:\n    def __repr__(self):\n        while True: pass\nA()",
        "class A:\n    def _repr_html_(self):\n        while True: pass\ndisplay(A())",
        "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E",
        "while True:\n    try: 1/0\n    except Exception: pass",
        "import time\nwhile True: print('x'); time.sleep(0.0001)",
        "import asyncio; asyncio.run(asyncio.sleep(1000))",
    ],
)
def test_an_interrupt_ends_the_code_and_keeps_its_state(session: Session, body: str) -> None:
    session.run("kept = 5")
    end = session.run(f"print('on', flush=True)\n{body}", interrupting(session))
    assert end.outcome == "interrupted"
    assert end.error["type_name"] == "KeyboardInterrupt"
    assert session.run("kept").value == 5


@pytest.mark.parametrize("raised", ["E()", "ValueError(R())", "ValueError('plain')"])
def test_an_interrupt_ends_code_that_handles_an_error_which_never_ends_to_say_what_it_is(
    session: Session, raised: str
) -> None:
    endless = "        while True: pass\n"
    classes = f"class E(Exception):\n    def __str__(self):\n{endless}class R:\n    def __repr__(self):\n{endless}"
    session.run(classes)
    code = f"try: raise {raised}\nexcept Exception:\n    print('on', flush=True)\n    while True: pass"
    end = session.run(code, interrupting(session))
    assert end.outcome == "interrupted"
    assert ("plain" in end.error["traceback"]) is ("plain" in raised)


def test_a_signal_that_came_just_after_it_was_looked_for_is_raised_in_what_runs_then(session: Session) -> None:
    came = (
        "import os, signal\n"
        "ours = signal.getsignal(signal.SIGINT).__self__\n"
        "ours.was_caused, ours.is_pending, ours._seen = True, True, 1\n"
        "os.write(1, b'on')\n"
        "while True: pass"
    )
    end = session.run(came, lambda kind, data: session.announce_interrupt() if kind == "stdout" else None)
    assert end.outcome == "interrupted"


def test_frames_of_an_interrupted_cell_are_the_users(session: Session) -> None:
    end = session.run("def f():\n    print('on', flush=True)\n    while True: pass\nf()", interrupting(session))
    assert [frame["function"] for frame in end.error["frames"]] == ["<module>", "f"]
    assert "beep_session" not in end.error["traceback"]


def test_a_keyboard_interrupt_of_the_codes_own_is_an_error(session: Session) -> None:
    assert session.run("raise KeyboardInterrupt").outcome == "error"


def test_code_that_catches_the_interrupt_and_ends_is_ok(session: Session) -> None:
    code = "try:\n    print('on', flush=True)\n    while True: pass\nexcept KeyboardInterrupt:\n    pass\n'fine'"
    end = session.run(code, interrupting(session))
    assert (end.outcome, end.value) == ("ok", "fine")


def test_an_interrupt_between_cells_is_dropped(session: Session) -> None:
    session.run("1")
    for _ in range(20):
        session.interrupt()
        assert session.run("sum(range(1000))").outcome == "ok"


@pytest.mark.parametrize("ours", ["signal.SIG_IGN", "lambda *a: None", "signal.SIG_DFL"])
def test_the_handler_is_ours_again_in_the_next_cell(session: Session, ours: str) -> None:
    session.run(f"import signal; signal.signal(signal.SIGINT, {ours})")
    session.run("signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})")
    end = session.run("print('on', flush=True)\nwhile True: pass", interrupting(session))
    assert end.outcome == "interrupted"


@pytest.mark.not_on_pypy("it has no second rung")
def test_the_second_rung_beats_an_ignored_signal(session: Session) -> None:
    code = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('on', flush=True)\nwhile True: pass"
    item = "item-1"
    end = session.run(code, lambda kind, data: session.raise_in(item) if kind == "stdout" else None)
    assert end.outcome == "interrupted"


@pytest.mark.not_on_pypy("it has no second rung")
def test_the_second_rung_never_reaches_the_next_item(session: Session) -> None:
    for _ in range(50):
        item = session.send_run("import time; time.sleep(0.001)")
        session.raise_in(item)
        assert session.finish().outcome in ("ok", "interrupted")
        session.raise_in(item)
        assert session.run("sum(range(20_000))").outcome == "ok"


@pytest.mark.not_on_pypy("it has no second rung")
def test_the_second_rung_in_the_midst_of_our_own_frames_breaks_nothing(session: Session) -> None:
    code = "import sys\nwhile True:\n    print('a', file=sys.stderr); display(1); print('b')"
    for _ in range(20):
        seen: list[int] = []

        def on_event(kind: str, data: object, seen: list[int] = seen) -> None:
            seen.append(1)
            if len(seen) == 30:
                session.raise_in(f"item-{session.count}")

        assert session.run(code, on_event).outcome == "interrupted"
        assert session.run("1").value == 1


def test_the_first_rung_in_the_midst_of_our_own_frames_breaks_nothing(session: Session) -> None:
    code = "import sys\nwhile True:\n    print('a', file=sys.stderr); display(1); print('b')"
    for _ in range(20):
        seen: list[int] = []

        def on_event(kind: str, data: object, seen: list[int] = seen) -> None:
            seen.append(1)
            if len(seen) == 30:
                session.interrupt()

        assert session.run(code, on_event).outcome == "interrupted"
        assert session.run("1").value == 1


@pytest.mark.not_on_pypy("it has no second rung")
def test_the_second_rung_ends_code_that_awaits(session: Session) -> None:
    code = "import asyncio\nprint('on', flush=True)\nawait asyncio.sleep(1000)"
    end = session.run(code, lambda kind, data: session.raise_in("item-1") if kind == "stdout" else None)
    assert end.outcome == "interrupted"


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.write(1, b'x' * 1_000_000)",
        "print('x' * 1_000_000)",
        "print('x' * 4000, end='')\nfor i in range(100_000): print(i)",
    ],
)
def test_code_that_waits_for_a_full_pipe_is_interrupted(session: Session, code: str) -> None:
    # Nobody reads until the pipe is full; then it is interrupted, and read.
    session.send_run(code)
    while session.ask_control({"op": "stacks", "request": 7})["threads"][0]["frames"] == []:
        pass
    os.set_blocking(session.out, True)
    assert os.read(session.out, 1)
    os.set_blocking(session.out, False)
    session.interrupt()
    end = session.finish()
    assert end.outcome == "interrupted"
    assert session.run("print('next')").stdout == "next\n"


def test_stacks_say_where_every_thread_is(session: Session) -> None:
    session.run(
        "import threading\nevent = threading.Event()\ndef wait_here(): event.wait()\n"
        "t = threading.Thread(target=wait_here, name='waiting'); t.start()"
    )
    session.send_run("def spin():\n    while True: pass\nspin()")
    threads: list[dict[str, Any]] = []
    while not threads or [frame["function"] for frame in threads[0]["frames"]] != ["<module>", "spin"]:
        answer = session.ask_control({"op": "stacks", "request": 9})
        assert answer["request"] == 9
        threads = answer["threads"]
    assert threads[0]["main"] is True
    assert threads[0]["frames"][-1]["source"] == "while True: pass"
    assert [thread["name"] for thread in threads] == ["MainThread", "waiting"]
    assert any(frame["function"] == "wait_here" for frame in threads[1]["frames"])
    session.interrupt()
    assert session.finish().outcome == "interrupted"
    session.run("event.set(); t.join()")


@pytest.mark.parametrize("wait", ["time.sleep(1000)", "await asyncio.sleep(1000)", "os.read(os.pipe()[0], 1)"])
def test_an_interrupt_whose_signal_was_not_seen_is_not_lost(session: Session, wait: str) -> None:
    """Only what goes with the signal is sent: to the session that is a signal which came too early to be seen."""

    def announce(kind: str, data: Any) -> None:
        if kind == "stdout":
            session.announce_interrupt()

    end = session.run(f"import asyncio, os, time\nprint('on', flush=True)\n{wait}", announce)
    assert end.outcome == "interrupted"
    assert session.run("1 + 1").value == 2


def test_an_interrupt_is_one_interrupt(session: Session) -> None:
    code = (
        "import time\nseen = 0\nwhile seen < 100:\n    try:\n        print('on', flush=True)\n"
        "        while True: time.sleep(0.02)\n    except KeyboardInterrupt:\n        seen += 1\n"
        "time.sleep(0.05)"
    )
    end = session.run(code, lambda kind, data: session.interrupt() if kind == "stdout" else None)
    assert (end.outcome, end.stdout) == ("ok", "on\n" * 100)


def test_a_handler_of_the_users_is_called_once_for_each_interrupt(session: Session) -> None:
    code = (
        "import signal, time\nseen = 0\ndef handler(*_):\n    global seen\n    seen += 1\n"
        "signal.signal(signal.SIGINT, handler)\nprint('on', flush=True)\n"
        "deadline = time.monotonic() + 0.2\nwhile time.monotonic() < deadline: time.sleep(0.01)\nseen"
    )
    end = session.run(code, lambda kind, data: session.interrupt() if kind == "stdout" else None)
    assert end.value == 1


def test_an_interrupt_loses_no_callback_of_an_event_loop(session: Session) -> None:
    """In the middle of one of the loop's own steps it would: the task would wait for ever for its own end."""
    code = "import asyncio\nprint('on', flush=True)\nasyncio.run(asyncio.sleep(1000))"
    for _ in range(100):
        end = session.run(code, lambda kind, data: session.interrupt() if kind == "stdout" else None)
        assert end.outcome == "interrupted"


@pytest.mark.not_on_pypy("an object is finalized later than it is left")
def test_an_interrupt_in_a_finalizer_is_not_lost(session: Session) -> None:
    code = (
        "import time\nclass A:\n    def __del__(self): print('on', flush=True); time.sleep(0.05)\n"
        "a = A(); del a\nwhile True: time.sleep(0.01)"
    )
    end = session.run(code, lambda kind, data: session.interrupt() if data == b"on\n" else None)
    assert (end.outcome, end.stderr) == ("interrupted", "")


def test_an_interrupt_as_rendering_begins_is_not_lost(session: Session) -> None:
    code = "print('on', flush=True)\nclass A:\n    def __repr__(self):\n        while True: pass\nA()"
    for _ in range(50):
        assert session.run(code, interrupting(session)).outcome == "interrupted"


def test_an_interrupt_of_code_that_makes_way_for_an_answer_is_not_lost(session: Session) -> None:
    code = "import os\nprint('on', flush=True)\nwhile True: os.stat('.')"
    for _ in range(20):
        session.send_run(code)
        while b"on\n" not in session.note_output():
            pass
        os.kill(session.pid, signal.SIGURG)
        session.ask("variables", private=False)
        os.kill(session.pid, signal.SIGURG)
        session.interrupt()
        os.kill(session.pid, signal.SIGURG)
        end = session.finish()
        assert end.outcome == "interrupted"
        assert [frame["function"] for frame in end.error["frames"]] == ["<module>"]


def test_making_way_ends_no_wait_of_the_users(session: Session) -> None:
    code = (
        "import os, time\nread, write = os.pipe()\nprint('on', flush=True)\nbegun = time.monotonic()\n"
        "time.sleep(0.3)\ntime.monotonic() - begun >= 0.3, os.system('kill -URG $$; exit 3') >> 8"
    )
    end = session.run(code, lambda kind, data: os.kill(session.pid, signal.SIGURG) if kind == "stdout" else None)
    assert end.value == {"$tuple": [True, 3]}


def test_what_python_says_of_an_interrupt_in_a_finalizer_names_no_frame_of_ours(session: Session) -> None:
    code = "class A:\n    def __del__(self):\n        print('on', flush=True)\n        while True: pass\nA()\n'went on'"
    end = session.run(code, interrupting(session))
    assert end.value == "went on"
    assert "in __del__" in end.stderr
    assert end.stderr.endswith("KeyboardInterrupt: \n") or end.stderr.endswith("KeyboardInterrupt\n")
    assert "beep_session" not in end.stderr
