"""Arrays of every kind that goes by value, for sessions with numpy: `turn` works as that of `generated_values.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

DTYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
TIMES = ["M8", "M8[ns]", "M8[us]", "M8[s]", "M8[D]", "M8[Y]", "M8[25s]", "m8", "m8[ns]", "m8[h]"]
SHAPES = [(), (0,), (1,), (7,), (3, 4), (2, 0, 3), (2, 3, 4), (1,) * 32, (0, 10**9)]


def arrays() -> list[Any]:
    """Every dtype, byte order and shape; every way to lie in memory."""
    made: list[Any] = []
    random = np.random.default_rng(1)
    for code in [*DTYPES, *(f">{code}" for code in DTYPES[1:]), *TIMES, *(f">{code}" for code in TIMES)]:
        dtype = np.dtype(code)
        for shape in SHAPES:
            size = int(np.prod(shape))
            data = random.bytes(size * dtype.itemsize)
            if dtype.kind == "b":
                data = bytes(byte & 1 for byte in data)
            made.append(np.ndarray(shape, dtype, bytearray(data)))
    base = np.arange(60, dtype="<i4").reshape(3, 4, 5)
    readonly = base.copy()
    readonly.flags.writeable = False
    made += [
        base.T,
        np.asfortranarray(base),
        base[::2, ::-1, 1::2],
        base[:, 1:2, :].squeeze(),
        readonly,
        np.broadcast_to(np.float32(1.5), (3, 3)),
        np.frombuffer(b"x" + base.tobytes(), "<i4", offset=1),
        np.array([np.nan, -0.0, np.inf, -np.inf, 5e-324]),
        np.array(["NaT", "2026-01-01"], "M8[ns]"),
        [base[0], {"a": (base.T, None), 1: np.array(2)}],
        np.zeros(8000),
    ]
    return made


ALL = arrays()


def count() -> int:
    """How many there are."""
    return len(ALL)


def exactly(value: Any) -> Any:
    """What no other value has; of arrays: dtype, shape and every bit, whatever the order of bytes."""
    if type(value) is np.ndarray:
        little = value.dtype.newbyteorder("<")
        return (little.str, value.shape, value.astype(little).tobytes())
    if type(value) in (list, tuple):
        return (type(value), [exactly(item) for item in value])
    if type(value) is dict:
        return [(key, exactly(item)) for key, item in value.items()]
    return (type(value), value)


def turn(number: int, value: Any = None) -> Any:
    """Take back the array of a number and give out the next; raises where it is not what it was."""
    if number >= 0:
        if exactly(ALL[number]) != exactly(value):
            raise AssertionError(f"array {number} was {ALL[number]!r}, and came in as {value!r}")
        if type(value) is np.ndarray:
            flags = value.flags
            if not (flags.c_contiguous and flags.writeable and flags.owndata and flags.aligned):
                raise AssertionError(f"array {number} came in as\n{flags}")
    return ALL[(number + 1) % len(ALL)]
