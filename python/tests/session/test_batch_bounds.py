"""Answers of batches have a bound, whatever is told in them, and nothing that is not told is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from beep_session.frames import MAX_HEADER_BYTES, encode_json
from tests.session.test_operations import evaluate, handle_of, module, name, ref
from tests.session.worker_double import End, Session

# What the worker lets a batch have, unless it is told otherwise.
MAX_BYTES = 8 << 20


def apply(session: Session, *operations: dict[str, Any], **options: Any) -> End:
    end = session.apply(*operations, max_bytes=MAX_BYTES, **options)
    header = {**end.header, "blobs": [len(blob) for blob in end.blobs]}
    assert len(encode_json(header)) <= MAX_HEADER_BYTES
    assert sum(map(len, end.blobs)) <= MAX_BYTES
    return end


def items_of(told: tuple[str, Any]) -> list[Any]:
    assert told[0] == "items", told
    items: list[Any] = json.loads(told[1]["json"]) if "json" in told[1] else told[1]["values"]
    return items


@pytest.mark.parametrize("padding", ["x", "\u00e9", "\0"])
def test_many_batches_of_items_in_one_answer_go_on_where_there_was_no_room(session: Session, padding: str) -> None:
    handle = handle_of(session, f"(str(n) + {padding * 1000!r} for n in range(20_000))")
    more = ref(handle, do="next_items", max_items=1 << 31)
    end = apply(session, *[more] * 10, on_error="continue")
    kinds = [told[0] for told in end.results]
    assert kinds == ["items"] * (len(kinds) - kinds.count("failure")) + ["failure"] * kinds.count("failure")
    assert {told[1] for told in end.results if told[0] == "failure"} == {"VALUE_TOO_LARGE"}
    seen = [item for told in end.results if told[0] == "items" for item in items_of(told)]
    seen += items_of(apply(session, {**more, "max_items": 3}).results[0])
    assert len(seen) > 1000
    assert seen == [str(n) + padding * 1000 for n in range(len(seen))]


def test_items_beyond_what_an_answer_holds_come_with_the_next(session: Session) -> None:
    handle = handle_of(session, "(str(n) * 1000 for n in range(2500))")
    more = ref(handle, do="next_items", max_items=1 << 31, max_bytes=100_000_000)
    seen: list[Any] = []
    is_exhausted = False
    while not is_exhausted:
        (told,) = apply(session, more).results
        seen += items_of(told)
        is_exhausted = told[1]["exhausted"]
    assert seen == [str(n) * 1000 for n in range(2500)]


def test_many_items_that_are_not_plain_take_as_many_answers_as_they_need(session: Session) -> None:
    handle = handle_of(session, "iter([object(), *range(200_000)])")
    more = ref(handle, do="next_items", max_items=1 << 31, max_bytes=100_000_000)
    rows = items_of(apply(session, more).results[0])
    assert "handle" in rows[0]
    assert rows[-1]["value"]["data"] == len(rows) - 2 < 199_000
    assert items_of(apply(session, more).results[0])[0] == len(rows) - 1


@pytest.mark.parametrize("expression", ["10 ** 60_000", "Decimal('1' * 60_000)", "Path('\\u00e9' * 30_000)"])
def test_long_scalars_beyond_what_an_answer_holds_are_handles(session: Session, expression: str) -> None:
    session.run("from decimal import Decimal\nfrom pathlib import PurePosixPath as Path")
    auto = evaluate(expression, **{"as": {"max_inline_bytes": 70_000}})
    forced = evaluate(expression, **{"as": {"form": "value", "max_inline_bytes": 70_000}})
    end = apply(session, *[auto] * 145, *[forced] * 2, on_error="continue")
    kinds = [kind for told in end.header["results"] for kind in told]
    values = kinds.count("value")
    assert 0 < values < 145
    assert kinds == ["value"] * values + ["handle"] * (145 - values) + ["failure"] * 2
    assert end.header["results"][-1]["failure"]["reason"] == "CONVERSION_FAILED"


def test_many_descriptions_say_where_there_was_no_room_for_them(session: Session) -> None:
    session.run("import types\nlarge = types.SimpleNamespace(**{'attribute_%0100d' % n: n for n in range(2000)})")
    described = name("large", do="describe", attributes=True)
    results = apply(session, *[described] * 27, on_error="continue").results
    assert results[0][0] == "description"
    assert len(results[0][1]["attributes"]) == 2000
    assert results[-1] == ("failure", "VALUE_TOO_LARGE")
    assert apply(session, described).results[0][0] == "description"


def test_an_attribute_whose_name_nobody_could_ask_for_is_not_described(session: Session) -> None:
    session.run("import types\nodd = types.SimpleNamespace(**{'n' * 9_000_000: 1, 'm' * 1024: 2})")
    ((_, told),) = apply(session, name("odd", do="describe", attributes=True)).results
    assert [row["name"] for row in told["attributes"] if row["type"] == "int"] == ["m" * 1024]


@pytest.mark.parametrize(
    "error",
    [
        "ValueError(*['x' * 4000] * 16)",
        "ValueError(*[Decimal('1' * 4000)] * 16)",
        "ValueError('\\0' * 100_000)",
        "type('\\u00e9' * 4000, (Exception,), {})()",
        "ExceptionGroup('', [ValueError(*[Decimal('1' * 4000)] * 16)] * 16)",
    ],
)
def test_errors_of_any_kind_leave_room_for_all_that_were_raised(session: Session, error: str) -> None:
    session.run(
        "from decimal import Decimal\nif 'ExceptionGroup' not in dir(__builtins__):\n    ExceptionGroup = ValueError"
    )
    session.run(f"def fail(): raise {error}")
    end = apply(session, *[name("fail", do="call")] * 2000, on_error="continue")
    kinds = [told[0] for told in end.results]
    assert kinds[:100] == ["error"] * 100
    assert set(kinds) <= {"error", "failure"}


def test_handles_to_classes_with_long_names_leave_room_for_all(session: Session) -> None:
    session.run("A = type('\\u00e9' * 1000, (), {})")
    end = apply(session, *[evaluate("A()")] * 10_000, on_error="continue")
    kinds = [told[0] for told in end.results]
    made = kinds.count("handle")
    assert made > 500
    assert end.results[-1] == ("failure", "VALUE_TOO_LARGE")
    assert apply(session, release=True).header["released"] == made


def test_refusals_with_long_paths_leave_room_for_all(session: Session) -> None:
    session.run("deep = object()\nfor _ in range(190): deep = {'\\0' * 100: deep}")
    refused = evaluate("deep", **{"as": {"form": "value"}})
    end = apply(session, *[refused] * 1000, on_error="continue")
    assert end.results == [("failure", "CONVERSION_FAILED")] * 1000


def test_an_answer_that_no_frame_holds_fails_as_a_whole_and_keeps_the_session(session: Session) -> None:
    session.run("kept = 5")
    large = evaluate("'x' * 40_000_000", **{"as": {"form": "both", "max_inline_bytes": 50_000_000}})
    end = session.apply(large, large, evaluate("1"), max_bytes=1 << 30)
    assert end.results == [("failure", "VALUE_TOO_LARGE")] * 3
    assert session.apply(large, large, max_bytes=1 << 30, last_only=True).results[0][0] == "handle"
    assert session.apply(module("builtins"), name("kept")).results[1] == 5
