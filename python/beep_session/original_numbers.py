"""The numbers in an object, flat or in rows, for readers that take them piece by piece."""

from __future__ import annotations

import sys
from array import array
from math import isfinite
from numbers import Real
from typing import Any, Sequence, Tuple

from beep_session.arrays import is_array
from beep_session.original_json import NotPlain
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.text import plain, safe_repr, type_name

# Numbers of one piece.
PIECE = 65_536
_TOO_LARGE = "it has a number beyond what a float can be"
_EXACT = {float, int}
# Deeper nesting holds itself.
_MAX_DEPTH = 32

_modules = sys.modules
_RAGGED = "it is ragged: its rows have not all the same length"
_TEXTS = (str, bytes, bytearray, dict, set, frozenset)


class Numbers:
    """As they were at one moment, whatever becomes of the object. Raises NotPlain for what is none."""

    def __init__(self, target: Any, *, is_table: bool, allows_nan: bool) -> None:
        shape, self._flat = _numbers(target)
        if is_table and len(shape) != 2:
            raise NotPlain(f"it must have two dimensions and has {len(shape)}; ask for the flat array")
        self.count = len(self._flat)
        self.rows, self.width = (shape[0], shape[1]) if is_table else (0, 0)
        self.is_whole = not _is_real(self._flat)
        if not allows_nan and not self.is_whole and not _all_finite(self._flat):
            raise NotPlain("it has nan or an infinity, which JSON cannot say: leave them out, or ask over gRPC")

    @property
    def pieces(self) -> int:
        """How many there are; one of nothing."""
        return max(1, -(-self.count // PIECE))

    def piece(self, index: int, as_float32: bool) -> bytes:
        """Numbers from `index * PIECE` on: as 32-bit floats, as 64-bit ones, or whole ones as text with commas."""
        part = self._flat[index * PIECE : (index + 1) * PIECE]
        if is_array(type(part)):
            if not self.is_whole or as_float32:
                return bytes(part.astype("<f4" if as_float32 else "<f8").tobytes())
            part = part.tolist()
        elif as_float32:
            return _little(array("f", part))
        elif not self.is_whole:
            return _little(part)
        return ",".join(map(str, part)).encode()


def _numbers(target: Any) -> Tuple[Tuple[int, ...], Any]:
    """Shape and flat numbers: a numpy array of our own, an array of floats, or a list of integers."""
    numpy = _modules.get("numpy")
    if numpy is not None:
        if not issubclass(type(target), (Real, list, tuple)) and hasattr(type(target), "__array__"):
            target = numpy.asarray(target)
        if issubclass(type(target), numpy.ndarray):
            if target.dtype.kind in "iufb":
                wider = target.astype("u1") if target.dtype.kind == "b" else target
                return target.shape or (1,), numpy.array(wider, order="C").reshape(-1)
            if target.dtype.kind != "O":
                raise NotPlain(f"an array of {target.dtype} holds no real numbers")
            target = target.tolist()
    return _of_sequence(target)


def _of_sequence(target: Any) -> Tuple[Tuple[int, ...], Any]:
    if type(target) is array and target.typecode in "fd":
        return (len(target),), array("d", target)
    if not _is_sequence(target):
        number = _number(target)
        return (1,), array("d", [number]) if type(number) is float else [number]
    shape: Tuple[int, ...] = (len(target),)
    level = list(target)
    while level and _is_sequence(level[0]) and len(shape) < _MAX_DEPTH:
        lengths = {len(member) if _is_sequence(member) else -1 for member in level}
        if len(lengths) > 1:
            raise NotPlain(_RAGGED)
        shape = (*shape, lengths.pop())
        level = [member for members in level for member in members]
    numbers = level if set(map(type, level)) <= _EXACT else [_number(member) for member in level]
    if float not in set(map(type, numbers)):
        return shape, numbers
    try:
        return shape, array("d", numbers)
    except OverflowError:
        raise NotPlain(_TOO_LARGE) from None


def _is_sequence(value: Any) -> bool:
    kind = type(value)
    if issubclass(kind, (list, tuple)) or kind in (range, array):
        return True
    return not issubclass(kind, _TEXTS) and hasattr(kind, "__len__") and hasattr(kind, "__getitem__")


def _number(value: Any) -> Any:
    kind = type(value)
    if kind is int or kind is float:
        return value
    if kind is bool:
        return int(value)
    if _is_sequence(value):
        raise NotPlain(_RAGGED)
    if issubclass(kind, int) or (hasattr(kind, "__index__") and not issubclass(kind, float)):
        return int(value)
    if issubclass(kind, Real) or kind.__name__ == "Decimal":
        return _as_float(value)
    raise NotPlain(f"{plain(safe_repr(value, 100))} of type {type_name(kind)} is no real number")


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        raise NotPlain(_TOO_LARGE) from None


def _is_real(numbers: Any) -> bool:
    if is_array(type(numbers)):
        return bool(numbers.dtype.kind == "f")
    return type(numbers) is array


def _all_finite(numbers: Sequence[float]) -> bool:
    if is_array(type(numbers)):
        return bool(_modules["numpy"].isfinite(numbers).all())
    # One that is not finite leaves no finite sum; finite ones may have an infinite one.
    return isfinite(sum(numbers)) or all(map(isfinite, numbers))


def _little(numbers: array[Any]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
