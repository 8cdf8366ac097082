"""Python's operators on objects of a session: those of its module `operator`, done there."""

from __future__ import annotations

from typing import Any, Callable

from beep_python_client.nodes import Node

# What makes the node of a call: the module, the function, the session and the arguments.
_Operator = Callable[..., Any]


def _operator(function: str, is_reflected: bool = False) -> _Operator:
    def method(self: Any, *others: Any) -> Any:
        operands = (*others, self) if is_reflected else (self, *others)
        node: Node = self._operation(function, operands)
        return type(self)(self._session, node)

    return method


class Operators:
    """Each gives an object again, also those that compare."""

    __slots__ = ()

    __neg__ = _operator("neg")
    __pos__ = _operator("pos")
    __invert__ = _operator("invert")
    __abs__ = _operator("abs")

    __lt__ = _operator("lt")
    __le__ = _operator("le")
    __gt__ = _operator("gt")
    __ge__ = _operator("ge")
    __eq__ = _operator("eq")
    __ne__ = _operator("ne")

    __add__ = _operator("add")
    __sub__ = _operator("sub")
    __mul__ = _operator("mul")
    __truediv__ = _operator("truediv")
    __floordiv__ = _operator("floordiv")
    __mod__ = _operator("mod")
    __pow__ = _operator("pow")
    __matmul__ = _operator("matmul")
    __lshift__ = _operator("lshift")
    __rshift__ = _operator("rshift")
    __and__ = _operator("and_")
    __or__ = _operator("or_")
    __xor__ = _operator("xor")

    __radd__ = _operator("add", is_reflected=True)
    __rsub__ = _operator("sub", is_reflected=True)
    __rmul__ = _operator("mul", is_reflected=True)
    __rtruediv__ = _operator("truediv", is_reflected=True)
    __rfloordiv__ = _operator("floordiv", is_reflected=True)
    __rmod__ = _operator("mod", is_reflected=True)
    __rpow__ = _operator("pow", is_reflected=True)
    __rmatmul__ = _operator("matmul", is_reflected=True)
    __rlshift__ = _operator("lshift", is_reflected=True)
    __rrshift__ = _operator("rshift", is_reflected=True)
    __rand__ = _operator("and_", is_reflected=True)
    __ror__ = _operator("or_", is_reflected=True)
    __rxor__ = _operator("xor", is_reflected=True)

    __iadd__ = _operator("iadd")
    __isub__ = _operator("isub")
    __imul__ = _operator("imul")
    __itruediv__ = _operator("itruediv")
    __ifloordiv__ = _operator("ifloordiv")
    __imod__ = _operator("imod")
    __ipow__ = _operator("ipow")
    __imatmul__ = _operator("imatmul")
    __ilshift__ = _operator("ilshift")
    __irshift__ = _operator("irshift")
    __iand__ = _operator("iand")
    __ior__ = _operator("ior")
    __ixor__ = _operator("ixor")

    # An object that answers `==` with another object is itself as a key.
    __hash__ = object.__hash__
