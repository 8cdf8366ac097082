"""Code that stops in the middle: what has to follow so that it can be parsed."""

from __future__ import annotations

import re

_OPENING = {"(": ")", "[": "]", "{": "}"}
_STRING = re.compile(r"""(?i:[rbuft]{0,2})("{3}|'{3}|"|')""")
_WORD = re.compile(r"\w+")


class Unfinished:
    """Reads code up to a place: which brackets are open there, and whether it is in a string or a comment."""

    def __init__(self, code: str) -> None:
        self.closers = ""
        # The text of the string that is open, where it begins, and what ends it.
        self.string: str | None = None
        self.string_start = 0
        self.quote = ""
        self.is_comment = False
        stack: list[str] = []
        at, end = 0, len(code)
        while at < end:
            char = code[at]
            if char == "#":
                newline = code.find("\n", at)
                if newline < 0:
                    self.is_comment = True
                    break
                at = newline
                continue
            string = _STRING.match(code, at) if char in "\"'" or char.isalpha() else None
            if string is not None:
                at = self._skip_string(code, string.end(), string[1], "r" in string[0].lower())
                if self.string is not None:
                    break
                continue
            if char.isalnum() or char == "_":
                word = _WORD.match(code, at)
                at = word.end() if word is not None else at + 1
                continue
            if char in _OPENING:
                stack.append(_OPENING[char])
            elif stack and char == stack[-1]:
                stack.pop()
            at += 1
        self.closers = "".join(reversed(stack))

    def _skip_string(self, code: str, at: int, quote: str, is_raw: bool) -> int:
        start = at
        while at < len(code):
            if code[at] == "\\":
                at += 2
            elif code.startswith(quote, at):
                return at + len(quote)
            elif code[at] == "\n" and len(quote) == 1:
                return at  # it was never closed: whatever follows is code again
            else:
                at += 1
        self.string, self.string_start, self.quote = code[start:], start, quote
        return at
