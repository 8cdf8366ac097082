"""Sessions that are forked before anybody asks for them: one for each template, so that the next caller need not wait.

A spare is past its birth (sockets, threads, the pages that a start touches) and waits for its `begin`: it has seen no
code, and nothing of anybody's environment or folder.
"""

from __future__ import annotations

import asyncio
import logging

from beep_worker.process import SessionProcess
from beep_worker.reaper import Reaper
from beep_worker.template import TemplateProcess

log = logging.getLogger("beep_worker.spares")

# Forking one at once would take the processor from the code that the last one was taken for.
RESTOCK_DELAY_S = 0.1


class Spares:
    """By the template's pid: a template that was replaced leaves none behind."""

    def __init__(self, reaper: Reaper) -> None:
        self._reaper = reaper
        self._forking: dict[int, asyncio.Task[SessionProcess]] = {}

    async def take(self, template: TemplateProcess) -> SessionProcess:
        """A process that nobody else has; another one is made a little later. Raises TemplateError and OSError."""
        asyncio.get_running_loop().call_later(RESTOCK_DELAY_S, self.restock, template)
        task = self._forking.pop(template.pid, None)
        if task is not None:
            try:
                spare = await asyncio.shield(task)
            except asyncio.CancelledError:
                task.add_done_callback(_discard)
                raise
            if not spare.is_ending:
                return spare
        return await SessionProcess.fork(template, self._reaper)

    def restock(self, template: TemplateProcess) -> None:
        """Makes a spare where there is none."""
        if template.is_alive and not template.spawn_reason and template.pid not in self._forking:
            task = asyncio.get_running_loop().create_task(SessionProcess.fork(template, self._reaper))
            self._forking[template.pid] = task
            task.add_done_callback(lambda done: self._on_forked(template.pid, done))

    def drop(self, template: TemplateProcess) -> None:
        """Nobody wants this template's any more."""
        task = self._forking.pop(template.pid, None)
        if task is not None:
            task.add_done_callback(_discard)

    def _on_forked(self, pid: int, task: asyncio.Task[SessionProcess]) -> None:
        if task.exception() is not None and self._forking.get(pid) is task:
            del self._forking[pid]
            log.warning("template %d made no spare session: %s", pid, task.exception())


def _discard(task: asyncio.Task[SessionProcess]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().kill()
