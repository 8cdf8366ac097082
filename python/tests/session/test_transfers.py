"""Large data: opened by an item, carried beside whatever runs."""

from __future__ import annotations

import array
import hashlib
import socket
from typing import Any

import pytest

from beep_session.frames import pack
from tests.session.worker_double import PATIENCE_S, Session

MIB = 1 << 20


def handle_of(session: Session, expression: str) -> str:
    told = session.apply({"do": "evaluate", "expression": expression, "as": {"form": "handle"}}).results[0]
    assert told[0] == "handle", told
    return str(told[1]["id"])


def open_read(session: Session, name: str, handle: str, **more: Any) -> dict[str, Any]:
    operation = {"do": "open_read", "on": {"ref": handle}, "transfer": name, "form": "auto", "offset": 0, "length": 0}
    result = session.apply({**operation, **more}).header["results"][0]
    assert "failure" not in result, result
    opened: dict[str, Any] = result["opened"]
    return opened


def refused(session: Session, operation: dict[str, Any]) -> tuple[str, str]:
    failure = session.apply(operation).header["results"][0]["failure"]
    return failure["reason"], failure["message"]


def open_write(session: Session, name: str, **more: Any) -> None:
    result = session.apply(
        {"do": "open_write", "transfer": name, "tensor": None, "is_framed": False, "name": "", **more}
    ).header["results"][0]
    assert result == {"opened": {}}


def close_write(session: Session, name: str, variable: str = "") -> dict[str, Any]:
    result = session.apply({"do": "close_write", "transfer": name, "name": variable}).header["results"][0]
    handle: dict[str, Any] = result["handle"]
    return handle


def begin(session: Session, name: str, offset: int, count: int) -> socket.socket:
    """Hands a connection over; the other end of it."""
    ours, theirs = socket.socketpair()
    ours.settimeout(PATIENCE_S)
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))]
    session.asked += 1
    header = {"op": "carry", "request": session.asked, "transfer": name, "offset": offset, "bytes": count}
    session.control.sendmsg([pack(header)], rights)
    theirs.close()
    frame = session.control_frames.read()
    assert frame is not None
    assert frame.header == {"op": "carry", "request": session.asked}
    return ours


def end(session: Session, name: str) -> tuple[int, bool]:
    frame = session.control_frames.read()
    assert frame is not None
    header = frame.header
    assert (header["op"], header["transfer"], header["why"]) == ("carried", name, "")
    return header["bytes"], header["is_whole"]


def received(sock: socket.socket) -> bytes:
    parts = []
    while data := sock.recv(MIB):
        parts.append(data)
    sock.close()
    return b"".join(parts)


def test_bytes_are_read_while_code_runs_and_others_have_their_turns(session: Session) -> None:
    session.run("import os\ndata = os.urandom(9 << 20)")
    digest = session.run("import hashlib; hashlib.sha256(data).hexdigest()").value
    handle = handle_of(session, "data")
    opened = open_read(session, "one", handle)
    assert opened == {"form": "bytes", "total": 9 * MIB, "offset": 0, "bytes": 9 * MIB}
    sock = begin(session, "one", 0, 9 * MIB)
    assert sock.recv(100)  # it has begun, and nobody reads on
    assert session.run("1 + 1").value == 2
    other = open_read(session, "two", handle, offset=-3)
    assert other == {"form": "bytes", "total": 9 * MIB, "offset": 9 * MIB - 3, "bytes": 3}
    assert len(received(begin(session, "two", 9 * MIB - 3, 3))) == 3
    assert end(session, "two") == (3, True)
    assert len(received(sock)) == 9 * MIB - 100
    assert end(session, "one") == (9 * MIB, True)
    open_read(session, "three", handle)
    assert hashlib.sha256(received(begin(session, "three", 0, 9 * MIB))).hexdigest() == digest
    assert end(session, "three") == (9 * MIB, True)


def test_code_that_never_waits_holds_up_no_bytes(session: Session) -> None:
    handle = handle_of(session, "bytes(4 << 20)")
    open_read(session, "one", handle)
    session.send_run("while True: pass")
    assert len(received(begin(session, "one", 0, 4 * MIB))) == 4 * MIB
    assert end(session, "one") == (4 * MIB, True)
    session.interrupt()
    assert session.finish().outcome == "interrupted"


def test_a_reader_who_leaves_frees_what_was_held(session: Session) -> None:
    session.run("import weakref\nclass Held(bytes): pass\ndata = b'x' * (4 << 20)")
    before = session.run("import sys; sys.getrefcount(data)").value
    handle = handle_of(session, "data")
    open_read(session, "one", handle)
    sock = begin(session, "one", 0, 4 * MIB)
    assert sock.recv(10)
    sock.close()
    assert end(session, "one")[1] is False
    session.apply({"do": "release", "on": {"ref": handle}})
    assert session.run("sys.getrefcount(data)").value == before


