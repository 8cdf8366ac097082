"""The original's JSON: plain values both ways, and handles in the shape that its clients send them.

Nothing here is tagged. What plain JSON cannot say is refused with the name of its type.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from json import JSONDecodeError, JSONDecoder, JSONEncoder
from pathlib import PurePath
from typing import Any, Callable, Dict, Tuple
from uuid import UUID

from beep_session.arrays import is_numpys
from beep_session.digits import exact_integer
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.text import bounded, plain, type_name

# As its .NET clients write a handle, in either spelling; a module's has a name and no type.
_HANDLE_KEYS = {"handleId", "typeName", "isValid", "moduleName", "isHandle"}
_PASCAL_KEYS = {"HandleId", "TypeName", "IsValid", "ModuleName", "IsHandle"}

# As a list, and in no order of their own.
_LISTS = (set, frozenset)
_MAX_EXPONENT = 308


class NotPlain(Exception):
    """Thrown for a value that plain JSON cannot say, or may not here."""


class Unsayable(NotPlain):
    """Thrown for a value of a type that plain JSON has no word for."""

    def __init__(self, value: Any) -> None:
        name = type_name(type(value))
        super().__init__(f"JSON cannot say what is of type {name}; to hold it, ask for IPythonObjectHandle")
        self.value = value


class NotJson(Exception):
    """Thrown for a text of the caller's that is no JSON, or not of the kind that is wanted."""


def read(name: str, text: str, resolve: Callable[[str], Any]) -> Any:
    """The value of the JSON text of a field; `resolve` gives the object of a handle. Raises NotJson, and what that
    raises.
    """

    def on_object(members: Dict[str, Any]) -> Any:
        for key, keys in (("handleId", _HANDLE_KEYS), ("HandleId", _PASCAL_KEYS)):
            if key in members and type(members[key]) is str and members.keys() <= keys:
                return resolve(members[key])
        return members

    hook = on_object if '"handleId"' in text or '"HandleId"' in text or "\\u" in text else None
    try:
        try:
            return JSONDecoder(object_hook=hook).decode(text)
        except JSONDecodeError:
            raise
        except ValueError:  # an integer of more digits than Python reads unasked
            return JSONDecoder(object_hook=hook, parse_int=exact_integer).decode(text)
    except JSONDecodeError as error:
        raise NotJson(f"{name} is no JSON: {error}") from None
    except RecursionError:
        raise NotJson(f"{name} is nested too deep") from None


def write(value: Any, is_lenient: bool) -> bytes:
    """A value as JSON text; `is_lenient`: with NaN, infinities, and text for what JSON cannot say. Raises NotPlain."""
    default = _plainer_or_text if is_lenient else _plainer
    encoder = JSONEncoder(ensure_ascii=False, allow_nan=is_lenient, separators=(",", ":"), default=default)
    try:
        text = encoder.encode(value)
    except RecursionError:
        raise NotPlain("it is nested too deep for JSON, or holds itself") from None
    except TypeError as error:
        raise NotPlain(f"JSON cannot say it: {_shown(error)}") from None
    except ValueError as error:
        raise NotPlain(_why(error)) from None
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can say by its number alone
        return b"".join(_escaped(part) for part in text)


def _escaped(character: str) -> bytes:
    return f"\\u{ord(character):04x}".encode() if "\ud800" <= character <= "\udfff" else character.encode()


def _why(error: ValueError) -> str:
    text = str(error)
    if "JSON compliant" in text:
        return "it has nan or an infinity, which JSON cannot say: leave them out, or take text of them"
    if "Circular" in text:
        return "it holds itself, which JSON cannot say"
    return f"JSON cannot say it: {_shown(error)}"


def _shown(error: Exception) -> str:
    return plain(bounded(str(error), 500))


def _plainer(value: Any) -> Any:
    """What the encoder calls for a value that it does not know: one that it does. Raises NotPlain."""
    kind = type(value)
    if issubclass(kind, _LISTS):
        return list(value)
    if issubclass(kind, (datetime, date, time)):
        return value.isoformat()
    if issubclass(kind, (bytes, bytearray)):
        try:
            return bytes(value).decode("utf-8")
        except UnicodeDecodeError:
            raise NotPlain("its bytes are no UTF-8 text: decode them, or encode them as base64") from None
    if issubclass(kind, Decimal):
        return _number(value)
    if issubclass(kind, timedelta):
        return value.total_seconds()
    if issubclass(kind, (UUID, PurePath)):
        return str(value)
    if is_numpys(kind) and hasattr(kind, "item") and kind.__name__ != "ndarray":
        return _of_scalar(value)
    raise Unsayable(value)


def _plainer_or_text(value: Any) -> Any:
    """The same, with text for what is of no type that JSON can say."""
    try:
        return _plainer(value)
    except NotPlain:
        return str(value)


def _number(value: Decimal) -> Any:
    """Whole ones as integers, others as the nearest float, as the original did."""
    exponent = value.as_tuple().exponent
    return int(value) if type(exponent) is int and 0 <= exponent <= _MAX_EXPONENT else float(value)


def _of_scalar(value: Any) -> Any:
    name = type(value).__name__
    if name.startswith(("datetime64", "timedelta64")):
        return str(value)
    found = value.item()
    if type(found) in _SAID:
        return found
    raise Unsayable(value)


_SAID: Tuple[type, ...] = (bool, int, float, str, bytes)
