"""The worker's end of a template."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from beep_session.birth import CONTROL_FD, WORK_FD
from beep_worker.process import SessionProcess
from beep_worker.reaper import Reaper
from beep_worker.template import TemplateError, TemplateKey, TemplateProcess
from beep_worker.templates import Templates


async def reaped(*pids: int) -> None:
    """An event loop that ends closes what it hears of children by before it stops to listen."""
    while any(os.path.exists(f"/proc/{pid}") for pid in pids):
        await asyncio.sleep(0.001)


def test_a_template_starts_whatever_number_its_socket_has_in_the_worker() -> None:
    # Its sessions have their sockets at fixed numbers, which it takes before a preloaded module does.
    async def start_one() -> str:
        reaper = Reaper(asyncio.get_running_loop())
        reaper.start()
        template = await TemplateProcess.start(TemplateKey("", "test", 1, sys.executable, ()), {}, reaper)
        template.close()
        await reaped(template.pid)
        return template.implementation

    taken = [os.open(os.devnull, os.O_RDONLY)]
    try:
        while taken[-1] <= max(WORK_FD, CONTROL_FD):
            if taken[-1] > min(WORK_FD, CONTROL_FD) - 8:  # what an event loop opens before it comes to the socket
                assert asyncio.run(start_one()) == "cpython"
            taken.append(os.open(os.devnull, os.O_RDONLY))
    finally:
        for fd in taken:
            os.close(fd)


def test_who_waits_for_a_template_that_dies_hears_how_it_died() -> None:
    async def fork_from_one_that_is_killed() -> None:
        reaper = Reaper(asyncio.get_running_loop())
        reaper.start()
        template = await TemplateProcess.start(TemplateKey("", "test", 1, sys.executable, ()), {}, reaper)
        os.kill(template.pid, signal.SIGSTOP)
        forking = asyncio.ensure_future(SessionProcess.fork(template, reaper))
        await asyncio.sleep(0)
        os.kill(template.pid, signal.SIGKILL)
        await forking

    with pytest.raises(TemplateError, match="ended unexpectedly: signal 9"):
        asyncio.run(fork_from_one_that_is_killed())


def test_templates_of_former_generations_end_once_they_are_released() -> None:
    async def release() -> tuple[list[bool], list[bool]]:
        reaper = Reaper(asyncio.get_running_loop())
        reaper.start()
        templates = Templates(reaper, lambda _: None)
        keys = [
            TemplateKey("", "changed", 1, sys.executable, ()),
            TemplateKey("", "changed", 2, sys.executable, ()),
            TemplateKey("", "other", 1, sys.executable, ()),
        ]
        started = [await templates.get(key) for key in keys]
        templates.keep(keys[0])
        templates.release("changed", 2)
        while started[0].is_alive:
            await asyncio.sleep(0.001)
        after_change = [template.is_alive for template in started]
        assert await templates.get(keys[1]) is started[1]
        templates.release("changed", 0)
        while started[1].is_alive:
            await asyncio.sleep(0.001)
        after_deletion = [template.is_alive for template in started]
        assert await templates.get(keys[1]) is not started[1]
        last = [template.pid for template in templates]
        for template in list(templates):
            template.close()
        await reaped(*last)
        return after_change, after_deletion

    assert asyncio.run(release()) == ([False, True, True], [False, False, True])
