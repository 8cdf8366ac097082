"""display(), update_display() and clear_output(), with or without IPython."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional
from uuid import uuid4

from beep_session.budget import TimeBudget
from beep_session.channel import Channel
from beep_session.interrupts import Interrupts, open_to_interrupts
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.renderings import Bundle, Renderer
from beep_session.streams import Streams
from beep_session.text import bounded, plain, safe_str

_MAX_NOTICES = 16
_DEFAULT_BYTES = 8 << 20
_MAX_METADATA_CHARS = 65536
_MAX_ID_BYTES = 1024

_to_json = json.dumps
_shown_by: Optional[Displays] = None


class Displays:
    """What the running item shows, up to its budget."""

    def __init__(self, channel: Channel, interrupts: Interrupts, streams: Streams) -> None:
        self._channel = channel
        self._interrupts = interrupts
        self._streams = streams
        self._left_bytes = 0
        self.notices: List[str] = []
        self._budget = TimeBudget(interrupts)
        self.renderer = Renderer(self.note, self._budget)

    def install(self) -> None:
        """Let the functions of this module show here."""
        global _shown_by
        _shown_by = self

    def begin(self, max_bytes: Optional[int], max_ms: Optional[int]) -> None:
        """An item starts."""
        self._left_bytes = max_bytes or _DEFAULT_BYTES
        self._budget.begin(max_ms)
        if self.notices:
            self.notices = []

    def in_child(self) -> None:
        """A child of the user's code."""
        self._budget.in_child()

    def note(self, text: str) -> None:
        """Tell it with the item's end."""
        if len(self.notices) < _MAX_NOTICES:
            self.notices.append(text)

    def show(self, bundle: Bundle, metadata: Any, display_id: str, update: bool) -> None:
        """Send renderings, in their place between what was printed before and after."""
        self._show(bundle, metadata, display_id, update)
        self._interrupts.leave()

    def _show(self, bundle: Bundle, metadata: Any, display_id: str, update: bool) -> None:
        blobs: List[bytes] = []
        encoded = self.encode(bundle, metadata, blobs)
        if encoded:
            name = bounded(display_id, _MAX_ID_BYTES)
            self._send({"op": "display", "bundle": encoded, "display_id": name, "update": update}, blobs)

    def encode(self, bundle: Bundle, metadata: Any, blobs: List[bytes]) -> Dict[str, Any]:
        """A bundle for a frame's header, of the parts that the budget still allows; they are added to `blobs`."""
        header: Dict[str, Any] = {}
        for mime, part in bundle.items():
            data = part.encode("utf-8") if isinstance(part, str) else part
            if len(data) > self._left_bytes:
                left = f"{self._left_bytes} bytes are left for what this execution shows"
                self.note(f"a rendering was left out: {mime}, {len(data)} bytes; {left}")
                continue
            self._left_bytes -= len(data)
            header[mime] = {"blob": len(blobs), "text": isinstance(part, str), "size": len(data)}
            blobs.append(data)
        if metadata and header:
            text = self._encode_metadata(metadata)
            if text:
                header["metadata"] = text
        return header

    def _encode_metadata(self, metadata: Any) -> str:
        try:
            text = plain(_to_json(metadata))
        except (TypeError, ValueError, RecursionError) as error:
            self.note(f"metadata left out: {safe_str(error, 500)}")
            return ""
        if len(text) > _MAX_METADATA_CHARS:
            self.note(f"metadata left out: {len(text)} characters of JSON, at most {_MAX_METADATA_CHARS}")
            return ""
        return text

    def clear(self, wait: bool) -> None:
        """Ask that what was shown be cleared."""
        self._send({"op": "clear", "wait": wait}, [])
        self._interrupts.leave()

    def _send(self, header: Dict[str, Any], blobs: List[bytes]) -> None:
        if self._interrupts.running is None:
            self.note("a display between executions was not shown")
            return
        self._streams.flush()
        self._channel.send_in_order(header, blobs)


class DisplayHandle:
    """A place where something is shown, to be updated."""

    def __init__(self, display_id: Optional[str] = None) -> None:
        self.display_id = display_id or uuid4().hex

    def display(self, obj: Any, **options: Any) -> None:
        """Show it under this handle's id."""
        display(obj, display_id=self.display_id, **options)

    def update(self, obj: Any, **options: Any) -> None:
        """Replace what is shown under this handle's id."""
        update_display(obj, display_id=self.display_id, **options)


@open_to_interrupts
def display(
    *objs: Any,
    metadata: Optional[Dict[str, Any]] = None,
    display_id: Any = None,
    raw: bool = False,
    clear: bool = False,
    update: bool = False,
    **_: Any,
) -> Optional[DisplayHandle]:
    """Show objects by their renderings. With `display_id` (True: a new one) answers a handle to update them by.

    `raw`: the objects are dicts of renderings by MIME type themselves. Other options that IPython knows are ignored.
    """
    handle = None
    if display_id is not None:
        handle = DisplayHandle(None if display_id is True else str(display_id))
    shown_by = _shown_by
    if shown_by is None:
        return handle
    if clear:
        shown_by.clear(True)
    for obj in objs:
        made: Dict[str, Any] = {}
        if raw:
            bundle = shown_by.renderer.encode(dict(obj), "dict")
        else:
            bundle, made = shown_by.renderer.render(obj)
        made.update(metadata or {})
        shown_by.show(bundle, made, handle.display_id if handle else "", update)
    return handle


@open_to_interrupts
def update_display(obj: Any, *, display_id: str, **options: Any) -> None:
    """Replace what was shown under this id."""
    options["update"] = True
    display(obj, display_id=display_id, **options)


@open_to_interrupts
def clear_output(wait: bool = False) -> None:
    """Clear what was shown; with `wait`, not before something new is."""
    if _shown_by is not None:
        _shown_by.clear(bool(wait))
