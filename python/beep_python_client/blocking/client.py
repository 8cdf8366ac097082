# Made from awaited/client.py by scripts/generate/client_blocking.py; edit that one.
"""The client."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Iterator, Mapping, Optional, Union

from beep_python_client.blocking.calls import Calls
from beep_python_client.blocking.execution import Execution
from beep_python_client.blocking.host import Host
from beep_python_client.blocking.running import Fresh
from beep_python_client.blocking.runtimes import Runtimes
from beep_python_client.blocking.session import Session
from beep_python_client.blocking.venvs import Venvs
from beep_python_client.contract import execute_pb2
from beep_python_client.following import Patience
from beep_python_client.locate import locate
from beep_python_client.options import Source
from beep_python_client.requests import session_spec
from beep_python_client.results import Result
from beep_python_client.standing import SessionInfo

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from beep_python_client.options import ExecuteOptions, SessionOptions


class Client:
    """A connection to a gateway: to the one at `address`, or to the one that runs on this machine.

    What is named here goes before the environment (BEEP_PYTHON_URL, BEEP_PYTHON_TOKEN, BEEP_PYTHON_TOKEN_FILE,
    BEEP_PYTHON_HOME), and that before what `run/gateway.json` of the home folder says. `call_timeout` bounds calls that
    the gateway answers by itself, `patience` how long a broken connection is tried again, and `start_patience` how long
    an address is tried at which no gateway has answered yet; all in seconds. Raises GatewayNotFound where no gateway
    runs.
    """

    def __init__(
        self,
        address: Optional[str] = None,
        *,
        token: Optional[str] = None,
        home: Union[str, os.PathLike[str], None] = None,
        call_timeout: float = 60.0,
        patience: float = 30.0,
        start_patience: float = 0.0,
    ) -> None:
        place = locate(address, token, home)
        self._calls = Calls(place, call_timeout, Patience(patience, start_patience))

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        """What is under way ends with ClientClosed; sessions live on."""
        self._calls.close()

    @property
    def venvs(self) -> Venvs:
        """The environments of the gateway's machine."""
        return Venvs(self._calls)

    @property
    def runtimes(self) -> Runtimes:
        """The Python interpreters of the gateway's machine."""
        return Runtimes(self._calls)

    @property
    def host(self) -> Host:
        """The gateway and its machine."""
        return Host(self._calls)

    @property
    def default(self) -> Session:
        """The caller's default session, made in the default environment on first use."""
        return Session(self._calls, "")

    def create_session(self, *, key: str = "", **options: Unpack[SessionOptions]) -> Session:
        """Start a session; leaving its `with` block closes it. The same `key` gives the same session."""
        request = execute_pb2.CreateSessionRequest(spec=session_spec(options), idempotency_key=key)
        info = SessionInfo.of(self._calls.call("CreateSession", request))
        return Session(self._calls, info.id, info, is_ours=True)

    def get_session(self, session_id: str) -> Session:
        """A session that exists already; leaving its `with` block leaves it. Raises SessionNotFound."""
        request = execute_pb2.GetSessionRequest(session_id=session_id)
        info = SessionInfo.of(self._calls.again("GetSession", request))
        return Session(self._calls, info.id, info)

    def list_sessions(
        self, *, venv: str = "", labels: Optional[Mapping[str, str]] = None, include_closed: bool = False
    ) -> Iterator[SessionInfo]:
        """The caller's sessions, newest first."""
        request = execute_pb2.ListSessionsRequest(venv=venv, labels=labels or {}, include_closed=include_closed)
        while True:
            page = self._calls.again("ListSessions", request)
            for session in page.sessions:
                yield SessionInfo.of(session)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def fresh(self, **options: Unpack[SessionOptions]) -> Fresh:
        """Where each execution has a session of its own, which ends with it."""
        return Fresh(self._calls, options)

    def run(self, source: Source, *, check: bool = True, **options: Unpack[ExecuteOptions]) -> Result:
        """Run something in the default session; see Session.run."""
        return self.default.run(source, check=check, **options)

    def execute(self, source: Source, **options: Unpack[ExecuteOptions]) -> Execution:
        """Begin to run something in the default session; see Session.execute."""
        return self.default.execute(source, **options)

    def attach(self, execution_id: str, from_seq: int = 1) -> Execution:
        """An execution that somebody began, from an event on; it is left running by whoever leaves it."""
        return Execution(self._calls, execution_id, None, from_seq, self.default._reference)
