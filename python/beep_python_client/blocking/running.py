# Made from awaited/running.py by scripts/generate/client_blocking.py; edit that one.
"""Where code runs: in a session, or in one of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beep_python_client.blocking.calls import Calls
from beep_python_client.blocking.execution import Execution, stop
from beep_python_client.contract import execute_pb2
from beep_python_client.options import Source
from beep_python_client.refusals import BeepError
from beep_python_client.requests import execute_request, session_spec
from beep_python_client.results import Result
from beep_python_client.waiting import shield

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from beep_python_client.options import ExecuteOptions, SessionOptions


class Runner:
    """Where code can be run."""

    _calls: Calls

    def run(self, source: Source, *, check: bool = True, **options: Unpack[ExecuteOptions]) -> Result:
        """Run something to its end; over a connection that breaks, it still runs once.

        Raises what the code raised, and ExecutionFailed where it was stopped or exited, unless `check` is False.
        """
        request = self._request(source, options)
        try:
            result = Result.of(self._calls.again("Run", request), self._reference)
        except BaseException as error:
            if not isinstance(error, BeepError):  # whoever waits has given up
                shield(stop(self._calls, request.execution_id))
            raise
        return result.check() if check else result

    def execute(self, source: Source, **options: Unpack[ExecuteOptions]) -> Execution:
        """Begin to run something; what comes of it are events."""
        request = self._request(source, options)
        return Execution(self._calls, request.execution_id, request, 1, self._reference)

    def _request(self, source: Source, options: Any) -> execute_pb2.ExecuteRequest:
        raise NotImplementedError

    def _reference(self, handle_id: str, type_name: str, text: str) -> Any:
        raise NotImplementedError


class Fresh(Runner):
    """Sessions that live for one execution each."""

    def __init__(self, calls: Calls, options: SessionOptions) -> None:
        self._calls = calls
        self._spec = session_spec(options)

    def _request(self, source: Source, options: Any) -> execute_pb2.ExecuteRequest:
        request = execute_request(source, options)
        request.fresh.CopyFrom(self._spec)
        return request

    def _reference(self, handle_id: str, type_name: str, text: str) -> Any:
        """The object went with its session: what is left is its text."""
        return text or f"<{type_name}>"
