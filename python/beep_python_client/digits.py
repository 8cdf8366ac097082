"""Integers of any length and their decimal text: Python bounds its own conversions to some thousand digits."""

from __future__ import annotations

_SHORT_DIGITS = 600


def text_of_integer(number: int) -> str:
    """The decimal text."""
    if number.bit_length() < 3 * _SHORT_DIGITS:
        return str(number)
    return f"-{_text(-number)}" if number < 0 else _text(number)


def integer_of_text(text: str) -> int:
    """The number that a decimal text stands for."""
    if len(text) <= _SHORT_DIGITS:
        return int(text)
    return -_integer(text[1:]) if text[0] == "-" else _integer(text)


def _text(number: int) -> str:
    bits = number.bit_length()
    if bits < 3 * _SHORT_DIGITS:
        return str(number)
    # About half of its digits: 3.32 bits make one.
    digits = int(bits / 6.65)
    high, low = divmod(number, 10**digits)
    return _text(high) + _text(low).zfill(digits)


def _integer(text: str) -> int:
    if len(text) <= _SHORT_DIGITS:
        return int(text)
    half = len(text) // 2
    return int(_integer(text[:-half]) * 10**half + _integer(text[-half:]))
