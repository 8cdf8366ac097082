"""What an execution has shown, as who looks at its end would see it."""

from __future__ import annotations

from dataclasses import dataclass

from beep.python.v1 import execute_pb2, value_pb2

# What an ExecutionResult holds of it.
MAX_COLLECTED_DISPLAY_BYTES = 8 * 1024 * 1024


# An update changes so many places at most: it is the worker that pays for it.
_MAX_PLACES = 100


@dataclass
class _Place:
    """Where something is shown; None: there was no room for its update."""

    bundle: value_pb2.MimeBundle | None
    size: int


class Shown:
    """Displays in their order, up to a bound; updated and cleared as the code said."""

    def __init__(self) -> None:
        self._places: list[_Place] = []
        self._by_id: dict[str, list[_Place]] = {}
        self._bytes = 0
        self._clears_next = False

    @property
    def bundles(self) -> list[value_pb2.MimeBundle]:
        """The renderings that are left."""
        return [place.bundle for place in self._places if place.bundle is not None]

    def show(self, display: execute_pb2.Display) -> None:
        """Something shown, or what takes the place of all that was shown under its id."""
        if self._clears_next:
            self._clear()
        size = display.ByteSize()
        if display.update:
            for place in self._by_id.get(display.display_id, ()):
                self._fill(place, display.bundle, size)
        elif self._bytes + size <= MAX_COLLECTED_DISPLAY_BYTES:
            place = _Place(None, 0)
            self._fill(place, display.bundle, size)
            self._places.append(place)
            if display.display_id:
                named = self._by_id.setdefault(display.display_id, [])
                if len(named) < _MAX_PLACES:
                    named.append(place)

    def clear(self, wait: bool) -> None:
        """All that was shown goes: now, or when something takes its place."""
        if wait:
            self._clears_next = True
        else:
            self._clear()

    def _clear(self) -> None:
        self._places.clear()
        self._by_id.clear()
        self._bytes = 0
        self._clears_next = False

    def _fill(self, place: _Place, bundle: value_pb2.MimeBundle, size: int) -> None:
        self._bytes -= place.size
        has_room = self._bytes + size <= MAX_COLLECTED_DISPLAY_BYTES
        place.bundle, place.size = (bundle, size) if has_room else (None, 0)
        self._bytes += place.size
