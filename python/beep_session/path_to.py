"""Where something stands in what was read."""

from __future__ import annotations

from typing import Any, Container, Iterable, List, Optional, Tuple

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.paths import step_to


class Bad:
    """Stands where a part could not be converted, until it is known where that is."""

    def __init__(self, why: str) -> None:
        self.why = why


class Raw(List[Tuple[str, Any]]):
    """The members of an object that was read after one could not be converted: only looked through."""


_CONTAINERS = (list, tuple, dict, Raw)


def path_to(bad: Bad, value: Any, tags: Container[str]) -> str:
    """The path; tags are no part of it."""
    try:
        return _path_to(bad, value, tags) or ""
    except RecursionError:
        return ""


def _path_to(bad: Bad, value: Any, tags: Container[str]) -> Optional[str]:
    kind = type(value)
    members: Iterable[Tuple[Any, Any]]
    if value is bad:
        return ""
    if kind is Raw:
        if len(value) == 1 and value[0][0] == "$dict" and type(value[0][1]) is list:
            return _path_in_pairs(bad, value[0][1], tags)
        if len(value) == 1 and value[0][0] in tags:
            return _path_to(bad, value[0][1], tags)
        members = value
    elif kind is dict:
        members = value.items()
    elif kind is list or kind is tuple:
        members = enumerate(value)
    else:
        return None
    for key, item in members:
        if item is bad or (type(item) in _CONTAINERS and item):
            rest = _path_to(bad, item, tags)
            if rest is not None:
                return step_to(key) + rest
    return None


def _path_in_pairs(bad: Bad, pairs: List[Any], tags: Container[str]) -> Optional[str]:
    for pair in pairs:
        if type(pair) is not list or len(pair) != 2:
            continue
        key, item = pair
        rest = _path_to(bad, key, tags)
        if rest is not None:
            return f".keys(){rest}"
        rest = _path_to(bad, item, tags)
        if rest is not None:
            return step_to(key) + rest
    return None
