"""What goes by value, exactly, and what does not."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from beep_session.values import TooLarge, to_value
from tests.session.worker_double import End, Session

BY_VALUE = {"form": "value"}


def json_text(end: End) -> str:
    value: dict[str, Any] = end.header["value"]
    assert value["kind"] == "json"
    blob: bytes = end.blobs[value["data"]["blob"]]
    return blob.decode()


@pytest.mark.parametrize(
    ("code", "kind", "value"),
    [
        ("None", "none", None),
        ("True", "boolean", True),
        ("-5", "integer", -5),
        ("2**63 - 1", "integer", 2**63 - 1),
        ("-2**63", "integer", -(2**63)),
        ("2**63", "big_integer", 2**63),
        ("-(10**40)", "big_integer", -(10**40)),
        ("2.0", "real", 2.0),
        ("1e-320", "real", 1e-320),
        ("float('inf')", "real", math.inf),
        ("'é\\n'", "text", "é\n"),
        ("''", "text", ""),
        ("b'\\x00\\xff'", "binary", b"\x00\xff"),
    ],
)
def test_plain_values(session: Session, code: str, kind: str, value: object) -> None:
    end = session.run(code)
    assert (end.header["value"]["kind"], end.value) == (kind, value)
    assert type(end.value) is type(value)


def test_the_sign_of_zero_and_nan_are_kept(session: Session) -> None:
    assert session.run("-0.0").header["value"]["data"] == "-0x0.0p+0"
    assert math.isnan(session.run("float('nan')").value)


def test_digits_of_a_long_integer_are_not_limited_by_python(session: Session) -> None:
    assert session.run("10**6000").value == 10**6000
    assert session.run("import sys; getattr(sys, 'get_int_max_str_digits', int)() in (0, 4300)").value is True


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("[]", "[]"),
        ("{}", "{}"),
        ("()", '{"$tuple":[]}'),
        ("set()", '{"$set":[]}'),
        ("[1, 2.0, -0.0, 1e22, None, True]", "[1,2.0,-0.0,1e+22,null,true]"),
        ("(1, 'a')", '{"$tuple":[1,"a"]}'),
        ("{'a': {'b': [1]}}", '{"a":{"b":[1]}}'),
        ("frozenset([1])", '{"$frozenset":[1]}'),
        ("[b'hi']", '[{"$bytes":"aGk="}]'),
        (
            "[2**53, 2**53 + 1, -2**53 - 1]",
            '[9007199254740992,{"$int":"9007199254740993"},{"$int":"-9007199254740993"}]',
        ),
        ("[float('nan'), float('-inf')]", '[{"$float":"nan"},{"$float":"-inf"}]'),
        ("['\\ud800']", '[{"$str":"7aCA"}]'),
        ("'\\ud800'", '{"$str":"7aCA"}'),
        ("{1: 2, 'a': 3}", '{"$dict":[[1,2],["a",3]]}'),
        ("{'$tuple': 1}", '{"$dict":[["$tuple",1]]}'),
        ("{'\\ud800': 1}", '{"$dict":[[{"$str":"7aCA"},1]]}'),
        ("['é\"\\\\\\n']", '["é\\"\\\\\\n"]'),
        ("[range(3)]", '[{"$scalar":["range","range(0, 3)"]}]'),
    ],
)
def test_containers_are_json_with_tags_where_json_cannot_say_it(session: Session, code: str, text: str) -> None:
    assert json_text(session.run(code)) == text
    json.loads(text)


@pytest.mark.parametrize(
    ("code", "name", "text"),
    [
        ("datetime(2026, 1, 1, 12, tzinfo=ZoneInfo('UTC'))", "datetime.datetime", "2026-01-01T12:00:00+00:00[UTC]"),
        ("datetime(2026, 1, 1, 0, 0, 0, 5)", "datetime.datetime", "2026-01-01T00:00:00.000005"),
        ("datetime(2026, 1, 1, tzinfo=timezone.utc)", "datetime.datetime", "2026-01-01T00:00:00+00:00"),
        ("date(2026, 2, 3)", "datetime.date", "2026-02-03"),
        ("time(1, 2, 3)", "datetime.time", "01:02:03"),
        ("timedelta(days=1, seconds=2, microseconds=500001)", "datetime.timedelta", "P1DT2.500001S"),
        ("timedelta(days=-1)", "datetime.timedelta", "-P1DT0S"),
        ("timedelta(seconds=-1.5)", "datetime.timedelta", "-P0DT1.5S"),
        ("Decimal('1.10')", "decimal.Decimal", "1.10"),
        ("UUID(int=1)", "uuid.UUID", "00000000-0000-0000-0000-000000000001"),
        ("Path('/a/b')", "pathlib.PosixPath", "/a/b"),
        ("1+2j", "complex", "(1+2j)"),
        ("range(1, 9, 2)", "range", "range(1, 9, 2)"),
        ("slice(1, None)", "slice", "slice(1, None, None)"),
        ("...", "ellipsis", "Ellipsis"),
    ],
)
def test_scalars_have_a_name_and_a_text(session: Session, code: str, name: str, text: str) -> None:
    session.run(
        "from datetime import *; from decimal import Decimal; from uuid import UUID; from pathlib import Path\n"
        "from zoneinfo import ZoneInfo"
    )
    assert session.run(code).value == (name, text)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("object()", "object"),
        ("class A: pass\nA()", "__main__.A"),
        ("import collections; collections.OrderedDict(a=1)", "collections.OrderedDict"),
        ("import enum; enum.IntEnum('E', 'a').a", "__main__.E"),
        ("bytearray(b'x')", "bytearray"),
        ("[object()]", "list"),
        ("x = []; x.append(x); x", "list"),
        ("x = []\nfor _ in range(5000): x = [x]\nx", "list"),
        ("'x' * 70_000", "str"),
        ("[0] * 70_000", "list"),
        ("10 ** 80_000", "int"),
        ("{'x': [1, {'y': {2, object}}]}", "dict"),
        ("from datetime import *; datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1), 'X'))", "datetime.datetime"),
        ("slice(object())", "slice"),
    ],
)
def test_anything_else_has_a_text_and_a_handle_or_a_notice_that_names_its_type(
    session: Session, code: str, name: str
) -> None:
    end = session.run(code)
    assert end.outcome == "ok"
    assert "value" not in end.header
    assert end.text
    assert len(end.text.encode()) <= 65536
    assert end.notices == []
    assert end.header["handle"]["type"] == name
    end = session.run(code, result={"form": "value"})
    assert "value" not in end.header
    assert "handle" not in end.header
    assert len(end.notices) == 1
    assert name in end.notices[0]


def test_a_notice_says_where_it_could_not_be_exact(session: Session) -> None:
    assert 'result["x"][1]: object' in session.run("{'x': [1, object()]}", result=BY_VALUE).notices[0]


def test_the_bound_is_the_requests(session: Session) -> None:
    small = {"max_inline_bytes": 10}
    assert session.run("'x' * 10", result=small).value == "x" * 10
    assert "value" not in session.run("'x' * 11", result=small).header
    assert "value" not in session.run("[10_000, 10_000]", result=small).header


def test_form_none_answers_nothing(session: Session) -> None:
    end = session.run("1 + 1", result={"form": "none"})
    assert "value" not in end.header
    assert "text" not in end.header
    assert end.notices == []


@pytest.mark.parametrize(
    "body",
    [
        "raise ValueError('no')",
        "return 5",
        "return 'x' * 10_000_000",
        "return '\\ud800'",
        "raise RecursionError",
        "return repr(self)",
        "raise SystemExit(3)",
    ],
)
def test_a_repr_that_fails_ends_no_execution(session: Session, body: str) -> None:
    end = session.run(f"class A:\n    def __repr__(self):\n        {body}\nA()")
    assert end.outcome == "ok"
    assert end.text
    assert len(end.text.encode()) <= 65536


@pytest.mark.parametrize("code", ["range(10**5000)", "range(-(10**5000), 7, 10**700)", "slice(10**5000, None, -1)"])
def test_ranges_and_slices_of_any_length_are_exact(session: Session, code: str) -> None:
    session.run("def parts(a): return [a.start, a.stop, a.step]")
    end = session.run(code)
    assert end.value[0] == code.split("(")[0]
    back = session.run_form("function", "parts", args=[end.header["value"]])
    assert back.value == session.run(f"parts({code})").value


@pytest.mark.not_on_pypy("it takes minutes to format such a number, and has no bound there")
def test_a_range_that_is_too_long_is_refused_before_its_digits_are_made(session: Session) -> None:
    assert "larger than 65536 bytes" in session.run("range(1 << 100_000_000)", result=BY_VALUE).notices[0]
    assert "larger than 65536 bytes" in session.run("[1 << 100_000_000]", result=BY_VALUE).notices[0]


@pytest.mark.parametrize(
    ("code", "where"),
    [
        ("x = {'a': [1]}; x['a'].append(x); x", 'result["a"][1]: it contains itself'),
        ("x = []; x.append((x,)); x", "result[0][0]: it contains itself"),
        ("[0, {1: {'é': object()}}]", 'result[1][1]["é"]: object has'),
        ("[0] * 50_000 + [object()]", "larger than"),
        ("[0] * 20_000 + [object()]", "result[20000]: object has"),
        ("KEYS", 'result["x"]: builtin_function'),
        ("{10**5000: object()}", "result[...]: object has"),
        ("{object(): 1}", "result.keys(): object has"),
        ("{'x' * 1000: object()}", 'result["' + "x" * 100 + '"]: object has'),
    ],
)
def test_the_path_is_that_of_the_part(session: Session, code: str, where: str) -> None:
    session.run("KEYS = {'k%d' % n: n for n in range(100)}; KEYS['x'] = print")
    assert where in session.run(code, result=BY_VALUE).notices[0]


@pytest.mark.parametrize("depth", [150, 199, 200])
def test_nesting_is_exact_up_to_its_bound(session: Session, depth: int) -> None:
    end = session.run(f"x = 1\nfor _ in range({depth}): x = [x]\nx")
    assert json_text(end) == "[" * depth + "1" + "]" * depth


@pytest.mark.parametrize("body", ["[x]", "(x,)", "{'a': x}", "{1: x}", "[x, *range(20)]", "{'a': x, **MANY}"])
def test_what_is_nested_too_deep_is_refused(session: Session, body: str) -> None:
    session.run("MANY = dict.fromkeys(map(str, range(20)))")
    for depth in (201, 10_000):
        end = session.run(
            f"x = 1\nfor _ in range({depth}): x = {body}\nx", result={**BY_VALUE, "max_inline_bytes": 1 << 20}
        )
        assert end.outcome == "ok"
        assert "nested deeper" in end.notices[0] or "larger than" in end.notices[0]


def test_what_is_shared_a_thousandfold_is_refused_at_once() -> None:
    for make in (
        lambda x: [x] * 20,
        lambda x: [x, x],
        lambda x: {"a": x, "b": x},
        lambda x: dict.fromkeys("abcdefghijkl", x),
    ):
        shared: Any = 1
        for _ in range(150):
            shared = make(shared)
        with pytest.raises(TooLarge):
            to_value(shared, 1 << 17)


def test_a_low_recursion_limit_of_the_code_is_no_failure(session: Session) -> None:
    end = session.run("import sys\nx = 1\nfor _ in range(150): x = [x]\nsys.setrecursionlimit(60)\nx", result=BY_VALUE)
    assert end.outcome == "ok"
    assert "recursion limit" in end.notices[0]
    session.run("sys.setrecursionlimit(1000)")


def test_what_other_threads_change_meanwhile_is_no_failure(session: Session) -> None:
    session.run(
        "import threading\nd, l, s, stop = {}, [], set(), []\n"
        "def change():\n"
        "    n = 0\n"
        "    while not stop:\n"
        "        n += 1\n"
        "        d[n % 999, ] = d[str(n % 999)] = n; l.append(None); s.add(n % 999)\n"
        "        if n % 500 == 0: d.clear(); l.clear(); s.clear()\n"
        "threads = [threading.Thread(target=change) for _ in range(3)]\n"
        "for thread in threads: thread.start()"
    )
    for _ in range(50):
        end = session.run("[d, l, s]", result={**BY_VALUE, "max_inline_bytes": 1 << 24})
        assert (end.outcome, end.notices) == ("ok", [])
        json.loads(json_text(end))
    session.run("stop.append(1)\nfor thread in threads: thread.join()")


@pytest.mark.parametrize(
    "code",
    [
        "{'$ref': 'x', 'typeName': 'y'}",
        "{'a': 1, '$ref': 2}",
        "{'$x': 1}",
        "[{'$tuple': 1}] * 20",
        "{**dict.fromkeys(map(str, range(20))), '$ref': 1}",
    ],
)
def test_a_dict_that_looks_like_a_tag_is_written_as_pairs(session: Session, code: str) -> None:
    assert '{"$dict":[[' in json_text(session.run(code))


def test_a_large_dict_with_keys_like_tags_is_an_object(session: Session) -> None:
    assert json_text(session.run("{'$a': 1, '$b': 2}")) == '{"$a":1,"$b":2}'
    assert '"$7":7,' in json_text(session.run("{'$%d' % n: n for n in range(20)}"))


@pytest.mark.parametrize("bad", ["2**53 + 1", "float('nan')", "'\\ud800'", "(1,)", "b'x'", "range(2)"])
@pytest.mark.parametrize("size", [3, 30, 40_000])
def test_one_special_value_among_many_plain_ones_keeps_its_tag(session: Session, bad: str, size: int) -> None:
    for many in (f"[0] * {size} + [{bad}] + [0.5, 'é'] * {size}", f"[[0] * {size} + [{bad}]]"):
        text = json_text(session.run(many, result={"max_inline_bytes": 1 << 24}))
        assert text.count('{"$') == 1
        json.loads(text)
