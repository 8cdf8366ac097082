"""One operation of the worker's own in a session, which waits its turn like a batch of a caller's."""

from __future__ import annotations

import uuid
from typing import Any

from beep.python.v1 import error_pb2, execute_pb2, object_pb2
from beep_worker.batch import Batch, Told
from beep_worker.frames import Frame
from beep_worker.refusal import Refusal
from beep_worker.usage import CpuTime


class Step(Batch):
    """What it has opened, or what it has made, is asked for when it has finished."""

    def __init__(self, principal: str, session_id: str, operation: dict[str, Any]) -> None:
        super().__init__(principal, uuid.uuid4().hex, session_id, object_pb2.ApplyRequest(), 0)
        self._header["ops"] = [operation]
        self._told = 1
        # Of the process that ran it.
        self.pid = 0
        self._opened: dict[str, Any] = {}

    def start(self, pid: int, count: int, cpu: CpuTime | None, at_ns: int) -> None:
        self.pid = pid
        super().start(pid, count, cpu, at_ns)

    def read_end(self, frame: Frame, max_event_bytes: int) -> Told:
        told = super().read_end(frame, max_event_bytes)
        opened = frame.header["results"][0].get("opened", {})
        if type(opened) is not dict:
            raise TypeError("what was opened is no object")
        self._opened = opened
        return told

    def opened(self) -> dict[str, Any]:
        """What the session says of what it has opened; as far as it can be believed. Raises Refusal."""
        self._refuse()
        return self._opened

    def made(self) -> object_pb2.OperationResult:
        """What the operation has made. Raises Refusal."""
        self._refuse()
        return self._results[0]

    def _refuse(self) -> None:
        if self.finished.outcome != execute_pb2.OUTCOME_OK:
            raise self.refusal("it was stopped before it had begun")
        result = self._results[0]
        if result.HasField("failure"):
            failure = result.failure
            reason = error_pb2.ErrorReason.Name(failure.reason).removeprefix("ERROR_REASON_")
            raise Refusal(reason, failure.message, path=failure.path)
        if result.HasField("error"):
            error = result.error
            raise Refusal("CONVERSION_FAILED", f"it raised {error.type_name}: {error.message[:1000]}")
