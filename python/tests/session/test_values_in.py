"""Values on their way into a session: as they came out, or refused with the path of what could not be converted."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from beep_session.digits import exact_integer
from beep_session.values_in import Makers, NotConvertible, to_python
from tests.session.worker_double import Session, Template

EXPRESSIONS = [
    "None",
    "True",
    "-5",
    "2**63 - 1",
    "2**63",
    "-10**6000",
    "2.0",
    "-0.0",
    "1e-320",
    "'é\\n'",
    "b'\\x00'",
    "'\\ud800'",
    "[]",
    "{}",
    "()",
    "set()",
    "[1, 2.0, -0.0, 1e22, None, True, (1, {2}), frozenset([(3,)])]",
    "[float('inf')]",
    "{'$tuple': 1}",
    "{'$a': 1, 'b': 2}",
    "{1: 2, 'a': {(): b'x'}}",
    "{'\\ud800': ['\\udfff']}",
    "[2**53 + 1, -10**5000]",
    "datetime(2026, 1, 1, 12, tzinfo=ZoneInfo('UTC'))",
    "datetime(1, 1, 1)",
    "datetime.max",
    "datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo('Europe/Berlin'), fold=1)",
    "datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo('Europe/Berlin'))",
    "datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo('Europe/Berlin'), fold=1)",
    "datetime(2026, 1, 1, 0, 0, 0, 5, timezone(-timedelta(hours=5, seconds=3, microseconds=7)))",
    "datetime(2026, 1, 1, tzinfo=timezone.utc)",
    "date(2026, 2, 3)",
    "time(1, 2, 3)",
    "time(1, 2, 3, 4, timezone.utc)",
    "timedelta(days=1, seconds=2, microseconds=500001)",
    "timedelta.min",
    "timedelta.max",
    "-timedelta.resolution",
    "Decimal('1.10')",
    "Decimal('-sNaN12')",
    "Decimal('1E+1000')",
    "UUID(int=1)",
    "PosixPath('/a/é')",
    "PurePosixPath('a')",
    "PureWindowsPath('C:/a')",
    "1+2j",
    "complex(-0.0, 0.0)",
    "complex('nan+infj')",
    "range(1, 9, 2)",
    "range(-3)",
    "slice(1, None)",
    "slice(None, 10**30, -1)",
    "range(10**5000)",
    "[slice(-(7**6000), None)]",
    "{'$ref': 'x', 'typeName': 'y', 'text': 'z'}",
    "{'a': 1, '$ref': None}",
    "[{'$%d' % n: -0.0 for n in range(20)}]",
    "...",
    "[range(3), Decimal('2')]",
]

NAMES = (
    "from datetime import *; from decimal import Decimal; from uuid import UUID; from pathlib import *\n"
    "from zoneinfo import ZoneInfo\n"
    "def same(*args): return [exactly(a) for a in args]\n"
    "def exactly(a):\n"
    "    if type(a) in (list, tuple, set, frozenset): return [type(a).__name__, *map(exactly, a)]\n"
    "    if type(a) is dict: return [(exactly(k), exactly(v)) for k, v in a.items()]\n"
    "    if type(a) in (range, slice): return [type(a).__name__, *map(exactly, (a.start, a.stop, a.step))]\n"
    "    fold = getattr(a, 'fold', 0)\n"
    "    zone = getattr(a, 'tzinfo', None)\n"
    "    if type(a) is int: a = hex(a)\n"
    "    return [type(a).__name__, repr(a), fold, zone and type(zone).__name__]\n"
)


def test_values_go_in_as_they_came_out(template: Template) -> None:
    with template.fork() as session:
        assert session.run(NAMES).outcome == "ok"
        for expression in EXPRESSIONS:
            went_out = session.run(expression)
            assert "value" in went_out.header, (expression, went_out.header)
            end = session.run_form("function", "same", *went_out.blobs, args=[went_out.header["value"]])
            assert end.outcome == "ok", (expression, end.error)
            assert end.value == session.run(f"same({expression})").value, expression


def test_a_deep_argument_arrives(session: Session) -> None:
    text = b"[" * 400 + b"]" * 400
    session.run("def depth(a):\n    n = 0\n    while a: a = a[0]; n += 1\n    return n")
    end = session.run_form("function", "depth", text, args=[{"kind": "json", "data": {"blob": 0}}])
    assert end.value == 399, json.dumps(end.header)


def json_value(text: str, to_integer: Any = exact_integer) -> Any:
    make = Makers(integer=to_integer)
    return to_python({"kind": "json", "data": {"blob": 0}}, [text.encode()], "args[0]", make)


def scalar(name: str, text: str) -> Any:
    return to_python({"kind": "scalar", "data": {"type_name": name, "text": text}}, [], "args[0]")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"x": [1, 2, 3, {"$bytes": "?"}]}', 'args[0]["x"][3]'),
        ('{"$tuple": [1, {"$set": [[1]]}]}', "args[0][1]"),
        ('{"$dict": [[1, {"$int": "1.5"}]]}', "args[0][1]"),
        ('{"$dict": [[{"$float": "1"}, 2]]}', "args[0].keys()"),
        ('{"$dict": [[{"$tuple": []}, {"$no": 2}]]}', "args[0][...]"),
        ('[{"a": [], "é\\"": {"$ref": "h"}}, {"$bad": 1}]', 'args[0][0]["é\\""]'),
        ("[[1e400]]", "args[0][0][0]"),
        ("[0, NaN]", "args[0][1]"),
        ("[-Infinity, {}]", "args[0][0]"),
        ('[{"a": 1, "a": 2}]', "args[0][0]"),
        ('{"$dict": [[1, 2], [1.0, 3]]}', "args[0]"),
        ('{"$set": [1, true]}', "args[0]"),
        ('{"$dict": [[1]]}', "args[0]"),
        ('{"$dict": 5}', "args[0]"),
        ('{"$tuple": {"a": {"$str": 5}}}', 'args[0]["a"]'),
        ('{"$str": "/w=="}', "args[0]"),
        ('{"$scalar": ["range"]}', "args[0]"),
        ('{"$scalar": ["os.system", "ls"]}', "args[0]"),
        ('{"$tensor": {}}', "args[0]"),
        ('{"$int": "\\u0661"}', "args[0]"),
        ('{"a": {"$": 1}}', 'args[0]["a"]'),
        ('[{"$tensor": {"dtype": "<f8", "shape": [1], "data": ""}}]', "args[0][0]"),
        ('[{"$tensor": {"dtype": "<f8", "shape": [true], "data": "AAAAAAAAAAA="}}]', "args[0][0]"),
        ('[{"$tensor": {"dtype": "<f8", "shape": [0], "data": "", "more": 1}}]', "args[0][0]"),
        ('[{"$tensor": {"dtype": 5, "shape": [0], "data": ""}}]', "args[0][0]"),
        ('[{"$ref": "h", "typeName": "x"}]', "args[0][0]"),
        ('[{"a": 1, "$ref": "h"}]', "args[0][0]"),
        ('{"x": {"$result": 0}}', 'args[0]["x"]'),
        ('{"$dict": [[{"$int": "' + "1" * 5000 + '"}, {"$bytes": "?"}]]}', "args[0][...]"),
        ("[1,]", "args[0]"),
        ("", "args[0]"),
        ("[" * 100_000, "args[0]"),
        ("[" * 700 + "]" * 700, "args[0]"),
        ('{"a":' * 700 + "1" + "}" * 700, "args[0]"),
        ("[" + "9" * 5000 + ",]", "args[0]"),
    ],
    ids=range(35),
)
def test_what_cannot_be_converted_is_named_by_its_path(text: str, path: str) -> None:
    with pytest.raises(NotConvertible) as refused:
        json_value(text)
    assert refused.value.path == path
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("datetime.datetime", "2026-01-01"),
        ("datetime.datetime", "2026-13-01T00:00:00"),
        ("datetime.datetime", "2026-01-01T00:00:00.0000001"),
        ("datetime.datetime", "2026-01-01T00:00:00[Europe/Berlin]"),
        ("datetime.datetime", "2026-01-01T00:00:00+05:00[Europe/Berlin]"),
        ("datetime.datetime", "2026-01-01T00:00:00+00:00[../../etc/passwd]"),
        ("datetime.datetime", "2026-01-01T00:00:00+00:00[No/Where]"),
        ("datetime.datetime", "2026-01-01T00:00:00+25:00"),
        ("datetime.datetime", "2026-01-01T00:00:00+01:61"),
        ("datetime.date", "\u0662\u0660\u0662\u0666-01-01"),
        ("datetime.date", "2026-02-30"),
        ("datetime.time", "24:00:00"),
        ("datetime.timedelta", "P"),
        ("datetime.timedelta", "P1DT"),
        ("datetime.timedelta", "P9999999999D"),
        ("datetime.timedelta", "P" + "9" * 5000 + "D"),
        ("decimal.Decimal", "one"),
        ("decimal.Decimal", "1_0"),
        ("decimal.Decimal", " 1 "),
        ("decimal.Decimal", "\u0661"),
        ("decimal.Decimal", "1e9999999999999999999"),
        ("complex", "1_0"),
        ("complex", " 1 "),
        ("complex", "( 1j )"),
        ("complex", "\u0661"),
        ("uuid.UUID", "{00000000-0000-0000-0000-000000000001}"),
        ("pathlib.WindowsPath", "C:/"),
        ("complex", "1e400j"),
        ("complex", "__import__('os')"),
        ("range", "range(1)"),
        ("range", "range(0, 1, 0)"),
        ("slice", "slice(1)"),
        ("ellipsis", "..."),
        ("builtins.object", ""),
        ("\ud800", "\ud800"),
    ],
    ids=range(35),
)
def test_a_text_that_is_not_the_scalars_own_is_refused(name: str, text: str) -> None:
    with pytest.raises(NotConvertible) as refused:
        scalar(name, text)
    assert refused.value.path == "args[0]"
    str(refused.value).encode()


def test_a_scalar_is_exact_whatever_context_the_session_has_made(session: Session) -> None:
    session.run("import decimal\ndecimal.setcontext(decimal.Context(prec=2, traps=[]))\ndef same(a): return str(a)")
    text = "123456789.123456789E-400"

    def sent(text: str) -> Any:
        value = {"kind": "scalar", "data": {"type_name": "decimal.Decimal", "text": text}}
        return session.run_form("function", "same", args=[value])

    assert Decimal(sent(text).value) == Decimal(text)
    assert sent("garbage").outcome == "error"


def test_an_integer_of_any_length_can_stand_as_it_is() -> None:
    number = -(7**20_000)
    assert json_value(f'[{Decimal(number)}, {{"$tuple": [1, {Decimal(-number)}]}}]') == [number, (1, -number)]
    assert len(str(json_value(str(Decimal(number)), Decimal))) > 16_000
    with pytest.raises(NotConvertible) as refused:
        json_value(f'[{Decimal(number)}, {{"$set": 2}}]')
    assert refused.value.path == "args[0][1]"
    for bad in (f"[{Decimal(number)}", f"[{Decimal(number)}.]", f"[01{Decimal(-number)}]"):
        with pytest.raises(NotConvertible):
            json_value(bad)


def test_other_spellings_of_the_same_instant_and_duration_are_taken() -> None:
    for text in ("2026-01-01T00:00Z", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000000000+00:00"):
        assert scalar("datetime.datetime", text).isoformat() == "2026-01-01T00:00:00+00:00"
    for text in ("PT90M", "PT1H30M", "P0DT5400S"):
        assert scalar("datetime.timedelta", text).total_seconds() == 5400


def test_handles_and_earlier_results_are_what_their_maker_says() -> None:
    held = {"h": object(), "i": [1]}
    results = ["zero", "one"]
    make = Makers(reference=held.__getitem__, result=results.__getitem__)
    text = '[{"$ref":"h"},{"x":{"$ref":"i","typeName":"list","text":"[1]"}},{"$tuple":[{"$result":1}]}]'
    value = to_python({"kind": "json", "data": {"blob": 0}}, [text.encode()], "args[0]", make)
    assert value[0] is held["h"]
    assert value[1]["x"] is held["i"]
    assert value[2] == ("one",)
    assert to_python({"kind": "object", "data": {"id": "h"}}, [], "args[0]", make) is held["h"]


def test_what_a_maker_raises_passes_through() -> None:
    def reference(handle_id: str) -> Any:
        raise LookupError(handle_id)

    for value in ({"kind": "json", "data": {"blob": 0}}, {"kind": "object", "data": {"id": "gone"}}):
        with pytest.raises(LookupError, match="gone"):
            to_python(value, [b'{"x":[{"$ref":"gone"}]}'], "args[0]", Makers(reference=reference))


@pytest.mark.parametrize("data", ["-1", "true", '"0"', "1.0", "null"])
def test_an_earlier_result_is_named_by_its_number(data: str) -> None:
    with pytest.raises(NotConvertible):
        to_python({"kind": "json", "data": {"blob": 0}}, [b'{"$result":%b}' % data.encode()], "a", Makers(result=str))


def test_without_numpy_a_tensor_is_refused_and_says_what_helps(session: Session) -> None:
    tensor = {"kind": "tensor", "data": {"dtype": "<f8", "shape": [1], "blob": 0}}
    in_json = b'[{"$tensor":{"dtype":"<f8","shape":[1],"data":"AAAAAAAAAAA="}}]'
    for value, blob, path in (
        (tensor, bytes(8), "args[0]"),
        ({"kind": "json", "data": {"blob": 0}}, in_json, "args[0][0]"),
    ):
        end = session.run_form("function", "print", blob, args=[value])
        assert end.error["type_name"] == "ValueError"
        assert end.error["message"].startswith(f"{path}: a tensor becomes a numpy array, and numpy cannot be imported")
        assert end.error["message"].endswith("install it in this environment, or send a list (CONVERSION_FAILED)")


@pytest.mark.parametrize("digits", [4300, 4301, 100_000, 1_000_000])
def test_integers_of_any_length_arrive(session: Session, digits: int) -> None:
    session.run("import hashlib\ndef look(n): return n % (10**20 + 39)")
    text = "9" * digits
    want = pow(10, digits, 10**20 + 39) - 1
    json_text = b'[{"$int":"%b"}]' % text.encode()
    end = session.run_form("function", "look", args=[{"kind": "big_integer", "data": text}])
    assert end.value == want
    session.run("def look_in(l): return look(l[0])")
    end = session.run_form("function", "look_in", json_text, args=[{"kind": "json", "data": {"blob": 0}}])
    assert end.value == want


def test_who_only_checks_makes_no_long_integers() -> None:
    text = '{"$dict":[[{"$int":"' + "7" * 1_000_000 + '"},1],[{"$int":"' + "7" * 1_000_001 + '"},2]]}'
    assert len(json_value(text, Decimal)) == 2
    with pytest.raises(NotConvertible):
        json_value('{"$set":[{"$int":"01"},{"$int":"1"}]}', Decimal)
