"""numpy's arrays as dtype, shape and bytes, and back. On the way out numpy is neither imported nor looked up."""

from __future__ import annotations

import re
from math import prod
from typing import Any, NamedTuple, Optional, Sequence, Tuple

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.refusals import NoValue, TooLarge

MAX_DIMENSIONS = 64
_MAX_LENGTH = 1 << 63

# Numbers alone: texts, records and objects have other elements, and a `longdouble` is another one on every machine.
_UNIT = r"(?:\[\d*(?:[YMWDhms]|ms|us|ns|ps|fs|as)\])?"
_CODE = re.compile(rf"[<|](?:b1|[iu]1)|[<>](?:[iu](?:2|4|8)|f(?:2|4|8)|c(?:8|16)|[mM]8{_UNIT})", re.ASCII)
_SIZE = re.compile(r".[a-zA-Z](\d+)")

_HEAP_TYPE = 1 << 9
_import = __import__


class NoArray(Exception):
    """Thrown when there is no array of this dtype and shape with these bytes."""


class Tensor(NamedTuple):
    """An array: numpy's type string, little-endian; the length of each dimension; the elements in C order."""

    dtype: str
    shape: Tuple[int, ...]
    data: bytes


def is_numpys(kind: type) -> bool:
    """Whether a type is one of numpy's own: made in C, so that no code of the user's can pass for it or change it."""
    return type(kind) is type and not kind.__flags__ & _HEAP_TYPE and kind.__module__ == "numpy"


def is_array(kind: type) -> bool:
    """Whether it is numpy's array, and no subclass."""
    return is_numpys(kind) and kind.__name__ == "ndarray"


def tensor_of(array: Any, max_bytes: int) -> Tensor:
    """An array, wherever and however it lies in memory. Raises NoValue."""
    code = dtype_of(array)
    if code is None:
        raise NoValue(
            f"an array of {array.dtype.str} has no exact value; those of numbers, bools, times and durations have"
        )
    if array.nbytes > max_bytes:
        raise TooLarge(max_bytes)
    if array.dtype.str != code:
        array = array.astype(code)
    return Tensor(code, array.shape, array.tobytes())


def dtype_of(array: Any) -> Optional[str]:
    """Its type string on the wire, little-endian; None where it has none."""
    dtype = array.dtype
    code: str = dtype.str
    if dtype.isbuiltin == 2 or dtype.names is not None or not _CODE.fullmatch(code):
        return None
    return f"<{code[1:]}" if code[0] == ">" else code


def check_tensor(dtype: str, shape: Sequence[Any], data: bytes) -> None:
    """Raises NoArray for what cannot be an array."""
    wanted = check_shape(dtype, shape)
    if wanted != len(data):
        raise NoArray(f"it has {len(data)} bytes; dtype and shape want {wanted if wanted < _MAX_LENGTH else 'more'}")
    if dtype[1] == "b" and data.translate(None, b"\x00\x01"):
        raise NoArray("a bool is one byte, 0 or 1")


def check_shape(dtype: str, shape: Sequence[Any]) -> int:
    """How many bytes such an array has. Raises NoArray where there is none."""
    if not _CODE.fullmatch(dtype) or dtype[0] == ">":
        raise NoArray(f"{dtype[:64]!r} is no dtype of a tensor; those are such as '<f8', '|b1' and '<M8[ns]'")
    if len(shape) > MAX_DIMENSIONS:
        raise NoArray(f"its shape has {len(shape)} dimensions; at most {MAX_DIMENSIONS}")
    for length in shape:
        if type(length) is not int or not 0 <= length < _MAX_LENGTH:
            raise NoArray("its shape must be a list of lengths, whole numbers from 0 on")
    match = _SIZE.match(dtype)
    assert match is not None
    size: int = int(match[1]) * prod(shape)
    return size


def array_of(dtype: str, shape: Sequence[Any], data: bytes) -> Any:
    """A new array, writable and with memory of its own. Imports numpy; raises NoArray."""
    check_tensor(dtype, shape, data)
    try:
        numpy = _import("numpy")
    except Exception as error:
        raise NoArray(
            "a tensor becomes a numpy array, and numpy cannot be imported here "
            f"({type(error).__name__}); install it in this environment, or send a list"
        ) from None
    try:
        return numpy.ndarray(tuple(shape), dtype, data).copy()
    except (ValueError, TypeError, MemoryError) as error:
        raise NoArray(f"numpy makes no array of it: {error}") from None


def tensor_from_json(data: Any, decode: Any) -> Tuple[str, Sequence[Any], bytes]:
    """The parts of what a `$tensor` tag names; `decode` reads base64. Raises NoArray."""
    if type(data) is not dict or data.keys() != _MEMBERS:
        raise NoArray('it must be {"dtype", "shape", "data"}')
    if type(data["dtype"]) is not str or type(data["shape"]) is not list:
        raise NoArray("its dtype must be a text, and its shape a list of lengths")
    return data["dtype"], data["shape"], decode(data["data"])


_MEMBERS = frozenset(("dtype", "shape", "data"))
