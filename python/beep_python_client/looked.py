"""What a session shows of itself to who looks in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

from beep_python_client.contract import error_pb2, execute_pb2
from beep_python_client.raised import Frame
from beep_python_client.records import record_of, records_of


@dataclass(frozen=True)
class Completion:
    """What could stand at a place."""

    #: Takes the place of the code from `start` to `end`.
    text: str
    #: Such as "function", "module" or "keyword".
    kind: str
    #: Of what can be called, where it is known, such as "(a, b=1)".
    signature: str


@dataclass(frozen=True)
class Completions:
    """All that could stand at a place."""

    matches: Tuple[Completion, ...]
    #: The part of the code that a match replaces.
    start: int
    end: int
    #: How many more there are.
    omitted: int

    @staticmethod
    def of(message: execute_pb2.CompleteResponse) -> Completions:
        """The record of a message."""
        return record_of(Completions, message, matches=records_of(Completion, message.matches))


@dataclass(frozen=True)
class Completeness:
    """Whether code can be run as it is."""

    #: COMPLETE, INCOMPLETE: more has to follow, or INVALID: whatever follows, it is a SyntaxError.
    completeness: str
    #: The white space that the next line begins with, where it is incomplete.
    indent: str


@dataclass(frozen=True)
class Inspection:
    """What stands at a place."""

    name: str
    #: Qualified name of its type.
    type_name: str
    #: Such as "(a, b=1)"; empty: it cannot be called.
    signature: str
    documentation: str
    #: The source file, where it is known.
    file: str

    @staticmethod
    def of(message: execute_pb2.InspectResponse) -> Optional[Inspection]:
        """The record of a message; None where nothing known stands there."""
        return record_of(Inspection, message) if message.found else None


@dataclass(frozen=True)
class Variable:
    """A variable of a session."""

    name: str
    type_name: str
    #: Bounded, made without running the session's code.
    preview: str
    #: 0: not known.
    size_bytes: int
    #: Of an array or a table.
    shape: Tuple[int, ...]


@dataclass(frozen=True)
class Variables:
    """The variables of a session."""

    variables: Tuple[Variable, ...]
    #: How many more there are.
    omitted: int

    @staticmethod
    def of(message: execute_pb2.ListVariablesResponse) -> Variables:
        """The record of a message."""
        return record_of(Variables, message, variables=records_of(Variable, message.variables))


@dataclass(frozen=True)
class ThreadStack:
    """Where a thread is."""

    thread_name: str
    #: The thread that runs the caller's code.
    main_thread: bool
    #: Innermost last.
    frames: Tuple[Frame, ...]

    @staticmethod
    def of(message: error_pb2.ThreadStack) -> ThreadStack:
        """The record of a message."""
        return record_of(ThreadStack, message, frames=tuple(map(Frame.of, message.frames)))


@dataclass(frozen=True)
class Stacks:
    """Where every thread of a session is."""

    threads: Tuple[ThreadStack, ...]
    #: C code holds the interpreter: the stacks are as C code saw them, and there may be the main thread's alone.
    interpreter_held: bool

    @staticmethod
    def of(message: execute_pb2.DumpStacksResponse) -> Stacks:
        """The record of a message."""
        return record_of(Stacks, message, threads=tuple(map(ThreadStack.of, message.threads)))
