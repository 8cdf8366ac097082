"""What well-known functions of C give back: they have no annotations that could be read."""

from __future__ import annotations

import io
from types import MethodDescriptorType
from typing import Any, Dict, Optional

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

_method_name = MethodDescriptorType.__dict__["__name__"].__get__
# PyPy has no such descriptors: its methods are functions, and know no class.
_method_owner = getattr(MethodDescriptorType.__dict__.get("__objclass__"), "__get__", lambda method: None)

# By identity: what is exactly one of these.
_BUILTINS: Dict[int, type] = {
    **dict.fromkeys(map(id, (ascii, bin, chr, format, hex, input, oct, repr)), str),
    **dict.fromkeys(map(id, (hash, id, len, ord)), int),
    **dict.fromkeys(map(id, (all, any, callable, hasattr, isinstance, issubclass)), bool),
    **dict.fromkeys(map(id, (dir, sorted)), list),
    **dict.fromkeys(map(id, (globals, locals, vars)), dict),
    id(divmod): tuple,
    id(open): io.TextIOWrapper,
}

_METHODS: Dict[int, Dict[str, type]] = {
    id(str): {
        **dict.fromkeys(
            (
                "capitalize casefold center expandtabs format format_map join ljust lower lstrip removeprefix "
                "removesuffix replace rjust rstrip strip swapcase title translate upper zfill"
            ).split(),
            str,
        ),
        **dict.fromkeys(("rsplit", "split", "splitlines"), list),
        **dict.fromkeys(("count", "find", "index", "rfind", "rindex"), int),
        **dict.fromkeys(("partition", "rpartition"), tuple),
        **dict.fromkeys(("endswith", "startswith", "isalnum", "isalpha", "isdigit", "isidentifier", "islower"), bool),
        "encode": bytes,
    },
    id(bytes): {
        **dict.fromkeys(
            "capitalize center join ljust lower lstrip replace rjust rstrip strip title upper zfill".split(), bytes
        ),
        **dict.fromkeys(("rsplit", "split", "splitlines"), list),
        **dict.fromkeys(("count", "find", "index"), int),
        **dict.fromkeys(("decode", "hex"), str),
    },
    id(list): {"copy": list, "count": int, "index": int},
    id(tuple): {"count": int, "index": int},
    id(dict): {
        "copy": dict,
        "items": type({}.items()),
        "keys": type({}.keys()),
        "values": type({}.values()),
    },
    id(set): dict.fromkeys("copy difference intersection symmetric_difference union".split(), set),
    id(int): {"bit_length": int, "to_bytes": bytes, "as_integer_ratio": tuple},
    id(float): {"hex": str, "is_integer": bool, "as_integer_ratio": tuple},
}


def type_of_result(function: Any) -> Optional[type]:
    """The class of what a function of C's gives back, where it is one of the well-known."""
    if type(function) is MethodDescriptorType:
        return _METHODS.get(id(_method_owner(function)), {}).get(_method_name(function))
    return _BUILTINS.get(id(function))
