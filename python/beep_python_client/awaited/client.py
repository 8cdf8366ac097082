"""The client."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, AsyncIterator, Mapping, Optional, Union

from beep_python_client.awaited.calls import AsyncCalls
from beep_python_client.awaited.execution import AsyncExecution
from beep_python_client.awaited.host import AsyncHost
from beep_python_client.awaited.running import AsyncFresh
from beep_python_client.awaited.runtimes import AsyncRuntimes
from beep_python_client.awaited.session import AsyncSession
from beep_python_client.awaited.venvs import AsyncVenvs
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


class AsyncClient:
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
        self._calls = AsyncCalls(place, call_timeout, Patience(patience, start_patience))

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()

    async def close(self) -> None:
        """What is under way ends with ClientClosed; sessions live on."""
        await self._calls.close()

    @property
    def venvs(self) -> AsyncVenvs:
        """The environments of the gateway's machine."""
        return AsyncVenvs(self._calls)

    @property
    def runtimes(self) -> AsyncRuntimes:
        """The Python interpreters of the gateway's machine."""
        return AsyncRuntimes(self._calls)

    @property
    def host(self) -> AsyncHost:
        """The gateway and its machine."""
        return AsyncHost(self._calls)

    @property
    def default(self) -> AsyncSession:
        """The caller's default session, made in the default environment on first use."""
        return AsyncSession(self._calls, "")

    async def create_session(self, *, key: str = "", **options: Unpack[SessionOptions]) -> AsyncSession:
        """Start a session; leaving its `with` block closes it. The same `key` gives the same session."""
        request = execute_pb2.CreateSessionRequest(spec=session_spec(options), idempotency_key=key)
        info = SessionInfo.of(await self._calls.call("CreateSession", request))
        return AsyncSession(self._calls, info.id, info, is_ours=True)

    async def get_session(self, session_id: str) -> AsyncSession:
        """A session that exists already; leaving its `with` block leaves it. Raises SessionNotFound."""
        request = execute_pb2.GetSessionRequest(session_id=session_id)
        info = SessionInfo.of(await self._calls.again("GetSession", request))
        return AsyncSession(self._calls, info.id, info)

    async def list_sessions(
        self, *, venv: str = "", labels: Optional[Mapping[str, str]] = None, include_closed: bool = False
    ) -> AsyncIterator[SessionInfo]:
        """The caller's sessions, newest first."""
        request = execute_pb2.ListSessionsRequest(venv=venv, labels=labels or {}, include_closed=include_closed)
        while True:
            page = await self._calls.again("ListSessions", request)
            for session in page.sessions:
                yield SessionInfo.of(session)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def fresh(self, **options: Unpack[SessionOptions]) -> AsyncFresh:
        """Where each execution has a session of its own, which ends with it."""
        return AsyncFresh(self._calls, options)

    async def run(self, source: Source, *, check: bool = True, **options: Unpack[ExecuteOptions]) -> Result:
        """Run something in the default session; see Session.run."""
        return await self.default.run(source, check=check, **options)

    def execute(self, source: Source, **options: Unpack[ExecuteOptions]) -> AsyncExecution:
        """Begin to run something in the default session; see Session.execute."""
        return self.default.execute(source, **options)

    def attach(self, execution_id: str, from_seq: int = 1) -> AsyncExecution:
        """An execution that somebody began, from an event on; it is left running by whoever leaves it."""
        return AsyncExecution(self._calls, execution_id, None, from_seq, self.default._reference)
