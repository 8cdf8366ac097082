"""The original's operations in a session: its JSON, its handles, the types that its callers want."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest

from tests.session.worker_double import Session

NOT_FOUND = "HANDLE_NOT_FOUND"


class Asked:
    """The one answer of an operation."""

    def __init__(self, header: dict[str, Any], blobs: list[bytes]) -> None:
        self.header = header
        self.blobs = blobs

    @property
    def text(self) -> str:
        """JSON, as it stands there."""
        assert "value" in self.header, self.header
        return str(self.blobs[self.header["value"]], "utf-8")

    @property
    def handle(self) -> str:
        assert "handle" in self.header, (self.header, self.blobs)
        return str(self.header["handle"])

    @property
    def reason(self) -> str:
        assert "reason" in self.header, (self.header, self.blobs)
        return str(self.header["reason"])

    @property
    def message(self) -> str:
        return str(self.header["message"])


def ask(session: Session, do: str, name: str = "", handle: str = "", **more: Any) -> Asked:
    """`args`, `kwargs` and `value` are JSON texts."""
    header: dict[str, Any] = {"name": 0, "handle": handle, "piece": 0}
    blobs = [name.encode()]
    for key, value in more.items():
        if key in ("args", "kwargs", "value"):
            header[key] = len(blobs)
            blobs.append(value.encode())
        else:
            header["as" if key == "returns" else key] = value
    end = session.original(do, header, blobs)
    return Asked(end.header["results"][0], end.blobs)


def evaluate(session: Session, expression: str, **more: Any) -> Asked:
    return ask(session, "eval", expression, **more)


def held(session: Session, expression: str) -> str:
    """A handle of whatever it is."""
    return evaluate(session, expression, returns="IPythonObjectHandle").handle


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("2.0", "2.0"),
        ("-0.0", "-0.0"),
        ("2**70", str(2**70)),
        ("True", "true"),
        ("None", "null"),
        ("'é\\n'", '"é\\n"'),
        ("(1, [2], {'a': (3,)})", '[1,[2],{"a":[3]}]'),
        ("{3}", "[3]"),
        ("[frozenset([3])]", "[[3]]"),
        ("b'caf\\xc3\\xa9'", '"café"'),
        ("'\\ud800x'", '"\\ud800x"'),
        ("__import__('datetime').datetime(2026, 1, 2, 3)", '"2026-01-02T03:00:00"'),
        ("__import__('datetime').date(2026, 1, 2)", '"2026-01-02"'),
        ("__import__('datetime').time(3, 4)", '"03:04:00"'),
        ("__import__('decimal').Decimal('1.5')", "1.5"),
        ("{1: 2, None: 3, True: 4}", '{"1":4,"null":3}'),
    ],
)
def test_values_are_plain_json(session: Session, expression: str, text: str) -> None:
    assert evaluate(session, expression).text == text


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        ("float('nan')", "nan"),
        ("[float('inf')]", "infinity"),
        ("[1j]", "complex"),
        ("{'a': object()}", "object"),
        ("b'\\xff'", "UTF-8"),
        ("{(1, 2): 3}", "tuple"),
        ("(lambda a: a.append(a) or a)([])", "holds itself"),
        ("__import__('functools').reduce(lambda a, _: [a], range(100000), 0)", "deep"),
    ],
)
def test_what_json_cannot_say_is_refused_with_its_name(session: Session, expression: str, named: str) -> None:
    answer = evaluate(session, expression)
    assert answer.reason == "CONVERSION_FAILED"
    assert named in answer.message


def test_nan_goes_to_readers_that_can_take_it(session: Session) -> None:
    assert evaluate(session, "[float('nan'), -float('inf')]", lenient=True).text == "[NaN,-Infinity]"


@pytest.mark.parametrize(
    ("expression", "type_name", "text"),
    [
        ("__import__('fractions').Fraction(1, 3)", "Fraction", "1/3"),
        ("1j", "complex", "1j"),
        ("object", "type", None),
        ("len", "builtin_function_or_method", "<built-in function len>"),
        ("slice(1)", "slice", "slice(None, 1, None)"),
    ],
)
def test_what_json_has_no_word_for_is_held_or_its_text_for_readers_of_text(
    session: Session, expression: str, type_name: str, text: str | None
) -> None:
    answer = evaluate(session, expression)
    assert answer.header["type"] == type_name
    told = json.dumps({"x": {"handleId": answer.handle}})
    assert evaluate(session, f"x == ({expression})", kwargs=told).text == "true"
    assert evaluate(session, expression, returns="String").text == json.dumps(str(eval(expression)))
    if text is not None:
        assert evaluate(session, expression, lenient=True).text == json.dumps(text)
        assert evaluate(session, f"[{expression}]", lenient=True).text == json.dumps([text])


def test_readers_of_text_get_that_of_bytes_that_are_none_and_the_error_of_a_text_that_fails(session: Session) -> None:
    assert evaluate(session, "b'\\xff'", lenient=True).text == json.dumps("b'\\xff'")
    session.run("class Mute:\n    __slots__ = ()\n    def __str__(self): raise OSError('mute')\nmute = Mute()")
    assert evaluate(session, "[mute]", lenient=True).message == "mute"
    assert evaluate(session, "mute").header["type"] == "Mute"


def test_objects_become_handles_and_are_good_as_targets_and_arguments(session: Session) -> None:
    session.run(
        "class C:\n    def __init__(self, *args, **kwargs): self.all = (args, kwargs)\n    def me(self): return self"
    )
    module = ask(session, "import", "__main__").handle
    made = ask(session, "create", "C", module, args="[1]", kwargs='{"k": 2}')
    assert made.header["type"] == "C"
    assert ask(session, "call", "me", made.handle).header["type"] == "C"
    assert ask(session, "getattr", "all", made.handle).text == '[[1],{"k":2}]'
    for spelling in (
        '{"handleId":"%s","typeName":"C","isValid":true}',
        '{"HandleId":"%s","TypeName":"C","IsValid":true}',
    ):
        nested = '[[{"x":' + spelling % made.handle + "}]]"
        other = ask(session, "create", "C", module, args=nested).handle
        session.run("pass")
        assert evaluate(session, "o.all[0][0][0]['x'] is m", kwargs=_both(other, made.handle)).text == "true"


def _both(first: str, second: str) -> str:
    return json.dumps({"o": {"handleId": first}, "m": {"handleId": second, "moduleName": "m"}})


def test_an_object_that_only_looks_like_a_handle_stays_one(session: Session) -> None:
    assert evaluate(session, "x", kwargs='{"x":{"handleId":1}}').text == '{"handleId":1}'
    assert evaluate(session, "x", kwargs='{"x":{"handleId":"a","b":1}}').text == '{"handleId":"a","b":1}'
    assert evaluate(session, "x", kwargs='{"x":{"handleId":"a"}}').reason == NOT_FOUND


@pytest.mark.parametrize("falsy", ["[]", "0", "''", "{}", "None", "False", "0.0"])
def test_handles_of_falsy_objects_are_as_good_as_any(session: Session, falsy: str) -> None:
    handle = ask(session, "wrap", value=json.dumps(eval(falsy))).handle
    assert evaluate(session, "x", kwargs=json.dumps({"x": {"handleId": handle}})).text == json.dumps(eval(falsy))
    assert ask(session, "call", "__repr__", handle).text == json.dumps(falsy)


def test_a_handle_that_was_let_go_is_not_found(session: Session) -> None:
    handle = held(session, "[1]")
    assert ask(session, "dispose", "", handle).header == {}
    assert ask(session, "dispose", "", handle).header == {}
    answer = ask(session, "call", "append", handle, args="[1]")
    assert (answer.reason, answer.message) == (NOT_FOUND, f"Handle not found: {handle}")
    assert ask(session, "create", "x", "handle_999").message == "Module handle not found: handle_999"


def test_null_stands_for_no_arguments(session: Session) -> None:
    handle = held(session, "[3, 1]")
    assert ask(session, "call", "copy", handle, args="null", kwargs="null").text == "[3,1]"
    assert evaluate(session, "1", kwargs="null").text == "1"
    assert ask(session, "call", "copy", handle, args="{}").reason == "INVALID_ARGUMENT"
    assert ask(session, "call", "copy", handle, kwargs="[]").reason == "INVALID_ARGUMENT"
    assert ask(session, "call", "copy", handle, args="[1").reason == "INVALID_ARGUMENT"


def test_a_bad_text_is_called_by_the_name_of_its_field(session: Session) -> None:
    handle = held(session, "[3, 1]")
    assert ask(session, "call", "copy", handle, args="{}").message == "args must be a list"
    assert ask(session, "call", "copy", handle, kwargs="[]").message == "kwargs must be an object"
    assert ask(session, "call", "copy", handle, args="[1").message.startswith("args is no JSON: ")
    assert evaluate(session, "1", kwargs="[]").message == "locals must be an object"
    assert evaluate(session, "1", kwargs="{").message.startswith("locals is no JSON: ")
    assert ask(session, "wrap", value="1 2").message.startswith("value is no JSON: ")
    assert ask(session, "wrap", value="[" * 100_000).message == "value is nested too deep"


def test_attributes_are_read_and_set(session: Session) -> None:
    handle = held(session, "type('T', (), {'inner': type('U', (), {})()})()")
    assert ask(session, "setattr", "n", handle, value="9007199254740993").header == {}
    assert ask(session, "getattr", "n", handle).text == "9007199254740993"
    assert ask(session, "setattr", "n", handle).header == {}
    assert ask(session, "getattr", "n", handle).text == "null"
    assert ask(session, "getattr", "inner", handle).header["type"] == "U"
    missing = ask(session, "getattr", "missing", handle)
    assert missing.reason == "PYTHON_ERROR"
    assert missing.message == "'T' object has no attribute 'missing'"
    assert missing.header["traceback"].endswith("AttributeError: 'T' object has no attribute 'missing'\n")


def test_code_of_several_lines_runs_and_its_last_expression_is_the_answer(session: Session) -> None:
    code = "\n    def double(n):\n        return 2 * n\n    total = sum(double(i) for i in numbers)\n    total + 1\n"
    assert evaluate(session, code, kwargs='{"numbers":[1,2]}').text == "7"
    assert evaluate(session, "total").text == "6"
    assert evaluate(session, "numbers").reason == "PYTHON_ERROR"
    assert evaluate(session, "x = 5").text == "null"
    assert evaluate(session, "(lambda: x + y)()", kwargs='{"y":1}').text == "6"
    assert evaluate(session, "import asyncio\nawait asyncio.sleep(0, 'slept')").text == '"slept"'
    assert "SyntaxError" in evaluate(session, "1 +").header["traceback"]
    assert "SyntaxError" not in evaluate(session, "y = 1\n1 / 0").header["traceback"]


@pytest.mark.parametrize(
    ("expression", "returns", "text"),
    [
        ("'12'", "Int32", "12"),
        ("2.0", "System.Int64", "2"),
        ("True", "Int32", "1"),
        ("3", "Double", "3.0"),
        ("3", "Single", "3.0"),
        ("[1]", "String", '"[1]"'),
        ("object", "String", "\"<class 'object'>\""),
        ("[]", "Boolean", "false"),
        ("None", "Int32", "null"),
        ("7", "System.Nullable`1[[System.Int32, System.Private.CoreLib, Version=8.0.0.0]]", "7"),
        ("range(3)", "Int32[]", "[0,1,2]"),
        ("{4}", "System.Collections.Generic.List`1[[System.Int32, System.Private.CoreLib]]", "[4]"),
        ("{'a': 1}", "Dictionary`2", '{"a":1}'),
        ("[1]", "Object", "[1]"),
        ("b'\\xff\\x00'", "Byte[]", '"/wA="'),
        ("bytearray(b'abc')", "System.Byte[]", '"YWJj"'),
        ("[1, 2]", "Byte[]", '"AQI="'),
        ("__import__('array').array('i', [1, 2])", "Byte[]", '"AQI="'),
        ("None", "Byte[]", "null"),
    ],
)
def test_results_are_what_their_caller_can_take(session: Session, expression: str, returns: str, text: str) -> None:
    assert evaluate(session, expression, returns=returns).text == text


@pytest.mark.parametrize(
    ("expression", "returns"),
    [
        ("2**31", "Int32"),
        ("-2**63-1", "Int64"),
        ("'x'", "Int32"),
        ("[1]", "Double"),
        ("float('nan')", "Int32"),
        ("'text'", "Byte[]"),
        ("[256]", "Byte[]"),
        ("5", "Byte[]"),
    ],
)
def test_what_its_caller_cannot_take_is_an_error(session: Session, expression: str, returns: str) -> None:
    answer = evaluate(session, expression, returns=returns)
    assert answer.reason == "CONVERSION_FAILED"
    assert returns in answer.message


def test_a_set_that_a_method_gives_is_an_object_as_it_was(session: Session) -> None:
    handle = held(session, "{1}")
    assert ask(session, "call", "copy", handle).header["type"] == "set"
    assert ask(session, "call", "copy", handle, returns="List`1").text == "[1]"


def test_a_module_is_available_if_it_can_be_imported(session: Session) -> None:
    session.write("broken_for_test.py", "1 / 0")
    session.run("import sys, os; sys.path.insert(0, os.getcwd())")
    assert ask(session, "module_available", "json.decoder").text == "true"
    assert ask(session, "module_available", "no_such.module").text == "false"
    broken = ask(session, "module_available", "broken_for_test")
    assert (broken.text, broken.header["note"]) == ("false", "division by zero")
    assert ask(session, "import", "no_such").message == "No module named 'no_such'"


def numbers_of(session: Session, expression: str, **more: Any) -> Asked:
    return ask(session, "numbers", "", held(session, expression), **more)


def test_numbers_come_flat_or_in_rows_as_they_are(session: Session) -> None:
    assert numbers_of(session, "[[1, 2], [3, 4]]").text == "1,2,3,4"
    table = numbers_of(session, "[(1, 2), (3, 4), (5, True)]", table=True)
    assert (table.header["rows"], table.header["width"], table.text) == (3, 2, "1,2,3,4,5,1")
    real = numbers_of(session, "[1, 2.5]")
    assert struct.unpack("<2d", real.blobs[0]) == (1.0, 2.5)
    assert numbers_of(session, "__import__('array').array('d', [0.5])").blobs == [struct.pack("<d", 0.5)]
    assert numbers_of(session, "range(3)", float32=True).blobs == [struct.pack("<3f", 0, 1, 2)]
    assert numbers_of(session, "5").text == "5"
    assert numbers_of(session, "[]").text == ""
    assert numbers_of(session, "[2**53 + 1]").text == str(2**53 + 1)
    assert numbers_of(session, "[float('nan')]", lenient=True, float32=True).header["count"] == 1


@pytest.mark.parametrize(
    ("expression", "table"),
    [
        ("[[1], [2, 3]]", False),
        ("[1, [2]]", False),
        ("[[1], 2]", True),
        ("[1, 2]", True),
        ("[[[1]]]", True),
        ("['1']", False),
        ("[None]", False),
        ("'12'", False),
        ("{'a': 1}", False),
        ("[1j]", False),
        ("[float('inf')]", False),
        ("[10**400, 1.5]", False),
    ],
)
def test_what_is_no_array_of_numbers_is_refused(session: Session, expression: str, table: bool) -> None:
    assert numbers_of(session, expression, table=table).reason == "CONVERSION_FAILED"


def test_many_numbers_come_piece_by_piece_as_they_were(session: Session) -> None:
    session.run("many = [i + 0.5 for i in range(140000)]")
    first = numbers_of(session, "many")
    assert (first.header["count"], first.header["pieces"]) == (140000, 3)
    session.run("many.clear()")
    data = first.blobs[0]
    for index in (1, 2):
        data += ask(session, "piece", "", first.handle, piece=index).blobs[0]
    assert struct.unpack("<140000d", data) == tuple(i + 0.5 for i in range(140000))
    ask(session, "forget", "", first.handle)
    assert ask(session, "piece", "", first.handle, piece=1).reason == NOT_FOUND


def test_handles_that_nobody_lets_go_do_not_fill_the_session(session: Session) -> None:
    session.run("import beep_session.original_held as bounds; bounds.MAX_HELD = 50")
    session.run("bounds.MAX_UNUSED_BYTES, bounds.MAX_HELD_BYTES = 1000, 2000")
    kept = held(session, "['kept']")
    first = held(session, "['first']")
    for _ in range(51):
        ask(session, "getattr", "__doc__", kept, returns="IPythonObjectHandle")
    assert ask(session, "call", "copy", first).reason == NOT_FOUND
    assert ask(session, "call", "copy", kept).text == '["kept"]'
    large = [held(session, "bytearray(300)") for _ in range(5)]
    assert ask(session, "call", "__len__", large[0]).reason == NOT_FOUND
    assert ask(session, "call", "__len__", large[-1]).text == str(300)
    used = []
    for _ in range(10):
        used.append(held(session, "bytearray(300)"))
        assert ask(session, "call", "__len__", used[-1]).text == str(300)
    assert ask(session, "call", "__len__", used[0]).reason == NOT_FOUND
    assert ask(session, "call", "__len__", used[-1]).text == str(300)


def test_code_that_exits_is_an_error_and_the_session_goes_on(session: Session) -> None:
    assert evaluate(session, "1").text == "1"
    answer = evaluate(session, "exit(3)")
    assert answer.reason == "PYTHON_ERROR"
    assert answer.header["type"] == "SystemExit"
