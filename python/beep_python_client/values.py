"""Python values as messages and back: exact, or refused with the path of what cannot be."""

from __future__ import annotations

from typing import Any

from beep_python_client.arrays import NoTensor, array_of, tensor_of
from beep_python_client.contract import value_pb2
from beep_python_client.contract.reasons import ConversionFailed
from beep_python_client.digits import integer_of_text, text_of_integer
from beep_python_client.json_text import NoValue, Reference, no_exact_value, read_json, write_json
from beep_python_client.scalars import NoScalar, scalar_of, scalar_text

_INT64 = 1 << 63
_CONTAINERS = (list, tuple, dict, set, frozenset)


def to_message(value: Any, path: str) -> value_pb2.PythonValue:
    """The message of a value; `path` is where it stands, such as "args[0]". Raises ConversionFailed."""
    try:
        return _message(value)
    except NoValue as error:
        raise conversion_failed(error, path) from None


def conversion_failed(error: NoValue, path: str) -> ConversionFailed:
    """The error of what cannot be said, as the gateway would raise it."""
    where = path + error.path
    text = f"cannot be converted: {where}: {error.why}"
    return ConversionFailed(text, reason="CONVERSION_FAILED", metadata={"path": where})


def _message(value: Any) -> value_pb2.PythonValue:
    kind = type(value)
    if value is None:
        return value_pb2.PythonValue(none=value_pb2.NoneValue())
    if kind is bool:
        return value_pb2.PythonValue(boolean=value)
    if kind is int:
        if -_INT64 <= value < _INT64:
            return value_pb2.PythonValue(integer=value)
        return value_pb2.PythonValue(big_integer=text_of_integer(value))
    if kind is float:
        return value_pb2.PythonValue(real=value)
    if kind is str:
        try:
            return value_pb2.PythonValue(text=value)
        except (ValueError, UnicodeError):  # half of a surrogate pair
            return value_pb2.PythonValue(json=write_json(value))
    if kind is bytes:
        return value_pb2.PythonValue(binary=value)
    if kind in _CONTAINERS:
        return value_pb2.PythonValue(json=write_json(value))
    return _other(value)


def _other(value: Any) -> value_pb2.PythonValue:
    try:
        scalar, tensor = scalar_text(value), tensor_of(value)
    except (NoScalar, NoTensor) as error:
        raise NoValue(str(error)) from None
    if scalar is not None:
        return value_pb2.PythonValue(scalar=value_pb2.Scalar(type_name=scalar[0], text=scalar[1]))
    if tensor is not None:
        dtype, shape, data = tensor
        return value_pb2.PythonValue(tensor=value_pb2.Tensor(dtype=dtype, shape=shape, data=data))
    raise NoValue(no_exact_value(value))


def from_message(message: value_pb2.PythonValue, reference: Reference) -> Any:
    """The value of a message; live objects are made by `reference`."""
    kind = message.WhichOneof("kind")
    if kind == "none":
        return None
    if kind in ("boolean", "integer", "real", "text", "binary"):
        return getattr(message, kind)
    if kind == "json":
        return read_json(message.json, reference)
    if kind == "big_integer":
        return integer_of_text(message.big_integer)
    if kind == "scalar":
        return scalar_of(message.scalar.type_name, message.scalar.text)
    if kind == "tensor":
        tensor = message.tensor
        return array_of(tensor.dtype, tuple(tensor.shape), tensor.data)
    if kind == "object":
        return reference(message.object.id, message.object.type_name, message.object.text)
    raise ValueError("the gateway sent a value of a kind that this client does not know; update it")
