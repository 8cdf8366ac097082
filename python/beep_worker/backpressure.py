"""Holds a session's process up while there is no room for what its code writes."""

from __future__ import annotations

from beep_worker.frames import FrameError
from beep_worker.item import Item
from beep_worker.process import SessionProcess

# `sync` frames that an interrupt took the session away from.
MAX_UNANSWERED = 64


class Backpressure:
    """Output stays in its pipe, and a session that asks whether it may go on gets no answer yet."""

    def __init__(self) -> None:
        self._unanswered = 0

    def hold_back(self, item: Item, process: SessionProcess) -> bool:
        """Whether the code has to wait; it goes on when there is room."""
        if item.relieve():
            return False
        process.pause_output()
        item.on_relief = lambda: self._go_on(process)
        return True

    def on_frame(self, item: Item, process: SessionProcess) -> None:
        """A frame came whose sender does not wait for an answer: threads send without asking."""
        if self.hold_back(item, process) and item.is_overfull:
            process.pause_frames()

    def on_sync(self, item: Item, process: SessionProcess) -> None:
        """The session asks. Raises FrameError."""
        # It waits for each answer, but for one that an interrupt took it away from.
        if process.has_unsent or self._unanswered > MAX_UNANSWERED:
            raise FrameError("it asks faster than it reads the answers")
        self._unanswered += 1
        if not self.hold_back(item, process):
            self.answer(process)

    def answer(self, process: SessionProcess) -> None:
        """Also what an interrupt left behind: the session counts what it is owed."""
        while self._unanswered:
            self._unanswered -= 1
            process.send({"op": "synced"})

    def reset(self) -> None:
        """The process has gone."""
        self._unanswered = 0

    def _go_on(self, process: SessionProcess) -> None:
        process.resume()
        self.answer(process)
