"""A gateway of the tests' own: the real process, on free ports, in a home that shares the environments of all tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
# What it refuses is a warning; a fault of its own is an error.
_FLAGS = ("--http-port", "0", "--rpc-port", "0", "--log-level", "error")


class Gateway:
    """One that accepts calls; leaving its `with` block ends it, and fails when it ends badly."""

    def __init__(self) -> None:
        shared = Path(os.environ.get("BEEP_PYTHON_HOME", ROOT / ".cache" / "home"))
        (ROOT / ".cache" / "tmp").mkdir(parents=True, exist_ok=True)
        self.home = Path(tempfile.mkdtemp(prefix="t-", dir=ROOT / ".cache" / "tmp"))
        (shared / "envs").mkdir(parents=True, exist_ok=True)
        (self.home / "admin").symlink_to((shared / "admin").resolve())
        (self.home / "envs").symlink_to((shared / "envs").resolve())
        self._log = (self.home / "log").open("w+")
        # It says by itself when it is ready, as it does to any Node program that starts it.
        ours, its = socket.socketpair()
        variables = {name: value for name, value in os.environ.items() if name != "npm_lifecycle_event"}
        self.process = subprocess.Popen(
            [_node(), str(ROOT / "src" / "main.ts"), "start", *_FLAGS],
            env={**variables, "BEEP_PYTHON_HOME": str(self.home), "NODE_CHANNEL_FD": str(its.fileno())},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            pass_fds=[its.fileno()],
        )
        its.close()
        self._channel = ours
        endpoints = self._ready()
        #: URL of the RPC listener.
        self.rpc: str = endpoints["rpc"]
        #: URL of the HTTP listener.
        self.http: str = endpoints["http"]

    def _ready(self) -> dict[str, Any]:
        with self._channel.makefile("r", encoding="utf-8") as lines:
            for line in lines:
                told = json.loads(line)
                if "ready" in told:
                    return dict(told["ready"])
        raise RuntimeError(f"the gateway did not start: {self.said()}")

    @property
    def token(self) -> str:
        """The token named `default`."""
        return (self.home / "token").read_text().strip()

    def said(self) -> str:
        """What it wrote to stderr."""
        self._log.flush()
        return Path(self._log.name).read_text()

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, *_: Any) -> None:
        try:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGINT)
                assert self.process.wait(30) == 0, self.said()
        finally:
            self._channel.close()
            self._log.close()
            # Those below one that was killed may be on their way out still.
            shutil.rmtree(self.home, ignore_errors=self.process.returncode != 0)


def _node() -> str:
    own = ROOT / "node_modules" / ".bin" / "node"
    return str(own) if own.exists() else str(shutil.which("node"))
