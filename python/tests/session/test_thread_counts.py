"""Threads of libraries that were preloaded: one in the template, as many as there are processors in its sessions."""

from __future__ import annotations

import os

from beep_session.thread_counts import cpu_share
from tests.session.worker_double import Template

COUNTING = """
import threading

count, masks, idents = 1, [], []

def set_num_threads(number):
    global count
    import signal
    count = number
    masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, []))
    idents.append(threading.get_ident())
"""


def folder_with(template: Template, name: str, text: str) -> str:
    folder = os.path.join(template.folder.name, f"site-{name}")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"{name}.py"), "w") as module:
        module.write(text)
    return folder


def test_a_preloaded_library_has_its_threads_in_a_session(template: Template) -> None:
    folder = folder_with(template, "numexpr", COUNTING)
    with Template(template.python, ["numexpr"], folder=folder) as other:
        assert other.ready["spawn_reason"] == ""
        assert len(os.listdir(f"/proc/{other.process.pid}/task")) == 1
        with other.fork() as session:
            session.run("import numexpr, signal")
            assert session.run("numexpr.count").value == cpu_share()
            if cpu_share() > 1:
                # Its threads take no signal that is meant for the main thread, and the main thread takes all again.
                assert session.run("signal.SIGINT in numexpr.masks[0]").value is True
                assert session.run("signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])").value is False


def test_a_setter_that_fails_does_no_harm(template: Template) -> None:
    folder = folder_with(template, "torch", "def set_num_threads(number): raise RuntimeError('too late')\n")
    with Template(template.python, ["torch"], folder=folder) as other, other.fork() as session:
        assert session.run("1 + 1").value == 2


def test_the_share_is_what_the_process_may_use() -> None:
    share = cpu_share()
    assert 1 <= share <= len(os.sched_getaffinity(0))
