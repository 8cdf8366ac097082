"""Items of iterators from outside: none is lost, and no end is told that is none, whatever stops a batch."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.session.test_interrupts import interrupting
from tests.session.test_operations import evaluate, handle_of, ref
from tests.session.worker_double import End, Session

# Each makes 0 to 9, and stops half-way once, with a sign.
SOURCES = """
import asyncio
stops = [5]

def may_stop(n):
    if n in stops:
        stops.remove(n)
        print('on', flush=True)
        while True: pass

class Counter:
    n = 0
    def __iter__(self): return self
    def __next__(self):
        if self.n == 10: raise StopIteration
        may_stop(self.n)
        self.n += 1
        return self.n - 1

class Through(Counter):
    def __init__(self, other): self.other = other
    def __next__(self): return next(self.other)

class AsyncCounter:
    n = 0
    def __aiter__(self): return self
    async def __anext__(self):
        if self.n == 10: raise StopAsyncIteration
        may_stop(self.n)
        self.n += 1
        return self.n - 1

class Waiting(AsyncCounter):
    async def __anext__(self):
        if self.n in stops:
            stops.remove(self.n)
            loop = asyncio.get_running_loop()
            self.gate = loop.create_future()
            loop.call_soon(lambda: print('on', flush=True))
            await self.gate
        return await AsyncCounter.__anext__(self)

def generator():
    for n in range(10):
        may_stop(n)
        yield n

async def async_generator():
    for n in range(10):
        may_stop(n)
        yield n
