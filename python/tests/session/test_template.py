"""The template: what it preloads, how it forks, when it reaps."""

from __future__ import annotations

import os
import signal

from tests.session.worker_double import Template


def test_it_says_what_it_is(template: Template) -> None:
    ready = template.ready
    assert ready["pid"] == template.process.pid
    assert ready["implementation"] in ("cpython", "pypy")
    assert len(ready["version"].split(".")) == 3
    assert ready["spawn_reason"] == ""
    assert ready["failed"] == {}


def test_sessions_find_what_was_preloaded_and_nothing_more(template: Template) -> None:
    with Template(template.python, ["colorsys", "not_there", "this_neither.at_all"]) as other:
        assert set(other.ready["failed"]) == {"not_there", "this_neither.at_all"}
        assert "No module named 'not_there'" in other.ready["failed"]["not_there"]
        with other.fork() as session:
            assert session.run("import sys; 'colorsys' in sys.modules").value is True


def test_sessions_know_nothing_of_each_other(template: Template) -> None:
    with template.fork() as one, template.fork() as two:
        one.run("x = 1; import os; os.environ['X'] = '1'; os.chdir('/')")
        assert two.run("'x' in globals(), 'X' in __import__('os').environ").value == {"$tuple": [False, False]}
        assert two.run("os.getcwd() if 'os' in globals() else __import__('os').getcwd()").value == two.cwd


def test_a_session_has_its_own_descriptors_and_none_of_the_templates(template: Template) -> None:
    with template.fork() as first, template.fork() as session:
        code = (
            "import os, subprocess\nfds = {}\nfor fd in range(1024):\n"
            "    try: fds[str(fd)] = os.readlink(f'/proc/self/fd/{fd}').split(':')[0]\n"
            "    except OSError: pass\nfds"
        )
        links = session.run(code).value
        assert links.pop("0") == "/dev/null"
        assert (links.pop("1"), links.pop("2")) == ("pipe", "pipe")
        own = [links.pop(str(fd)) for fd in range(58, 64)]
        assert own == ["pipe", "pipe", "socket", "pipe", "socket", "socket"]
        assert list(links.values()) in ([], ["anon_inode"])  # the timer
        assert first.run("1").value == 1


def test_a_child_is_reaped_only_after_it_was_allowed(template: Template) -> None:
    with template.fork() as session:
        os.kill(session.pid, signal.SIGKILL)
        poll_end(session.pid)
        with template.fork() as other:
            assert other.run("1").value == 1
        assert state_of(session.pid) == "Z"
        exited = template.reap(session.pid)
        session.status = exited
        session.is_over = True
    assert exited["status"] == signal.SIGKILL
    assert exited["rusage"]["maxrss_kib"] > 0
    assert not os.path.exists(f"/proc/{session.pid}")


def test_usage_is_told_with_the_status(template: Template) -> None:
    with template.fork() as session:
        session.run("import time\nwhile time.process_time() < 0.05: pass")
        usage = session.leave()["rusage"]
    assert usage["utime"] + usage["stime"] >= 0.04


def test_a_preloaded_module_that_starts_a_thread_is_named_and_its_sessions_are_spawned(template: Template) -> None:
    folder = os.path.join(template.folder.name, "site")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "starts_thread.py"), "w") as module:
        module.write("import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n")
    with Template(template.python, ["concurrent.futures"]) as plain:
        assert plain.ready["spawn_reason"] == ""
    other = Template(template.python, ["starts_thread"], folder=folder)
    assert "threads" in other.ready["spawn_reason"]
    with other.fork(op="become") as session:
        assert session.pid == other.process.pid
        assert session.run("1 + 1").value == 2
        assert session.run("import os; os.getcwd()").value == session.cwd


def test_nobody_looks_into_a_templates_memory(template: Template) -> None:
    folder = os.path.join(template.folder.name, "site-looks")
    os.makedirs(folder)
    look = "ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)"
    with open(os.path.join(folder, "looks.py"), "w") as module:
        module.write(f"import ctypes\nis_dumpable = {look}\n")
    with Template(template.python, ["looks"], folder=folder) as other, other.fork() as session:
        assert session.run(f"import ctypes, looks; [looks.is_dumpable, {look}]").value == [0, 1]


def test_a_template_ends_with_its_worker_and_its_sessions_go_on(template: Template) -> None:
    other = Template(template.python)
    session = other.fork()
    other.sock.close()
    assert other.process.wait(20) == 0
    assert session.run("40 + 2").value == 42
    session.work.close()
    session.control.close()
    poll_end(session.pid)
    for fd in (session.out, session.err):
        os.close(fd)
    other.folder.cleanup()


def test_fifty_sessions_at_once(template: Template) -> None:
    sessions = [template.fork() for _ in range(50)]
    for session in sessions:
        session.send_run("import os; os.getpid()")
    assert [session.finish().value for session in sessions] == [session.pid for session in sessions]
    assert [session.leave()["status"] for session in sessions] == [0] * 50


def state_of(pid: int) -> str:
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0]


def poll_end(pid: int) -> None:
    """Wait until the process has ended, reaped or not."""
    import select

    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([fd], [], [], 20)[0]
    finally:
        os.close(fd)
