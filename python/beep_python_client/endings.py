"""How executions and batches end, and what is raised where that is not well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple

from beep_python_client.contract import execute_pb2
from beep_python_client.looked import ThreadStack
from beep_python_client.messages import enum_names
from beep_python_client.records import record_of
from beep_python_client.refusals import BeepError

if TYPE_CHECKING:
    from beep_python_client.results import Result

_OUTCOMES = enum_names("Outcome")


@dataclass(frozen=True)
class Usage:
    """What an execution took."""

    wall: timedelta
    user_cpu: timedelta
    system_cpu: timedelta
    #: The most memory that its process has had.
    peak_resident_bytes: int
    stdout_bytes: int
    stderr_bytes: int


@dataclass(frozen=True)
class Ending:
    """How an execution or a batch ended."""

    #: OK, ERROR, INTERRUPTED, TIMEOUT, CANCELLED, KILLED, OUT_OF_MEMORY, CPU_LIMIT, OUTPUT_LIMIT, EXITED, WORKER_LOST.
    outcome: str
    #: The session's variables still exist.
    state_preserved: bool
    #: The session's generation from now on.
    generation: int
    #: What the code exited with, where it did.
    exit_code: Optional[int]
    #: The number of the signal that killed its process, where one did.
    signal: Optional[int]
    #: INTERRUPT, EXCEPTION or KILL; empty where it was not stopped.
    stopped_by: str
    #: Where its threads were, where an interrupt alone did not stop it.
    stopped_at: Tuple[ThreadStack, ...]
    usage: Usage
    #: A line for people: what ended it, and which limit.
    message: str

    @staticmethod
    def of(message: execute_pb2.Finished) -> Ending:
        """The record of a message."""
        return record_of(
            Ending,
            message,
            outcome=_OUTCOMES.get(message.outcome, "UNSPECIFIED"),
            exit_code=message.exit_code if message.HasField("exit_code") else None,
            signal=message.signal if message.HasField("signal") else None,
            stopped_at=tuple(map(ThreadStack.of, message.stopped_at)),
            usage=record_of(Usage, message.usage),
        )


class ExecutionFailed(BeepError):
    """Code did not run to its end, though it raised nothing: it was stopped, killed, or it exited."""

    def __init__(self, ending: Ending, result: Optional[Result] = None) -> None:
        super().__init__(f"{ending.outcome}: {ending.message}" if ending.message else ending.outcome)
        self.ending = ending
        #: OK, ERROR, INTERRUPTED ...
        self.outcome = ending.outcome
        #: All that came of it; None for a batch of operations.
        self.result = result

    def __reduce__(self) -> Any:
        return type(self), (self.ending, None)


class ExecutionTimeout(ExecutionFailed, TimeoutError):
    """Code ran, or waited for its turn, for longer than it may."""


class ExecutionOutOfMemory(ExecutionFailed, MemoryError):
    """Code wanted more memory than its session may take."""


_FAILURES: Dict[str, Any] = {"TIMEOUT": ExecutionTimeout, "OUT_OF_MEMORY": ExecutionOutOfMemory}


def ending_error(ending: Ending, result: Optional[Result] = None) -> ExecutionFailed:
    """The error of an end that is not OK."""
    kind = _FAILURES.get(ending.outcome, ExecutionFailed)
    return kind(ending, result)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Stopped:
    """What it took to stop something."""

    #: INTERRUPT, EXCEPTION or KILL; empty: it was still waiting.
    stopped_by: str
    state_preserved: bool
    took: timedelta

    @staticmethod
    def of(message: execute_pb2.InterruptResponse) -> Stopped:
        """The record of a message."""
        return record_of(Stopped, message)
