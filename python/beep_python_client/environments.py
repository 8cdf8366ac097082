"""Environments and packages, as the gateway tells of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Mapping, Optional, Tuple

from beep_python_client.contract import venv_pb2
from beep_python_client.machine import RuntimeInfo
from beep_python_client.records import record_of, records_of


@dataclass(frozen=True)
class VenvGeneration:
    """One change of an environment."""

    number: int
    created_at: Optional[datetime]
    #: What was asked, such as "install pandas".
    summary: str
    #: Still on disk, so that a rollback to it is possible.
    kept: bool


@dataclass(frozen=True)
class VenvInfo:
    """How an environment stands."""

    #: Of one that is not the gateway's own, its path.
    name: str
    #: The same for all generations.
    path: str
    #: The interpreter inside of it.
    python_path: str
    #: What it is made from.
    runtime: RuntimeInfo
    #: Grows with every change; a rollback goes back to that of an earlier one.
    generation: int
    #: BUILDING, READY or BROKEN.
    state: str
    #: Why it is broken, and how to repair it.
    problem: str
    created_at: Optional[datetime]
    changed_at: Optional[datetime]
    used_at: Optional[datetime]
    package_count: int
    #: Bytes that it alone uses, of all generations on disk; 0 may mean that nobody has measured.
    exclusive_bytes: int
    shared_bytes: int
    #: Open sessions in it.
    sessions: int
    #: What it was ensured for, where it was.
    provider: str
    model: str
    #: It cannot be deleted.
    protected: bool
    labels: Mapping[str, str]
    #: Oldest first.
    history: Tuple[VenvGeneration, ...]

    @staticmethod
    def of(message: venv_pb2.Venv) -> VenvInfo:
        """The record of a message."""
        runtime, history = record_of(RuntimeInfo, message.runtime), records_of(VenvGeneration, message.history)
        return record_of(VenvInfo, message, runtime=runtime, history=history)


@dataclass(frozen=True)
class PackageChange:
    """One package's change."""

    name: str
    #: Empty: it was not there.
    old_version: str
    #: Empty: it was removed.
    new_version: str


@dataclass(frozen=True)
class VenvChange:
    """What came of a change of an environment."""

    venv: VenvInfo
    #: Nothing had to be done.
    unchanged: bool
    changes: Tuple[PackageChange, ...]
    took: timedelta

    @staticmethod
    def of(message: venv_pb2.VenvResult) -> VenvChange:
        """The record of a message."""
        changes = records_of(PackageChange, message.changes)
        return record_of(VenvChange, message, venv=VenvInfo.of(message.venv), changes=changes)


@dataclass(frozen=True)
class Plan:
    """What a change would do."""

    changes: Tuple[PackageChange, ...]
    #: What would be downloaded, where known.
    download_bytes: int

    @staticmethod
    def of(message: venv_pb2.PlanPackagesResponse) -> Plan:
        """The record of a message."""
        return record_of(Plan, message, changes=records_of(PackageChange, message.changes))


@dataclass(frozen=True)
class PackageInfo:
    """An installed package."""

    name: str
    version: str
    summary: str
    license: str
    #: Modules that it can be imported as.
    modules: Tuple[str, ...]
    #: Requirements of it.
    requires: Tuple[str, ...]
    #: Names of installed packages that require it.
    required_by: Tuple[str, ...]
    #: Bytes of its files on disk.
    size_bytes: int
    #: Asked for by name, not only needed by another.
    requested: bool


@dataclass(frozen=True)
class VenvProblem:
    """One thing that is wrong with an environment."""

    #: Package or file.
    subject: str
    #: What is wrong with it, and how to repair it.
    message: str
