"""Those who wait until a session has a process again."""

from __future__ import annotations

import asyncio

from beep.python.v1 import execute_pb2


class Successors:
    """Hears of each waiter once; what they hear is the session as it was when its process was there."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[execute_pb2.Session | None]] = []

    def __bool__(self) -> bool:
        """Somebody waits."""
        return bool(self._waiting)

    async def wait(self) -> execute_pb2.Session | None:
        """The session once its process is there; None where none came."""
        successor: asyncio.Future[execute_pb2.Session | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(successor)
        return await successor

    def tell(self, message: execute_pb2.Session | None) -> None:
        """Wakes up all who wait."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(message)
        self._waiting.clear()
