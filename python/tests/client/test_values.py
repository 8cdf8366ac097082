"""Values through the client: exact both ways, or refused with the path of what is not."""

from __future__ import annotations

import collections
import enum
import math
from typing import Any

import pytest

from beep_python_client import Client, Session, Tensor, errors
from beep_python_client.contract import value_pb2
from beep_python_client.values import from_message, to_message
from tests.generated_values import exactly, generated


def there_and_back(value: Any) -> Any:
    """A value as a message, over the wire, and as a value."""
    data = to_message(value, "value").SerializeToString()
    return from_message(value_pb2.PythonValue.FromString(data), lambda *_: None)


def test_generated_values_are_exact_both_ways() -> None:
    for number in range(3000):
        value = generated(number)
        assert exactly(there_and_back(value)) == exactly(value), number


def test_generated_values_are_exact_through_a_session(session: Session) -> None:
    same = session.evaluate("lambda x: x").handle_()
    for start in range(0, 300, 50):
        values = [generated(number) for number in range(start, start + 50)]
        for value, found in zip(values, session.values(*map(same, values))):
            assert exactly(found) == exactly(value)


def test_the_session_says_what_python_says(session: Session) -> None:
    values = [-0.0, math.inf, 2**53 + 1, 2**64, 10**5000, "\ud800", b"\0", (1, {2}), {1: None}, {"$ref": 1}, ..., 1j]
    for value in values:
        assert exactly(session.variable("repr")(value).value_() if value != 10**5000 else "") == exactly(
            repr(value) if value != 10**5000 else ""
        )
    assert math.isnan(session.evaluate("x", x=math.nan).value_())


class Color(enum.IntEnum):
    """A subclass of int."""

    RED = 1


LOOP: list[Any] = []
LOOP.append(LOOP)
DEEP: list[Any] = []
for _ in range(300):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("value", "path", "why"),
    [
        (object(), "args[0]", "builtins.object has no exact value"),
        ([1, {"x": [object()]}], 'args[0][1]["x"][0]', "has no exact value"),
        ({(1, object()): 1}, "args[0].keys()[1]", "has no exact value"),
        (Color.RED, "args[0]", "Color has no exact value"),
        (collections.OrderedDict(), "args[0]", "OrderedDict has no exact value"),
        (bytearray(b"x"), "args[0]", "bytearray has no exact value"),
        (LOOP, "args[0][0]", "it contains itself"),
        (DEEP, "args[0]" + "[0]" * 200, "it is nested deeper than 200"),
        (print, "args[0]", "has no exact value"),
    ],
)
def test_what_has_no_exact_form_is_refused_before_anything_is_sent(
    session: Session, value: Any, path: str, why: str
) -> None:
    with pytest.raises(errors.ConversionFailed, match=why) as raised:
        session.variable("print")(value)
    assert raised.value.metadata == {"path": path}
    assert raised.value.reason == "CONVERSION_FAILED"


def test_nothing_of_the_data_is_taken_for_a_tag(session: Session) -> None:
    hostile = [{"$tuple": [1]}, {"$ref": "x"}, {"$ref": "x", "a": 1}, {"$result": 0}, {"$int": "1", "b": 2}, {"$": 1}]
    assert session.evaluate("x", x=hostile).value_() == hostile
    assert session.evaluate("type(x).__name__", x={"$set": []}).value_() == "dict"


def test_an_array_without_numpy_is_what_it_is_made_of(session: Session) -> None:
    tensor = Tensor("<i4", (2, 1), b"\1\0\0\0\2\0\0\0")
    assert to_message(tensor, "x").tensor.shape == [2, 1]
    with pytest.raises(Exception, match="numpy cannot be imported here"):
        session.evaluate("x", x=tensor).value_()


@pytest.mark.parametrize("value", [None, 0, "", [], b"", False, 0.0, (), {}])
def test_falsy_values_are_as_good_as_any(client: Client, value: Any) -> None:
    assert exactly(client.default.evaluate("x", x=value).value_()) == exactly(value)
