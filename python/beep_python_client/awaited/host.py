"""The gateway's machine: what it offers, how it is doing, what happens on it."""

from __future__ import annotations

from typing import AsyncIterator, Tuple

from beep_python_client.awaited.calls import AsyncCalls
from beep_python_client.contract import host_pb2
from beep_python_client.machine import HostEvent, HostInfo, HostStats, WorkerInfo
from beep_python_client.records import record_of, records_of


class AsyncHost:
    """A gateway and its machine."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def info(self) -> HostInfo:
        """Its version, listeners, abilities and limits."""
        return HostInfo.of(await self._calls.again("GetHost", host_pb2.GetHostRequest()))

    async def stats(self) -> HostStats:
        """How many sessions there are and wait, and what starting one takes."""
        return HostStats.of(await self._calls.again("GetStats", host_pb2.GetStatsRequest()))

    async def workers(self) -> Tuple[WorkerInfo, ...]:
        """Its worker processes."""
        answer = await self._calls.again("ListWorkers", host_pb2.ListWorkersRequest())
        return records_of(WorkerInfo, answer.workers)

    async def watch(self) -> AsyncIterator[HostEvent]:
        """What happens, as it happens. What is there comes first; "watch.begun" ends that.

        Raises ConnectionLost where the connection breaks, and ReaderTooSlow for who lags by 1,000 events: watch again.
        """
        stream = self._calls.stream("WatchHost", host_pb2.WatchHostRequest())
        try:
            async for event in stream:
                if event.kind != "heartbeat":
                    yield record_of(HostEvent, event)
        finally:
            stream.cancel()
