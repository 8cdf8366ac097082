"""What is made of the parts of a value that comes in."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Sequence

from beep_session.arrays import array_of
from beep_session.digits import exact_integer
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.scalars_in import scalar_of


class Unfit(Exception):
    """Thrown when a part cannot be converted; the text says why."""


def no_reference(_: str) -> Any:
    """Raises Unfit: nothing here has handles."""
    raise Unfit("handles are not taken as arguments here")


def no_result(_: int) -> Any:
    """Raises Unfit: there are no results before this."""
    raise Unfit("there is no earlier result here; only the operations of a batch have some")


class Makers(NamedTuple):
    """Who makes the parts. Each may raise what its caller knows; who only checks makes something that is as good."""

    integer: Callable[[str], Any] = exact_integer
    scalar: Callable[[str, str], Any] = scalar_of
    # Of dtype, shape and bytes.
    array: Callable[[str, Sequence[Any], bytes], Any] = array_of
    # Of a handle's id.
    reference: Callable[[str], Any] = no_reference
    # Of an earlier operation's index.
    result: Callable[[int], Any] = no_result


REAL = Makers()
