"""Messages as records: what becomes of a field of each kind."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timezone
from typing import Any, Iterable, Tuple, Type, TypeVar

from beep_python_client.messages import enum_names, name_of

R = TypeVar("R")

_PLAIN = (str, int, float, bytes)  # a bool is an int


def record_of(kind: Type[R], message: Any, **made: Any) -> R:
    """A dataclass whose fields are those of a message of the same name; `made` are those that are not."""
    values = {
        field.name: made[field.name] if field.name in made else _value_of(message, field.name)
        for field in fields(kind)  # type: ignore[arg-type]
    }
    return kind(**values)


def records_of(kind: Type[R], messages: Iterable[Any]) -> Tuple[R, ...]:
    """The same of several."""
    return tuple(record_of(kind, message) for message in messages)


def _value_of(message: Any, name: str) -> Any:
    """Of an enum its name, of a timestamp a datetime or None, of a duration a timedelta, of several a tuple or dict."""
    value = getattr(message, name)
    enum = message.DESCRIPTOR.fields_by_name[name].enum_type
    if enum is not None:
        return name_of(enum_names(enum.name), value)
    if isinstance(value, _PLAIN):
        return value
    if hasattr(value, "ToDatetime"):
        return time_of(value) if message.HasField(name) else None
    if hasattr(value, "ToTimedelta"):
        return value.ToTimedelta()
    return dict(value) if hasattr(value, "keys") else tuple(value)


def time_of(stamp: Any) -> datetime:
    """A timestamp of a message, in UTC."""
    moment: datetime = stamp.ToDatetime()
    return moment.replace(tzinfo=timezone.utc)
