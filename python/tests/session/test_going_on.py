"""Items that are handed over before their turn: a session goes on by itself, unless something is to be done before."""

from __future__ import annotations

import os
import signal

import pytest

from beep_session.frames import pack
from tests.session.worker_double import Session

# Waits until the worker says that it may go on.
GATE = "import os\nos.read(gate, 1)\n"


def gated(session: Session, *ahead: str, code: str = "") -> int:
    """An item runs, and ends when its gate is written to; those behind it are ahead."""
    path = os.path.join(session.cwd, "gate")
    os.mkfifo(path)
    write = os.open(path, os.O_RDWR)
    session.run(f"import os\ngate = os.open({path!r}, os.O_RDONLY)")
    session.send_run(GATE + code)
    session.send_ahead(*ahead)
    return write


def open_gate(write: int) -> None:
    os.write(write, b".")
    os.close(write)


def test_it_goes_on_to_what_is_ahead_and_tells_each_end(session: Session) -> None:
    open_gate(gated(session, "seen = [1]", "1/0", "raise SystemExit(3)", "seen.append(2); seen"))
    ends = [session.next_end() for _ in range(5)]
    assert [end["id"] for end in ends] == [f"item-{n}" for n in range(2, 7)]
    assert [end["outcome"] for end in ends] == ["ok", "ok", "error", "exited", "ok"]
    assert [end["next"] for end in ends] == [True, True, True, True, False]
    assert ends[-1]["text"] == "[1, 2]"


def test_it_says_when_it_went_on_and_what_it_had_used(session: Session) -> None:
    open_gate(gated(session, "import time\nwhile time.process_time() < 0.2: pass", "1"))
    first, second, last = (session.next_end() for _ in range(3))
    assert 0 < second["at"] - first["at"] < 20e9
    assert 0.1e9 < second["cpu"] - first["cpu"] < 5e9
    assert last["next"] is False
    assert "at" not in last


@pytest.mark.parametrize(
    "code",
    [
        "print('mine')",
        "print('mine', end='')",
        "import sys; sys.stderr.write('mine')",
        "os.write(2, b'mine')",
        "import subprocess; subprocess.run(['echo', 'mine'])",
        "saved = os.dup(1); null = os.open('/dev/null', os.O_WRONLY); os.dup2(null, 1); os.write(saved, b'mine')",
    ],
)
def test_it_waits_until_its_output_has_been_read(session: Session, code: str) -> None:
    open_gate(gated(session, "'not yet'", code=code))
    end = session.next_end()
    assert "next" not in end
    assert session.take_back() == ["item-3"]
    session.drain()
    assert [data.strip() for _, data in session.events] == [b"mine"]


def test_output_that_has_been_read_in_time_keeps_nothing(session: Session) -> None:
    write = gated(session, "'at once'", code="print('mine', flush=True)\nos.read(gate, 1)")
    os.write(write, b".")
    assert session.note_output() == b"mine\n"
    open_gate(write)
    assert session.next_end()["next"] is True
    assert session.next_end()["text"] == "'at once'"


def test_what_was_taken_back_never_begins(session: Session) -> None:
    write = gated(session, "seen = 1", "seen = 2")
    assert session.take_back() == ["item-3", "item-4"]
    open_gate(write)
    assert session.next_end()["next"] is False
    assert session.run("'seen' in globals()").value is False


def test_one_from_the_middle_is_taken_back_with_those_around_it(session: Session) -> None:
    write = gated(session, "seen = 1", "seen = 2", "seen = 3")
    assert session.their_ahead.recv(16384)  # the worker is about to take them back
    open_gate(write)
    assert session.next_end()["next"] is False
    assert session.take_back() == ["item-5"]
    assert session.run("'seen' in globals()").value is False


def test_what_follows_one_that_was_told_after_all_still_does(session: Session) -> None:
    write = gated(session)
    open_gate(write)
    assert session.next_end()["next"] is False
    session.send_ahead("1", "'follows'")
    assert session.their_ahead.recv(16384)
    session.work.sendall(pack({"op": "run", "id": "item-3", "count": 3, "number": 1}, [b"1"]))
    assert session.next_end()["next"] is True
    assert session.next_end()["text"] == "'follows'"


def test_an_interrupted_item_is_the_last_one(session: Session) -> None:
    session.run("1")
    session.send_run("print('on', flush=True)\nwhile True: pass")
    assert session.note_output() == b"on\n"
    session.interrupt()
    session.send_ahead("'ahead'")
    end = session.next_end()
    assert (end["outcome"], "next" in end) == ("interrupted", False)
    assert session.take_back() == ["item-3"]


def test_what_it_went_on_to_can_be_interrupted(session: Session) -> None:
    open_gate(gated(session, "while True: pass"))
    assert session.next_end()["next"] is True
    session.interrupt()
    assert session.next_end()["outcome"] == "interrupted"


def test_tasks_that_are_left_run_before_the_next_item(session: Session) -> None:
    session.run("import asyncio\nran = []\nasync def later():\n    await asyncio.sleep(0.01); ran.append(1)")
    session.send_run("kept = asyncio.ensure_future(later()); await asyncio.sleep(0)")
    session.send_ahead("'ahead'")
    assert "next" not in session.next_end()
    assert session.take_back() == ["item-3"]


def test_an_answer_that_may_still_come_is_waited_for(session: Session) -> None:
    session.run("1")
    session.send_run(
        "import signal\nclass Late(Exception): pass\ndef raising(*_): raise Late\n"
        "signal.signal(signal.SIGALRM, raising)\n"
        "try: input('?')\nexcept Late: pass",
        input="interactive",
    )
    frame = session.frames.read()
    assert frame is not None
    assert frame.header["op"] == "ask"
    session.drain()
    session.send_ahead("input()")
    os.kill(session.pid, signal.SIGALRM)
    assert "next" not in session.next_end()
    session.give(b"late\n")
    assert session.take_back() == ["item-3"]
    end = session.run(
        "input('again')", lambda kind, _: session.give(b"new\n") if kind == "ask" else None, input="interactive"
    )
    assert end.value == "new"


def test_without_its_descriptors_it_does_what_it_is_told(session: Session) -> None:
    open_gate(gated(session, "'ahead'", code="os.closerange(58, 61)"))
    assert "next" not in session.next_end()
    assert session.take_back() == ["item-3"]
    assert session.run("print('well'); 1").stdout == "well\n"


def test_a_child_takes_nothing(session: Session) -> None:
    code = "if os.fork() == 0:\n    raise SystemExit\nos.wait()"
    open_gate(gated(session, "'ahead'", code=code))
    assert session.next_end()["next"] is True
    assert session.next_end()["text"] == "'ahead'"
