"""What can be read in bytes: arrays, bytes, texts and tables, as they lie in memory where that can be.

An array is read while it lives: what is changed meanwhile is read as it was or as it is. What its owner may resize is
copied instead, since nobody could do so while it is read.
"""

from __future__ import annotations

import _socket
import re
import sys
from array import array as _Array
from typing import Any, Iterator, Optional, Tuple

from beep_session.arrays import dtype_of, is_array
from beep_session.handles import is_table
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.table_bytes import NoTable, arrow_of, has_arrow_stream, json_columns_of
from beep_session.text import type_name

# So much of an array that does not lie in one piece is copied at once.
_PIECE_BYTES = 1 << 20

_import = __import__
_modules = sys.modules

# What the buffers of the standard library call their elements; sizes are the machine's.
_CODES = {**dict.fromkeys("bhilqn", "i"), **dict.fromkeys("BHILQN", "u"), **dict.fromkeys("efd", "f"), "?": "b"}
_FORMAT = re.compile(r"[@=<]?([bhilqnBHILQNefd?])", re.ASCII)


class NotReadable(Exception):
    """Thrown for what cannot be read in the form that is asked for."""


class Readable:
    """An object's bytes, and what they are."""

    def __init__(self, form: str, total: int, tensor: Optional[Tuple[str, Tuple[int, ...]]] = None) -> None:
        self.form = form
        self.total = total
        self.tensor = tensor

    def held_bytes(self) -> int:
        """How many bytes are there for it alone."""
        return 0

    def carry(self, sock: _socket.socket, start: int, count: int) -> Tuple[int, bool]:
        """Send so many bytes from one on; how many, and whether that is all. Raises OSError."""
        raise NotImplementedError


class _InOnePiece(Readable):
    """Bytes that lie one after the other: they are sent by a single call, without the interpreter."""

    def __init__(
        self, form: str, data: Any, tensor: Optional[Tuple[str, Tuple[int, ...]]] = None, is_copy: bool = False
    ) -> None:
        view = memoryview(data)
        self._view = view if view.format == "B" and view.ndim == 1 else view.cast("B")
        self._is_copy = is_copy
        super().__init__(form, self._view.nbytes, tensor)

    def held_bytes(self) -> int:
        return self.total if self._is_copy else 0

    def carry(self, sock: _socket.socket, start: int, count: int) -> Tuple[int, bool]:
        with self._view[start : start + count] as view:
            sock.sendall(view)
        return count, True


