"""JSON by the C encoder alone, for what it says exactly: most of what programs send, at many times the speed."""

from __future__ import annotations

from itertools import chain
from json import JSONEncoder
from typing import Any, Callable, Iterable, List, Optional

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.text import is_encodable

EXACT_INTEGER = 1 << 53

_LEAVES = {str, int, float, bool, type(None)}
_KINDS = _LEAVES | {list, dict}
_TEXTS = {str}


def plain_text(values: List[Any], max_levels: int, max_chars: int) -> Optional[str]:
    """The JSON text of a list of plain values, nested no deeper than this; None where another way must be found.

    Level by level, and each in a few calls of C: a look at every value by itself would take most of the time.
    """
    level: List[Any] = [values]
    for _ in range(max_levels):
        lists = [value for value in level if type(value) is list]
        dicts = [value for value in level if type(value) is dict] if len(lists) != len(level) else []
        if dicts and not _are_members(dicts):
            return None
        members = list(chain(chain.from_iterable(lists), chain.from_iterable(map(dict.values, dicts))))
        max_chars -= len(members)
        kinds = set(map(type, members))
        if max_chars < 0 or not (kinds <= _KINDS and _are_exact(members, kinds, max_chars)):
            return None
        if kinds <= _LEAVES:
            is_one_dict = len(values) == 1 and bool(dicts) and dicts[0] is values[0]
            return _checked(_members_text if is_one_dict else encode, values)
        is_mixed = bool(kinds & _LEAVES)
        level = [value for value in members if type(value) in _NESTED] if is_mixed else members
    return None


_NESTED = (list, dict)


def _are_members(dicts: List[Any]) -> bool:
    """Whether they are JSON objects that look like no tag, to begin with."""
    keys = list(chain.from_iterable(dicts))
    return not keys or (set(map(type, keys)) == _TEXTS and "$" not in "".join(keys))


def _are_exact(values: List[Any], kinds: Iterable[type], max_chars: int) -> bool:
    if int in kinds:
        integers = values if kinds == {int} else [value for value in values if type(value) is int]
        if min(integers) < -EXACT_INTEGER or max(integers) > EXACT_INTEGER:
            return False
    if str in kinds:
        texts = values if kinds == _TEXTS else [value for value in values if type(value) is str]
        return sum(map(len, texts)) <= max_chars
    return True


def _checked(encoder: Callable[[Any], str], values: List[Any]) -> Optional[str]:
    try:
        text = encoder(values)
    except ValueError:  # of floats that JSON has no word for
        return None
    return text if text.isascii() or is_encodable(text) else None


def _members_text(values: List[Any]) -> str:
    """Of one dict: the encoder would make a tuple of every member first, and have the collector look at them all."""
    keys = encode_lines(list(values[0]))[1:-1].split("\n")
    members = encode_lines(list(values[0].values()))[1:-1].split("\n")
    return "[{" + ",".join(map("%s:%s".__mod__, zip(keys, members))) + "}]"


def _make_encoder(separator: str) -> Callable[[Any], str]:
    # The C encoder itself, which user code does not replace.
    try:
        from json.encoder import c_encode_basestring, c_make_encoder  # type: ignore[attr-defined]

        encoder = c_make_encoder(None, _refuse, c_encode_basestring, None, ":", separator, False, False, False)
        if "".join(encoder({"é": [1, None, -0.5]}, 0)) == '{"é":[1,null,-0.5]}'.replace(",", separator):
            join = "".join
            return lambda value: join(encoder(value, 0))
    except (ImportError, TypeError):
        pass
    return JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(separator, ":")).encode


def _refuse(value: object) -> Any:
    raise ValueError(f"no JSON: {type(value).__name__}")  # put there by another thread meanwhile


encode: Callable[[Any], str] = _make_encoder(",")
# No string of JSON holds the end of a line.
encode_lines: Callable[[Any], str] = _make_encoder("\n")
