"""What pythonia holds."""

from __future__ import annotations

from collections.abc import Iterator


class Counter:
    """As the others have it."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, number: int) -> int:
        """What has been added so far."""
        self.count += number
        return self.count


def rows(count: int) -> Iterator[list[object]]:
    """As the others have them."""
    for i in range(count):
        yield [i, str(i), i / 2]
