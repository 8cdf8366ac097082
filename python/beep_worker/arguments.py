"""Arguments of a function from public messages to the session protocol, looked at before anything is started."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from beep.python.v1 import execute_pb2, value_pb2
from beep_session.arrays import check_tensor
from beep_session.scalars_in import scalar_of
from beep_session.values_in import Makers, NotConvertible, step_to, to_python
from beep_worker.refusal import Refusal

# Looking at JSON takes the worker about as long as the session: what is larger travels as a file, or as text that the
# function parses itself.
MAX_JSON_BYTES = 4 << 20

_SHORT_DIGITS = 4000


def _checked_scalar(name: str, text: str) -> Any:
    # Of an integer without end its sign will do.
    return scalar_of(name, text, lambda digits: int(digits) if len(digits) <= _SHORT_DIGITS else 1)


def _checked_tensor(dtype: str, shape: Sequence[Any], data: bytes) -> list[None]:
    check_tensor(dtype, shape, data)
    return []  # as little a key as an array is


# As the session will do it, but for what takes long or wants its packages and handles. Decimal is equal to an int, and
# made in no time of any length.
_CHECKS = Makers(integer=Decimal, scalar=_checked_scalar, array=_checked_tensor, reference=lambda _: object())


def arguments(function: execute_pb2.FunctionSource, blobs: list[bytes]) -> dict[str, Any]:
    """The `args` and `kwargs` of a `form`. Raises Refusal."""
    _check_size(function)
    header: dict[str, Any] = {}
    if function.args:
        header["args"] = [argument(value, f"args[{index}]", blobs) for index, value in enumerate(function.args)]
    if function.kwargs:
        # By name, since a map has no order of its own.
        header["kwargs"] = {
            name: argument(value, f"kwargs{step_to(name)}", blobs) for name, value in sorted(function.kwargs.items())
        }
    return header


def _check_size(function: execute_pb2.FunctionSource) -> None:
    # Scalars are bounded as JSON is: some of them take longer than their length to read.
    values = (*function.args, *function.kwargs.values())
    size = sum(len(value.json) + len(value.scalar.text) for value in values)
    if size > MAX_JSON_BYTES:
        raise Refusal(
            "VALUE_TOO_LARGE",
            f"arguments of {size} characters of JSON: at most {MAX_JSON_BYTES}; send a text, bytes or a file",
            maxBytes=str(MAX_JSON_BYTES),
        )


def argument(value: value_pb2.PythonValue, path: str, blobs: list[bytes]) -> dict[str, Any]:
    """A `value` for a frame with these blobs, to which its own is added. Raises Refusal."""
    header = value_header(value, path, blobs)
    try:
        to_python(header, blobs, path, _CHECKS)
    except NotConvertible as error:
        raise Refusal("CONVERSION_FAILED", f"cannot be converted: {error}", path=error.path) from None
    return header


def tensor(value: value_pb2.Tensor, blobs: list[bytes]) -> dict[str, Any]:
    """The `data` of a tensor for a frame with these blobs, to which its own is added."""
    blobs.append(value.data)
    return {"dtype": value.dtype, "shape": list(value.shape), "blob": len(blobs) - 1}


def value_header(value: value_pb2.PythonValue, path: str, blobs: list[bytes]) -> dict[str, Any]:
    """The same without a look at what it says. Raises Refusal where there is none."""
    kind = value.WhichOneof("kind")
    match kind:
        case "none":
            return {"kind": kind}
        case "boolean" | "integer" | "big_integer":
            return {"kind": kind, "data": getattr(value, kind)}
        case "real":
            return {"kind": kind, "data": value.real.hex()}
        case "text" | "json":
            blobs.append(getattr(value, kind).encode("utf-8"))
        case "binary":
            blobs.append(value.binary)
        case "scalar":
            return {"kind": kind, "data": {"type_name": value.scalar.type_name, "text": value.scalar.text}}
        case "tensor":
            return {"kind": kind, "data": tensor(value.tensor, blobs)}
        case "object":
            return {"kind": kind, "data": {"id": value.object.id}}
        case _:
            raise Refusal("CONVERSION_FAILED", f"cannot be converted: {path}: it has no value", path=path)
    return {"kind": kind, "data": {"blob": len(blobs) - 1}}
