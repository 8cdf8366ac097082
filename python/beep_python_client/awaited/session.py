"""Sessions."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

from beep_python_client import lazy
from beep_python_client.async_remote import AsyncRemote
from beep_python_client.awaited.calls import AsyncCalls
from beep_python_client.awaited.looking import AsyncLooking
from beep_python_client.awaited.running import AsyncRunner
from beep_python_client.awaited.scope import AsyncScope
from beep_python_client.awaited.trips import AsyncTrips
from beep_python_client.contract import execute_pb2, object_pb2
from beep_python_client.endings import Stopped
from beep_python_client.large import Writing
from beep_python_client.nodes import Node, evaluates
from beep_python_client.options import Duration, Source, duration_of
from beep_python_client.requests import execute_request, interrupt_request, new_id
from beep_python_client.standing import SessionInfo


class AsyncSession(AsyncTrips, AsyncRunner, AsyncLooking):
    """A Python process that keeps its variables."""

    def __init__(
        self, calls: AsyncCalls, session_id: str, info: Optional[SessionInfo] = None, is_ours: bool = False
    ) -> None:
        super().__init__(calls)
        #: Empty: the default session.
        self.id = session_id
        #: As it stood when it was created, or got.
        self.info = info
        self._is_ours = is_ours

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id or 'default'}>"

    async def __aenter__(self) -> AsyncSession:
        return self

    async def __aexit__(self, *_: Any) -> None:
        """One that was created here is closed."""
        if self._is_ours:
            self._is_ours = False
            await self.close()

    # --- the session itself ---

    async def refresh(self) -> SessionInfo:
        """How it stands now."""
        return await self._told("GetSession", execute_pb2.GetSessionRequest(session_id=self.id))

    async def renew(self, idle_timeout: Optional[Duration] = None) -> SessionInfo:
        """Move its expiry; with a timeout, that is its idle timeout from now on."""
        request = execute_pb2.RenewSessionRequest(session_id=self.id)
        if idle_timeout is not None:
            request.idle_timeout.FromTimedelta(duration_of(idle_timeout))
        return await self._told("RenewSession", request)

    async def restart(self) -> SessionInfo:
        """A fresh interpreter under the same id, in the next generation."""
        return await self._told("RestartSession", execute_pb2.RestartSessionRequest(session_id=self.id))

    async def close(self) -> SessionInfo:
        """End it and everything that it started."""
        return await self._told("CloseSession", execute_pb2.CloseSessionRequest(session_id=self.id))

    async def interrupt(self, grace: Optional[Duration] = None, kill: bool = False) -> Stopped:
        """Stop what runs in it. Raises NothingRunning."""
        return Stopped.of(await self._calls.call("Interrupt", interrupt_request("", grace, kill, self.id)))

    async def _told(self, name: str, request: Any) -> SessionInfo:
        self.info = SessionInfo.of(await self._calls.call(name, request))
        return self.info

    def _request(self, source: Source, options: Any) -> execute_pb2.ExecuteRequest:
        request = execute_request(source, options)
        request.session_id = self.id
        return request

    # --- its objects ---

    def import_(self, module: str) -> AsyncRemote:
        """A module, imported when it is first used."""
        return AsyncRemote(self, lazy.module(module))

    def variable(self, name: str) -> AsyncRemote:
        """A name of the session's, or a builtin."""
        return AsyncRemote(self, lazy.variable(name))

    async def assign(self, name: str, value: Any) -> None:
        """Set a name of the session's."""
        await self._do(Node(), *lazy.assign(self, name, value))

    def evaluate(self, expression: str, /, **variables: Any) -> AsyncRemote:
        """An expression, which sees these names besides the session's."""
        made, inputs = lazy.arguments(self, variables.items(), "variables")
        action = evaluates(expression, dict(zip(variables, made)))
        return AsyncRemote(self, Node(name=f"({expression})", action=action, inputs=tuple(inputs)))

    async def values(self, *objects: AsyncRemote) -> Tuple[Any, ...]:
        """The values of several objects in one trip."""
        return tuple(await self._values([lazy.own_node(self, remote) for remote in objects]))

    async def put(self, value: Any, name: str = "") -> AsyncRemote:
        """An array or bytes of any size, sent in chunks; with a name, also as a variable of the session's."""
        writing = Writing(self.id, value, new_id(), name)
        response = await self._calls.write(writing)
        return self._reference(response.object.id, response.object.type_name, response.object.text)

    def scope(self) -> AsyncScope:
        """For `with`: what is held inside is released at its end."""
        return AsyncScope(self)

    async def handles(self) -> List[str]:
        """The ids of all objects that the session holds for its callers, once ours are released that are due."""
        await self._release_now(self._handles.due())
        answer = await self._calls.again("ListHandles", object_pb2.ListHandlesRequest(session_id=self.id))
        return [handle.object.id for handle in answer.handles]