class _Scattered(Readable):
    """An array with gaps, in another order or byte order: copied a piece at a time."""

    def __init__(self, form: str, array: Any, dtype: str) -> None:
        self._array = array
        self._dtype = dtype
        super().__init__(form, array.nbytes, (dtype, array.shape))

    def carry(self, sock: _socket.socket, start: int, count: int) -> Tuple[int, bool]:
        size = self._array.itemsize
        end = start + count
        at = start // size
        for block in _blocks(self._array, at, -(-end // size), self._dtype, max(1, _PIECE_BYTES // size)):
            first = max(0, start - at * size)
            sock.sendall(memoryview(block.view("u1"))[first : end - at * size])
            at += len(block)
        return count, True


def _blocks(array: Any, first: int, last: int, dtype: str, most: int) -> Iterator[Any]:
    """Elements from one to another in C order, copied in pieces of one dimension."""
    if array.ndim == 0:
        yield array.astype(dtype).reshape(1)
        return
    inner = array.size // array.shape[0]
    while first < last:
        row, rest = divmod(first, inner)
        rows = min((last - first) // inner, most // inner)
        if rest or not rows:
            end = min(inner, rest + last - first)
            yield from _blocks(array[row], rest, end, dtype, most)
            first += end - rest
        else:
            yield array[row : row + rows].astype(dtype, "C").reshape(-1)
            first += rows * inner


def readable_of(target: Any, form: str) -> Optional[Readable]:
    """Its bytes; None where its items are asked for, or nothing else is there. Raises NotReadable."""
    if form == "items":
        return None
    if form in ("arrow", "json_columns"):
        return _table(target, form)
    if form == "tensor":
        return _array_of(_as_array(target), "tensor")
    readable = _bytes_of(target, form)
    if readable is not None:
        return readable
    if form == "auto":
        if is_table(type(target)):
            return _table(target, "auto")
        return None
    raise NotReadable(f"{type_name(type(target))} has no bytes; those are read of arrays, bytes-like objects and texts")


def _bytes_of(target: Any, form: str) -> Optional[Readable]:
    """Of what has bytes of its own; None for anything else."""
    kind = type(target)
    if _is_arrays_kind(kind):
        return _array_of(_plain(target), "bytes" if form == "bytes" else "tensor")
    if kind is bytes:
        return _InOnePiece("bytes", target)
    if issubclass(kind, (bytes, bytearray)):
        return _InOnePiece("bytes", bytes(target), is_copy=True)
    if kind is str:
        try:
            return _InOnePiece("bytes", target.encode(), is_copy=True)
        except UnicodeEncodeError as error:
            raise NotReadable(f"the text has half of a surrogate pair at {error.start}: it is no UTF-8") from None
    if kind is _Array:
        return _of_buffer(memoryview(target).tobytes(), target.typecode, target.itemsize, (len(target),), form)
    if kind is memoryview:
        try:
            is_whole = target.c_contiguous
            data = target if is_whole and _is_castable(target) else target.tobytes()
            return _of_buffer(data, target.format, target.itemsize, target.shape, form)
        except ValueError as error:
            raise NotReadable(f"the memoryview cannot be read: {error}") from None
    if form == "bytes":
        try:
            return _InOnePiece("bytes", bytes(memoryview(target)), is_copy=True)
        except TypeError:
            return None
    return None


def _is_castable(view: memoryview) -> bool:
    return len(view.format.lstrip("@")) == 1 and view.ndim > 0 and 0 not in (view.shape or ())


def _of_buffer(data: Any, code: str, size: int, shape: Any, form: str) -> Readable:
    match = _FORMAT.fullmatch(code)
    if form == "bytes" or code in ("B", "c", "<B"):
        return _InOnePiece("bytes", data, is_copy=type(data) is bytes)
    if match is None or sys.byteorder != "little":
        raise NotReadable(
            f"elements of the form {code!r} have no dtype here; ask for BYTES, or make a numpy array of it"
        )
    letter = _CODES[match[1]]
    dtype = f"{'|' if size == 1 else '<'}{letter}{size}"
    return _InOnePiece("tensor", data, (dtype, tuple(shape)), is_copy=type(data) is bytes)


def _is_arrays_kind(kind: type) -> bool:
    if is_array(kind):
        return True
    numpy = _modules.get("numpy")
    return numpy is not None and issubclass(kind, getattr(numpy, "ndarray", ()))


def _plain(target: Any) -> Any:
    """Without what a subclass adds, where that is nothing but behaviour."""
    kind = type(target)
    if is_array(kind):
        return target
    numpy = _modules["numpy"]
    if kind in (numpy.memmap, numpy.matrix):
        return numpy.asarray(target)
    raise NotReadable(
        f"{type_name(kind)} is more than its array; read `numpy.asarray` of it, if that is what is wanted"
    )


def _as_array(target: Any) -> Any:
    if _is_arrays_kind(type(target)):
        return _plain(target)
    try:
        numpy = _import("numpy")
    except Exception as error:
        raise NotReadable(
            f"a tensor is made by numpy, which cannot be imported here ({type(error).__name__}); "
            "install it in this environment"
        ) from None
    try:
        return numpy.asarray(target)
    except (ValueError, TypeError, OverflowError) as error:
        raise NotReadable(f"numpy makes no array of it: {error}") from None


def _array_of(array: Any, form: str) -> Readable:
    dtype = dtype_of(array)
    if dtype is None:
        raise NotReadable(
            f"an array of {array.dtype.str} has no exact bytes; those of numbers, bools, times and durations have: "
            "read its tolist() as items, or make one of those of it"
        )
    if array.flags.c_contiguous and array.dtype.str == dtype:
        return _InOnePiece(form, array.reshape(-1).view("u1"), (dtype, array.shape))
    return _Scattered(form, array, dtype)


def _table(target: Any, form: str) -> Readable:
    if not is_table(type(target)) and not (form == "arrow" and has_arrow_stream(type(target))):
        raise NotReadable(
            f"{type_name(type(target))} is no table; those of pandas, polars and pyarrow are, and what has "
            "__arrow_c_stream__ is read as ARROW"
        )
    try:
        if form == "json_columns":
            return _InOnePiece(form, json_columns_of(target), is_copy=True)
        data = arrow_of(target, is_asked=form == "arrow")
        if data is not None:
            return _InOnePiece("arrow", data, is_copy=True)
        return _InOnePiece("json_columns", json_columns_of(target), is_copy=True)
    except NoTable as error:
        raise NotReadable(str(error)) from None