def test_what_is_dropped_ends(session: Session) -> None:
    open_read(session, "one", handle_of(session, "bytes(4 << 20)"))
    sock = begin(session, "one", 0, 4 * MIB)
    session.control.sendall(pack({"op": "drop", "transfer": "one"}))
    assert end(session, "one")[1] is False
    assert len(received(sock)) < 4 * MIB
    session.control.sendall(pack({"op": "drop", "transfer": "never was"}))
    session.asked += 1
    ours, theirs = socket.socketpair()
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))]
    header = {"op": "carry", "request": session.asked, "transfer": "one", "offset": 0, "bytes": 1}
    session.control.sendmsg([pack(header)], rights)
    theirs.close()
    frame = session.control_frames.read()
    assert frame is not None
    assert frame.header["failed"] == "no such transfer"
    assert ours.recv(1) == b""
    ours.close()


def test_writes_become_bytes_when_all_have_come(session: Session) -> None:
    open_write(session, "one")
    sock = begin(session, "one", 0, 3 * MIB)
    sock.sendall(b"a" * MIB)
    assert session.run("1 + 1").value == 2
    sock.sendall(b"b" * 2 * MIB)
    assert end(session, "one") == (3 * MIB, True)
    sock.close()
    assert close_write(session, "one", "written")["type"] == "bytes"
    assert session.run("written == b'a' * (1 << 20) + b'b' * (2 << 20)").value is True
    reason, message = refused(session, {"do": "close_write", "transfer": "one", "name": ""})
    assert (reason, message) == ("CANCELLED", "the write was given up")


def test_a_write_goes_on_where_it_broke_off(session: Session) -> None:
    open_write(session, "one")
    sock = begin(session, "one", 0, 10)
    sock.sendall(b"01234")
    sock.close()
    assert end(session, "one") == (5, False)
    sock = begin(session, "one", 3, 7)
    sock.sendall(b"3456789")
    assert end(session, "one") == (7, True)
    sock.close()
    close_write(session, "one", "digits")
    assert session.run("digits").value == b"0123456789"


def test_a_write_of_unknown_length_has_an_end_of_its_own(session: Session) -> None:
    for data, is_whole in ((b"\0\0\0\3abc\0\0\0\2de\0\0\0\0", True), (b"\0\0\0\3abc\0\0\0\2d", False)):
        open_write(session, "one", is_framed=True)
        sock = begin(session, "one", 0, 0)
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        assert end(session, "one") == (5 if is_whole else 4, is_whole)
        sock.close()
        if is_whole:
            close_write(session, "one", "text")
            assert session.run("text").value == b"abcde"
        else:
            session.control.sendall(pack({"op": "drop", "transfer": "one"}))


def test_no_more_are_open_than_sixteen(session: Session) -> None:
    for number in range(16):
        open_write(session, str(number))
    operation = {"do": "open_write", "transfer": "more", "tensor": None, "is_framed": False, "name": ""}
    assert refused(session, operation)[0] == "QUOTA_EXCEEDED"
    session.control.sendall(pack({"op": "drop", "transfer": "3"}))
    assert session.ask("stacks")["threads"]  # the word before it has been heard
    open_write(session, "more")


@pytest.mark.parametrize(
    ("expression", "form", "why"),
    [
        ("1", "auto", "int has no bytes, columns or items that could be read"),
        ("[1]", "bytes", "list has no bytes"),
        ("'\\ud800'", "auto", "half of a surrogate pair"),
        ("[1]", "arrow", "list is no table"),
        ("[1]", "tensor", "numpy, which cannot be imported here"),
        ("__import__('array').array('u', 'ab')", "tensor", "numpy, which cannot be imported here"),
    ],
)
def test_what_cannot_be_read_says_why(session: Session, expression: str, form: str, why: str) -> None:
    operation = {"do": "open_read", "on": {"ref": handle_of(session, expression)}, "transfer": "one"}
    reason, message = refused(session, {**operation, "form": form, "offset": 0, "length": 0})
    assert reason == "CONVERSION_FAILED"
    assert why in message


def test_items_have_a_place_of_their_own_unless_they_are_given_once(session: Session) -> None:
    listed = handle_of(session, "list('abcdef')")
    opened = open_read(session, "", listed, form="items", offset=2)
    assert (opened["form"], opened["is_passing"], opened["offset"]) == ("items", True, 2)
    assert opened["handle"] != listed
    ((_, items),) = session.apply({"do": "next_items", "on": {"ref": opened["handle"]}}).results
    assert items == {"json": '["c","d","e","f"]', "exhausted": True}
    once = handle_of(session, "iter('abcdef')")
    opened = open_read(session, "", once, form="items", offset=1)
    assert (opened["handle"], opened["is_passing"], opened["offset"]) == (once, False, 1)
    session.apply({"do": "next_items", "on": {"ref": once}, "max_items": 2})
    operation = {"do": "open_read", "on": {"ref": once}, "transfer": "", "form": "items", "length": 0}
    assert refused(session, {**operation, "offset": 2}) == (
        "INVALID_ARGUMENT",
        "the iterator has given 3 items, each once; read on from there",
    )
    assert open_read(session, "", once, form="items")["offset"] == 3


def test_a_child_of_the_users_does_not_keep_a_connection(session: Session) -> None:
    open_read(session, "one", handle_of(session, "bytes(4 << 20)"))
    sock = begin(session, "one", 0, 4 * MIB)
    session.run("import os, time\nchild = os.fork()\nif not child:\n    time.sleep(60); os._exit(0)")
    assert len(received(sock)) == 4 * MIB
    assert end(session, "one") == (4 * MIB, True)
    session.run("os.kill(child, 9), os.waitpid(child, 0)")
