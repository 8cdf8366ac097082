# Made from awaited/scope.py by scripts/generate/client_blocking.py; edit that one.
"""Scopes of a session's objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from beep_python_client.held import ScopeOfHandles
from beep_python_client.remote import Remote

if TYPE_CHECKING:
    from types import TracebackType

    from beep_python_client.blocking.session import Session


class Scope:
    """What is held inside of its `with` is released at its end, all in one trip."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._held = ScopeOfHandles(session._handles)

    def keep(self, remote: Remote) -> Remote:
        """An object that outlives the scope."""
        remote.handle_()
        self._held.keep(remote._node.held)
        return remote

    def __enter__(self) -> Scope:
        self._held.open()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Optional[TracebackType]) -> None:
        self._session._release_now(self._held.close())
