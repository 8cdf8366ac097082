# Made from awaited/execution.py by scripts/generate/client_blocking.py; edit that one.
"""An execution."""

from __future__ import annotations

from typing import Any, Iterator, Optional, Union

from beep_python_client.blocking.calls import Calls, Stream
from beep_python_client.contract import execute_pb2
from beep_python_client.endings import Stopped
from beep_python_client.events import Event, InputRequest
from beep_python_client.following import Following
from beep_python_client.json_text import Reference
from beep_python_client.options import Duration
from beep_python_client.refusals import BeepError, ConnectionLost
from beep_python_client.requests import input_request, interrupt_request
from beep_python_client.results import Result
from beep_python_client.waiting import GivenUp, shield, sleep, soon


class Execution:
    """Code that runs: its events as they come, over as many connections as it takes.

    Whoever leaves the loop over it, or its `with` block, before the end stops the code, unless it was detached.
    """

    def __init__(
        self,
        calls: Calls,
        execution_id: str,
        request: Optional[execute_pb2.ExecuteRequest],
        from_seq: int,
        reference: Reference,
    ) -> None:
        self.id = execution_id
        self._calls = calls
        self._reference = reference
        self._following = Following(execution_id, request, from_seq, reference)
        self._patience = calls.patience.again()
        # Whether it goes on without us.
        self._is_left = request is None
        self._is_detached = False
        self._stream: Optional[Stream] = None
        if request is not None:
            try:
                self._open()
            except GivenUp:  # Ctrl-C, when the call may be on its way already
                soon(stop(calls, execution_id))
                raise

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"

    @property
    def last_seq(self) -> int:
        """The number of the last event that was seen."""
        return self._following.last_seq

    @property
    def is_finished(self) -> bool:
        """Whether its last event was seen."""
        return self._following.finished is not None

    def __iter__(self) -> Iterator[Event]:
        try:
            while True:
                event = self._next()
                if event is None:
                    return
                yield event
        finally:
            self._stop_unless_over()

    def result(self, check: bool = True) -> Result:
        """All that came of it, once it has ended. Raises what the code raised, unless `check` is False."""
        try:
            while self._next() is not None:
                pass
        except GivenUp:
            self._stop_unless_over()
            raise
        info = self._calls.again("GetExecution", execute_pb2.GetExecutionRequest(execution_id=self.id))
        result = Result.of(info.result, self._reference)
        return result.check() if check else result

    def send(self, data: Union[str, bytes], *, end: bool = False, to: Optional[InputRequest] = None) -> None:
        """Input for the code; a line ends with a newline. `end`: no more comes; `to`: the request that it answers."""
        self._calls.short("SendInput", input_request(self.id, data, end, to))

    def interrupt(self, grace: Optional[Duration] = None, kill: bool = False) -> Stopped:
        """Stop the code, and answer once it has settled. Raises NothingRunning where it has ended."""
        return Stopped.of(self._calls.call("Interrupt", interrupt_request(self.id, grace, kill)))

    def detach(self) -> str:
        """Read no more, and leave the code running; the id is what `attach` wants."""
        self._is_left = self._is_detached = True
        self._close_stream()
        return self.id

    def __enter__(self) -> Execution:
        return self

    def __exit__(self, *_: Any) -> None:
        self._stop_unless_over()
        self._close_stream()

    def _open(self) -> Stream:
        name, request = self._following.call()
        self._stream = self._calls.stream(name, request)
        return self._stream

    def _next(self) -> Optional[Event]:
        """The next event; None after the last."""
        while not self.is_finished and not self._is_detached:
            try:
                stream = self._stream or self._open()
                message = stream.__next__()
            except StopIteration:
                self._wait(ConnectionLost("the events ended before the code did"))
            except BeepError as error:
                self._wait(error)
            else:
                self._patience.rest()
                self._calls.patience.rest()
                event = self._following.take(message)
                if event is not None:
                    return event
        return None

    def _wait(self, error: BeepError) -> None:
        self._stream = None
        sleep(self._patience.next_delay(error))

    def _stop_unless_over(self) -> None:
        if self.is_finished or self._is_left:
            return
        self._is_left = True
        self._close_stream()
        shield(stop(self._calls, self.id))

    def _close_stream(self) -> None:
        if self._stream is not None:
            self._stream.cancel()
            self._stream = None


def stop(calls: Calls, item_id: str) -> bool:
    """End what runs or waits, if it still does, and if the gateway can be reached: then it is True."""
    try:
        calls.short("Interrupt", interrupt_request(item_id))
    except BeepError:
        return False  # it has ended, or the gateway has
    return True
