"""What is raised: exceptions of the session's code, and what the gateway says."""

from __future__ import annotations

import copy
import pickle
import re
import sys
import traceback
from typing import Any

import pytest

from beep_python_client import GatewayError, RemoteError, Session, errors
from beep_python_client.refusals import RETRYABLE
from tests.client.gateway import ROOT


def raised_by(session: Session, code: str) -> Any:
    """What running it raises."""
    with pytest.raises(Exception) as raised:  # noqa: PT011
        session.run(code)
    return raised.value


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("int('x')", ValueError),
        ("{}['x']", KeyError),
        ("[][0]", LookupError),
        ("1 / 0", ArithmeticError),
        ("open('/no/such/file')", FileNotFoundError),
        ("b'\\xff'.decode()", UnicodeDecodeError),
        ("import no_such_module", ModuleNotFoundError),
        ("x = (", SyntaxError),
        ("assert False, 'why'", AssertionError),
        ("raise TimeoutError('late')", TimeoutError),
        ("raise NotImplementedError", NotImplementedError),
        ("import json; json.loads('{')", ValueError),
        ("import subprocess; subprocess.run(['false'], check=True)", Exception),
        ("class MyError(KeyError, ValueError): pass\nraise MyError(1)", KeyError),
        ("def f(): f()\nf()", RecursionError),
    ],
)
def test_an_exception_is_of_its_nearest_builtin_class_and_a_remote_error(
    session: Session, code: str, kind: type[Exception]
) -> None:
    error = raised_by(session, code)
    assert isinstance(error, kind)
    assert isinstance(error, RemoteError)
    assert error.type_name in error.remote_traceback


@pytest.mark.parametrize("name", ["KeyboardInterrupt", "GeneratorExit", "StopIteration", "StopAsyncIteration"])
def test_what_would_end_more_than_the_call_is_a_remote_error_alone(session: Session, name: str) -> None:
    error = raised_by(session, f"raise {name}('x')")
    assert type(error).__mro__[1:3] == (RemoteError, Exception)
    assert error.type_name == name
    assert not isinstance(error, (KeyboardInterrupt, GeneratorExit, StopIteration, StopAsyncIteration))


def test_attributes_that_a_class_reads_from_its_arguments_are_there(session: Session) -> None:
    error = raised_by(session, "open('/no/such/file')")
    assert (error.errno, error.strerror, error.filename) == (2, "No such file or directory", "/no/such/file")
    assert (error.args, str(error)) == ((2, "No such file or directory"), error.message)
    moved = raised_by(session, "import os; os.rename('/no/such/file', '/no/such/other')")
    assert (moved.filename, moved.filename2) == ("/no/such/file", "/no/such/other")
    walked = raised_by(session, "import os, pathlib; os.listdir(pathlib.Path('/no/such/folder'))")
    assert str(walked.filename) == "/no/such/folder"
    assert raised_by(session, "raise OSError('nothing else')").args == ("nothing else",)
    decode = raised_by(session, "b'a\\xff'.decode()")
    assert (decode.encoding, decode.object, decode.start) == ("utf-8", b"a\xff", 1)


def test_causes_contexts_and_notes_are_the_session_s(session: Session) -> None:
    error = raised_by(
        session,
        "def f():\n"
        "    try:\n        1 / 0\n"
        "    except ZeroDivisionError:\n        raise KeyError('inner')\n"
        "try:\n    f()\n"
        "except KeyError as e:\n    raise ValueError('outer') from e",
    )
    assert isinstance(error.__cause__, KeyError)
    assert isinstance(error.__cause__.__context__, ZeroDivisionError)
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    assert "remote.ValueError: outer" in text
    assert "direct cause" in text


def test_notes_and_the_remote_traceback_are_shown(session: Session, request: pytest.FixtureRequest) -> None:
    if request.node.callspec.params["session"] == "3.9":
        pytest.skip("there are no notes before 3.11")
    error = raised_by(session, "e = ValueError('x')\ne.add_note('mind the gap')\nraise e")
    assert error.notes == ("mind the gap",)
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    assert 'File "<cell 1>", line 3' in text
    if sys.version_info >= (3, 11):
        assert error.__notes__[0] == "mind the gap"
        assert "mind the gap" in text


