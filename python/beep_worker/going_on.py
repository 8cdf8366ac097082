"""From one item to the next: by the worker, or by the session itself, to which what waits was handed over early."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from beep.python.v1 import execute_pb2
from beep_worker.frames import Frame, FrameError
from beep_worker.usage import Used, cpu_time

if TYPE_CHECKING:
    from beep_worker.backpressure import Backpressure
    from beep_worker.ending import Ending
    from beep_worker.item import Item
    from beep_worker.process import SessionProcess
    from beep_worker.session import Session

# More than any clock shows.
_MOST_NS = 1 << 62


class GoingOn:
    """Of one session and the process that it has now."""

    def __init__(self, session: Session, max_event_bytes: int) -> None:
        self._session = session
        self._max_event_bytes = max_event_bytes
        # Items before the current one that have ended, but whose ends have not come yet: the session went on by itself.
        self.due: deque[Item] = deque()
        # It goes on by itself where something is there: the item before left nothing to do in between.
        self.is_free = False

    def hand_ahead(self) -> None:
        """What waits goes before its turn where the session goes on by itself, and nothing is to be done in between."""
        session = self._session
        current, queue, process = session.current, session.queue, session.process
        if not self.is_free or process is None or current is None or current.ladder or session.limits or not queue:
            return
        if session.state == execute_pb2.SESSION_STATE_BUSY and not process.is_ending:
            process.ahead.fill(queue, session.count, self._max_event_bytes)

    def hand_over_next(self, process: SessionProcess, first_ahead: bytes = b"") -> Item | None:
        """The next item is on its way to the process; what there is to note of it is noted while it runs."""
        session = self._session
        if process.is_ending:
            return None  # what waits counts on it, and is cancelled when it has gone
        if session.limits is not None and session.queue:
            session.limits.forget_strikes()
            session.refuse_if_spent(session.limits)
        if not session.queue:
            session.lease.use(is_busy=False)
            return None
        item = session.go_on()
        session.state = execute_pb2.SESSION_STATE_BUSY
        session.has_run = True
        if first_ahead:
            process.send_bytes(first_ahead)
            process.ahead.pass_on(item)
        else:
            process.ahead.leave()
            self.hand_ahead()  # before it wakes up
            header, blobs = item.hand_over(session.count, self._max_event_bytes)
            process.send(header, *blobs)
        return item

    def on_end(self, item: Item, process: SessionProcess, frame: Frame, backpressure: Backpressure) -> None:
        """The session has ended an item, and waits for the next."""
        session = self._session
        process.settle_output()
        if self.due:
            raise FrameError("it waits, and has gone on")
        first_ahead = process.ahead.take_first() if process.ahead.count and not process.is_ending else b""
        self.is_free = "next" in frame.header and not item.output_bytes
        words = item.read_end(frame, self._max_event_bytes)
        backpressure.answer(process)
        cpu = cpu_time(process.pid) if item.is_measured else None
        peak_resident_bytes = process.peak_resident_bytes() if item.is_measured else 0
        how: Ending = words.ending
        if session.limits is not None:
            how = session.limits.explain_end(how, getattr(words, "error", None))
        session.leave_current()
        if session.state != execute_pb2.SESSION_STATE_CLOSING:
            session.state = execute_pb2.SESSION_STATE_IDLE
        is_last = session.identity.is_ephemeral or session.state == execute_pb2.SESSION_STATE_CLOSING
        # The process need not wait until the one that has ended is accounted for.
        at_ns = time.monotonic_ns()
        successor = None if is_last else self.hand_over_next(process, first_ahead)
        item.tell(words)
        session.finish(item, how, Used(cpu, peak_resident_bytes, at_ns))
        if successor is not None:
            if cpu is None and successor.is_measured:
                cpu = cpu_time(process.pid)
            session.begin(successor, process, cpu, at_ns)
        elif session.identity.is_ephemeral:
            session.release()

    def on_next(self) -> None:
        """It has taken the next item; the end of the one before is still to come."""
        session = self._session
        process = session.process
        if process is not None and session.current is not None and session.queue:
            self.due.append(session.current)
            session.leave_current()
            item = session.go_on()
            cpu_before = cpu_time(process.pid) if item.is_measured else None
            session.begin(item, process, cpu_before, time.monotonic_ns())

    def on_end_and_next(self, item: Item, process: SessionProcess, frame: Frame) -> None:
        """The session has gone on by itself. All of this item's output has been read, or it would have waited."""
        session = self._session
        words = item.read_end(frame, self._max_event_bytes)
        at_ns, used_s = int(frame.header["at"]), min(max(int(frame.header["cpu"]), 0), _MOST_NS) / 1e9
        successor: Item | None = None
        if self.due:
            self.due.popleft()
        elif process.ahead.count:
            session.leave_current()
            successor = session.go_on()
            process.ahead.pass_on(successor)
            process.rest_output()
        else:
            raise FrameError("it has gone on to what it was not given")
        is_measured = item.is_measured or (successor is not None and successor.is_measured)
        now = cpu_time(process.pid) if is_measured else None
        cpu = now.when(used_s) if now is not None else None
        peak_resident_bytes = process.peak_resident_bytes() if item.is_measured else 0
        item.tell(words)
        session.finish(item, words.ending, Used(cpu, peak_resident_bytes, at_ns))
        if successor is not None:
            session.begin(successor, process, cpu, at_ns)
