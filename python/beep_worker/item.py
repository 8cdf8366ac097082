"""What waits its turn in a session: an execution, or a batch of operations."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from beep.python.v1 import execute_pb2
from beep_worker.ending import Ending
from beep_worker.frames import Frame
from beep_worker.refusal import Refusal
from beep_worker.usage import UNKNOWN, CpuTime, Used

if TYPE_CHECKING:
    from beep_worker.ladder import Ladder


class Item(ABC):
    """Known by (principal, id)."""

    # Whether its processor time and memory are told at its end.
    is_measured = True
    # Whether it has a number among the executions of its session.
    is_numbered = False
    # Refused unless it is the session's; 0: any.
    wanted_generation = 0
    # Bounds of its own; None: the session's.
    queue_timeout_s: float | None = None
    timeout_s: float | None = None
    grace_s: float | None = None
    # 0: the session's.
    max_output_bytes = 0

    # Its events take more than they may, and its code does not wait.
    is_overfull = False

    def __init__(self, principal: str, item_id: str, session_id: str) -> None:
        self.principal = principal
        self.id = item_id
        self.session_id = session_id
        self.ladder: Ladder | None = None
        # Runs while it waits, where its waiting has an end.
        self.queue_timer: asyncio.TimerHandle | None = None
        # Called when its code, which had to wait for callers, may go on.
        self.on_relief: Callable[[], None] | None = None
        self._finished: execute_pb2.Finished | None = None
        self._waiters: list[asyncio.Future[None]] = []

    @property
    def key(self) -> tuple[str, str]:
        return (self.principal, self.id)

    @property
    def finished(self) -> execute_pb2.Finished:
        """How it ended; only once it has."""
        assert self._finished is not None
        return self._finished

    @property
    def has_finished(self) -> bool:
        return self._finished is not None

    @property
    @abstractmethod
    def may_go_ahead(self) -> bool:
        """Whether the session may have it before its turn: it is short, and needs nothing but to be run."""

    @property
    @abstractmethod
    def output_bytes(self) -> int:
        """What its code has written."""

    @abstractmethod
    def accept(self, generation: int, queue_position: int) -> None:
        """It has its place."""

    @abstractmethod
    def hand_over(self, count: int, max_event_bytes: int) -> tuple[dict[str, Any], list[bytes]]:
        """The frame that has the session run it, as header and blobs; once, but for what may go ahead. `count` is its
        number among executions.
        """

    @abstractmethod
    def start(self, pid: int, count: int, cpu: CpuTime | None, at_ns: int) -> None:
        """It runs, since a moment by the monotonic clock. `cpu` is the process's count then."""

    @abstractmethod
    def output(self, stream: int, data: bytes) -> None:
        """Bytes that its code wrote."""

    @abstractmethod
    def notice(self, notice: execute_pb2.Notice) -> None:
        """Something worth knowing."""

    @abstractmethod
    def display(self, display: execute_pb2.Display) -> None:
        """Something shown."""

    @abstractmethod
    def clear_output(self, wait: bool) -> None:
        """What was shown may go."""

    @abstractmethod
    def read_end(self, frame: Frame, max_event_bytes: int) -> Any:
        """An `end` frame taken apart, with its `ending`; raises FrameError and what `encode` raises."""

    @abstractmethod
    def tell(self, words: Any) -> None:
        """What `read_end` has read, but for the ending."""

    @abstractmethod
    def finish(self, how: Ending, *, state_preserved: bool, generation: int, used: Used = UNKNOWN) -> None:
        """The end: exactly once, and last."""

    def relieve(self) -> bool:
        """Whether there is room for what its code writes."""
        return True

    async def wait(self, timeout_s: float | None = None) -> None:
        """Returns when it has finished, or after the timeout."""
        if self.has_finished:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout_s):
                await waiter
        except TimeoutError:
            pass
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def _leave_queue(self) -> None:
        if self.queue_timer is not None:
            self.queue_timer.cancel()
            self.queue_timer = None

    def refusal(self, why: str) -> Refusal:
        """For who wanted what it was to make: it ended before that, for this reason where its end names none."""
        reason = "CANCELLED" if self.finished.state_preserved else "STALE_GENERATION"
        return Refusal(reason, self.finished.message or why)

    def _finished_by(self, how: Ending, state_preserved: bool, generation: int) -> execute_pb2.Finished:
        return execute_pb2.Finished(
            outcome=how.outcome,
            state_preserved=state_preserved,
            generation=generation,
            stopped_by=self.ladder.rung if self.ladder else execute_pb2.STOP_RUNG_UNSPECIFIED,
            stopped_at=self.ladder.stopped_at if self.ladder else None,
            message=how.message,
            exit_code=how.exit_code,
            signal=how.signal,
        )

    def _end(self, finished: execute_pb2.Finished) -> None:
        if self.ladder is not None:
            self.ladder.cancel()
        self._leave_queue()
        self._finished = finished

    def _wake_waiters(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()
