# Made from awaited/host.py by scripts/generate/client_blocking.py; edit that one.
"""The gateway's machine: what it offers, how it is doing, what happens on it."""

from __future__ import annotations

from typing import Iterator, Tuple

from beep_python_client.blocking.calls import Calls
from beep_python_client.contract import host_pb2
from beep_python_client.machine import HostEvent, HostInfo, HostStats, WorkerInfo
from beep_python_client.records import record_of, records_of


class Host:
    """A gateway and its machine."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def info(self) -> HostInfo:
        """Its version, listeners, abilities and limits."""
        return HostInfo.of(self._calls.again("GetHost", host_pb2.GetHostRequest()))

    def stats(self) -> HostStats:
        """How many sessions there are and wait, and what starting one takes."""
        return HostStats.of(self._calls.again("GetStats", host_pb2.GetStatsRequest()))

    def workers(self) -> Tuple[WorkerInfo, ...]:
        """Its worker processes."""
        answer = self._calls.again("ListWorkers", host_pb2.ListWorkersRequest())
        return records_of(WorkerInfo, answer.workers)

    def watch(self) -> Iterator[HostEvent]:
        """What happens, as it happens. What is there comes first; "watch.begun" ends that.

        Raises ConnectionLost where the connection breaks, and ReaderTooSlow for who lags by 1,000 events: watch again.
        """
        stream = self._calls.stream("WatchHost", host_pb2.WatchHostRequest())
        try:
            for event in stream:
                if event.kind != "heartbeat":
                    yield record_of(HostEvent, event)
        finally:
            stream.cancel()
