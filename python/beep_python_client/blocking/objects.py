# Made from awaited/objects.py by scripts/generate/client_blocking.py; edit that one.
"""What is asked of an object in the same way by both clients."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Iterator, Optional, Type, TypeVar

from beep_python_client import asking
from beep_python_client.described import Described
from beep_python_client.lazy import Lazy
from beep_python_client.nodes import Node

R = TypeVar("R", bound="Object")


class Object(Lazy):
    """An object of a session; see Lazy."""

    __slots__ = ()

    def value_(self, *, lenient: bool = False) -> Any:
        """Its value, exact; numpy's scalars come as Python's. `lenient` allows other lossy conversions.

        Raises ConversionFailed where it has none.
        """
        return self._session._value(self._node, lenient)

    def handle_(self: R) -> R:
        """Itself, once it is made and held in the session."""
        self._session._hold(self._node)
        return self

    def release_(self) -> None:
        """Let it go with the next batch; it is not to be used again."""
        self._session._release(self._node)

    def describe_(self) -> Described:
        """Its type, text, documentation, signature and attributes."""
        answer = self._session._do(self._node, asking.describes)
        return Described.of(answer.description)

    def items_(self, batch: int = 100) -> Iterator[Any]:
        """Goes through it, so many items in a trip."""
        return self._session._iterate(self, batch)  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[Any]:
        return self.items_()

    def __enter__(self: R) -> R:
        """Enter a context manager of the session's."""
        entered = Node(parent=self._node, name=".__enter__()", action=asking.enters)
        remote = type(self)(self._session, entered)
        self._session._hold(self._node, entered)
        return remote

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> bool:
        """Leave it; it learns of an exception by one of the same builtin class."""
        raised = None
        if error is not None:
            raised = asking.exception_like(self._session, error)
            self._session._hold(raised)
        answer = self._session._do(self._node, asking.leaves(raised))
        return bool(answer.value.boolean)
