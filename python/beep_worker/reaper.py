"""Reaps the worker's own children: templates, spawned sessions, and what dead sessions left behind.

One reaper for each process: a session forked by a template is the template's to reap, while that lives.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

from beep_worker.tree import children_of, descendants_of, signal_process

StatusListener = Callable[[int], None]


class Reaper:
    """Tells each owner the wait status of its process, and kills orphans of sessions that have gone."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._owners: dict[int, StatusListener] = {}

    def start(self) -> None:
        self._loop.add_signal_handler(signal.SIGCHLD, self._reap)

    def expect(self, pid: int, listener: StatusListener) -> None:
        """A process that is, or may become, the worker's child; called with its wait status if it is reaped here."""
        self._owners[pid] = listener

    def forget(self, pid: int) -> None:
        """Somebody else has reaped it."""
        self._owners.pop(pid, None)

    def sweep_orphans(self) -> None:
        """Kills what sessions left to the worker when they died: every child of the worker that nobody owns.

        A live session is a subreaper, so whatever hangs below the worker without an owner belonged to a dead one.
        """
        me = os.getpid()
        while orphans := [pid for pid in children_of(me) if pid not in self._owners]:
            for orphan in orphans:
                signal_process(orphan, signal.SIGSTOP)
                for pid in descendants_of(orphan):
                    signal_process(pid, signal.SIGKILL)
                signal_process(orphan, signal.SIGKILL)
            for orphan in orphans:
                try:
                    os.waitpid(orphan, 0)
                except ChildProcessError:
                    pass

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            listener = self._owners.pop(pid, None)
            if listener is not None:
                listener(status)
