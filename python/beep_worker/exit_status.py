"""How a process ended, by the kernel."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class ExitStatus:
    """How a process ended, by the kernel."""

    wait_status: int
    user_cpu_s: float = 0.0
    system_cpu_s: float = 0.0
    peak_resident_bytes: int = 0

    @property
    def signal(self) -> int | None:
        return os.WTERMSIG(self.wait_status) if os.WIFSIGNALED(self.wait_status) else None

    @property
    def exit_code(self) -> int | None:
        return os.WEXITSTATUS(self.wait_status) if os.WIFEXITED(self.wait_status) else None
