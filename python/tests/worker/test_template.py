"""The worker's end of a template."""

from __future__ import annotations

import asyncio
import os
import sys

from beep_session.birth import CONTROL_FD, WORK_FD
from beep_worker.reaper import Reaper
from beep_worker.template import TemplateKey, TemplateProcess


def test_a_template_starts_whatever_number_its_socket_has_in_the_worker() -> None:
    # Its sessions have their sockets at fixed numbers, which it takes before a preloaded module does.
    async def start_one() -> str:
        reaper = Reaper(asyncio.get_running_loop())
        reaper.start()
        template = await TemplateProcess.start(TemplateKey("", "test", 1, sys.executable, ()), {}, reaper)
        template.close()
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
