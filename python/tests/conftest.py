"""The order of the files."""

from __future__ import annotations

import pytest

# What takes longest: begun last, one of them would run alone while a processor idles.
LONGEST = (
    "client/test_range.py",
    "client/test_executions.py",
    "worker/test_stopping.py",
    "worker/test_log_files.py",
    "worker/test_forking.py",
    "worker/test_limits.py",
    "session/test_values.py",
    "session/test_looking.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts these first, and leaves the others as they are."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    found = (at for at, path in enumerate(LONGEST) if item.path.as_posix().endswith(f"/tests/{path}"))
    return next(found, len(LONGEST))