"""


def read(session: Session, handle: dict[str, Any], **bounds: Any) -> Any:
    ((kind, told),) = session.apply(ref(handle, do="next_items", **bounds)).results
    assert kind == "items", told
    return json.loads(told["json"]), told["exhausted"], told.get("error")


def interrupted(session: Session, handle: dict[str, Any], **bounds: Any) -> End:
    session.send_batch([ref(handle, do="next_items", **bounds)])
    end = session.finish(interrupting(session))
    assert end.outcome == "interrupted"
    assert end.results == [("failure", "SKIPPED")]
    return end


@pytest.mark.parametrize("source", ["Counter()", "AsyncCounter()"])
@pytest.mark.parametrize("bounds", [{}, {"max_wait": 1000.0}], ids=["all", "one by one"])
def test_an_interrupted_iterator_goes_on_where_it_stood(session: Session, source: str, bounds: Any) -> None:
    session.run(SOURCES)
    handle = handle_of(session, source)
    assert read(session, handle, max_items=2) == ([0, 1], False, None)
    interrupted(session, handle, **bounds)
    assert read(session, handle) == ([2, 3, 4, 5, 6, 7, 8, 9], True, None)


@pytest.mark.parametrize(
    "source",
    ["generator()", "async_generator()", "map(int, generator())", "Through(generator())"],
)
def test_an_interrupted_generator_says_so_instead_of_an_end(session: Session, source: str) -> None:
    session.run(SOURCES)
    handle = handle_of(session, source)
    interrupted(session, handle)
    items, is_exhausted, error = read(session, handle)
    assert (items, is_exhausted) == ([0, 1, 2, 3, 4], True)
    assert error["type_name"] == "KeyboardInterrupt"
    assert "interrupted" in error["message"]
    assert read(session, handle) == ([], True, None)


def test_what_is_awaited_while_a_batch_is_interrupted_comes_with_the_next(session: Session) -> None:
    session.run(SOURCES + "waiting = Waiting()")
    handle = handle_of(session, "waiting")
    interrupted(session, handle)
    session.run("waiting.gate.set_result(None)")
    assert read(session, handle) == (list(range(10)), True, None)


def test_items_that_were_waiting_are_skipped_to_and_over_once(session: Session) -> None:
    session.run(SOURCES)
    handle = handle_of(session, "Counter()")
    opening = {"do": "open_read", "on": {"ref": handle["id"]}, "transfer": "t", "form": "items", "length": 0}
    session.send_batch([{**opening, "offset": 7}])
    assert session.finish(interrupting(session)).outcome == "interrupted"
    opened = session.apply({**opening, "offset": 7}).header["results"][0]["opened"]
    assert opened["offset"] == 7
    assert read(session, handle) == ([7, 8, 9], True, None)


@pytest.mark.parametrize("source", ["itertools.count()", "map(int, map(str, itertools.count()))"])
def test_an_interrupt_at_any_moment_loses_no_item_without_a_word(session: Session, source: str) -> None:
    session.run("import itertools")
    handle = handle_of(session, source)
    seen: list[int] = []
    error: dict[str, Any] | None = None
    for patience in range(40):
        session.send_batch([ref(handle, do="next_items", max_items=3000)])
        # At another moment each time: before it has begun, while it runs, or after its end.
        for _ in range(patience * 500):
            pass
        session.interrupt()
        ((kind, told),) = session.finish().results
        if kind == "items":
            seen += json.loads(told["json"])
            error = told.get("error")
    while len(seen) < 3000 and error is None:
        items, _, error = read(session, handle, max_items=3000)
        seen += items
    assert seen == list(range(len(seen)))
    # Made by others on its way, an item may be lost: that is told.
    assert error is None or (source.startswith("map") and error["type_name"] == "KeyboardInterrupt")


def test_a_keyboard_interrupt_of_the_iterators_own_is_an_error_as_any(session: Session) -> None:
    session.run("def gen():\n    yield 1\n    raise KeyboardInterrupt('mine')")
    items, is_exhausted, error = read(session, handle_of(session, "gen()"))
    assert (items, is_exhausted, error["message"]) == ([1], True, "mine")
    assert [frame["function"] for frame in error["frames"]] == ["gen"]


def test_items_that_no_handle_was_left_for_come_when_there_is_one(session: Session) -> None:
    session.run("class A: pass\nmade = [A() for _ in range(5)]")
    filled = session.apply(*[evaluate("A()")] * 9_997, evaluate("iter(made)", **{"as": {"form": "handle"}})).results
    first, handle = filled[0][1], filled[-1][1]
    ((_, told),) = session.apply(ref(handle, do="next_items")).results
    assert [row["handle"]["type"] for row in told["values"]] == ["__main__.A"] * 2
    assert told["exhausted"] is False
    assert session.apply(ref(handle, do="next_items")).results == [("failure", "QUOTA_EXCEEDED")]
    end = session.apply(ref(handle, do="next_items"), release=[first["id"]])
    assert [len(end.results[0][1]["values"]), end.results[0][1]["exhausted"]] == [1, False]
    session.apply(release=[row[1]["id"] for row in filled[1:4]])
    end = session.apply(ref(handle, do="next_items"))
    assert [len(end.results[0][1]["values"]), end.results[0][1]["exhausted"]] == [2, True]


def test_a_read_that_blocks_in_c_can_be_interrupted_and_loses_nothing_without_a_word(session: Session) -> None:
    session.run("import os\nr, w = os.pipe()\nlines = os.fdopen(r)\nos.write(w, b'a\\nb\\n')")
    handle = handle_of(session, "lines")
    session.send_batch([evaluate("print('on', flush=True)"), ref(handle, do="next_items", max_items=3)])
    end = session.finish(interrupting(session))
    assert end.outcome == "interrupted"
    session.run("os.write(w, b'c\\n'); os.close(w)")
    items, is_exhausted, error = read(session, handle)
    assert is_exhausted
    # Interrupted as it decoded, a file has lost what it decoded.
    assert items == ["a\n", "b\n", "c\n"] or error["type_name"] == "KeyboardInterrupt"


def test_results_before_an_interrupt_are_told_and_their_items_given(session: Session) -> None:
    session.run(SOURCES)
    handle = handle_of(session, "Counter()")
    more = ref(handle, do="next_items", max_items=3)
    session.send_batch([more, more, more])
    end = session.finish(interrupting(session))
    assert end.outcome == "interrupted"
    assert end.results[0][1]["json"] == "[0,1,2]"
    assert end.results[1:] == [("failure", "SKIPPED")] * 2
    assert read(session, handle)[0] == [3, 4, 5, 6, 7, 8, 9]
