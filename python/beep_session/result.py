"""A cell's result in its `end`: value, text and renderings, as the request wants them."""

from __future__ import annotations

from typing import Any, Dict, List

from beep_session.display import Displays
from beep_session.handles import Handles, NoHandle
from beep_session.lenient import conversion_for
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.text import type_name
from beep_session.values import NoValue, to_value

DEFAULT_MAX_INLINE_BYTES = 65536


def report(
    value: Any,
    policy: Dict[str, Any],
    end: Dict[str, Any],
    blobs: List[bytes],
    displays: Displays,
    handles: Handles,
) -> None:
    """Add the result to the end: by value, by handle, or as its text and a notice that says why there is no more."""
    form = policy.get("form", "auto")
    if form == "none":
        return
    try:
        if form != "handle":
            max_bytes = policy.get("max_inline_bytes") or DEFAULT_MAX_INLINE_BYTES
            converted = to_value(value, max_bytes, conversion_for(policy))
            end["value"] = converted.in_frame(blobs)
            for note in converted.notes:
                displays.note(note)
    except NoValue as reason:
        if form != "auto":
            displays.note(f"{type_name(type(value))} is not sent by value: {reason}")
        else:
            try:
                end["handle"] = handles.add_passing(value)
            except NoHandle as error:
                displays.note(f"{type_name(type(value))} is not sent by value: {reason}; nor by handle: {error}")
    if form in ("handle", "both"):
        try:
            end["handle"] = handles.add(value)
        except NoHandle as error:
            displays.note(f"{type_name(type(value))} is not sent by handle: {error}")
    if value is None:
        return
    end["text"] = displays.renderer.text(value)
    wanted = policy.get("mime")
    if wanted:
        bundle, metadata = displays.renderer.render(value, wanted)
        encoded = displays.encode(bundle, metadata, blobs)
        if encoded:
            end["bundle"] = encoded


def without_what_is_large(end: Dict[str, Any]) -> Dict[str, Any]:
    """An end that fits into no frame, as one that does: a long chain of exceptions may hold a line of code often."""
    kept: Dict[str, Any] = {name: end[name] for name in ("op", "id", "outcome", "exit_code", "handle") if name in end}
    if "error" in end:
        error = end["error"]
        kept["error"] = {name: error[name] for name in ("type_name", "module", "message", "traceback")}
        kept["error"].update(mro=[], args=[], notes=[], frames=[], truncated=True)
    kept["notices"] = [*end.get("notices", ()), "what came of it was left out: it is too large"]
    return kept
