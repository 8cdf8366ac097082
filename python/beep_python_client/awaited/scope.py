"""Scopes of a session's objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from beep_python_client.async_remote import AsyncRemote
from beep_python_client.held import ScopeOfHandles

if TYPE_CHECKING:
    from types import TracebackType

    from beep_python_client.awaited.session import AsyncSession


class AsyncScope:
    """What is held inside of its `with` is released at its end, all in one trip."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._held = ScopeOfHandles(session._handles)

    async def keep(self, remote: AsyncRemote) -> AsyncRemote:
        """An object that outlives the scope."""
        await remote.handle_()
        self._held.keep(remote._node.held)
        return remote

    async def __aenter__(self) -> AsyncScope:
        self._held.open()
        return self

    async def __aexit__(self, kind: Any, error: Any, trace: Optional[TracebackType]) -> None:
        await self._session._release_now(self._held.close())
