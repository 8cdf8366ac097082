"""What may be said of sessions and executions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Mapping, Sequence, TypedDict, Union

if TYPE_CHECKING:
    from typing import Literal

# Seconds, or a timedelta.
Duration = Union[float, timedelta]


def duration_of(value: Duration) -> timedelta:
    """A span of time as its message wants it."""
    return value if isinstance(value, timedelta) else timedelta(seconds=value)


@dataclass(frozen=True)
class Script:
    """A file to run as `__main__`; inside the session's workspace unless absolute."""

    path: str


@dataclass(frozen=True)
class Module:
    """A module to run as `python -m` does."""

    name: str


@dataclass(frozen=True)
class Function:
    """A function to call: "package.module:name", or a name in the session."""

    name: str
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


# What to run: code, or one of the above.
Source = Union[str, Script, Module, Function]


class Limits(TypedDict, total=False):
    """Bounds of a session; what is not named is the host's default."""

    memory_bytes: int
    cpu_time: Duration
    processes: int
    open_files: int
    file_bytes: int
    output_bytes: int
    run_time: Duration
    handles: int


class SessionOptions(TypedDict, total=False):
    """What a session should be."""

    #: Name or absolute path of its environment.
    venv: str
    #: Modules that are imported once and shared by the sessions that name the same.
    preload: Sequence[str]
    env: Mapping[str, str]
    cwd: str
    limits: Limits
    isolation: Literal["none", "limits", "sandboxed", "strong"]
    #: It ends when nothing used it for so long.
    idle_timeout: Duration
    lifetime: Duration
    labels: Mapping[str, str]
    #: End it when its process dies; otherwise a fresh one takes its place.
    close_on_death: bool


class IndexOptions(TypedDict, total=False):
    """Where packages come from; what is not named is the host's setting."""

    #: URL of the index to use instead of the host's.
    default_index: str
    #: URLs of further indexes, asked first, where the host's settings allow them.
    extra_indexes: Sequence[str]
    #: Use only what is in the cache.
    offline: bool
    #: Allow source distributions to be built, which runs their code.
    allow_build: bool
    #: Only files published before this moment.
    exclude_newer: datetime
    #: Refuse every package whose hash the requirements do not name.
    require_hashes: bool


class VenvOptions(TypedDict, total=False):
    """What an environment should be."""

    #: A version request such as "3.12", a runtime's id or a path; unless named, the default runtime.
    python: str
    #: Requirements such as "pandas[excel]>=2".
    packages: Sequence[str]
    #: The text of a requirements file or of a pylock.toml.
    requirements: str
    index: IndexOptions
    labels: Mapping[str, str]


class ExecuteOptions(TypedDict, total=False):
    """How to run something."""

    #: Refused unless it is the session's.
    generation: int
    #: Made here unless it is named; the same id never runs twice.
    execution_id: str
    env: Mapping[str, str]
    cwd: str
    argv: Sequence[str]
    #: What the code reads, then end of file.
    stdin: Union[str, bytes]
    #: Input comes from `Execution.send` when the code asks.
    interactive: bool
    #: From when the code runs; then it is stopped.
    timeout: Duration
    queue_timeout: Duration
    #: How long the code may take to give in before its process is killed.
    interrupt_grace: Duration
    #: "detach": it outlives a lost connection, so that it can be gone on with; "cancel": it ends with the connection.
    on_disconnect: Literal["detach", "cancel"]
    when_behind: Literal["block", "drop"]
    #: How the value of a last expression comes back.
    form: Literal["auto", "value", "handle", "both", "none"]
    max_inline_bytes: int
    #: Renderings that are wanted, such as "text/html".
    mime_types: Sequence[str]
    #: Take numpy's scalars as the numbers, bools and texts that they are, told by a notice; True unless named.
    numpy_scalars: bool
    #: Allow other lossy conversions; each is told by a notice.
    lenient: bool
    max_output_bytes: int
