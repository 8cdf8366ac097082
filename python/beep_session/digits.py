"""Integers of any length and their decimal text, each in the time of a few multiplications.

Python's own conversions take the square of the length, up to 3.11, and are bounded to some thousand digits.
"""

from __future__ import annotations

from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import Dict

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

try:
    import _decimal
except ImportError:  # an interpreter whose decimal module is Python, and itself asks for the text of integers
    _decimal = None  # type: ignore[assignment]

# The bound that users may set is 640 digits or more.
_SHORT_DIGITS, _SHORT_BITS = 600, 1800

_exact = Context(prec=MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[])
_add, _multiply = _exact.add, _exact.multiply


def exact_text(number: int) -> str:
    """The decimal text of an integer."""
    bits = number.bit_length()
    if bits <= _SHORT_BITS:
        return str(number)
    if _decimal is not None:
        text = str(_in_decimal(abs(number), bits, {}))
    else:
        # No fewer digits than it has, by a fraction just above log10(2).
        text = _text(abs(number), bits * 30103 // 100_000 + 1).lstrip("0")
    return f"-{text}" if number < 0 else text


def exact_integer(text: str) -> int:
    """The number that a decimal text stands for. Raises ValueError for any other text."""
    if len(text) <= _SHORT_DIGITS:
        return int(text)
    digits = text[1:] if text[0] in "+-" else text
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("it is no decimal integer")
    number = _integer(digits, {})
    return -number if text[0] == "-" else number


def _in_decimal(number: int, bits: int, powers: Dict[int, Decimal]) -> Decimal:
    if bits <= _SHORT_BITS:
        return Decimal(number)
    half = bits >> 1
    high, low = number >> half, number & ((1 << half) - 1)
    product = _multiply(_in_decimal(high, bits - half, powers), _power_of_two(half, powers))
    return _add(product, _in_decimal(low, half, powers))


def _power_of_two(exponent: int, powers: Dict[int, Decimal]) -> Decimal:
    power = powers.get(exponent)
    if power is None:
        half = exponent >> 1
        if exponent <= _SHORT_BITS:
            power = Decimal(1 << exponent)
        else:
            power = _multiply(_power_of_two(half, powers), _power_of_two(exponent - half, powers))
        powers[exponent] = power
    return power


def _text(number: int, width: int) -> str:
    if width <= _SHORT_DIGITS:
        return str(number).zfill(width)
    half = width >> 1
    high, low = divmod(number, 10**half)
    return _text(high, width - half) + _text(low, half)


def _integer(digits: str, powers: Dict[int, int]) -> int:
    if len(digits) <= _SHORT_DIGITS:
        return int(digits)
    half = len(digits) >> 1
    power = powers.get(half)
    if power is None:
        power = powers[half] = 10**half
    return _integer(digits[:-half], powers) * power + _integer(digits[-half:], powers)
