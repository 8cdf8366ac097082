# Made from awaited/runtimes.py by scripts/generate/client_blocking.py; edit that one.
"""The Python interpreters of the gateway's machine."""

from __future__ import annotations

from typing import Any, List, Tuple

from beep_python_client.blocking.calls import Calls
from beep_python_client.blocking.work import Work
from beep_python_client.contract import host_pb2
from beep_python_client.machine import RuntimeInfo
from beep_python_client.records import record_of, records_of


class Runtimes:
    """Interpreters that were found or installed."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def list(self, version: str = "", *, include_available: bool = False) -> Tuple[RuntimeInfo, ...]:
        """All of them, also those that cannot be used, or those that meet a version request such as ">=3.11".

        `include_available` adds those that could be installed.
        """
        request = host_pb2.ListRuntimesRequest(version=version, include_available=include_available)
        answer = self._calls.again("ListRuntimes", request)
        return records_of(RuntimeInfo, answer.runtimes)

    def get(self, runtime: str = "") -> RuntimeInfo:
        """One by its id, its path or a version request; the default one unless named."""
        answer = self._calls.again("GetRuntime", host_pb2.GetRuntimeRequest(runtime=runtime))
        return record_of(RuntimeInfo, answer.runtime)

    def verify(self, runtime: str = "") -> List[str]:
        """What is wrong with one that is started and looked at; empty: nothing."""
        answer = self._calls.again("GetRuntime", host_pb2.GetRuntimeRequest(runtime=runtime, verify=True))
        return [str(problem) for problem in answer.problems]

    def install(self, version: str, *, set_default: bool = False) -> Work[RuntimeInfo]:
        """Download and install one, such as "3.12" or "pypy3.10"; one that is there already is the result at once."""
        request = host_pb2.InstallRuntimeRequest(version=version, set_default=set_default)
        return Work(self._calls, "InstallRuntime", request, _runtime)

    def uninstall(self, runtime_id: str) -> None:
        """Remove one that the gateway installed; refused while environments are made from it."""
        self._calls.call("UninstallRuntime", host_pb2.UninstallRuntimeRequest(runtime_id=runtime_id))

    def set_default(self, runtime: str) -> RuntimeInfo:
        """Choose the interpreter of environments that name none."""
        answer = self._calls.again("SetDefaultRuntime", host_pb2.SetDefaultRuntimeRequest(runtime=runtime))
        return record_of(RuntimeInfo, answer.runtime)


def _runtime(message: Any) -> RuntimeInfo:
    return record_of(RuntimeInfo, message)
