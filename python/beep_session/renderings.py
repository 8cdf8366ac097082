"""An object's renderings by MIME type: what its `_repr_*_` methods answer."""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from fnmatch import fnmatchcase
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

from beep_session.budget import OverTime, TimeBudget
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.text import bounded, plain, safe_repr, type_name

Rendering = Union[str, bytes]
Bundle = Dict[str, Rendering]

_METHODS = (
    ("_repr_html_", "text/html"),
    ("_repr_markdown_", "text/markdown"),
    ("_repr_svg_", "image/svg+xml"),
    ("_repr_png_", "image/png"),
    ("_repr_jpeg_", "image/jpeg"),
    ("_repr_latex_", "text/latex"),
    ("_repr_json_", "application/json"),
    ("_repr_javascript_", "application/javascript"),
    ("_repr_pdf_", "application/pdf"),
)
_INSTANT_KINDS = frozenset((type(None), bool, int, float, str, bytes))
_PLAIN_KINDS = frozenset((type(None), bool, int, float, str, bytes, list, tuple, dict, set, frozenset, complex))

_MAX_TYPES = 64
_MAX_TYPE_BYTES = 256

_modules = sys.modules
_to_json = json.dumps


class Renderer:
    """Renders objects for those who want some of the types; failures are told to `on_failure`."""

    def __init__(self, on_failure: Callable[[str], None], budget: TimeBudget) -> None:
        self._on_failure = on_failure
        self._budget = budget

    def text(self, value: Any) -> str:
        """repr(), bounded in size and time."""
        kind = type(value)
        if kind in _INSTANT_KINDS:
            return safe_repr(value)
        try:
            text: str = self._budget.run(safe_repr, value)
            return text
        except OverTime:
            return f"<{type_name(kind)} object: its repr took longer than {self._budget.seconds:g} s>"
        except KeyboardInterrupt as error:
            if self._budget.is_interrupted:
                raise
            return f"<{type_name(kind)} object: its repr failed: {type_name(type(error))}>"

    def render(self, value: Any, wanted: Sequence[str] = ("*/*",)) -> Tuple[Bundle, Dict[str, Any]]:
        """Renderings and their metadata; `text/plain` is always among them when it is wanted."""
        bundle: Dict[str, Any] = {}
        metadata: Dict[str, Any] = {}
        if type(value) not in _PLAIN_KINDS and not isinstance(value, type):
            try:
                self._budget.run(self._by_methods, value, wanted, bundle, metadata)
            except OverTime:
                took = f"it took longer than {self._budget.seconds:g} s"
                self._on_failure(f"rendering of {type_name(type(value))} was ended: {took}")
        if "text/plain" not in bundle and _is_wanted("text/plain", wanted):
            bundle["text/plain"] = self.text(value)
        return self.encode(bundle, type_name(type(value))), metadata

    def encode(self, bundle: Dict[str, Any], name: str) -> Bundle:
        """Renderings as text or bytes, whatever form their makers gave them."""
        encoded: Bundle = {}
        for mime, data in bundle.items():
            if len(encoded) == _MAX_TYPES:
                self._on_failure(f"{len(bundle) - _MAX_TYPES} MIME types of {name} left out: at most {_MAX_TYPES}")
                break
            try:
                if len(mime) > _MAX_TYPE_BYTES:
                    self._on_failure(f"a MIME type of {name} left out: its name has {len(mime)} characters")
                    continue
                encoded[plain(mime)] = _encode(mime, data)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                self._on_failure(f"{mime} of {name} left out: {_reason(error)}")
        return encoded

    def _by_methods(self, value: Any, wanted: Sequence[str], bundle: Dict[str, Any], metadata: Dict[str, Any]) -> None:
        kind = type(value)
        many = _method(kind, "_repr_mimebundle_")
        if many is not None:
            made = self._call(value, many, "_repr_mimebundle_", True)
            data, about = made if type(made) is tuple and len(made) == 2 else (made, None)
            if isinstance(data, dict):
                bundle.update(
                    (mime, part) for mime, part in data.items() if type(mime) is str and _is_wanted(mime, wanted)
                )
            if isinstance(about, dict):
                metadata.update(about)
        for name, mime in _METHODS:
            if mime in bundle or not _is_wanted(mime, wanted):
                continue
            method = _method(kind, name)
            if method is None:
                continue
            made = self._call(value, method, name, False)
            data, about = made if type(made) is tuple and len(made) == 2 else (made, None)
            if data is not None:
                bundle[mime] = data
                if isinstance(about, dict):
                    metadata[mime] = about
        if "image/png" not in bundle and _is_wanted("image/png", wanted) and _is_figure(value):
            made = self._call(value, _figure_png, "savefig", False)
            if made is not None:
                bundle["image/png"] = made

    def _call(self, value: Any, method: Callable[..., Any], name: str, is_bundle: bool) -> Any:
        try:
            return method(value, include=None, exclude=None) if is_bundle else method(value)
        except OverTime:
            raise
        except NotImplementedError:
            return None
        except BaseException as error:
            if type(error) is KeyboardInterrupt and self._budget.is_interrupted:
                raise
            self._on_failure(f"{name} of {type_name(type(value))} failed: {_reason(error)}")
            return None


def _method(kind: type, name: str) -> Optional[Callable[..., Any]]:
    # Of the class: an instance that answers to any name (a mock, a proxy) has no renderings.
    method = getattr(kind, name, None)
    return method if callable(method) else None


def _is_wanted(mime: str, wanted: Sequence[str]) -> bool:
    return any(pattern == "*/*" or pattern == mime or fnmatchcase(mime, pattern) for pattern in wanted)


def _encode(mime: str, data: Any) -> Rendering:
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    if mime == "application/json" or mime.endswith("+json"):
        return plain(data if type(data) is str else _to_json(data))
    if not isinstance(data, str):
        raise TypeError(f"{type_name(type(data))} is neither text nor bytes")
    if (mime.startswith("image/") and mime != "image/svg+xml") or mime == "application/pdf":
        return b64decode(data)
    return plain(data)


def _is_figure(value: Any) -> bool:
    figures = _modules.get("matplotlib.figure")
    return figures is not None and isinstance(value, figures.Figure)


def _figure_png(figure: Any) -> Optional[bytes]:
    from beep_session.mpl_backend import to_png

    return to_png(figure)


def _reason(error: BaseException) -> str:
    names: List[str] = [type_name(type(error))]
    try:
        names.append(str(error))
    except Exception:
        pass
    return bounded(": ".join(name for name in names if name), 500)
