"""Objects of a session for programs that block, where Python wants another thing of them than for asyncio."""

from __future__ import annotations

from typing import Any

from beep_python_client import lazy
from beep_python_client.blocking.objects import Object
from beep_python_client.lazy import function_of


class Remote(Object):
    """An object of a session; see Lazy.

    What Python wants at once is asked for at once: `len`, `bool`, `int`, `float`, `in`, iteration, `with`, and the
    assignment and deletion of attributes and items. `str` and `repr` ask for nothing.
    """

    __slots__ = ()

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
