"""Arrays of numbers: numpy's where it is installed, else what they are made of."""

from __future__ import annotations

import re
import sys
from typing import Any, NamedTuple, Optional, Tuple

_UNIT = r"(?:\[\d*(?:[YMWDhms]|ms|us|ns|ps|fs|as)\])?"
_CODE = re.compile(rf"[<>|](?:b1|[iu][1248]|f[248]|c(?:8|16)|[mM]8{_UNIT})", re.ASCII)


class NoTensor(ValueError):
    """Raised for an array whose elements are no numbers, bools, times or durations."""


class Tensor(NamedTuple):
    """An array without numpy: its elements in C order, little-endian, without gaps."""

    #: numpy's type string, such as "<f8".
    dtype: str
    #: The length of each dimension.
    shape: Tuple[int, ...]
    #: The elements' bytes.
    data: bytes


def tensor_of(value: Any) -> Optional[Tensor]:
    """An array as a Tensor; None for what is no array. Raises NoTensor. numpy is not imported for it."""
    if type(value) is Tensor:
        return value
    numpy = sys.modules.get("numpy")
    if numpy is None or type(value) is not numpy.ndarray:
        return None
    array = little_endian(value)
    return Tensor(array.dtype.str, array.shape, array.tobytes())


def little_endian(array: Any) -> Any:
    """The same array with elements as they travel. Raises NoTensor."""
    code = array.dtype.str
    if array.dtype.names is not None or not _CODE.fullmatch(code):
        raise NoTensor(f"an array of {code} has no exact value; those of numbers, bools, times and durations have")
    return array.astype(array.dtype.newbyteorder("<")) if code[0] == ">" else array


def array_of(dtype: str, shape: Tuple[int, ...], data: Any) -> Any:
    """A numpy array with memory of its own; a Tensor where there is no numpy."""
    try:
        import numpy
    except ImportError:
        return Tensor(dtype, tuple(shape), bytes(data))
    if not _CODE.fullmatch(dtype):
        raise NoTensor(f"{dtype[:64]!r} is no dtype that this client knows; update it")
    made = numpy.frombuffer(data, dtype).reshape(shape)
    return made if isinstance(data, bytearray) else made.copy()
