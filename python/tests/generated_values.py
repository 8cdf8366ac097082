"""Values of every kind that goes by value, the same ones for the same number: run inside sessions, on any CPython.

`turn(n, value)` looks whether a value that went out and came in again is the one of its number, and answers the next.
"""

from __future__ import annotations

import datetime
import decimal
import pathlib
import random
import struct
import uuid
import zoneinfo
from collections.abc import Callable, Sequence
from typing import Any

ZONES = ["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Africa/Monrovia", "Pacific/Apia", "UTC"]
EDGES = [0, 1, 2**31, 2**32, 2**53, 2**63, 2**64, 10**40]
TEXTS = ["", "$", "$tuple", "$ref", '"', "\\", "\n", "\0", "é", "日本", "🐍", "\ud800", "\udfff", "\u2028", "x" * 50]
TAGS = ["$tuple", "$set", "$bytes", "$int", "$float", "$str", "$dict", "$scalar", "$ref", "$result", "$tensor", "$x"]


class Values:
    """The values of one number."""

    def __init__(self, number: int) -> None:
        self.random = random.Random(number)
        self.left = 60

    def value(self, depth: int = 0) -> Any:
        self.left -= 1
        is_leaf = depth > 6 or self.left < 0 or self.random.random() < 0.3
        return self.pick(SINGLE if is_leaf else SINGLE + CONTAINERS * 2)(self, depth)

    def pick(self, options: Sequence[Any]) -> Any:
        return options[self.random.randrange(len(options))]

    def some(self, make: Callable[[], Any]) -> Sequence[Any]:
        return [make() for _ in range(self.pick([0, 1, 1, 2, 3, 5, 12]))]

    def key(self, depth: int) -> Any:
        self.left -= 1
        if depth < 5 and self.random.random() < 0.15:
            return self.pick([tuple, frozenset])(self.some(lambda: self.key(depth + 1)))
        return self.pick(HASHABLE)(self, depth)

    def integer(self, _: int = 0) -> Any:
        if self.random.random() < 0.02:
            return self.pick([10**5000, -(7**6000), 10**640])
        if self.random.random() < 0.5:
            return int(self.pick(EDGES) * self.pick([1, -1]) + self.random.randint(-2, 2))
        return self.random.getrandbits(self.pick([3, 8, 31, 53, 54, 64, 200])) * int(self.pick([1, -1]))

    def real(self, _: int = 0) -> float:
        if self.random.random() < 0.5:
            return float(self.pick([0.0, -0.0, 1.0, -2.0, 0.1, 1e22, 5e-324, 2.0**53, 1e308, "inf", "-inf", "nan"]))
        value = struct.unpack("<d", self.random.getrandbits(64).to_bytes(8, "little"))[0]
        return float("nan") if value != value else float(value)  # the bits of a NaN are not kept

    def text(self, _: int = 0) -> str:
        parts = [self.pick(TEXTS) for _ in range(self.random.randint(0, 3))]
        code = self.random.randint(0, 0x10FFFF)
        return "".join(parts) + (chr(code) if self.random.random() < 0.5 else "")

    def clean_text(self) -> str:
        return self.text().encode("utf-8", "ignore").decode().replace("\0", "")

    def binary(self, _: int = 0) -> bytes:
        return bytes(self.random.getrandbits(8) for _ in range(self.random.randint(0, 40)))

    def day(self, _: int = 0) -> datetime.date:
        return datetime.date.fromordinal(self.random.randint(1, datetime.date.max.toordinal()))

    def clock(self, _: int = 0) -> datetime.time:
        parts = (self.random.randrange(24), self.random.randrange(60), self.random.randrange(60))
        return datetime.time(*parts, self.pick([0, 1, 500_000, 999_999]), self.pick([None, self.offset()]))

    def offset(self) -> datetime.timezone:
        if self.random.random() < 0.4:
            return datetime.timezone.utc
        parts = {"minutes": self.random.randint(-1439, 1439), "seconds": self.pick([0, 0, 7])}
        return datetime.timezone(datetime.timedelta(**parts, microseconds=self.pick([0, 0, 13])))

    def moment(self, _: int = 0) -> Any:
        clock = self.clock()
        plain = datetime.datetime.combine(self.day(), clock.replace(tzinfo=None))
        kind = self.random.randrange(4)
        if kind == 0:
            return plain
        if kind == 1:
            return plain.replace(tzinfo=self.offset())
        zone = zoneinfo.ZoneInfo(self.pick(ZONES))
        if kind == 2:
            return plain.replace(year=self.random.randint(1900, 2037), day=1, tzinfo=zone)
        # An hour that comes twice, or never.
        turn = self.pick([datetime.datetime(2026, 10, 25, 2, 30), datetime.datetime(2026, 3, 29, 2, 30)])
        return turn.replace(tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"), fold=self.random.randrange(2))

    def duration(self, _: int = 0) -> Any:
        edges = [datetime.timedelta.min, datetime.timedelta.max, datetime.timedelta.resolution, datetime.timedelta()]
        parts = [self.random.randint(-b, b) for b in (10**6, 10**6, 10**7)]
        return self.pick([*edges, datetime.timedelta(*parts), datetime.timedelta(*parts)])

    def decimal(self, _: int = 0) -> decimal.Decimal:
        edges = ["NaN", "-sNaN12", "Infinity", "-0", "1E+1000", "0E-20", "1.10"]
        return decimal.Decimal(self.pick([*edges, f"{self.random.getrandbits(200)}E{self.random.randint(-50, 50)}"]))

    def identifier(self, _: int = 0) -> uuid.UUID:
        return uuid.UUID(int=self.random.getrandbits(128))

    def path(self, _: int = 0) -> pathlib.PurePath:
        kind = self.pick([pathlib.PosixPath, pathlib.PurePosixPath, pathlib.PureWindowsPath])
        made: pathlib.PurePath = kind("/".join(self.some(self.clean_text)))
        return made

    def range(self, _: int = 0) -> range:
        return range(self.integer(), self.integer(), self.pick([1, -1, 2, 10**30]))

    def slice(self, _: int = 0) -> slice:
        return slice(*(self.pick([None, self.integer()]) for _ in range(3)))

    def list(self, depth: int) -> Any:
        return self.some(lambda: self.value(depth + 1))

    def plain_list(self, _: int) -> Any:
        make = self.pick([self.integer, self.real, self.text, lambda: self.pick([1, 2.5, "x", None, True])])
        return [make() for _ in range(self.random.randint(0, 40))]

    def deep(self, depth: int) -> Any:
        value = self.value(depth + 1)
        for _ in range(self.random.randint(1, 190 - depth if depth < 3 and self.left > 40 else 1)):
            value = self.pick([lambda v: [v], lambda v: (v,), lambda v: {"a": v}, lambda v: {1: v}])(value)
        self.left -= 40
        return value

    def dict(self, depth: int) -> Any:
        return {self.text(): self.value(depth + 1) for _ in self.some(int)}

    def keyed(self, depth: int) -> Any:
        return {self.key(depth + 1): self.value(depth + 1) for _ in self.some(int)}

    def tag_like(self, depth: int) -> Any:
        rest = {self.text(): 1} if self.random.random() < 0.4 else {}
        return {self.pick(TAGS): self.value(depth + 1), **rest}


HASHABLE = [
    lambda values, depth: values.pick([None, True, False, ...]),
    Values.integer,
    Values.real,
    Values.text,
    Values.binary,
    Values.day,
    Values.clock,
    Values.moment,
    Values.duration,
    Values.identifier,
    Values.path,
    Values.range,
    lambda values, depth: complex(values.real(), values.real()),
]
SINGLE = [*HASHABLE, Values.integer, Values.real, Values.text, Values.decimal, Values.slice]
CONTAINERS = [
    Values.list,
    Values.plain_list,
    Values.dict,
    Values.keyed,
    Values.tag_like,
    Values.deep,
    lambda values, depth: tuple(values.list(depth)),
    lambda values, depth: {values.key(depth + 1) for _ in values.some(int)},
    lambda values, depth: frozenset(values.some(lambda: values.key(depth + 1))),
]


def generated(number: int) -> Any:
    """The value of this number."""
    value = Values(number).value()
    return value if depth_of(value) < 200 else number


def depth_of(value: Any) -> int:
    """How deep containers are nested in it."""
    kind = type(value)
    if kind is dict:
        return 1 + max((max(depth_of(key), depth_of(item)) for key, item in value.items()), default=0)
    if kind in (list, tuple, set, frozenset):
        return 1 + max(map(depth_of, value), default=0)
    return 0


def exactly(value: Any) -> Any:
    """A text that no other value has: types, signs of zeros, order of keys, folds and zones are told apart."""
    kind = type(value)
    name = kind.__name__
    if kind is dict:
        return name + "(" + ",".join(f"{exactly(key)}:{exactly(item)}" for key, item in value.items()) + ")"
    if kind in (list, tuple):
        return name + "(" + ",".join(map(exactly, value)) + ")"
    if kind in (set, frozenset):
        return name + "(" + ",".join(sorted(map(exactly, value))) + ")"
    if kind is int:
        return hex(value)
    if kind is float:
        return value.hex()
    if kind in (range, slice):
        return name + "(" + ",".join(map(exactly, (value.start, value.stop, value.step))) + ")"
    if kind is complex:
        return f"complex({value.real.hex()},{value.imag.hex()})"
    zone = getattr(value, "tzinfo", None)
    return f"{name}({value!r},{getattr(value, 'fold', 0)},{type(zone).__name__},{zone!r})"


def turn(number: int, value: Any = None) -> Any:
    """Take back the value of a number and give out the next; raises where it is not what it was."""
    if number >= 0:
        wanted, found = exactly(generated(number)), exactly(value)
        if wanted != found:
            raise AssertionError(f"value {number} was {ascii(wanted)[:2000]}, and came in as {ascii(found)[:2000]}")
    return generated(number + 1)
