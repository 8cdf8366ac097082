"""What a session's process tells while an item runs, taken to that item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beep.python.v1 import execute_pb2
from beep_worker import encode
from beep_worker.backpressure import Backpressure
from beep_worker.execution import Execution
from beep_worker.exit_status import ExitStatus
from beep_worker.frames import Frame, FrameError
from beep_worker.going_on import GoingOn
from beep_worker.identity import SessionSettings
from beep_worker.item import Item
from beep_worker.ladder import Cause
from beep_worker.process import SessionProcess

if TYPE_CHECKING:
    from beep_worker.session import Session


class Listener:
    """Of one session and all its processes; that one breaks its word or is gone, the session hears itself."""

    def __init__(self, session: Session, going_on: GoingOn, settings: SessionSettings) -> None:
        self._session = session
        self._going_on = going_on
        self._settings = settings
        # Read between two items: it opens the next one's output.
        self._held: list[tuple[int, bytes]] = []
        self._backpressure = Backpressure()

    def begin(self, item: Item) -> None:
        """An item has begun."""
        held, self._held = self._held, []
        for stream, data in held:
            item.output(stream, data)

    def reset(self) -> None:
        """The process has gone."""
        self._held.clear()
        self._backpressure.reset()

    def answer_ask(self, execution: Execution, process: SessionProcess) -> bool:
        """Gives the code that waits for input what there is; whether there was any."""
        answer = execution.input.answer()
        if answer is not None:
            process.send({"op": "input", "eof": answer.is_last}, answer.data)
        return answer is not None

    # --- ProcessListener ---

    def on_caught_up(self) -> None:
        self._going_on.hand_ahead()

    def on_next(self) -> None:
        self._going_on.on_next()

    def on_output(self, stream: int, data: bytes) -> None:
        session = self._session
        item, process = session.current, session.process
        if item is None or process is None:
            # Between executions output stays in its pipe; this much was read already.
            if process is not None:
                process.pause_output()
            self._held.append((stream, data))
            return
        self._going_on.is_free = False
        bound = item.max_output_bytes or session.identity.spec.limits.output_bytes or self._settings.max_output_bytes
        room = bound - item.output_bytes
        if room > 0:
            item.output(stream, data if len(data) <= room else data[:room])
            self._backpressure.hold_back(item, process)
        if len(data) > room and item.ladder is None:
            message = f"wrote more than {bound} bytes; ask for a higher max_output_bytes"
            session.stop(item, Cause.OUTPUT_LIMIT, message)

    def on_frame(self, frame: Frame) -> None:
        session, due = self._session, self._going_on.due
        item, process = due[0] if due else session.current, session.process
        if item is None or process is None:
            raise FrameError(f"{frame.op} while nothing runs")
        is_waiting = frame.op == "sync" or frame.header.get("sync") is True
        if is_waiting or frame.op == "ask":
            if due:
                raise FrameError(f"{frame.op} of an item that has ended")
            process.drain_output()  # what was written before it comes before it
        match frame.op:
            case "end":
                if frame.header["id"] != item.id:
                    raise FrameError("the end of another item")
                if item.ladder is not None and item.ladder.has_killed:
                    return  # too late: its state goes with its process, and its end is told with that
                if frame.header.get("next") is True:
                    self._going_on.on_end_and_next(item, process, frame)
                else:
                    self._going_on.on_end(item, process, frame, self._backpressure)
                is_waiting = False
            case "sync":
                pass
            case "ask" if isinstance(item, Execution):
                self._on_ask(item, process, frame)
            case "notice":
                item.notice(encode.warning(frame.header["message"]))
            case "display":
                self._on_display(item, encode.display(frame.header, frame.blobs))
            case "clear":
                item.clear_output(bool(frame.header.get("wait")))
            case other:
                raise FrameError(f"unknown op {other!r}")
        if is_waiting:
            self._backpressure.on_sync(item, process)
        else:
            self._backpressure.on_frame(item, process)

    def on_breach(self, what: str) -> None:
        self._session.on_breach(what)

    def on_exit(self, status: ExitStatus) -> None:
        self._session.on_exit(status)

    def _on_ask(self, execution: Execution, process: SessionProcess, frame: Frame) -> None:
        if process.has_unsent:
            raise FrameError("it asks faster than it reads the answers")
        request = encode.input_request(frame.header, execution.input.ask())
        if not self.answer_ask(execution, process):
            execution.input.open()
            execution.input_request(request)

    def _on_display(self, item: Item, display: execute_pb2.Display) -> None:
        size, bound = display.ByteSize(), self._settings.max_event_bytes
        if size > bound:
            item.notice(encode.warning(f"a display of {size} bytes was left out: at most {bound} are sent"))
        else:
            item.display(display)
