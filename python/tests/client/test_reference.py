"""The reference says what the code says."""

from __future__ import annotations

import subprocess
import sys

import pytest

import beep_python_client
from tests.client.gateway import ROOT


@pytest.mark.skipif(sys.version_info < (3, 11), reason="older ones write signatures in other words")
def test_the_reference_is_what_the_docstrings_make() -> None:
    script = ROOT / "scripts" / "generate" / "client_reference.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_everything_public_says_what_it_is() -> None:
    for name in beep_python_client.__all__:
        assert getattr(beep_python_client, name).__doc__, name
