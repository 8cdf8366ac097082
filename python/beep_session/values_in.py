"""The worker's `value` as a Python value, as exact as `values.py`, or refused with the path of what could not be."""

from __future__ import annotations

from typing import Any, Dict, Sequence

from beep_session.arrays import NoArray
from beep_session.json_reader import JsonReader, NotConvertible, decimal_text
from beep_session.makers import REAL, Makers, Unfit
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.paths import step_to
from beep_session.scalars_in import NoScalar

__all__ = ["Makers", "NotConvertible", "step_to", "to_python"]


def to_python(value: Dict[str, Any], blobs: Sequence[bytes], path: str, make: Makers = REAL) -> Any:
    """The Python value of a `value` of the session protocol; raises NotConvertible, and what the makers raise."""
    kind, data = value["kind"], value.get("data")
    try:
        if kind == "none":
            return None
        if kind in ("boolean", "integer"):
            return data
        if kind == "big_integer":
            return make.integer(decimal_text(data))
        if kind == "real":
            return float.fromhex(str(data))
        assert data is not None
        if kind == "scalar":
            return make.scalar(data["type_name"], data["text"])
        if kind == "object":
            return make.reference(data["id"])
        blob = blobs[data["blob"]]
        if kind == "binary":
            return blob
        if kind == "tensor":
            return make.array(data["dtype"], data["shape"], blob)
        text = str(blob, "utf-8")
        return text if kind == "text" else JsonReader(make).read(text, path)
    except (Unfit, NoScalar, NoArray) as reason:
        raise NotConvertible(path, str(reason)) from None
