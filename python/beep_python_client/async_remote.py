"""Objects of a session for asyncio, where Python wants another thing of them than of those that block."""

from __future__ import annotations

from typing import Any, Generator, NoReturn

from beep_python_client import lazy
from beep_python_client.awaited.objects import AsyncObject


class AsyncRemote(AsyncObject):
    """An object of a session; see Lazy.

    `await` gives its value; `async for` and `async with` go through it and enter it. Python can await no assignment,
    truth or length: `set_`, `delete_`, `set_item_`, `delete_item_` and `length_` are there for them.
    """

    __slots__ = ()

    def __await__(self) -> Generator[Any, None, Any]:
        return self.value_().__await__()

    async def length_(self) -> int:
        """Its length."""
        return int(await self._session._measure(self._node))

    async def set_(self, name: str, value: Any) -> None:
        """Set an attribute."""
        await self._session._do(self._node, *lazy.set_attribute(self._session, name, value))

    async def delete_(self, name: str) -> None:
        """Delete an attribute."""
        await self._session._do(self._node, *lazy.delete_attribute(name))

    async def set_item_(self, key: Any, value: Any) -> None:
        """Set an item."""
        await self._session._do(self._node, *lazy.set_item(self._session, key, value))

    async def delete_item_(self, key: Any) -> None:
        """Delete an item."""
        await self._session._do(self._node, *lazy.delete_item(self._session, key))

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self!r} has no truth before it is awaited; write `if await remote:`")

    def __iter__(self) -> NoReturn:
        raise TypeError(f"{self!r} cannot be iterated at once; write `async for item in remote:`")

    def __contains__(self, item: Any) -> NoReturn:
        raise TypeError(f"{self!r} cannot be looked into at once; await `operator.contains` of the session")

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise TypeError(f"an assignment cannot be awaited; write `await remote.set_({name!r}, value)`")

    def __delattr__(self, name: str) -> NoReturn:
        raise TypeError(f"a deletion cannot be awaited; write `await remote.delete_({name!r})`")

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise TypeError("an assignment cannot be awaited; write `await remote.set_item_(key, value)`")

    def __delitem__(self, key: Any) -> NoReturn:
        raise TypeError("a deletion cannot be awaited; write `await remote.delete_item_(key)`")
