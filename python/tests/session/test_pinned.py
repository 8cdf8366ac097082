"""Bytes that callers hold in a session: objects, and large data on its way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from beep_session.frames import pack
from tests.session.test_operations import evaluate
from tests.session.test_transfers import begin, close_write, end, open_read, open_write, refused
from tests.session.worker_double import Session, Template

BOUND = 1 << 20


@pytest.fixture
def small(template: Template) -> Iterator[Session]:
    """A session in which callers hold a mebibyte."""
    with template.fork(max_pinned_bytes=BOUND) as session:
        yield session
        assert session.run("1 + 1").value == 2, "the session does not go on"


def hold(session: Session, expression: str) -> Any:
    """A handle's id, or why there is none."""
    ((kind, said),) = session.apply(evaluate(expression, **{"as": {"form": "handle"}})).results
    return said["id"] if kind == "handle" else said


def test_objects_count_once_and_until_they_are_let_go(small: Session) -> None:
    small.run("large = bytes(600_000)")
    first, second = hold(small, "large"), hold(small, "large")
    assert len({first, second}) == 2
    assert hold(small, "bytes(600_000)") == "QUOTA_EXCEEDED"
    assert "-" in hold(small, "object()"), "what tells no size takes none"
    assert small.apply(release=[first]).header["released"] == 1
    assert hold(small, "bytes(600_000)") == "QUOTA_EXCEEDED"
    small.apply(release=[second, second])
    assert "-" in hold(small, "bytes(600_000)")


def test_a_refusal_names_the_bound_and_the_next_step(small: Session) -> None:
    told = small.apply(evaluate("bytes(2 << 20)", **{"as": {"form": "handle"}})).header["results"][0]["failure"]
    assert told["message"] == f"callers may hold {BOUND} bytes in the session (limits.pinned_bytes); release some"


def test_an_object_that_grows_counts_as_it_did(small: Session) -> None:
    small.run("grows = []")
    handle = hold(small, "grows")
    small.run("grows += [0] * 1_000_000")
    assert small.apply(release=[handle]).header["released"] == 1
    assert "-" in hold(small, "bytes(1_000_000)")


def test_results_that_nobody_asked_for_make_room(small: Session) -> None:
    for _ in range(5):
        assert "handle" in small.run("bytes(600_000)").header
    assert "-" in hold(small, "bytes(700_000)")


def test_what_is_written_counts_as_it_comes(small: Session) -> None:
    open_write(small, "one")
    sock = begin(small, "one", 0, 900_000)
    sock.sendall(bytes(900_000))
    assert end(small, "one") == (900_000, True)
    sock.close()
    assert hold(small, "bytes(600_000)") == "QUOTA_EXCEEDED"
    close_write(small, "one")
    assert hold(small, "bytes(600_000)") == "QUOTA_EXCEEDED"
    small.apply(release=True)
    assert "-" in hold(small, "bytes(600_000)")


def test_a_write_beyond_the_bound_ends(small: Session) -> None:
    for is_framed in (False, True):
        open_write(small, "one", is_framed=is_framed)
        sock = begin(small, "one", 0, 0 if is_framed else 4 << 20)
        try:
            sock.sendall((b"\0\x30\0\0" if is_framed else b"") + bytes(3 << 20))
        except OSError:
            pass  # it reads no more
        frame = small.control_frames.read()
        assert frame is not None
        assert (frame.header["op"], frame.header["is_whole"]) == ("carried", False)
        assert "limits.pinned_bytes" in frame.header["why"]
        sock.close()
        small.control.sendall(pack({"op": "drop", "transfer": "one"}))
        assert small.ask("stacks")["threads"]  # the word before it has been heard
    assert "-" in hold(small, "bytes(1_000_000)")


def test_copies_that_are_read_count_and_what_is_read_as_it_lies_does_not(small: Session) -> None:
    small.run("text, data = 'x' * 600_000, bytes(600_000)")
    text = hold(small, "text")
    read = {"do": "open_read", "on": {"ref": text}, "transfer": "one", "form": "auto", "offset": 0, "length": 0}
    assert refused(small, read)[0] == "QUOTA_EXCEEDED"
    small.apply(release=[text])
    data = hold(small, "data")
    assert open_read(small, "two", data)["total"] == 600_000
    small.control.sendall(pack({"op": "drop", "transfer": "two"}))
