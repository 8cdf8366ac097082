"""Plays the worker's part: a real template, real sockets, real pipes."""

from __future__ import annotations

import array
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

PYTHON_FOLDER = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, PYTHON_FOLDER)

from beep_session.ahead import PLACE  # noqa: E402
from beep_session.frames import Frame, FrameReader, pack  # noqa: E402

START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from beep_session import forks; forks.watch(); "
    "from beep_session.template import main; main()"
)
PATIENCE_S = 20.0


@dataclass
class End:
    """What one item answered, and what happened before its end, in order."""

    header: dict[str, Any]
    blobs: list[bytes]
    events: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        return str(self.header["outcome"])

    @property
    def value(self) -> Any:
        """The plain Python value, or a dict that says what it is."""
        return plain_value(self.header["value"], self.blobs)

    @property
    def text(self) -> str | None:
        return self.header.get("text")

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.header["error"]
        return error

    @property
    def notices(self) -> list[str]:
        notices: list[str] = self.header.get("notices", [])
        return notices

    @property
    def results(self) -> list[Any]:
        """Of a batch: what is told of each operation, values as plain Python."""
        return [plain_result(result, self.blobs) for result in self.header["results"]]

    def written(self, stream: str) -> str:
        return b"".join(data for kind, data in self.events if kind == stream).decode()

    @property
    def stdout(self) -> str:
        return self.written("stdout")

    @property
    def stderr(self) -> str:
        return self.written("stderr")

    @property
    def questions(self) -> list[tuple[str, bool]]:
        return [(data[0]["prompt"], data[0]["password"]) for kind, data in self.events if kind == "ask"]

    @property
    def displays(self) -> list[tuple[dict[str, Any], list[bytes]]]:
        return [data for kind, data in self.events if kind == "display"]


def plain_value(value: dict[str, Any], blobs: list[bytes]) -> Any:
    kind = value["kind"]
    data: Any = value.get("data")
    if kind == "none":
        return None
    if kind in ("text", "json"):
        text = blobs[data["blob"]].decode()
        return text if kind == "text" else json.loads(text)
    if kind == "binary":
        return blobs[data["blob"]]
    if kind == "real":
        return float.fromhex(data)
    if kind == "big_integer":
        return int(Decimal(data))
    if kind == "scalar":
        return (data["type_name"], data["text"])
    return data


def plain_result(result: dict[str, Any], blobs: list[bytes]) -> Any:
    """A value, or what else is told, named: `("handle", {...})`, `("failure", reason)`, `("error", type)`."""
    if not result:
        return ()
    if result.keys() - {"notes"} == {"value"}:
        return plain_value(result["value"], blobs)
    kind = next(name for name in ("failure", "error", "handle", "items", "description") if name in result)
    told = result[kind]
    if kind == "failure":
        return (kind, told["reason"])
    if kind == "error":
        return (kind, told["type_name"])
    if "json" in told:
        return (kind, {**told, "json": blobs[told["json"]["blob"]].decode()})
    if "value" in result:
        return (kind, told, plain_value(result["value"], blobs))
    return (kind, told)


class Template:
    """A running template."""

    def __init__(self, python: str, preload: list[str] | None = None, folder: str = "") -> None:
        self.python = python
        ours, theirs = socket.socketpair()
        self.sock = ours
        self.sock.settimeout(PATIENCE_S)
        self.env = {"PATH": os.environ["PATH"], "HOME": "/", "LANG": "C.UTF-8"}
        self.process = subprocess.Popen(
            [
                python,
                "-I",
                "-c",
                f"import sys; sys.path.append({folder!r}); {START}" if folder else START,
                PYTHON_FOLDER,
            ],
            env=self.env,
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
        )
        theirs.close()
        self.reader = FrameReader(ours.recv)
        self.send({"op": "init", "preload": preload or []})
        self.ready = self.read("ready").header
        self.version = tuple(int(part) for part in self.ready["version"].split("."))
        self.alive: set[int] = set()
        self.folder = tempfile.TemporaryDirectory()

    def __enter__(self) -> Template:
        return self

    def __exit__(self, *exc: object) -> None:
        self.sock.close()
        self.process.wait(PATIENCE_S)
        self.folder.cleanup()

    def send(self, header: dict[str, Any], descriptors: list[int] | None = None) -> None:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
        self.sock.sendmsg([pack(header)], rights)

    def read(self, op: str) -> Frame:
        frame = self.reader.read()
        assert frame is not None, "the template has gone"
        assert frame.header["op"] == op, frame.header
        return frame

    def fork(self, env: dict[str, str] | None = None, op: str = "fork", **more: Any) -> Session:
        cwd = tempfile.mkdtemp(dir=self.folder.name)
        work, their_work = socket.socketpair()
        control, their_control = socket.socketpair()
        out, their_out = os.pipe()
        err, their_err = os.pipe()
        stacks, their_stacks = os.pipe()
        ahead, their_ahead = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        os.set_blocking(their_stacks, False)
        spec = {"env": {**self.env, **(env or {})}, "cwd": cwd, "tmp": cwd, "argv": [""], **more}
        theirs = [their_work.fileno(), their_control.fileno(), their_out, their_err, their_stacks, their_ahead.fileno()]
        self.send({"op": op, "id": 1}, theirs)
        work.sendall(pack({"op": "begin", "session": spec}))
        answer = self.reader.read()
        their_work.close()
        their_control.close()
        os.close(their_out)
        os.close(their_err)
        os.close(their_stacks)
        assert answer is not None
        assert answer.header["op"] == "forked"
        pid = answer.header["pid"]
        if op == "fork":
            self.alive.add(pid)
        return Session(self, pid, cwd, work, control, out, err, stacks, (ahead, their_ahead))

    def reap(self, pid: int) -> dict[str, Any]:
        self.send({"op": "reap", "pid": pid})
        while True:
            header = self.read("exited").header
            self.alive.discard(header["pid"])
            if header["pid"] == pid:
                return header

    def wait_all(self) -> list[int]:
        return sorted(self.alive)


