"""The session: takes items off the work socket, one at a time, and answers each with its end."""

from __future__ import annotations

import atexit
import builtins
import os
import sys
import threading
from time import monotonic_ns, process_time_ns
from types import ModuleType
from typing import Any, Callable, Dict, List, Optional, Union

from beep_session import cell as cells
from beep_session import display, forms, guard, stdin
from beep_session.ahead import Ahead
from beep_session.birth import CONTROL_FD, STACKS_FD, WORK_FD
from beep_session.channel import Channel
from beep_session.control import Control
from beep_session.display import Displays
from beep_session.errors import describe, describe_plainly, exit_code, forget_what_has_code
from beep_session.frames import Frame, FrameError
from beep_session.handles import Handles
from beep_session.input import Input
from beep_session.interrupts import Interrupts, called_by_python, open_to_interrupts
from beep_session.operations import Batch, Context
from beep_session.original import Original
from beep_session.original_held import Held
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.pinned import Pinned
from beep_session.result import report, without_what_is_large
from beep_session.streams import Streams
from beep_session.surroundings import Surroundings
from beep_session.tasks import Tasks
from beep_session.text import bounded, plain, safe_repr, type_name
from beep_session.transfers import Transfers

_exit, _getpid = os._exit, os.getpid
_join_threads = threading._shutdown  # type: ignore[attr-defined]
_run_exit_functions = atexit._run_exitfuncs
_get_recursion_limit, _set_recursion_limit = sys.getrecursionlimit, sys.setrecursionlimit
_modules = sys.modules
_real_builtins = vars(builtins)

_INT32 = 1 << 31

# An item that is run before there is anybody's.
REHEARSAL = {"id": "0" * 32, "count": 0}

# What a result adds to an `end`.
_OF_RESULT = ("value", "handle", "text", "bundle")

# What our own frames need above those of a cell.
_LEAST_RECURSION_LIMIT = 400

# The status of one that the worker hears no more.
_DEAF = 113


