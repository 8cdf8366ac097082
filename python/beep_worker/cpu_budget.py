"""The CPU time that a session may take: looked at while something runs, and no oftener than it can have been spent."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from beep_worker.usage import tree_cpu_s

# The kernel counts processes in ticks of so much; looking oftener shows nothing new.
_LEAST_DELAY_S = 0.01


class CpuBudget:
    """Counts over all processes of a session's tree and all its generations."""

    def __init__(self, bound_s: float) -> None:
        self.bound_s = bound_s
        self._loop = asyncio.get_running_loop()
        self._pid = 0
        # What processes took that have gone.
        self._past_s = 0.0
        self._seen_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def left_s(self) -> float:
        """0 or less: it is spent."""
        if self._pid:
            self._seen_s = max(self._seen_s, tree_cpu_s(self._pid))
        return self.bound_s - self._past_s - self._seen_s

    def follow(self, pid: int) -> None:
        """The session's process is this one from now on."""
        self._pid, self._seen_s = pid, 0.0

    def lose(self, used_s: float) -> None:
        """That process has gone, and took so much."""
        self.unwatch()
        self._past_s += max(self._seen_s, used_s)
        self._pid, self._seen_s = 0, 0.0

    def watch(self, on_spent: Callable[[], None]) -> None:
        """Calls once it is spent, unless the watch ends before."""
        left_s = self.left_s
        if left_s <= 0:
            self._timer = None
            on_spent()
            return
        # All processors at once cannot spend it sooner.
        delay_s = max(left_s / len(os.sched_getaffinity(0)), _LEAST_DELAY_S)
        self._timer = self._loop.call_later(delay_s, self.watch, on_spent)

    def unwatch(self) -> None:
        """Nothing runs that it would stop."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
