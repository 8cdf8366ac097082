"""Why an operation cannot be done."""

from __future__ import annotations

from beep_session.own import BUILTINS as __builtins__  # noqa: F401


class Failure(Exception):
    """Thrown when an operation cannot be done; `reason` is the name of an ErrorReason."""

    def __init__(self, reason: str, message: str, path: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.path = path