class Session:
    """One session's parts and its loop. Made in the template, started in a process of its own."""

    def __init__(self) -> None:
        self._pid = _getpid()
        self._is_started = False
        self._cell: Optional[cells.Cell] = None
        self._main = ModuleType("__main__")
        self._namespace = vars(self._main)
        self._namespace["__builtins__"] = builtins
        self._compiler = cells.Compiler()
        self._sources = cells.Sources()
        self._interrupts = Interrupts()
        self._channel = Channel(WORK_FD, self._interrupts)
        self._ahead = Ahead()
        # Taken already, and not begun.
        self._next: Optional[Frame] = None
        self._streams = Streams(self._channel, self._interrupts)
        self._displays = Displays(self._channel, self._interrupts, self._streams)
        self._displays.install()
        self._tasks = Tasks(self._interrupts)
        self._surroundings = Surroundings(self._interrupts)
        self._pinned = Pinned()
        self._handles = Handles(self._pinned)
        self._held = Held(self._handles)
        self._transfers = Transfers(self._pinned)
        self._context = Context(
            self._namespace,
            self._handles,
            self._interrupts,
            self._tasks.run,
            self._displays.renderer.text,
            self._transfers,
        )
        self._control = Control(
            CONTROL_FD, STACKS_FD, self._interrupts, self._streams, self._namespace, self._handles, self._transfers
        )
        self._input = Input(self._channel, self._interrupts, self._streams)
        stdin.install(self._input)
        # Beside `print`, where every module of the user's finds them and none of their own names is hidden.
        _real_builtins.update(
            input=stdin.ask_line,
            display=display.display,
            update_display=display.update_display,
            clear_output=display.clear_output,
        )
        guard.on_fork(self._before_fork, self._in_parent, self._in_child)

    def start(self, furnish: Callable[[Dict[str, Any]], None]) -> None:
        """Wait until somebody wants this session, then run items until the worker is gone; never returns."""
        self._pid = _getpid()
        self._is_started = True
        self._is_deaf = False
        _modules["__main__"] = self._main
        self._streams.install()
        self._interrupts.start()
        self._control.start()
        self._warm_up()
        if self._begin(furnish):
            while self.serve_one():
                pass
        self.leave()

    def _warm_up(self) -> None:
        """While nobody wants this session yet: an item touches, and so copies, the pages that the first will need."""
        if not self._channel.is_readable:
            self._channel.unheard(self._run_item, Frame({"op": "run", **REHEARSAL}, [b"1+1"]))
            self.forget_rehearsal()

    def _begin(self, furnish: Callable[[Dict[str, Any]], None]) -> bool:
        try:
            frame = self._channel.receive()
        except (FrameError, OSError):
            return False
        if frame is None or frame.header["op"] != "begin":
            return False
        session = frame.header["session"]
        furnish(session)
        self._pinned.bound = session.get("max_pinned_bytes") or self._pinned.bound
        self._handles.begin(session.get("generation", 1), session.get("max_handles", 0), "is_passing" in session)
        return True

    def serve_one(self) -> bool:
        """Wait for an item and run it; False when the worker is gone."""
        channel, tasks = self._channel, self._tasks
        try:
            frame, self._next = self._next, None
            if frame is None:
                if tasks.are_pending and not channel.has_held:
                    tasks.wait_readable(channel.fd)
                    self._leave_if_child(None)
                frame = channel.receive()
                if frame is None:
                    return False
                self._ahead.follow(frame)
            op = frame.header["op"]
            if op == "run":
                self._run_item(frame)
            elif op == "apply":
                self._run_batch(frame, Batch(frame.header, frame.blobs, self._context))
            elif op == "original":
                self._run_batch(frame, Original(frame.header, frame.blobs, self._context, self._held))
            else:
                raise FrameError(f"unknown op {op!r}")
        except (FrameError, OSError):
            self._is_deaf = True
            return False
        except KeyboardInterrupt:
            pass
        return True

    def forget_rehearsal(self) -> None:
        """Leave no trace of the item that ran in the template."""
        self._namespace.clear()
        self._namespace.update(vars(ModuleType("__main__")), __builtins__=builtins)
        _real_builtins.pop("_", None)
        self._sources.clear()

    def leave(self) -> None:
        """End as a Python program does, but for the interpreter's own end.

        That one would touch, and so copy, every page shared with the template, while our threads are still there.
        """
        for last in (self._tasks.close, _join_threads, _run_exit_functions, self._streams.flush):
            try:
                last()
            except BaseException:
                pass  # each has said what it had to say
        _exit(_DEAF if self._is_deaf else 0)

    @called_by_python
    def _before_fork(self) -> None:
        if not self._is_started:
            return  # the template's own fork
        self._interrupts.is_forking = True
        if _getpid() == self._pid:
            try:
                self._streams.flush()  # or both processes would write what waits
            except KeyboardInterrupt:
                pass  # it comes again when the fork is over
        self._streams.stop_flusher()

    @called_by_python
    def _in_parent(self) -> None:
        if not self._is_started:
            return
        self._streams.let_flusher_go()
        self._interrupts.is_forking = False

    @called_by_python
    def _in_child(self) -> None:
        if not self._is_started:
            return
        self._in_parent()
        self._channel.close()
        self._control.close()
        self._transfers.in_child()
        self._ahead.close()
        self._streams.in_child()
        self._displays.in_child()

    def _leave_if_child(self, error: Optional[BaseException]) -> None:
        if _getpid() != self._pid:
            guard.leave_child(error, self._streams.flush)

    def _run_item(self, frame: Frame) -> None:
        header = frame.header
        form = header.get("form")
        filename = f"<cell {header['count']}>"
        end: Dict[str, Any] = {"op": "end", "id": header["id"], "outcome": "ok"}
        blobs: List[bytes] = []
        self._streams.begin()
        self._displays.begin(header.get("display_bytes"), header.get("display_ms"))
        self._interrupts.begin(header["id"])
        try:
            try:
                self._input.begin(frame)
                self._control.leftovers.let_go()
                if form is None:
                    self._run_cell(header, frame.blobs[0], filename, end, blobs)
                else:
                    self._run_form(form, frame, filename, end, blobs)
                self._streams.flush()
            except BaseException as error:
                self._leave_if_child(error)
                if _get_recursion_limit() < _LEAST_RECURSION_LIMIT:
                    _set_recursion_limit(_LEAST_RECURSION_LIMIT)
                self._fail(end, error, blobs)
                self._show_figures(end["outcome"] != "interrupted")
                self._streams.flush()
        except BaseException as error:
            # The user's code while the failure was described, or an interrupt of that.
            self._settle()  # a further interrupt would take the end itself
            self._leave_if_child(error)
            del blobs[:]
            for name in _OF_RESULT:
                end.pop(name, None)
            end["outcome"] = "interrupted" if self._interrupts.was_caused else "error"
            end["error"] = describe_plainly(error)
        self._settle()
        self._leave_if_child(None)
        if form is not None:
            for failure in self._surroundings.leave():
                self._displays.note(f"what held for this execution alone was not put back: {type_name(type(failure))}")
        self._sources.settle(filename, self._cell)
        self._streams.end(end["outcome"] == "interrupted")
        self._input.end()
        if self._displays.notices:
            end["notices"] = [plain(text) for text in self._displays.notices]
        self._go_on(end)
        try:
            self._channel.send(end, blobs)
        except FrameError:
            self._channel.send(without_what_is_large(end))

    def _run_batch(self, frame: Frame, batch: Union[Batch, Original]) -> None:
        header = frame.header
        end: Dict[str, Any] = {"op": "end", "id": header["id"], "outcome": "ok"}
        self._streams.begin()
        self._displays.begin(None, header.get("display_ms"))
        self._interrupts.begin(header["id"])
        try:
            self._input.begin(frame)
            self._control.leftovers.let_go()
            self._interrupts.leave()
            batch.run()
            self._streams.flush()
        except BaseException as error:
            self._settle()
            self._leave_if_child(error)
            if _get_recursion_limit() < _LEAST_RECURSION_LIMIT:
                _set_recursion_limit(_LEAST_RECURSION_LIMIT)
            if self._interrupts.was_caused:
                end["outcome"] = "interrupted"
            else:
                end["outcome"], end["error"] = "error", describe_plainly(error)
        self._settle()
        self._leave_if_child(None)
        self._streams.end(end["outcome"] == "interrupted")
        self._input.end()
        end["results"], end["released"] = batch.results(), batch.released
        self._go_on(end)
        try:
            self._channel.send(end, batch.blobs)
        except FrameError:
            end["results"] = batch.too_large()
            end.pop("blobs", None)
            self._channel.send(end)

    def _go_on(self, end: Dict[str, Any]) -> None:
        """Take the next item before the worker hears of this one's end, if nothing is to be done in between.

        Nothing can land in this one any more. Whoever would interrupt it takes back first what is ahead, and sends no
        signal where that has begun.
        """
        if self._interrupts.was_caused or self._tasks.are_pending or not self._channel.is_settled:
            return
        if self._ahead.may_begin:
            self._next = self._ahead.take()
            end["next"] = self._next is not None
            if self._next is not None:
                end["at"], end["cpu"] = monotonic_ns(), process_time_ns()

    def _settle(self) -> None:
        while True:
            try:
                self._interrupts.settle()
                return
            except KeyboardInterrupt:
                continue

    @open_to_interrupts
    def _run_cell(
        self, header: Dict[str, Any], source: bytes, filename: str, end: Dict[str, Any], blobs: List[bytes]
    ) -> None:
        self._interrupts.leave()
        namespace = self._namespace
        if "__builtins__" not in namespace:
            namespace["__builtins__"] = builtins  # or `eval` would put ours there
        text = str(source, "utf-8")
        self._sources.add(text, filename)
        self._cell = None
        try:
            self._cell = cell = self._compiler.compile(text, filename)
        except SyntaxError as error:
            hint = cells.hint_for(text, error.lineno)
            if hint:
                self._displays.note(hint)
            raise
        try:
            value = self._tasks.run(cells.run_awaiting(cell, namespace)) if cell.awaits else cells.run(cell, namespace)
        except RuntimeError as error:
            hint = "" if cell.awaits else cells.hint_for_loop(error)
            if hint:
                self._displays.note(hint)
            raise
        if value is not None:
            _real_builtins["_"] = value
        if cell.result is not None:
            report(value, header.get("result") or {}, end, blobs, self._displays, self._handles)
        self._show_figures(True)

    def _run_form(
        self, form: Dict[str, Any], frame: Frame, filename: str, end: Dict[str, Any], blobs: List[bytes]
    ) -> None:
        self._cell = None
        self._surroundings.enter(form)
        if "kind" not in form:
            self._run_cell(frame.header, frame.blobs[0], filename, end, blobs)
        else:
            self._run_program(form, frame, end, blobs)

    @open_to_interrupts
    def _run_program(self, form: Dict[str, Any], frame: Frame, end: Dict[str, Any], blobs: List[bytes]) -> None:
        if form["kind"] == "script":
            forms.run_script(form, self._surroundings)
        elif form["kind"] == "module":
            forms.run_module(form, self._surroundings)
        else:
            value = forms.call_function(form, frame.blobs, self._namespace, self._tasks.run, self._handles)
            report(value, frame.header.get("result") or {}, end, blobs, self._displays, self._handles)
        self._show_figures(True)

    @open_to_interrupts
    def _show_figures(self, is_wanted: bool) -> None:
        backend = _modules.get("beep_session.mpl_backend")
        if backend is None:
            return
        try:
            backend.show_figures(is_wanted)
        except Exception as error:
            self._displays.note(f"figures were not shown: {safe_repr(error, 500)}")

    @open_to_interrupts
    def _fail(self, end: Dict[str, Any], error: BaseException, blobs: List[bytes]) -> None:
        del blobs[:]
        for name in _OF_RESULT:
            end.pop(name, None)
        self._interrupts.leave()  # what follows may be code of the error's own, as endless as any
        # By its class: `isinstance` would ask the error itself.
        kind = type(error)
        if issubclass(kind, SystemExit):
            self._exit(end, exit_code(error))
            return
        was_caused = issubclass(kind, KeyboardInterrupt) and self._interrupts.was_caused
        if was_caused:
            forget_what_has_code(error)
        end["outcome"] = "interrupted" if was_caused else "error"
        end["error"] = describe(error, blobs)

    @open_to_interrupts
    def _exit(self, end: Dict[str, Any], code: Any) -> None:
        end["outcome"] = "exited"
        if code is None:
            end["exit_code"] = 0
            return
        if issubclass(type(code), int):
            number = int.__add__(code, 0)
            end["exit_code"] = number if -_INT32 <= number < _INT32 else 255
            return
        end["exit_code"] = 1
        end["exit_text"] = bounded(code) if type(code) is str else safe_repr(code)
        try:
            print(code, file=sys.stderr)
        except Exception:
            pass
