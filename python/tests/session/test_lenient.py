"""Lossy conversions: made where they are allowed, and told."""

from __future__ import annotations

import pytest

from tests.session.test_values import json_text
from tests.session.worker_double import Session

LENIENT = {"lenient": True, "form": "value"}

# Everything that a base's own methods are asked for is hidden behind code that must not be run.
HOSTILE = """
def never(*_): raise SystemExit("it ran")
names = "str repr int float add pos iter getitem len eq bool bytes index complex".split()
names = [f"__{name}__" for name in names] + "copy keys items isoformat utcoffset timetz toordinal".split()
def sub(base): return type("Sub", (base,), {**dict.fromkeys(names, never), "__hash__": base.__hash__})
"""


@pytest.mark.parametrize(
    ("code", "value", "note"),
    [
        ("import enum; enum.IntEnum('E', 'a b').b", 2, "E became int"),
        ("sub(int)(5)", 5, "Sub became int"),
        ("sub(int)(-2**70)", -(2**70), "Sub became int"),
        ("sub(float)(2.5)", 2.5, "Sub became float"),
        ("sub(str)('é')", "é", "Sub became str"),
        ("sub(bytes)(b'x')", b"x", "Sub became bytes"),
        ("bytearray(b'x')", b"x", "bytearray became bytes"),
        ("sub(bytearray)(b'x')", b"x", "Sub became bytes"),
        ("memoryview(b'abcd')[::2]", b"ac", "memoryview became bytes"),
        ("sub(complex)(1, -0.0)", ("complex", "(1-0j)"), "Sub became complex"),
        ("import decimal; sub(decimal.Decimal)('1.10')", ("decimal.Decimal", "1.10"), "became decimal.Decimal"),
        ("sub(datetime.date)(2026, 1, 2)", ("datetime.date", "2026-01-02"), "became datetime.date"),
        (
            "sub(datetime.datetime)(2026, 1, 2, 3, tzinfo=datetime.timezone.utc)",
            ("datetime.datetime", "2026-01-02T03:00:00+00:00"),
            "became datetime.datetime",
        ),
        ("sub(datetime.time)(1, 2)", ("datetime.time", "01:02:00"), "became datetime.time"),
        ("sub(datetime.timedelta)(1)", ("datetime.timedelta", "P1DT0S"), "became datetime.timedelta"),
    ],
)
def test_a_subclass_goes_as_its_base_without_its_code(session: Session, code: str, value: object, note: str) -> None:
    session.run(f"import datetime\n{HOSTILE}")
    end = session.run(code, result=LENIENT)
    assert end.outcome == "ok"
    assert (end.value, type(end.value)) == (value, type(value))
    assert len(end.notices) == 1
    assert end.notices[0].startswith("result: ")
    assert end.notices[0].endswith(note)


@pytest.mark.parametrize(
    ("code", "text", "notes"),
    [
        ("import collections; collections.namedtuple('P', 'x y')(1, 2)", '{"$tuple":[1,2]}', ["result: __main__.P"]),
        ("import collections; collections.Counter('aab')", '{"a":2,"b":1}', ["result: collections.Counter"]),
        ("import collections; collections.defaultdict(list, a=[1])", '{"a":[1]}', ["result: collections.defaultdict"]),
        (
            "import collections\nordered = collections.OrderedDict(a=1, b=2); ordered.move_to_end('a'); ordered",
            '{"b":2,"a":1}',
            ["result: collections.OrderedDict"],
        ),
        ("sub(list)([1, sub(int)(2)])", "[1,2]", ["result: __main__.Sub", "result[1]: __main__.Sub"]),
        ("sub(set)({7})", '{"$set":[7]}', ["result: __main__.Sub"]),
        ("{'x': [bytearray(b'hi')]}", '{"x":[{"$bytes":"aGk="}]}', ['result["x"][0]: bytearray became bytes']),
        (
            "{1: {Key('k'): None}}",
            '{"$dict":[[1,{"$dict":[["k",null]]}]]}',
            ["result[1].keys(): __main__.Key became str"],
        ),
        ("{2: sub(float)(-0.0)}", '{"$dict":[[2,-0.0]]}', ["result[2]: __main__.Sub became float"]),
    ],
)
def test_so_do_containers_and_what_is_in_them(session: Session, code: str, text: str, notes: list[str]) -> None:
    session.run(f"{HOSTILE}\nclass Key(str): pass")
    end = session.run(code, result=LENIENT)
    assert json_text(end) == text
    assert len(end.notices) == len(notes)
    for told, note in zip(end.notices, notes, strict=True):
        assert told.startswith(note)


@pytest.mark.parametrize(
    "code",
    [
        "import enum; enum.Enum('E', 'a').a",
        "import dataclasses; dataclasses.make_dataclass('D', ['x'])(1)",
        "class A: pass\nA()",
        "[object()]",
        "released = memoryview(b'x'); released.release(); released",
        "{'x': 1}.keys()",
        "iter([])",
        "import fractions; fractions.Fraction(1, 2)",
    ],
)
def test_what_has_no_near_value_either_stays(session: Session, code: str) -> None:
    end = session.run(code, result=LENIENT)
    assert (end.outcome, "value" in end.header, len(end.notices)) == ("ok", False, 1)


def test_of_many_conversions_the_first_are_told_and_the_others_counted(session: Session) -> None:
    end = session.run("[bytearray(b'x')] * 1000", result=LENIENT)
    assert json_text(end).count("$bytes") == 1000
    assert end.notices[0] == "result[0]: bytearray became bytes"
    assert end.notices[-1] == "and 992 more lossy conversions"
    assert len(end.notices) == 9


def test_the_bound_counts_before_anything_is_copied(session: Session) -> None:
    end = session.run("memoryview(bytearray(1 << 28))", result=LENIENT)
    assert "larger than 65536 bytes" in end.notices[0]


def test_without_leave_nothing_is_lost(session: Session) -> None:
    for code in ("bytearray(b'x')", "import enum; enum.IntEnum('E', 'a').a", "[memoryview(b'x')]"):
        assert "value" not in session.run(code).header
