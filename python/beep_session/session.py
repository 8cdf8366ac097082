"""The session: takes items off the work socket, one at a time, and answers each with its end."""

from __future__ import annotations

import builtins
import os
import sys
from typing import Any, Dict, List, Optional

from beep_session import cell as cells
from beep_session import guard
from beep_session.birth import Birth, settle
from beep_session.channel import Channel
from beep_session.control import Control
from beep_session.errors import describe, describe_plainly
from beep_session.frames import Frame, FrameError
from beep_session.hints import hint_for
from beep_session.interrupts import Interrupts
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.streams import Streams
from beep_session.text import plain, safe_repr, type_name
from beep_session.values import NoValue, to_value

DEFAULT_MAX_INLINE_BYTES = 65536

_getpid = os.getpid
_real_builtins = vars(builtins)


def run(birth: Birth) -> None:
    """Be a session until the worker closes its end."""
    main = settle(birth)
    session = Session(birth, vars(main))
    session.serve()


class Session:
    """One session's parts and its loop."""

    def __init__(self, birth: Birth, namespace: Dict[str, Any]) -> None:
        self._pid = _getpid()
        self._namespace = namespace
        self._compiler = cells.Compiler()
        self._interrupts = Interrupts()
        self._channel = Channel(birth.work, self._interrupts)
        self._streams = Streams(self._channel, self._interrupts)
        self._control = Control(birth.control, self._interrupts, self._streams)
        self._control.start()
        guard.on_fork(self._streams.flush, self._in_child)

    def serve(self) -> None:
        """Run items until the worker is gone."""
        while True:
            try:
                frame = self._channel.receive()
            except (FrameError, OSError):
                return
            if frame is None:
                return
            if frame.header["op"] != "run":
                return
            self._run_item(frame)

    def _in_child(self) -> None:
        self._channel.close()
        self._control.close()
        self._streams.in_child()

    def _run_item(self, frame: Frame) -> None:
        header = frame.header
        interrupts = self._interrupts
        end: Dict[str, Any] = {"op": "end", "id": header["id"], "outcome": "ok"}
        blobs: List[bytes] = []
        self._streams.begin()
        interrupts.begin(header["id"])
        try:
            try:
                self._run_cell(header, frame.blobs[0], end, blobs)
                self._streams.flush()
            except BaseException as error:
                if _getpid() != self._pid:
                    guard.leave_child(error, self._streams.flush)
                self._fail(end, error, blobs)
                self._streams.flush()
        except BaseException as error:
            # The user's code while the failure was described, or an interrupt of that.
            end["outcome"] = "interrupted" if interrupts.was_caused else "error"
            end["error"] = describe_plainly(error)
        while True:
            try:
                interrupts.settle()
                break
            except KeyboardInterrupt:
                continue
        if _getpid() != self._pid:
            guard.leave_child(None, self._streams.flush)
        self._streams.end(end["outcome"] == "interrupted")
        self._channel.send(end, blobs)

    def _run_cell(self, header: Dict[str, Any], source: bytes, end: Dict[str, Any], blobs: List[bytes]) -> None:
        namespace = self._namespace
        if "__builtins__" not in namespace:
            namespace["__builtins__"] = builtins  # or `eval` would put ours there
        text = str(source, "utf-8")
        filename = f"<cell {header['count']}>"
        cells.remember_source(text, filename)
        try:
            cell = self._compiler.compile(text, filename)
        except SyntaxError:
            hint = hint_for(text)
            if hint:
                end["notices"] = [hint]
            raise
        try:
            value = cells.run(cell, namespace)
        finally:
            cells.forget_source(cell)
        if cell.result is not None:
            if value is not None:
                _real_builtins["_"] = value
            self._report(value, header.get("result") or {}, end, blobs)

    def _report(self, value: Any, policy: Dict[str, Any], end: Dict[str, Any], blobs: List[bytes]) -> None:
        if policy.get("form") == "none":
            return
        try:
            converted = to_value(value, policy.get("max_inline_bytes") or DEFAULT_MAX_INLINE_BYTES)
        except NoValue as reason:
            end.setdefault("notices", []).append(plain(f"no value for this {type_name(type(value))}: {reason}"))
        else:
            end["value"] = converted.in_frame(blobs)
        if value is not None:
            end["text"] = safe_repr(value)

    def _fail(self, end: Dict[str, Any], error: BaseException, blobs: List[bytes]) -> None:
        del blobs[:]
        for name in ("value", "text", "bundle"):
            end.pop(name, None)
        if isinstance(error, SystemExit):
            self._exit(end, error.code)
            return
        was_caused = isinstance(error, KeyboardInterrupt) and self._interrupts.was_caused
        end["outcome"] = "interrupted" if was_caused else "error"
        end["error"] = describe(error, blobs)

    def _exit(self, end: Dict[str, Any], code: Any) -> None:
        end["outcome"] = "exited"
        if code is None or isinstance(code, int):
            end["exit_code"] = int(code or 0)
            return
        end["exit_code"] = 1
        end["exit_text"] = safe_repr(code) if type(code) is not str else plain(code)
        try:
            print(code, file=sys.stderr)
        except Exception:
            pass
