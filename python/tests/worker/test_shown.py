"""What the collected answer of an execution shows."""

from __future__ import annotations

from beep.python.v1 import execute_pb2
from beep_worker.shown import MAX_COLLECTED_DISPLAY_BYTES, Shown


def display(text: str, display_id: str = "", update: bool = False) -> execute_pb2.Display:
    shown = execute_pb2.Display(display_id=display_id, update=update)
    shown.bundle.parts["text/plain"].text = text
    return shown


def texts(shown: Shown) -> list[str]:
    return [bundle.parts["text/plain"].text for bundle in shown.bundles]


def test_an_update_takes_the_place_of_all_that_was_shown_under_its_id() -> None:
    shown = Shown()
    for text, display_id in (("a", "x"), ("b", ""), ("c", "x"), ("d", "y")):
        shown.show(display(text, display_id))
    shown.show(display("new", "x", update=True))
    assert texts(shown) == ["new", "b", "new", "d"]


def test_what_is_shown_again_under_an_id_leaves_the_former_as_it_was() -> None:
    shown = Shown()
    for text in ("a", "b"):
        shown.show(display(text, "x"))
    assert texts(shown) == ["a", "b"]


def test_an_update_of_what_is_not_there_shows_nothing() -> None:
    shown = Shown()
    shown.show(display("a"))
    shown.show(display("b", "x", update=True))
    shown.show(display("c", "", update=True))
    assert texts(shown) == ["a"]


def test_what_is_cleared_with_wait_stays_until_something_takes_its_place() -> None:
    shown = Shown()
    shown.show(display("a"))
    shown.clear(wait=True)
    assert texts(shown) == ["a"]
    shown.show(display("b"))
    assert texts(shown) == ["b"]
    shown.clear(wait=False)
    assert texts(shown) == []


def test_updates_count_for_the_bound_as_what_they_replace() -> None:
    shown = Shown()
    large = "x" * (MAX_COLLECTED_DISPLAY_BYTES * 2 // 3)
    shown.show(display(large, "x"))
    shown.show(display(large))
    for _ in range(3):
        shown.show(display(large[:-1], "x", update=True))
    assert texts(shown) == [large[:-1]]
    shown.show(display(large * 2, "x", update=True))
    assert texts(shown) == []
