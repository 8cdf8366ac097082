"""Reaps the worker's own children: templates, spawned sessions, and what dead sessions left behind.

One reaper for each process: a session forked by a template is the template's to reap, while that lives.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable

from beep_worker.exit_status import ExitStatus
from beep_worker.tree import kill_tree, own_children

log = logging.getLogger("beep_worker.reaper")

StatusListener = Callable[[ExitStatus], None]

# A process that is killed may still take a while to go: its memory is given back first.
_SWEEP_S = 2.0
_SWEEP_PAUSE_S = 0.002


class Reaper:
    """Tells each owner how its process ended, and kills orphans of sessions that have gone."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._owners: dict[int, StatusListener] = {}

    def start(self) -> None:
        self._loop.add_signal_handler(signal.SIGCHLD, self._reap)

    def expect(self, pid: int, listener: StatusListener) -> None:
        """A process that is, or may become, the worker's child; called with its status if it is reaped here."""
        self._owners[pid] = listener

    def forget(self, pid: int) -> None:
        """Somebody else has reaped it."""
        self._owners.pop(pid, None)

    async def sweep_orphans(self) -> None:
        """Kills what sessions left to the worker when they died, and returns when it has gone, or does not go.

        A live session is a subreaper, so whatever hangs below the worker without an owner belonged to a dead one.
        """
        deadline = self._loop.time() + _SWEEP_S
        while orphans := self._orphans():
            for orphan in orphans:
                kill_tree(orphan)
            self._reap()
            if not self._orphans():
                return
            if self._loop.time() > deadline:
                log.error("processes that do not end: %s", orphans)
                return
            await asyncio.sleep(_SWEEP_PAUSE_S)

    def _orphans(self) -> list[int]:
        return [pid for pid in own_children() if pid not in self._owners]

    def _reap(self) -> None:
        while True:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            listener = self._owners.pop(pid, None)
            if listener is not None:
                listener(ExitStatus(status, used.ru_utime, used.ru_stime, used.ru_maxrss * 1024))
