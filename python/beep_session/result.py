"""A cell's result in its `end`: value, text and renderings, as the request wants them."""

from __future__ import annotations

from typing import Any, Dict, List

from beep_session.display import Displays, encode_bundle
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.text import safe_repr, type_name
from beep_session.values import NoValue, to_value

DEFAULT_MAX_INLINE_BYTES = 65536


def report(value: Any, policy: Dict[str, Any], end: Dict[str, Any], blobs: List[bytes], displays: Displays) -> None:
    """Add the result to the end; what has no value has its text and a notice that names its type."""
    if policy.get("form") == "none":
        return
    try:
        converted = to_value(value, policy.get("max_inline_bytes") or DEFAULT_MAX_INLINE_BYTES)
    except NoValue as reason:
        displays.note(f"{type_name(type(value))} is not sent by value: {reason}")
    else:
        end["value"] = converted.in_frame(blobs)
    if value is None:
        return
    end["text"] = safe_repr(value)
    wanted = policy.get("mime")
    if wanted:
        bundle, metadata = displays.renderer.render(value, wanted)
        if bundle:
            end["bundle"] = encode_bundle(bundle, metadata, blobs)
