"""How executions end: the table of causes and last words."""

from __future__ import annotations

from typing import Any

import pytest

from beep.python.v1 import execute_pb2
from beep_worker import ending
from beep_worker.encode import MAX_NOTICE_CHARS
from beep_worker.exit_status import ExitStatus
from beep_worker.frames import Frame, FrameError
from beep_worker.ladder import Cause

O = execute_pb2  # noqa: E741


class Rungs:
    """As much of a ladder as the table asks for."""

    def __init__(self, cause: Cause, has_killed: bool = False) -> None:
        self.cause = cause
        self.message = f"because of {cause.name}"
        self.has_killed = has_killed


def words(header: dict[str, Any], cause: Cause | None, *blobs: bytes) -> ending.LastWords:
    ladder: Any = Rungs(cause) if cause else None
    return ending.last_words(Frame({"op": "end", "id": "x", **header}, list(blobs)), ladder, 1 << 20, "session", 1)


@pytest.mark.parametrize(
    ("said", "cause", "outcome"),
    [
        ("ok", None, O.OUTCOME_OK),
        ("error", None, O.OUTCOME_ERROR),
        ("interrupted", None, O.OUTCOME_ERROR),
        ("exited", None, O.OUTCOME_EXITED),
        ("ok", Cause.INTERRUPT, O.OUTCOME_OK),
        ("error", Cause.INTERRUPT, O.OUTCOME_ERROR),
        ("interrupted", Cause.INTERRUPT, O.OUTCOME_INTERRUPTED),
        ("exited", Cause.INTERRUPT, O.OUTCOME_EXITED),
        *(
            (said, cause, outcome)
            for cause, outcome in (
                (Cause.TIMEOUT, O.OUTCOME_TIMEOUT),
                (Cause.CANCEL, O.OUTCOME_CANCELLED),
                (Cause.OUTPUT_LIMIT, O.OUTCOME_OUTPUT_LIMIT),
            )
            for said in ("ok", "error", "interrupted", "exited")
        ),
    ],
)
def test_the_outcome_is_what_the_code_did_unless_it_was_stopped(
    said: str, cause: Cause | None, outcome: execute_pb2.Outcome
) -> None:
    assert words({"outcome": said, "exit_code": 3}, cause).ending.outcome == outcome


@pytest.mark.parametrize(
    ("status", "cause", "has_killed", "outcome"),
    [
        (3 << 8, None, False, O.OUTCOME_EXITED),
        (9, None, False, O.OUTCOME_KILLED),
        (3 << 8, Cause.INTERRUPT, False, O.OUTCOME_EXITED),  # it ended by itself
        (11, Cause.INTERRUPT, False, O.OUTCOME_KILLED),
        (9, Cause.INTERRUPT, True, O.OUTCOME_INTERRUPTED),
        (9, Cause.TIMEOUT, True, O.OUTCOME_TIMEOUT),
        (0, Cause.TIMEOUT, False, O.OUTCOME_TIMEOUT),
        (9, Cause.CANCEL, True, O.OUTCOME_CANCELLED),
        (9, Cause.OUTPUT_LIMIT, True, O.OUTCOME_OUTPUT_LIMIT),
    ],
)
def test_a_death_is_ours_or_its_own(
    status: int, cause: Cause | None, has_killed: bool, outcome: execute_pb2.Outcome
) -> None:
    ladder: Any = Rungs(cause, has_killed) if cause else None
    end = ending.of_death(ExitStatus(status), ladder, "text")
    assert end.outcome == outcome
    # How the process went is told where that is the outcome, and nowhere else.
    assert (end.signal is not None) == (outcome == execute_pb2.OUTCOME_KILLED)
    assert (end.exit_code is not None) == (outcome == execute_pb2.OUTCOME_EXITED)


def test_a_death_is_described_by_its_code_or_its_signal() -> None:
    assert ending.describe(ExitStatus(3 << 8)) == "its process ended with exit code 3"
    assert ending.describe(ExitStatus(11)) == "its process was killed by SIGSEGV"
    assert ending.describe(ExitStatus(40)) == "its process was killed by signal 40"


@pytest.mark.parametrize(
    ("code", "told"), [(0, 0), (3, 3), (-1, -1), ((1 << 31) - 1, (1 << 31) - 1), ((1 << 40) + 7, 7), (-(1 << 40), 0)]
)
def test_an_exit_code_that_fits_no_number_is_told_as_the_system_would(code: int, told: int) -> None:
    finished = execute_pb2.Finished(exit_code=words({"outcome": "exited", "exit_code": code}, None).ending.exit_code)
    assert finished.exit_code == told


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"outcome": "splendid"},
        {"outcome": ["ok"]},
        {"outcome": "exited"},
        {"outcome": "exited", "exit_code": True},
        {"outcome": "exited", "exit_code": 1, "exit_text": "\ud800"},
        {"outcome": "ok", "notices": 7},
        {"outcome": "ok", "notices": [7]},
        {"outcome": "ok", "notices": ["x"] * 101},
        {"outcome": "ok", "text": 7},
        {"outcome": "ok", "value": {}},
        {"outcome": "ok", "value": {"kind": "text", "data": {"blob": 1}}},
        {"outcome": "ok", "value": {"kind": "binary", "data": {"blob": -1}}},
        {"outcome": "ok", "value": {"kind": "binary", "data": {"blob": True}}},
        {"outcome": "ok", "value": {"kind": "integer", "data": "1"}},
        {"outcome": "error", "error": {"type_name": "E"}},
    ],
)
def test_words_that_make_no_sense_are_refused_as_a_whole(header: dict[str, Any]) -> None:
    with pytest.raises((FrameError, KeyError, IndexError, TypeError, ValueError, AttributeError)):
        words(header, None, b"one")


def test_what_is_too_large_is_left_out_and_said() -> None:
    header = {"outcome": "ok", "text": "x", "value": {"kind": "binary", "data": {"blob": 0}}}
    said = words(header, None, b"x" * (2 << 20))
    assert said.result is not None
    assert (said.result.text, said.result.HasField("value")) == ("x", False)
    assert "at most 1048576" in said.notices[0].message


def test_a_notice_has_an_end() -> None:
    assert len(words({"outcome": "ok", "notices": ["x" * 100_000]}, None).notices[0].message) == MAX_NOTICE_CHARS
