"""Calls, with errors of this client."""

from __future__ import annotations

from typing import Any, AsyncIterator, Callable, Optional

from beep_python_client.channel import metadata_of, open_channel, stubs_of
from beep_python_client.faults import fault_of
from beep_python_client.following import Patience
from beep_python_client.large import Reading, Writing
from beep_python_client.locate import Place
from beep_python_client.refusals import BeepError, ClientClosed, ConnectionLost
from beep_python_client.waiting import AsyncCallEnds, async_grpc_api, async_is_given_up, async_sleep


class AsyncCalls:
    """One connection to a gateway."""

    def __init__(self, place: Place, call_timeout: float, patience: Patience) -> None:
        self._place = place
        self._channel = open_channel(async_grpc_api, place)
        self._metadata = metadata_of(place)
        self._stubs = stubs_of(self._channel)
        self._call_timeout = call_timeout
        self._is_closed = False
        self.patience = patience

    async def close(self) -> None:
        """What is under way ends with ClientClosed."""
        self._is_closed = True
        await self._channel.close()

    async def short(self, name: str, request: Any) -> Any:
        """A call that the gateway answers by itself. Raises BeepError."""
        return await self.call(name, request, self._call_timeout)

    async def call(self, name: str, request: Any, timeout: Optional[float] = None) -> Any:
        """A call that takes as long as it takes, made once. Raises BeepError."""
        patience = self.patience.again()
        while True:
            try:
                return await self._once(name, request, timeout)
            except BeepError as error:
                await async_sleep(patience.delay_to_start(error))

    async def again(self, name: str, request: Any) -> Any:
        """A call that may be made twice: as often as the connection breaks, as long as patience lasts."""
        patience = self.patience.again()
        while True:
            try:
                return await self._once(name, request)
            except BeepError as error:
                await async_sleep(patience.next_delay(error))

    async def _once(self, name: str, request: Any, timeout: Optional[float] = None) -> Any:
        try:
            answer = await self._stubs[name](request, metadata=self._metadata, timeout=timeout)
        except AsyncCallEnds as error:
            raise self._fault(error) from None
        self.patience.rest()
        return answer

    def stream(self, name: str, request: Any) -> AsyncStream:
        """The answers of a call, as they come."""
        try:
            return AsyncStream(self._stubs[name](request, metadata=self._metadata), self._fault)
        except AsyncCallEnds as error:
            raise self._fault(error) from None

    def _fault(self, error: BaseException) -> BaseException:
        """What the end of a call means."""
        if self._is_closed and not async_is_given_up():
            return ClientClosed("the client was closed; make another one: sessions that were not closed live on")
        return fault_of(error, self._place.target)

    async def read(self, reading: Reading) -> Any:
        """A large object, over as many connections as it takes. Raises BeepError."""
        patience = self.patience.again()
        while not reading.is_whole:
            try:
                async for part in self.stream("Read", reading.request()):
                    reading.take(part)
                    patience.rest()
                if not reading.is_whole:
                    raise ConnectionLost("the object ended before all of it had come")
            except BeepError as error:
                await async_sleep(patience.next_delay(error))
        return reading.value()

    async def write(self, writing: Writing) -> Any:
        """Sends a large object, over as many connections as it takes; answers with what the gateway says of it."""
        patience = self.patience.again()
        while True:
            try:
                return await self._once("Write", writing.requests())
            except BeepError as error:
                await async_sleep(patience.next_delay(error))
                writing.received = await self._received(writing, patience)

    async def _received(self, writing: Writing, patience: Patience) -> int:
        """How much of it arrived."""
        while True:
            try:
                answer = await self._once("Write", writing.question())
            except BeepError as error:
                await async_sleep(patience.next_delay(error))
            else:
                return int(answer.received_bytes)


class AsyncStream:
    """Answers as they come. Raises BeepError."""

    def __init__(self, call: Any, fault: Callable[[BaseException], BaseException]) -> None:
        self._call = call
        self._answers = call.__aiter__()
        self._fault = fault
        self._is_cancelled = False

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        try:
            return await self._answers.__anext__()
        except AsyncCallEnds as error:
            if self._is_cancelled and not async_is_given_up():
                raise StopAsyncIteration from None
            raise self._fault(error) from None

    def cancel(self) -> None:
        """Nothing more is wanted, also by who waits for the next."""
        self._is_cancelled = True
        self._call.cancel()
