"""User code that forks."""

from __future__ import annotations

import os

import pytest

from tests.session.worker_double import Session, Template


def test_a_cell_that_ends_in_a_fork_has_one_end(session: Session) -> None:
    end = session.run("import os\nprint('before', end='')\npid = os.fork()\nprint('child' if pid == 0 else 'parent')")
    assert end.outcome == "ok"
    assert session.run("os.WEXITSTATUS(os.waitpid(pid, 0)[1])").value == 0
    session.drain()
    out = end.stdout + b"".join(data for kind, data in session.events if kind == "stdout").decode()
    assert out.count("before") == 1
    assert out.count("child") == 1
    assert out.count("parent") == 1


@pytest.mark.parametrize(
    ("last", "status"),
    [
        ("", 0),
        ("raise ValueError", 1),
        ("raise SystemExit(7)", 7),
        ("await __import__('asyncio').sleep(0)", 0),
        ("fork()", 0),
    ],
)
def test_a_child_that_falls_through_leaves_as_a_program_would(session: Session, last: str, status: int) -> None:
    end = session.run(f"from os import *\npid = fork()\nif pid == 0:\n    {last or 'pass'}")
    assert end.outcome == "ok"
    assert session.run("WEXITSTATUS(waitpid(pid, 0)[1])").value == status


def test_a_child_holds_none_of_our_sockets(session: Session) -> None:
    code = (
        "import os, subprocess, sys\n"
        "r, w = os.pipe()\nif os.fork() == 0:\n"
        "    links = [os.readlink(e.path) for e in os.scandir('/proc/self/fd') if int(e.name) in (62, 63)]\n"
        "    os.write(w, repr(links).encode()); os._exit(0)\n"
        "os.wait(); (os.read(r, 1000), subprocess.check_output('ls -l /proc/self/fd', shell=True).count(b'socket'))"
    )
    assert session.run(code).value == {"$tuple": [{"$bytes": "W10="}, 0]}


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_works(session: Session, method: str) -> None:
    code = (
        "import multiprocessing, math\n"
        f"context = multiprocessing.get_context({method!r})\n"
        "with context.Pool(2) as pool:\n    answer = pool.map(math.sqrt, [4, 9])\nanswer"
    )
    end = session.run(code)
    assert (end.outcome, end.stderr) == ("ok", "")
    assert end.value == [2.0, 3.0]


def test_functions_of_a_cell_run_in_forked_workers(session: Session) -> None:
    code = (
        "import multiprocessing\ndef double(x):\n    print('in', x, flush=True)\n    return 2 * x\n"
        "with multiprocessing.get_context('fork').Pool(1) as pool:\n    answer = pool.map(double, [1, 2])\nanswer"
    )
    end = session.run(code)
    assert end.value == [2, 4]
    assert end.stdout == "in 1\nin 2\n"


def test_only_the_warning_about_our_thread_is_silenced(session: Session) -> None:
    end = session.run("import os, warnings\npid = os.fork()\nif pid == 0: os._exit(0)\nos.waitpid(pid, 0); 1")
    assert end.stderr == ""
    end = session.run("warnings.warn('mine', DeprecationWarning)")
    assert "mine" in end.stderr


def test_random_numbers_differ_between_sessions(session: Session) -> None:
    code = "import random; random.random()"
    with session.template.fork() as other:
        assert session.run(code).value != other.run(code).value


HOOKED = """
import os

seen = []
os.register_at_fork(before=lambda: seen.append("before"), after_in_child=lambda: seen.append("child"))
os.register_at_fork(after_in_child=lambda: seen.append("second"), after_in_parent=lambda: seen.append("parent"))
"""


def test_hooks_of_a_preloaded_module_run_in_the_template_and_for_the_users_forks(template: Template) -> None:
    folder = os.path.join(template.folder.name, "site-hooked")
    os.makedirs(folder)
    with open(os.path.join(folder, "hooked.py"), "w") as module:
        module.write(HOOKED)
    with Template(template.python, ["hooked"], folder=folder) as other, other.fork() as session:
        assert session.run("import hooked; hooked.seen").value == ["before", "child", "second"]
        code = (
            "import os, sys\nhooked.seen.clear()\npid = os.fork()\n"
            "if pid == 0: os._exit(hooked.seen == ['before', 'child', 'second'])\n"
            "[os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), hooked.seen]"
        )
        assert session.run(code).value == [1, ["before", "parent"]]
        assert session.run("os.register_at_fork.__module__").value in ("posix", None)
    # A hook that nobody can call is refused as ever.
    with template.fork() as session:
        assert session.run("import os; os.register_at_fork(before=1)").error["type_name"] == "TypeError"


def test_the_library_sets_itself_right_after_a_fork_of_the_users(session: Session) -> None:
    code = """
import logging, os, threading
handler, held, over = logging.StreamHandler(), threading.Event(), threading.Event()
def hold():
    with handler.lock:
        held.set()
        over.wait()
thread = threading.Thread(target=hold)
thread.start()
held.wait()
pid = os.fork()
if pid == 0:
    os._exit(handler.lock.acquire(timeout=10) + 2 * threading.active_count())
over.set()
thread.join()
os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""
    assert session.run(code).value == 3


def test_the_main_thread_of_a_session_is_known_by_its_own_number(session: Session) -> None:
    code = (
        "import os, threading; [threading.main_thread().native_id, threading.get_native_id(), threading.active_count()]"
    )
    pid = session.run("import os; os.getpid()").value
    assert session.run(code).value == [pid, pid, 1]


def test_orphans_stay_below_the_session(session: Session) -> None:
    code = (
        "import os\nr, w = os.pipe()\nif os.fork() == 0:\n    if os.fork() == 0:\n"
        "        import select; select.select([], [], [], 0)\n"
        "        while os.getppid() == middle if (middle := os.getppid()) != int(os.environ['TOP']) else False: pass\n"
        "        os.write(w, str(os.getppid()).encode())\n    os._exit(0)\n"
        "os.wait(); int(os.read(r, 100)) == os.getpid()"
    )
    session.run("import os; os.environ['TOP'] = str(os.getpid())")
    assert session.run(code).value is True


@pytest.mark.parametrize("count", [20, pytest.param(500, marks=[pytest.mark.soak, pytest.mark.timeout(280)])])
def test_a_loop_that_forks_is_interrupted_wherever_it_is(template: Template, count: int) -> None:
    # Python drops what a hook of a fork raises, and a signal may come at the very beginning or end of one of ours.
    code = "import os\nos.write(1, b'up')\nwhile True:\n    if os.fork() == 0: os._exit(0)\n    os.wait()"
    for _ in range(count):
        with template.fork() as session:
            session.send_run(code)
            while "stdout" not in [kind for kind, _ in session.events]:
                session.drain()
            session.interrupt()
            assert session.finish().outcome == "interrupted"