class Session:
    """A running session, from the worker's side."""

    def __init__(
        self,
        template: Template,
        pid: int,
        cwd: str,
        work: socket.socket,
        control: socket.socket,
        out: int,
        err: int,
        stacks: int,
        ahead: tuple[socket.socket, socket.socket],
    ) -> None:
        self.template, self.pid, self.cwd = template, pid, cwd
        self.work, self.control, self.out, self.err = work, control, out, err
        self.stacks = stacks
        # What is ahead, and the session's own end of it: what it has not taken can be taken back.
        self.ahead, self.their_ahead = ahead
        self.work.settimeout(PATIENCE_S)
        self.control.settimeout(PATIENCE_S)
        self.frames = FrameReader(work.recv)
        self.control_frames = FrameReader(control.recv)
        self.count = 0
        self.asked = 0
        self.is_over = False
        self.events: list[tuple[str, Any]] = []
        self.status: dict[str, Any] | None = None
        for fd in (out, err):
            os.set_blocking(fd, False)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exc: object) -> None:
        if self.is_over or exc[0] is not None:
            self.kill()
        self.leave()

    def kill(self) -> None:
        if self.status is None:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def leave(self) -> dict[str, Any]:
        """Close our ends; the status of the process and what it wrote last (`events`)."""
        if self.status is not None:
            return self.status
        self.work.close()
        self.control.close()
        self.ahead.close()
        self.their_ahead.close()
        if self.pid in self.template.alive:
            self.status = self.template.reap(self.pid)
        else:
            self.status = {"status": self.template.process.wait(PATIENCE_S)}
        self.drain()
        os.close(self.out)
        os.close(self.err)
        os.close(self.stacks)
        return self.status

    def send_ahead(self, *codes: str) -> None:
        """Cells for the session to go on to by itself, behind one that is not ahead."""
        for at, code in enumerate(codes):
            self.count += 1
            header = {"op": "run", "id": f"item-{self.count}", "count": self.count}
            self.ahead.send(PLACE.pack(at, at + 1) + pack(header, [code.encode()]))

    def take_back(self) -> list[str]:
        """The items that are ahead still, and from now on are not."""
        taken: list[str] = []
        while True:
            try:
                data = self.their_ahead.recv(16384, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return taken
            frames = FrameReader(self.their_ahead.recv)
            frames.feed(data[PLACE.size :])
            frame = frames.take()
            assert frame is not None
            taken.append(frame.header["id"])

    def next_end(self) -> dict[str, Any]:
        """The header of the next end; what its pipes hold stays there."""
        frame = self.frames.read()
        assert frame is not None, "the session has gone"
        assert frame.header["op"] == "end", frame.header
        return frame.header

    def send_run(self, code: str, *blobs: bytes, stdin: bytes | None = None, **options: Any) -> str:
        """A cell; code of another form has no code, and blobs of its own."""
        self.count += 1
        item = f"item-{self.count}"
        header = {
            "op": "run",
            "id": item,
            "count": self.count,
            **options,
        }
        sent = [code.encode()] if "kind" not in options.get("form", {}) else list(blobs)
        if stdin is not None:
            header["input"] = {"blob": len(sent)}
            sent.append(stdin)
        self.events = []
        self.work.sendall(pack(header, sent))
        return item

    def converse(self, code: str, answers: Sequence[str | bytes], **options: Any) -> End:
        """Run a cell that asks; each question gets the next answer, and after the last the end of file."""
        left = list(answers)

        def on_event(kind: str, _: Any) -> None:
            if kind == "ask":
                answer = left.pop(0) if left else b""
                self.give(answer.encode() if isinstance(answer, str) else answer, eof=not answer)

        end = self.run(code, on_event, input="interactive", **options)
        assert not left, "it did not ask for all"
        return end

    def give(self, data: bytes, eof: bool = False) -> None:
        """An answer."""
        self.work.sendall(pack({"op": "input", "eof": eof}, [data]))

    def run(self, code: str, on_event: Callable[[str, Any], None] | None = None, **options: Any) -> End:
        """Run a cell to its end."""
        self.send_run(code, **options)
        return self.finish(on_event)

    def run_form(self, kind: str, name: str, *blobs: bytes, **form: Any) -> End:
        """Run a script, a module or a function to its end."""
        self.send_run("", *blobs, form={"kind": kind, "name": name, **form})
        return self.finish()

    def send_batch(self, operations: Sequence[dict[str, Any]], *blobs: bytes, **options: Any) -> str:
        """A batch of operations."""
        self.count += 1
        item = f"item-{self.count}"
        header = {"op": "apply", "id": item, "ops": operations, "max_bytes": 1 << 20, **options}
        self.events = []
        self.work.sendall(pack(header, blobs))
        return item

    def apply(self, *operations: dict[str, Any], blobs: Sequence[bytes] = (), **options: Any) -> End:
        """Run a batch to its end."""
        self.send_batch(operations, *blobs, **options)
        return self.finish()

    def original(self, do: str, header: dict[str, Any], blobs: Sequence[bytes]) -> End:
        """One of the original's operations, to its end."""
        self.count += 1
        whole = {"op": "original", "id": f"item-{self.count}", "do": do, "max_bytes": 1 << 20, **header}
        self.events = []
        self.work.sendall(pack(whole, blobs))
        return self.finish()

    def write(self, name: str, text: str) -> str:
        """A file in its folder; the path."""
        path = os.path.join(self.cwd, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    def finish(self, on_event: Callable[[str, Any], None] | None = None) -> End:
        """Read until the end of what runs."""
        limit = time.monotonic() + PATIENCE_S
        while True:
            frame = self.next_frame(limit, on_event)
            header = frame.header
            if header["op"] in ("sync", "end", "ask") or header.get("sync"):
                self.drain(on_event)
            if header["op"] == "end":
                assert header["id"] == f"item-{self.count}"
                return End(header, list(frame.blobs), self.events)
            if header["op"] != "sync":
                self.note(header["op"], (header, list(frame.blobs)), on_event)
            if header["op"] == "sync" or header.get("sync"):
                self.work.sendall(pack({"op": "synced"}))

    def next_frame(self, limit: float, on_event: Callable[[str, Any], None] | None = None) -> Frame:
        while not self.frames.has_held:
            waiting: list[Any] = [self.work, self.out, self.err]
            ready = select.select(waiting, [], [], max(0.0, limit - time.monotonic()))[0]
            assert ready, f"no answer within {PATIENCE_S:g} s; so far: {self.events}"
            if self.work in ready:
                break
            self.drain(on_event)
        frame = self.frames.read()
        assert frame is not None, f"the session has gone; so far: {self.events}"
        return frame

    def drain(self, on_event: Callable[[str, Any], None] | None = None) -> None:
        for fd, name in ((self.out, "stdout"), (self.err, "stderr")):
            while True:
                try:
                    data = os.read(fd, 65536)
                except BlockingIOError:
                    break
                if not data:
                    break
                self.note(name, data, on_event)

    def note_output(self) -> bytes:
        """What has been written to stdout so far."""
        select.select([self.out], [], [], PATIENCE_S)
        self.drain()
        return b"".join(data for kind, data in self.events if kind == "stdout")

    def note(self, kind: str, data: Any, on_event: Callable[[str, Any], None] | None = None) -> None:
        self.events.append((kind, data))
        if on_event is not None:
            on_event(kind, data)

    def interrupt(self) -> None:
        """What the worker's first rung does."""
        os.killpg(self.pid, signal.SIGINT)
        self.announce_interrupt()

    def announce_interrupt(self) -> None:
        """The half of it that names the item."""
        self.control.sendall(pack({"op": "interrupt", "id": f"item-{self.count}"}))

    def ask_control(self, header: dict[str, Any]) -> dict[str, Any]:
        self.control.sendall(pack(header))
        while not select.select([self.control], [], [], 0.01)[0]:
            with open(f"/proc/{self.pid}/stat") as file:
                # As the worker does, so that the main thread makes way, if it does not wait for anything.
                if file.read().rpartition(")")[2].split()[0] == "R":
                    os.kill(self.pid, signal.SIGURG)
        frame = self.control_frames.read()
        assert frame is not None
        return frame.header

    def ask(self, op: str, **fields: Any) -> dict[str, Any]:
        """A question to the control thread; its answer."""
        self.asked += 1
        answer = self.ask_control({"op": op, "request": self.asked, **fields})
        assert (answer.pop("op"), answer.pop("request")) == (op, self.asked)
        return answer

    def raise_in(self, item: str) -> None:
        """What the worker's second rung does; returns when the session has read it."""
        self.control.sendall(pack({"op": "raise", "id": item}))
        self.ask_control({"op": "stacks", "request": 1})
