"""When a session ends by itself: idle for too long, or too old."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from beep.python.v1 import execute_pb2


class Lease:
    """Renewed by every use. `on_end` is called once, when nothing runs or the lifetime is over."""

    def __init__(self, spec: execute_pb2.SessionSpec, on_end: Callable[[execute_pb2.CloseReason, str], None]) -> None:
        self.created_ns = self.used_ns = time.time_ns()
        self._idle_ns = spec.idle_timeout.ToNanoseconds() if spec.HasField("idle_timeout") else None
        self._lifetime_ns = spec.lifetime.ToNanoseconds() if spec.HasField("lifetime") else None
        self._on_end = on_end
        self._is_busy = False
        # Transfers under way.
        self._holders = 0
        self._has_begun = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def expires_ns(self) -> int | None:
        """When it ends unless used."""
        ends = []
        if self._idle_ns is not None:
            ends.append((time.time_ns() if self._is_used else self.used_ns) + self._idle_ns)
        if self._lifetime_ns is not None:
            ends.append(self.created_ns + self._lifetime_ns)
        return min(ends) if ends else None

    def start(self) -> None:
        """Begins to count."""
        self._has_begun = True
        self._arm()

    def use(self, is_busy: bool) -> None:
        """The session was used; while it is busy it is not idle."""
        self.used_ns = time.time_ns()
        self._is_busy = is_busy

    def hold(self) -> None:
        """A transfer begins: until it ends, the session is not idle."""
        self.used_ns = time.time_ns()
        self._holders += 1

    def let_go(self) -> None:
        """It has ended."""
        self.used_ns = time.time_ns()
        self._holders -= 1

    @property
    def _is_used(self) -> bool:
        return self._is_busy or self._holders > 0

    def renew(self, idle_ns: int | None) -> None:
        """Counts from now on again, up to another idle timeout where one is given."""
        self.used_ns = time.time_ns()
        if idle_ns is not None:
            self._idle_ns = idle_ns
            if self._has_begun:
                self.cancel()
                self._arm()  # the end may be nearer than it was

    def cancel(self) -> None:
        """The session has ended otherwise."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        expires_ns = self.expires_ns
        if expires_ns is not None:
            delay_s = max(0.0, (expires_ns - time.time_ns()) / 1e9)
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._on_timer)

    def _on_timer(self) -> None:
        now_ns = time.time_ns()
        if self._lifetime_ns is not None and now_ns >= self.created_ns + self._lifetime_ns:
            self._on_end(execute_pb2.CLOSE_REASON_LIFETIME, "its lifetime is over")
        elif self._idle_ns is not None and not self._is_used and now_ns >= self.used_ns + self._idle_ns:
            self._on_end(execute_pb2.CLOSE_REASON_IDLE_TIMEOUT, "it was idle for longer than its idle timeout")
        else:
            self._arm()  # it was used meanwhile