def test_groups_are_groups_where_there_are_some(session: Session, request: pytest.FixtureRequest) -> None:
    if request.node.callspec.params["session"] == "3.9":
        pytest.skip("there are no groups before 3.11")
    error = raised_by(session, "raise ExceptionGroup('several', [ValueError('a'), KeyError('b')])")
    assert isinstance(error, RemoteError)
    assert [type(member).__name__ for member in getattr(error, "exceptions", ())] == ["ValueError", "KeyError"]
    if sys.version_info >= (3, 11):
        assert isinstance(error, ExceptionGroup)  # noqa: F821
        matching, rest = error.split(ValueError)
        assert matching is not None
        assert rest is not None
        assert [str(member) for member in matching.exceptions] == ["a"]
        assert isinstance(rest.exceptions[0], KeyError)


def test_errors_can_be_pickled_and_copied(session: Session) -> None:
    error = raised_by(session, "open('/no/such/file')")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert isinstance(again, FileNotFoundError)
        assert isinstance(again, RemoteError)
        assert (again.errno, again.filename) == (2, "/no/such/file")
        assert (again.remote_traceback, str(again)) == (error.remote_traceback, str(error))
    refused = errors.QueueFull("full", reason="QUEUE_FULL", metadata={"waiting": "64"}, retry_after=2.0)
    same = pickle.loads(pickle.dumps(refused))
    assert (type(same), same.metadata, same.retry_after, str(same)) == (
        errors.QueueFull,
        {"waiting": "64"},
        2.0,
        "full",
    )


def test_a_hostile_exception_does_no_harm(session: Session) -> None:
    error = raised_by(
        session,
        "class Bad(Exception):\n"
        "    def __str__(self): raise RuntimeError\n"
        "    __module__ = 'os'\n"
        "Bad.__qualname__ = 'x' * 100_000\n"
        "raise Bad(object(), b'x' * 100)",
    )
    assert isinstance(error, RemoteError)
    assert error.args == (b"x" * 100,)


def test_a_refusal_is_of_its_reason_s_class_with_its_metadata(session: Session) -> None:
    with pytest.raises(errors.StaleGeneration) as raised:
        session.run("1", generation=7)
    error = raised.value
    assert isinstance(error, GatewayError)
    assert (error.reason, error.metadata["generation"], error.retryable) == ("STALE_GENERATION", "1", False)
    assert "its earlier state is lost" in str(error)
    assert error.request_id


def test_bad_input_is_refused_with_the_field_and_the_bound(session: Session) -> None:
    with pytest.raises(errors.InvalidArgument, match="execution_id"):
        session.run("1", execution_id="x" * 1000)
    with pytest.raises(ValueError, match="RESULT_FORM_NONSENSE"):
        session.run("1", form="nonsense")  # type: ignore[arg-type]
    assert session.run("").has_value is False


def test_a_full_queue_says_when_to_try_again(session: Session) -> None:
    running = iter(session.execute("print('ready')\nwhile True: pass"))
    next(running)
    waiting = [iter(session.execute("1")) for _ in range(64)]
    for events in waiting:
        next(events)
    with pytest.raises(errors.QueueFull) as raised:
        session.run("1")
    assert raised.value.retryable
    assert raised.value.retry_after is not None
    del running
    assert [list(events)[-1].seq > 1 for events in waiting] == [True] * 64


def test_what_may_be_tried_again_is_what_the_gateway_s_table_says() -> None:
    table = (ROOT / "src" / "errors.ts").read_text(encoding="utf-8")
    rows = re.findall(r"^  ([A-Z_]+): row\('[A-Z_]+', \d+(, true)?\),$", table, re.MULTILINE)
    assert {reason for reason, is_retryable in rows if is_retryable} == RETRYABLE
    assert {reason for reason, _ in rows} == set(errors.REASONS)
