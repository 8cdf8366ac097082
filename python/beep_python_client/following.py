"""An execution's events over connections that may break: which call comes next, and which events are new."""

from __future__ import annotations

import codecs
import random
from time import monotonic
from typing import Any, Dict, Optional, Tuple

from beep_python_client.contract import execute_pb2
from beep_python_client.contract.reasons import ReaderTooSlow
from beep_python_client.events import Event, event_of
from beep_python_client.json_text import Reference
from beep_python_client.refusals import BeepError, ConnectionLost

_FIRST_DELAY_S, _LONGEST_DELAY_S = 0.05, 2.0


class Patience:
    """How long a connection may be gone: each answer begins its time anew.

    A gateway that never answered, and cannot be reached, is waited for as long as one takes to start.
    """

    def __init__(self, seconds: float, start_seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.start_seconds = start_seconds
        self._has_answered = False
        self._since: Optional[float] = None
        self._delay = _FIRST_DELAY_S

    def again(self) -> Patience:
        """The same for another call."""
        other = Patience(self.seconds, self.start_seconds)
        other._has_answered = self._has_answered
        return other

    def rest(self) -> None:
        """The gateway answered."""
        self._has_answered = True
        self._since, self._delay = None, _FIRST_DELAY_S

    def next_delay(self, error: BeepError) -> float:
        """Seconds to wait before the next try. Raises the error where it is none of a connection, or time is up."""
        if isinstance(error, ReaderTooSlow):
            return 0.0
        if not isinstance(error, ConnectionLost):
            raise error
        now = monotonic()
        if self._since is None:
            self._since = now
        left = self._since - now + (self.start_seconds if self._is_starting(error) else self.seconds)
        if left <= 0:
            raise error
        delay, self._delay = self._delay, min(self._delay * 2, _LONGEST_DELAY_S)
        return min(delay * random.uniform(0.5, 1.0), left)

    def delay_to_start(self, error: BeepError) -> float:
        """The same for a call that must not be made twice: it may be where it cannot have arrived."""
        if not self._is_starting(error):
            raise error
        return self.next_delay(error)

    def _is_starting(self, error: BeepError) -> bool:
        return isinstance(error, ConnectionLost) and error.is_unreachable and not self._has_answered


class Following:
    """What one reader of an execution has seen."""

    def __init__(
        self, execution_id: str, request: Optional[execute_pb2.ExecuteRequest], from_seq: int, reference: Reference
    ) -> None:
        self._id = execution_id
        # None: it was begun by somebody else.
        self._request = request
        self.last_seq = max(from_seq, 1) - 1
        self.finished: Optional[Event] = None
        self._reference = reference
        self._decoders: Dict[str, Any] = {}

    def call(self) -> Tuple[str, Any]:
        """The call that gives what has not been seen yet."""
        if self.last_seq == 0 and self._request is not None:
            # A retry joins the same execution, if the first try began it.
            return "Execute", self._request
        return "WatchExecution", execute_pb2.WatchExecutionRequest(execution_id=self._id, from_seq=self.last_seq + 1)

    def take(self, message: execute_pb2.ExecutionEvent) -> Optional[Event]:
        """The event, if it is new and none of the connection's own."""
        if message.seq <= self.last_seq:
            return None
        event = event_of(message, self._reference, self._decode)
        self.last_seq = message.seq
        if message.WhichOneof("body") == "finished":
            self.finished = event
        elif message.WhichOneof("body") == "dropped":
            self._decoders.clear()
        return event

    def _decode(self, stream: str, data: bytes) -> str:
        decoder = self._decoders.get(stream)
        if decoder is None:
            decoder = self._decoders[stream] = codecs.getincrementaldecoder("utf-8")("replace")
        return str(decoder.decode(data))
