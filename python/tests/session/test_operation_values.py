"""Values as arguments and results of operations: live objects and earlier results inside, lossy conversions told."""

from __future__ import annotations

import json
from typing import Any

from tests.session.test_operations import call, evaluate, handle_of, name
from tests.session.worker_double import Session

IN_BLOB = {"kind": "json", "data": {"blob": 0}}


def apply_json(session: Session, argument: Any, *before: dict[str, Any], **options: Any) -> Any:
    """The result of `look` for an argument that is JSON."""
    look = name("look", **call(IN_BLOB))
    return session.apply(*before, look, blobs=[json.dumps(argument).encode()], **options).results


def test_containers_have_live_objects_and_earlier_results_inside(session: Session) -> None:
    session.run("held = object()\ndef look(a): return [a['x'][0] is held, a['y'] is last, type(a['x']).__name__]")
    handle = handle_of(session, "held")
    before = evaluate("globals().setdefault('last', object())")
    argument = {"x": {"$tuple": [{"$ref": handle["id"]}]}, "y": {"$result": 0}}
    assert apply_json(session, argument, before)[1] == [True, True, "tuple"]
    shown = {"x": [{"$ref": handle["id"], "typeName": "object", "text": "object object"}], "y": {"$result": 0}}
    assert apply_json(session, shown, before)[1] == [True, True, "list"]


def test_those_that_are_not_there_say_why(session: Session) -> None:
    session.run("def look(a): return a")
    handle = handle_of(session, "object()")
    session.apply(release=[handle["id"]])
    failures = {
        "STALE_HANDLE": [{"$ref": handle["id"]}],
        "HANDLE_NOT_FOUND": [{"$ref": "h"}],
        "INVALID_ARGUMENT": [{"$result": 1}],
        "CONVERSION_FAILED": [{"$result": "0"}],
    }
    for reason, argument in failures.items():
        assert apply_json(session, argument, evaluate("1"))[1] == ("failure", reason)
    end = apply_json(session, [{"$result": 0}], evaluate("1 // 0"), on_error="continue")
    assert end[1] == ("failure", "SKIPPED")


def test_an_object_that_is_no_key_is_refused_as_one(session: Session) -> None:
    session.run("def look(a): return a")
    handle = handle_of(session, "[]")
    assert apply_json(session, {"$set": [{"$ref": handle["id"]}]}) == [("failure", "CONVERSION_FAILED")]


def test_lossy_conversions_are_told_with_the_operation(session: Session) -> None:
    lenient = {"as": {"lenient": True}}
    code = "[bytearray(b'x'), {'a': __import__('collections').OrderedDict(b=1)}]"
    end = session.apply(evaluate(code, **lenient), evaluate("1", **lenient), evaluate(code))
    assert end.header["results"][0]["notes"] == [
        "result[0]: bytearray became bytes",
        'result[1]["a"]: collections.OrderedDict became dict',
    ]
    assert end.results[0] == [{"$bytes": "eA=="}, {"a": {"b": 1}}]
    assert "notes" not in end.header["results"][1]
    assert end.results[2][0] == "handle"


def test_by_value_or_not_at_all_names_the_path(session: Session) -> None:
    end = session.apply(evaluate("{'x': [1, object()]}", **{"as": {"form": "value"}}))
    failure = end.header["results"][0]["failure"]
    assert (failure["reason"], failure["path"]) == ("CONVERSION_FAILED", 'result["x"][1]')
