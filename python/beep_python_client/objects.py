"""Objects of a session for programs that block."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Iterator, Optional, Type

from beep_python_client import asking, lazy
from beep_python_client.described import Described
from beep_python_client.lazy import Lazy, function_of
from beep_python_client.nodes import Node


class Remote(Lazy):
    """An object of a session; see Lazy.

    What Python wants at once is asked for at once: `len`, `bool`, `int`, `float`, `in`, iteration, `with`, and the
    assignment and deletion of attributes and items. `str` and `repr` ask for nothing.
    """

    __slots__ = ()

    def value_(self, *, lenient: bool = False) -> Any:
        """Its value, exact; numpy's scalars come as Python's. `lenient` allows other lossy conversions.

        Raises ConversionFailed where it has none.
        """
        return self._session._value(self._node, lenient)

    def handle_(self) -> Remote:
        """Itself, once it is made and held in the session."""
        self._session._hold(self._node)
        return self

    def release_(self) -> None:
        """Let it go with the next batch; it is not to be used again."""
        self._session._release(self._node)

    def describe_(self) -> Described:
        """Its type, text, documentation, signature and attributes."""
        return Described.of(self._session._do(self._node, asking.describes).description)

    def items_(self, batch: int = 100) -> Iterator[Any]:
        """Goes through it, so many items in a trip."""
        return self._session._iterate(self, batch)  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[Any]:
        return self.items_()

    def __len__(self) -> int:
        return int(self._session._measure(self._node))

    def __bool__(self) -> bool:
        return bool(self._by("builtins", "bool"))

    def __int__(self) -> int:
        return int(self._by("builtins", "int"))

    def __float__(self) -> float:
        return float(self._by("builtins", "float"))

    def __complex__(self) -> complex:
        return complex(self._by("builtins", "complex"))

    def __index__(self) -> int:
        return int(self._by("operator", "index"))

    def __contains__(self, item: Any) -> bool:
        return bool(self._by("operator", "contains", item))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        import numpy

        return numpy.asarray(self.value_(), dtype)

    def _by(self, module: str, name: str, *args: Any) -> Any:
        return self._session._value(function_of(module, name, self._session, (self, *args)))

    def __setattr__(self, name: str, value: Any) -> None:
        self._session._do(self._node, *lazy.set_attribute(self._session, name, value))

    def __delattr__(self, name: str) -> None:
        self._session._do(self._node, *lazy.delete_attribute(name))

    def __setitem__(self, key: Any, value: Any) -> None:
        self._session._do(self._node, *lazy.set_item(self._session, key, value))

    def __delitem__(self, key: Any) -> None:
        self._session._do(self._node, *lazy.delete_item(self._session, key))

    def __enter__(self) -> Remote:
        """Enter a context manager of the session's."""
        entered = Node(parent=self._node, name=".__enter__()", action=asking.enters)
        self._session._hold(self._node, entered)
        return type(self)(self._session, entered)

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
