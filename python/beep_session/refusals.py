"""Why something cannot travel by value."""

from __future__ import annotations

from typing import List

from beep_session.own import BUILTINS as __builtins__  # noqa: F401


class NoValue(Exception):
    """Thrown when something cannot travel by value; the text says where and why."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
        self._steps: List[str] = []

    def inside(self, step: str) -> NoValue:
        """The same, seen from the container in which it stands at this step."""
        self._steps.append(step)
        return self

    @property
    def path(self) -> str:
        """Where it stands, such as `result["x"][3]`."""
        return "result" + "".join(reversed(self._steps))

    def __str__(self) -> str:
        return f"{self.path}: {self.why}" if self._steps else self.why


class TooLarge(NoValue):
    """Thrown when the whole of a value is larger than the bound."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"it is larger than {max_bytes} bytes")

    def inside(self, step: str) -> NoValue:
        """No part alone is too large."""
        return self
