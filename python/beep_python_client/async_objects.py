"""Objects of a session for asyncio."""

from __future__ import annotations

from types import TracebackType
from typing import Any, AsyncIterator, Generator, NoReturn, Optional, Type

from beep_python_client import asking, lazy
from beep_python_client.described import Described
from beep_python_client.lazy import Lazy
from beep_python_client.nodes import Node


class AsyncRemote(Lazy):
    """An object of a session; see Lazy.

    `await` gives its value; `async for` and `async with` go through it and enter it. Python can await no assignment,
    truth or length: `set_`, `delete_`, `set_item_`, `delete_item_` and `length_` are there for them.
    """

    __slots__ = ()

    def __await__(self) -> Generator[Any, None, Any]:
        return self.value_().__await__()

    async def value_(self, *, lenient: bool = False) -> Any:
        """Its value, exact; numpy's scalars come as Python's. `lenient` allows other lossy conversions.

        Raises ConversionFailed where it has none.
        """
        return await self._session._value(self._node, lenient)

    async def handle_(self) -> AsyncRemote:
        """Itself, once it is made and held in the session."""
        await self._session._hold(self._node)
        return self

    def release_(self) -> None:
        """Let it go with the next batch; it is not to be used again."""
        self._session._release(self._node)

    async def describe_(self) -> Described:
        """Its type, text, documentation, signature and attributes."""
        return Described.of((await self._session._do(self._node, asking.describes)).description)

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

    def items_(self, batch: int = 100) -> AsyncIterator[Any]:
        """Goes through it, so many items in a trip."""
        return self._session._iterate(self, batch)  # type: ignore[no-any-return]

    def __aiter__(self) -> AsyncIterator[Any]:
        return self.items_()

    async def __aenter__(self) -> AsyncRemote:
        """Enter a context manager of the session's."""
        entered = Node(parent=self._node, name=".__enter__()", action=asking.enters)
        remote = type(self)(self._session, entered)
        await self._session._hold(self._node, entered)
        return remote

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> bool:
        """Leave it; it learns of an exception by one of the same builtin class."""
        raised = None
        if error is not None:
            raised = asking.exception_like(self._session, error)
            await self._session._hold(raised)
        answer = await self._session._do(self._node, asking.leaves(raised))
        return bool(answer.value.boolean)

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
