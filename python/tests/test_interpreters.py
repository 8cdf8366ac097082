"""Which interpreters the soak runs on; one that is not there is told as skipped."""

from __future__ import annotations

import pytest

from tests import interpreters


@pytest.mark.soak
@pytest.mark.parametrize("version", interpreters.SUPPORTED)
def test_a_promised_interpreter_is_soaked(version: str) -> None:
    if version not in interpreters.found():
        pytest.skip(f"Python {version} is not on this machine: nothing was tested on it")
    assert version in [python.id for python in interpreters.every_python()]
