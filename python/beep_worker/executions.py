"""The executions that the worker knows: those that wait or run, and those whose logs are kept."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator

from beep_worker.execution import Execution
from beep_worker.log_files import LogFiles
from beep_worker.refusal import Refusal, execution_not_found, log_expired

# Finished logs are kept for so long, and together hold so much, in memory.
KEPT_S = 600.0
MAX_KEPT_BYTES = 256 * 1024 * 1024

# Ids that callers chose are remembered beyond their logs, so that a late retry never runs twice.
REMEMBERED_S = 24 * 3600.0


class Executions:
    """Looked up as (principal, id): another principal's execution looks like an absent one."""

    def __init__(self, files: LogFiles | None = None) -> None:
        self.files = files
        self.total = 0
        self._known: dict[tuple[str, str], Execution] = {}
        self._finished: deque[tuple[Execution, int]] = deque()  # with what it counts for
        self._finished_bytes = 0
        self._remembered: dict[tuple[str, str], float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._newest_ns = 0
        # Finished ones whose logs take room on the disk, oldest first.
        self._with_files: dict[tuple[str, str], Execution] = {}
        if files is not None:
            files.evict = self._give_up_files

    def newest_first(self, principal: str) -> Iterator[Execution]:
        """All of a principal's whose logs are kept."""
        return (execution for execution in reversed(self._known.values()) if execution.principal == principal)

    def add(self, execution: Execution) -> None:
        """A new one."""
        # Never the same twice, and never before an earlier one, whatever becomes of the clock: lists go by it.
        execution.accepted_at_ns = self._newest_ns = max(execution.accepted_at_ns, self._newest_ns + 1)
        self._known[execution.key] = execution
        self.total += 1

    def remove(self, execution: Execution) -> None:
        """One that was not accepted."""
        self._known.pop(execution.key, None)
        self.total -= 1

    def find(self, principal: str, execution_id: str) -> Execution | None:
        """One that is known. Raises Refusal where its log is gone."""
        key = (principal, execution_id)
        execution = self._known.get(key)
        if execution is None and self._remembered and self._remembered.get(key, 0.0) > time.monotonic():
            raise log_expired(execution_id)
        return execution

    def get(self, principal: str, execution_id: str) -> Execution:
        """One that is known. Raises Refusal."""
        execution = self.find(principal, execution_id)
        if execution is None:
            raise execution_not_found(execution_id)
        return execution

    def join(self, principal: str, execution_id: str, digest: bytes) -> Execution | None:
        """The execution that a retry means. Raises Refusal for another request under the same id."""
        execution = self.find(principal, execution_id)
        if execution is not None and execution.digest != digest:
            raise Refusal(
                "EXECUTION_ID_REUSED",
                f"execution {execution_id} exists with another request; choose another id",
                execution_id=execution_id,
            )
        return execution

    def on_finished(self, execution: Execution) -> None:
        """Its log is kept from now on, for a while."""
        if execution.key not in self._known:
            return
        if execution.log.has_files:
            self._with_files[execution.key] = execution
        size = execution.kept_bytes
        self._finished.append((execution, size))
        self._finished_bytes += size
        while self._finished_bytes > MAX_KEPT_BYTES:
            self._forget_oldest()
        if self._timer is None and self._finished:
            self._arm()

    def _arm(self) -> None:
        age_s = time.time() - self._finished[0][0].finished_at_ns / 1e9
        self._timer = asyncio.get_running_loop().call_later(max(1.0, KEPT_S - age_s), self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        oldest_ns = time.time_ns() - int(KEPT_S * 1e9)
        while self._finished and self._finished[0][0].finished_at_ns <= oldest_ns:
            self._forget_oldest()
        if self._finished:
            self._arm()

    def _give_up_files(self) -> bool:
        """Others need the room on the disk; whether there is more of it now."""
        for key, execution in list(self._with_files.items()):
            if execution.give_up_files():
                if not execution.log.has_files:
                    del self._with_files[key]
                return True
        return False

    def _forget_oldest(self) -> None:
        execution, size = self._finished.popleft()
        self._finished_bytes -= size
        del self._known[execution.key]
        self._with_files.pop(execution.key, None)
        execution.forget()
        if execution.request.execution_id:
            now = time.monotonic()
            self._remembered[execution.key] = now + REMEMBERED_S
            for key, until in list(self._remembered.items())[:2]:  # oldest first: a few at a time keep it short
                if until < now:
                    del self._remembered[key]
