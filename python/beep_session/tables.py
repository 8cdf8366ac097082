"""The shape of a table of pandas', read from where it keeps it: asking the table would run Python code."""

from __future__ import annotations

from types import GetSetDescriptorType
from typing import Any, List, Optional, Tuple

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.statically import NOTHING, find, find_in_class, name_of_class, own_entries

# A frame's manager keeps its columns first; a series has one axis alone.
TABLES = frozenset(
    ("pandas.DataFrame", "pandas.Series", "pandas.core.frame.DataFrame", "pandas.core.series.Series"),
)

_read_getset = GetSetDescriptorType.__get__
# Compiled classes of pandas' whose fields are read as they are; what Python has put in their place is not.
_COMPILED = frozenset(("pandas._libs.internals.BlockManager", "pandas._libs.arrays.NDArrayBacked"))


def shape_of_table(value: Any) -> Optional[Tuple[int, ...]]:
    """Rows and columns, or None where they are kept in another way."""
    axes = _field(_field(value, "_mgr"), "axes")
    if type(axes) is not list or len(axes) > 2:
        return None
    lengths: List[int] = []
    for axis in reversed(axes):
        length = _length_of(axis)
        if length is None:
            return None
        lengths.append(length)
    return tuple(lengths)


def _length_of(index: Any) -> Optional[int]:
    numbers = _field(index, "_range")
    if type(numbers) is range:
        return len(numbers)
    data = _field(index, "_data")
    for kept in (data, _field(data, "_ndarray")):
        if name_of_class(type(kept)) != "numpy.ndarray":
            continue
        found, _ = find_in_class(type(kept), "shape")
        if type(found) is GetSetDescriptorType:
            shape = _read_getset(found, kept)
            return shape[0] if type(shape) is tuple and len(shape) == 1 else None
    return None


def _field(value: Any, name: str) -> Any:
    entries = own_entries(value)
    own = NOTHING if entries is None else find(entries, name)
    if own is not NOTHING:
        return own
    found, owner = find_in_class(type(value), name)
    if type(found) is GetSetDescriptorType and name_of_class(owner) in _COMPILED:
        return _read_getset(found, value)
    return NOTHING
