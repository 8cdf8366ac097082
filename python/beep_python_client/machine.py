"""The gateway's machine, as the gateway tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Mapping, Optional, Tuple

from beep_python_client.contract import host_pb2
from beep_python_client.records import record_of, records_of


@dataclass(frozen=True)
class Progress:
    """How far work is."""

    #: Such as "wait", "resolve", "download", "build", "install", "verify" or "publish".
    phase: str
    #: What it is done to, such as a package's name.
    item: str
    #: The amount so far, in `unit`.
    done: int
    #: 0: not known.
    total: int
    #: "bytes", "packages", "files" or "steps".
    unit: str
    #: A line for people.
    message: str


@dataclass(frozen=True)
class RuntimeInfo:
    """A Python interpreter."""

    #: Stable for one interpreter of a machine, such as "cpython-3.12.4-linux-x86_64-gnu".
    id: str
    #: Such as "cpython" or "pypy".
    implementation: str
    #: Such as "3.12.4".
    version: str
    #: Its program; empty: not installed yet.
    path: str
    #: Where it comes from: "managed", "path", "pyenv", "conda" or "system".
    source: str
    #: The gateway installed it, and can remove it.
    managed: bool
    #: Environments that name no Python are made from it.
    default: bool
    #: Environments can be made from it.
    usable: bool
    unusable_reason: str
    #: Names of the environments made from it.
    venvs: Tuple[str, ...]
    #: What compiled packages must be built for, such as "cpython-312".
    abi: str


@dataclass(frozen=True)
class Endpoint:
    """A listener of the gateway's."""

    #: "http", "rpc" or "pipe".
    name: str
    address: str
    #: Such as "connect" or "grpc".
    protocols: Tuple[str, ...]


@dataclass(frozen=True)
class IsolationSupport:
    """Whether a level of isolation can be had."""

    #: NONE, LIMITS, SANDBOXED or STRONG.
    level: str
    available: bool
    #: The mechanisms in force, or what is missing.
    details: Tuple[str, ...]


@dataclass(frozen=True)
class HostInfo:
    """What a gateway says of itself."""

    version: str
    started_at: Optional[datetime]
    #: A new one for every start.
    boot_id: str
    #: Such as "linux-x86_64".
    platform: str
    endpoints: Tuple[Endpoint, ...]
    #: How sessions are started: FORK or SPAWN.
    start_method: str
    isolation: Tuple[IsolationSupport, ...]
    #: Empty: there is none.
    default_runtime_id: str
    default_venv: str
    #: The largest message, either way.
    max_message_bytes: int
    #: The longest deadline that is accepted.
    max_timeout: timedelta
    #: Who the token makes this client, such as "token:default".
    principal: str

    @staticmethod
    def of(message: host_pb2.GetHostResponse) -> HostInfo:
        """The record of a message."""
        endpoints, isolation = records_of(Endpoint, message.endpoints), records_of(IsolationSupport, message.isolation)
        return record_of(HostInfo, message, endpoints=endpoints, isolation=isolation)


@dataclass(frozen=True)
class SessionKindStats:
    """Sessions of one environment and preload list."""

    venv: str
    preload: Tuple[str, ...]
    open: int
    created_total: int
    #: Starting one takes half of them no longer.
    acquire_p50: timedelta
    #: And 99 of 100 no longer.
    acquire_p99: timedelta


@dataclass(frozen=True)
class WorkerStats:
    """What a worker process uses by itself, without its sessions."""

    worker_id: str
    #: Open sessions on it.
    sessions: int
    resident_bytes: int
    cpu_time: timedelta


@dataclass(frozen=True)
class HostStats:
    """How a gateway is doing."""

    sessions_open: int
    #: Those of them in which something runs.
    sessions_busy: int
    #: Executions and batches that wait.
    items_queued: int
    kinds: Tuple[SessionKindStats, ...]
    workers: Tuple[WorkerStats, ...]
    #: Since the gateway's start.
    executions_total: int
    operations_total: int

    @staticmethod
    def of(message: host_pb2.GetStatsResponse) -> HostStats:
        """The record of a message."""
        kinds, workers = records_of(SessionKindStats, message.kinds), records_of(WorkerStats, message.workers)
        return record_of(HostStats, message, kinds=kinds, workers=workers)


@dataclass(frozen=True)
class WorkerInfo:
    """A worker process."""

    id: str
    pid: int
    #: STARTING, READY, DRAINING or FAILED.
    state: str
    started_at: Optional[datetime]
    #: Open sessions on it.
    sessions: int
    #: How often it was started again after it died.
    restarts: int
    #: Why it died the last time.
    last_error: str


@dataclass(frozen=True)
class HostEvent:
    """Something that happened on the host."""

    time: Optional[datetime]
    #: Such as "session.opened", "worker.lost", "venv.changed"; there may be more kinds some day.
    kind: str
    #: The id or name of what it happened to.
    subject: str
    #: A line for people: why.
    message: str
    attributes: Mapping[str, str]
