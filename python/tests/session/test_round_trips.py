"""Generated values go out of a session and in again, and are what they were."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.session.worker_double import Session

SOURCE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "generated_values.py")


@pytest.mark.parametrize(
    "count", [500, pytest.param(10_000, marks=[pytest.mark.soak, pytest.mark.timeout(280)])], ids=["500", "10000"]
)
def test_generated_values_come_in_as_they_went_out(session: Session, count: int) -> None:
    with open(SOURCE, encoding="utf-8") as file:
        assert session.run(file.read()).outcome == "ok"
    value: dict[str, Any] = {"kind": "none"}
    blobs: list[bytes] = []
    for number in range(-1, count):
        args = [{"kind": "integer", "data": number}, value]
        session.send_run("", *blobs, form={"kind": "function", "name": "turn", "args": args}, result={"form": "value"})
        end = session.finish()
        assert end.outcome == "ok", (number, end.error["message"])
        assert "value" in end.header, (number, end.notices, end.text)
        value, blobs = end.header["value"], end.blobs
