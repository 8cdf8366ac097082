"""Top-level await and what runs between cells."""

from __future__ import annotations

import os
import socket
from typing import Any

from tests.session.worker_double import Session

# Once the loop waits: an interrupt in a callback of the user's is raised there.
SAY_ON = """
import os, sys, threading, time
def say_on(main=threading.get_ident()):
    def wait_for_the_loop():
        while sys._current_frames()[main].f_code.co_name != 'select': time.sleep(0.001)
        os.write(1, b'on\\n')
    threading.Thread(target=wait_for_the_loop).start()
"""


def test_a_cell_can_await(session: Session) -> None:
    end = session.run("import asyncio\nasync def f(): return 5\nx = await f()\nawait asyncio.sleep(0)\nawait f() + x")
    assert end.value == 10


def test_the_loop_is_the_same_from_cell_to_cell(session: Session) -> None:
    session.run("import asyncio\nloop = asyncio.get_running_loop() if await asyncio.sleep(0, True) else None")
    assert session.run("await asyncio.sleep(0); asyncio.get_running_loop() is loop").value is True


def test_asyncio_run_works_in_a_plain_cell_also_beside_the_loop(session: Session) -> None:
    session.run("import asyncio\nasync def f(): return 5\nt = asyncio.ensure_future(asyncio.sleep(1000)); await f()")
    assert session.run("asyncio.run(f())").value == 5
    assert session.run("await f()").value == 5
    assert session.run("t.done()").value is False


def test_a_background_task_goes_on_between_cells(session: Session) -> None:
    path = os.path.join(session.cwd, "socket")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        listener.settimeout(20)
        session.run(
            "import asyncio\nasync def talk():\n    r, w = await asyncio.open_unix_connection('socket')\n"
            "    w.write((await r.readline()).upper()); await w.drain(); global done; done = True\n"
            "task = asyncio.ensure_future(talk()); await asyncio.sleep(0)"
        )
        peer = listener.accept()[0]
        with peer:
            peer.settimeout(20)
            peer.sendall(b"hello\n")
            assert peer.recv(100) == b"HELLO\n"
    assert session.run("done").value is True


def test_a_task_that_exits_between_cells_ends_only_itself(session: Session) -> None:
    session.run(
        "import asyncio, sys\nasync def bad(): await asyncio.sleep(0); sys.exit(3)\n"
        "async def good():\n    for _ in range(5): await asyncio.sleep(0)\n    global done; done = True\n"
        "tasks = [asyncio.ensure_future(bad()), asyncio.ensure_future(good())]; await asyncio.sleep(0)"
    )
    session.run("await tasks[1]")
    assert session.run("done").value is True


def test_errors_and_exits_of_awaiting_cells(session: Session) -> None:
    error = session.run("import asyncio\nasync def f(): 1/0\nawait f()").error
    assert [frame["function"] for frame in error["frames"]] == ["<module>", "f"]
    assert session.run("import sys; await asyncio.sleep(0); sys.exit(4)").header["exit_code"] == 4
    assert session.run("raise asyncio.CancelledError if await asyncio.sleep(0, 1) else 1").outcome == "error"


def test_an_interrupt_cancels_what_is_awaited(session: Session) -> None:
    code = SAY_ON + (
        "import asyncio\nsay_on()\n"
        "try:\n    await asyncio.sleep(1000)\n"
        "except asyncio.CancelledError:\n    print('cancelled'); raise"
    )
    end = session.run(code, lambda kind, data: session.interrupt() if data == b"on\n" else None)
    assert (end.outcome, end.stdout) == ("interrupted", "on\ncancelled\n")
    assert end.error["type_name"] == "KeyboardInterrupt"


def test_a_second_interrupt_raises(session: Session) -> None:
    code = SAY_ON + (
        "import asyncio\nwhile True:\n    try:\n"
        "        say_on(); await asyncio.sleep(1000)\n"
        "    except asyncio.CancelledError:\n        pass"
    )
    end = session.run(code, lambda kind, data: session.interrupt() if kind == "stdout" else None)
    assert end.outcome == "interrupted"


def test_a_second_interrupt_ends_code_that_swallows_every_cancellation(session: Session) -> None:
    code = SAY_ON + (
        "import asyncio\nended = False\ntry:\n    while True:\n        try:\n"
        "            say_on(); await asyncio.sleep(1000)\n"
        "        except asyncio.CancelledError:\n            pass\n"
        "finally:\n    ended = True"
    )
    heard: list[str] = []

    def interrupt_twice(kind: str, data: Any) -> None:
        heard.append(kind)
        if heard.count("stdout") <= 2 and kind == "stdout":
            session.interrupt()

    end = session.run(code, interrupt_twice)
    assert (end.outcome, end.stdout) == ("interrupted", "on\non\n")
    assert session.run("[ended, len(asyncio.all_tasks(asyncio.get_event_loop()))]").value == [True, 0]


def test_a_cell_that_awaits_while_it_ends_is_let_end(session: Session) -> None:
    code = SAY_ON + (
        "import asyncio\ntry:\n    while True:\n        try:\n"
        "            say_on(); await asyncio.sleep(1000)\n"
        "        except asyncio.CancelledError:\n            pass\n"
        "finally:\n    await asyncio.sleep(1000)"
    )
    end = session.run(code, lambda kind, data: session.interrupt() if kind == "stdout" else None)
    assert (end.outcome, end.stdout) == ("interrupted", "on\non\n")
    assert session.run("1 + 1").value == 2


def test_an_interrupt_that_the_code_deals_with_is_no_outcome(session: Session) -> None:
    code = SAY_ON + (
        "import asyncio\nsay_on()\n"
        "try:\n    await asyncio.sleep(1000)\nexcept asyncio.CancelledError:\n    pass\n'fine'"
    )
    end = session.run(code, lambda kind, data: session.interrupt() if data == b"on\n" else None)
    assert (end.outcome, end.value) == ("ok", "fine")


def test_a_busy_loop_in_an_awaiting_cell_is_interrupted_at_once(session: Session) -> None:
    code = "import asyncio\nawait asyncio.sleep(0)\nprint('on', flush=True)\nwhile True: pass"
    end = session.run(code, lambda kind, data: session.interrupt() if data == b"on\n" else None)
    assert end.outcome == "interrupted"
