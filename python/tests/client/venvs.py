"""Environments that are made once and kept: what users of the client may have."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from pathlib import Path

from tests.client.gateway import ROOT


def kept_venv(name: str, python: str, requirements: tuple[str, ...]) -> Path:
    """Its interpreter; whoever comes first makes it, and the others wait."""
    folder = ROOT / ".cache" / f"test-client-{name}"
    stamp, wanted = folder / "made.json", json.dumps([python, *requirements])
    interpreter = folder / "bin" / "python"
    with Path(f"{folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            env = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
            subprocess.run([python, "-m", "venv", "--clear", str(folder)], check=True)
            install = [str(interpreter), "-m", "pip", "install", "--quiet", "--no-input", *requirements]
            subprocess.run(install, check=True, env=env)
            stamp.write_text(wanted)
    return interpreter
