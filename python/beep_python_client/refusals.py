"""What the gateway says when it fails or refuses: errors by reason, and those of a gateway that cannot be reached."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

# The same call may succeed later, or on the next try. As in the gateway's table.
RETRYABLE = frozenset(
    (
        "QUEUE_FULL",
        "QUOTA_EXCEEDED",
        "DRAINING",
        "READER_TOO_SLOW",
        "DOWNLOAD_BLOCKED",
        "VENV_BUSY",
        "INDEX_UNREACHABLE",
        "WORKER_LOST",
        "SESSION_UNRESPONSIVE",
    )
)


class BeepError(Exception):
    """The base of all that this client raises of itself: not of exceptions of the code that it runs."""


class GatewayError(BeepError):
    """The gateway failed or refused; there is a subclass for each reason. The message ends with the next step."""

    def __init__(
        self,
        message: str,
        *,
        reason: str = "",
        metadata: Optional[Mapping[str, str]] = None,
        request_id: str = "",
        retry_after: Optional[float] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        #: Name of the ErrorReason, such as "SESSION_NOT_FOUND".
        self.reason = reason
        #: Facts for programs: ids, bounds, names.
        self.metadata: Dict[str, str] = dict(metadata or {})
        #: What the gateway's log has this call under.
        self.request_id = request_id
        #: Seconds to wait before the next try, where the gateway says so.
        self.retry_after = retry_after

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later, or on the next try."""
        return self.reason in RETRYABLE

    def __reduce__(self) -> Any:
        return _again, (type(self), self.message, self.reason, self.metadata, self.request_id, self.retry_after)


def _again(kind: Any, message: str, reason: str, metadata: Any, request_id: str, retry_after: Any) -> Any:
    return kind(message, reason=reason, metadata=metadata, request_id=request_id, retry_after=retry_after)


class GatewayNotFound(BeepError, ConnectionError):
    """No gateway runs where one was looked for."""


class ConnectionLost(BeepError, ConnectionError):
    """The gateway cannot be reached, or the connection broke and could not be made again in time."""

    def __init__(self, message: str, is_unreachable: bool = False) -> None:
        super().__init__(message)
        #: No connection could be made at all.
        self.is_unreachable = is_unreachable


class ClientClosed(BeepError):
    """The client was closed, before the call or while it was under way."""


class CallTimeout(BeepError, TimeoutError):
    """The gateway did not answer a call in the time that the client gives it."""
