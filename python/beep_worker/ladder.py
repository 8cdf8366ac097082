"""The ladder by which running code is stopped: SIGINT, an exception, SIGKILL."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable

from beep.python.v1 import error_pb2, execute_pb2
from beep_worker.process import SessionProcess

# By when the control thread has raised what it was told to raise.
_RAISED_S = 0.05

# Code that the first rung ends says by its traceback where it was: what runs after this time is looked at.
_LOOK_S = 0.05
# The last rung waits for what is seen, which mostly takes a few milliseconds, and so long at most.
_SEEN_S = 0.5


class Cause(enum.Enum):
    """Why code is stopped; the outcome that its end gets."""

    INTERRUPT = execute_pb2.OUTCOME_INTERRUPTED
    TIMEOUT = execute_pb2.OUTCOME_TIMEOUT
    CANCEL = execute_pb2.OUTCOME_CANCELLED
    OUTPUT_LIMIT = execute_pb2.OUTCOME_OUTPUT_LIMIT
    CPU_LIMIT = execute_pb2.OUTCOME_CPU_LIMIT


class Ladder:
    """Climbs until it is cancelled, which its execution does at its end. Time between the rungs is half the grace."""

    def __init__(
        self,
        process: SessionProcess,
        item_id: str,
        cause: Cause,
        message: str,
        on_rung: Callable[[int], None],
        look: Callable[[], Awaitable[list[error_pb2.ThreadStack]]],
    ) -> None:
        self.cause = cause
        self.message = message
        # Where the code was, if it did not end at once.
        self.stopped_at: list[error_pb2.ThreadStack] = []
        self._look = look
        self._looking: asyncio.Task[None] | None = None
        self.rung: execute_pb2.StopRung = execute_pb2.STOP_RUNG_UNSPECIFIED
        self._process = process
        self._item_id = item_id
        self._on_rung = on_rung
        self._loop = asyncio.get_running_loop()
        self._timers: list[asyncio.TimerHandle] = []
        self._ends_at = float("inf")

    @property
    def has_killed(self) -> bool:
        return self.rung == execute_pb2.STOP_RUNG_KILL

    def climb(self, grace_s: float) -> None:
        """Begins with the first rung; a further call asks for the first rung again and shortens the time if it can."""
        self._step(execute_pb2.STOP_RUNG_INTERRUPT)
        ends_at = self._loop.time() + grace_s
        if ends_at >= self._ends_at:
            return
        self._ends_at = ends_at
        self.cancel()
        self._timers = [
            self._loop.call_later(min(_LOOK_S, grace_s / 2), self._begin_look),
            self._loop.call_later(grace_s / 2, self._step, execute_pb2.STOP_RUNG_EXCEPTION),
            self._loop.call_later(grace_s, self._step, execute_pb2.STOP_RUNG_KILL),
        ]

    def kill(self) -> None:
        """The last rung at once."""
        self._ends_at = self._loop.time()
        self.cancel()
        self._step(execute_pb2.STOP_RUNG_KILL)

    def cancel(self) -> None:
        """No further rung."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _step(self, rung: execute_pb2.StopRung) -> None:
        if rung > self.rung:
            self.rung = rung
            self._on_rung(rung)
        match rung:
            case execute_pb2.STOP_RUNG_INTERRUPT:
                self._process.interrupt()
                # A signal says nothing of what it is for: one that comes before the item has begun would be dropped.
                self._process.send_control({"op": "interrupt", "id": self._item_id})
            case execute_pb2.STOP_RUNG_EXCEPTION:
                self._process.send_control({"op": "raise", "id": self._item_id})
                # Code that waits for a child, as in os.system, finds the exception only when the child has gone. By
                # then the exception must be there, or the next child is started first.
                self._timers.append(self._loop.call_later(_RAISED_S, self._process.interrupt_children))
            case execute_pb2.STOP_RUNG_KILL:
                self._kill()

    def _begin_look(self) -> asyncio.Task[None]:
        if self._looking is None:
            self._looking = self._loop.create_task(self._see())
        return self._looking

    async def _see(self) -> None:
        self.stopped_at = await self._look()

    def _kill(self) -> None:
        looking = self._begin_look()
        if looking.done():
            self._process.kill()
            return
        last_moment = self._loop.call_later(_SEEN_S, self._process.kill)

        def on_seen(_: asyncio.Task[None]) -> None:
            last_moment.cancel()
            self._process.kill()

        looking.add_done_callback(on_seen)
