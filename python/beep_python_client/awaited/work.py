"""Work of the gateway's that takes a while, such as making an environment."""

from __future__ import annotations

from typing import Any, AsyncIterator, Callable, Generic, List, Optional, TypeVar

from beep_python_client.awaited.calls import AsyncCalls, AsyncStream
from beep_python_client.machine import Progress
from beep_python_client.records import record_of
from beep_python_client.refusals import BeepError, ConnectionLost
from beep_python_client.waiting import async_sleep

T = TypeVar("T")


class AsyncWork(Generic[T]):
    """Work that has begun: how far it is, and what came of it.

    Whoever leaves the loop over it before the end gives the work up, unless others wait for it too.
    """

    def __init__(
        self, calls: AsyncCalls, name: str, request: Any, made: Callable[[Any], T], is_repeatable: bool = True
    ) -> None:
        self._calls, self._name, self._request = calls, name, request
        self._made = made
        # Done once, it is done: a connection that breaks is made again.
        self._is_repeatable = is_repeatable
        self._patience = calls.patience.again()
        self._results: List[T] = []
        self._error: Optional[BaseException] = None
        self._stream: Optional[AsyncStream] = calls.stream(name, request)

    async def __aiter__(self) -> AsyncIterator[Progress]:
        try:
            while not self._results:
                progress = await self._next()
                if progress is not None:
                    yield progress
        except BaseException as error:
            self._error = error
            raise
        finally:
            if self._stream is not None:
                self._stream.cancel()

    async def result(self) -> T:
        """What came of it, once it has ended. Raises what went wrong."""
        if self._error is not None:
            raise BeepError(f"the work has ended without a result: {self._error!r}") from self._error
        async for _ in self:
            pass
        return self._results[0]

    async def _next(self) -> Optional[Progress]:
        """How far it is; None for its end, and where the connection broke."""
        try:
            self._stream = self._stream or self._calls.stream(self._name, self._request)
            message = await self._stream.__anext__()
        except StopAsyncIteration:
            await self._wait(ConnectionLost("the work ended without a result; see what there is, and ask again"))
        except BeepError as error:
            await self._wait(error)
        else:
            self._patience.rest()
            kind = message.WhichOneof("update")
            if kind == "progress":
                return record_of(Progress, message.progress)
            if kind is not None:
                self._results.append(self._made(getattr(message, kind)))
        return None

    async def _wait(self, error: BeepError) -> None:
        self._stream = None
        patience = self._patience
        await async_sleep(patience.next_delay(error) if self._is_repeatable else patience.delay_to_start(error))
