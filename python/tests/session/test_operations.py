"""Batches of operations on live objects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.session.worker_double import Session


def of(value: Any) -> dict[str, Any]:
    """An argument by value, of the kinds that need no blob."""
    if value is None:
        return {"kind": "none"}
    if isinstance(value, bool):
        return {"kind": "boolean", "data": value}
    return {"kind": "integer", "data": value}


def module(name: str, *path: str, **more: Any) -> dict[str, Any]:
    return {"on": {"module": name}, "path": path, **more}


def name(name: str, *path: str, **more: Any) -> dict[str, Any]:
    return {"on": {"name": name}, "path": path, **more}


def result(index: int, *path: str, **more: Any) -> dict[str, Any]:
    return {"on": {"result": index}, "path": path, **more}


def ref(handle: dict[str, Any], *path: str, **more: Any) -> dict[str, Any]:
    return {"on": {"ref": handle["id"]}, "path": path, **more}


def call(*args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"do": "call", "args": args, "kwargs": kwargs}


def evaluate(expression: str, **more: Any) -> dict[str, Any]:
    return {"do": "evaluate", "expression": expression, **more}


def handle_of(session: Session, expression: str) -> dict[str, Any]:
    ((kind, handle),) = session.apply(evaluate(expression, **{"as": {"form": "handle"}})).results
    assert kind == "handle"
    return handle  # type: ignore[no-any-return]


def test_each_operation_does_what_its_statement_would(session: Session) -> None:
    session.run("class C: pass\nc = C()\nd = {1: 'one'}\nimport contextlib")
    end = session.apply(
        module("math", "sqrt", **call(of(16))),
        name("c", "x", do="set_attribute", value=of(5)),
        name("c", "x"),
        name("c", "x", do="delete_attribute"),
        name("d", do="get_item", key=of(1)),
        name("d", do="set_item", key=of(2), value=of(3)),
        name("d", do="delete_item", key=of(1)),
        name("d"),
        {"do": "assign", "name": "y", "value": of(7)},
        evaluate("[y + i for i in range(n)]", locals={"n": of(2)}),
        name("d", do="measure"),
        {"do": "find_module", "module": "json.decoder"},
        {"do": "find_module", "module": "no_such.module"},
        {"path": ["y"]},
        {"path": ["len", "__name__"]},
        {"path": ["y"], "do": "delete_attribute"},
        evaluate("(lambda: k)()", locals={"k": of(1)}),
    )
    assert end.results[:8] == [4.0, None, 5, None, "one", None, None, {"$dict": [[2, 3]]}]
    assert end.results[8:] == [None, [7, 8], 1, True, False, 7, "len", None, 1]
    assert session.run("'y' in globals()").value is False


def test_a_chain_is_one_trip_and_leaves_one_handle(session: Session) -> None:
    session.run("class B:\n    def b(self): return self\n    def c(self, n): self.n = n; return self\na = B()")
    end = session.apply(name("a", "b", **call()), result(0, "c", **call(of(1))))
    assert end.results[0] == ()
    kind, handle = end.results[1]
    assert kind == "handle"
    assert handle["type"] == "__main__.B"
    assert handle["text"] == "__main__.B object"
    assert session.apply(ref(handle, "n")).results == [1]
    kept = session.apply(name("a", "b", **call()), result(0, "n"), keep=True)
    assert [kind for kind, _ in kept.results[:1]] == ["handle"]


def test_results_come_in_the_form_that_was_asked_for(session: Session) -> None:
    forms = [evaluate("[1]", **{"as": {"form": form}}) for form in ("auto", "value", "handle", "both", "none")]
    auto, value, handle, both, none = session.apply(*forms).results
    assert auto == value == [1]
    assert handle[0] == "handle"
    assert handle[1]["text"] == "list of 1"
    assert both[0] == "handle"
    assert both[2] == [1]
    assert none == ()
    live = [evaluate("object()", **{"as": {"form": form}}) for form in ("auto", "value", "both", "none")]
    end = session.apply(*live, on_error="continue")
    assert [told[0] if told else told for told in end.results] == ["handle", "failure", "handle", ()]
    assert end.results[1] == ("failure", "CONVERSION_FAILED")
    large = session.apply(evaluate("'x' * 1000", **{"as": {"max_inline_bytes": 999}})).results[0]
    assert large[0] == "handle"


def test_an_exception_is_a_result_and_ends_the_batch_unless_it_goes_on(session: Session) -> None:
    session.run("class A:\n    def f(self, n): return 1 // n\na = A()\ntouched = []")
    operations = [
        name("a", "f", **call(of(0))),
        name("touched", "append", **call(of(1))),
        result(0, "real"),
        name("touched", do="measure"),
    ]
    end = session.apply(*operations)
    assert end.results == [("error", "ZeroDivisionError"), *[("failure", "SKIPPED")] * 3]
    frames = end.header["results"][0]["error"]["frames"]
    assert [frame["function"] for frame in frames] == ["f"]
    end = session.apply(*operations, on_error="continue")
    assert end.results == [("error", "ZeroDivisionError"), None, ("failure", "SKIPPED"), 1]
    assert session.apply(*operations, last_only=True).results == [("error", "ZeroDivisionError")]
    assert session.apply(*operations[1:2], *operations[3:], last_only=True).results == [2]


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ({"on": {"ref": "nonsense"}}, ("failure", "HANDLE_NOT_FOUND")),
        ({"on": {"ref": "1-1-" + "0" * 32}}, ("failure", "STALE_HANDLE")),
        ({"on": {"ref": "1-1-" + "g" * 32}}, ("failure", "HANDLE_NOT_FOUND")),
        ({"on": {"ref": "1-\ud800-"}}, ("failure", "HANDLE_NOT_FOUND")),
        (result(0), ("failure", "INVALID_ARGUMENT")),
        (result(1 << 31), ("failure", "INVALID_ARGUMENT")),
        ({}, ("failure", "INVALID_ARGUMENT")),
        (name("nobody"), ("error", "NameError")),
        (module("no_such_module"), ("error", "ModuleNotFoundError")),
        (name("len", "nothing"), ("error", "AttributeError")),
        (name("len", **call()), ("error", "TypeError")),
        (evaluate("1 +"), ("error", "SyntaxError")),
        (evaluate("await f()"), ("error", "SyntaxError")),
        (evaluate("1", locals={"not a name": of(1)}), ("failure", "INVALID_ARGUMENT")),
        (evaluate("1) + (2"), ("error", "SyntaxError")),
        ({"do": "assign", "name": "class", "value": of(1)}, ("failure", "INVALID_ARGUMENT")),
        (name("len", do="enter_context"), ("error", "TypeError")),
        (name("len", do="await_result"), ("error", "TypeError")),
        (name("len", do="next_items"), ("error", "TypeError")),
        (name("len", do="release"), ("failure", "INVALID_ARGUMENT")),
        (evaluate("__import__('sys').exit(3)"), ("error", "SystemExit")),
        (evaluate("(_ for _ in ()).throw(KeyboardInterrupt)"), ("error", "KeyboardInterrupt")),
        (evaluate("(lambda f: f(f))(lambda f: f(f))"), ("error", "RecursionError")),
        (name("len", **call({"kind": "json", "data": {"blob": 0}})), ("failure", "CONVERSION_FAILED")),
    ],
)
def test_what_cannot_be_done_is_a_result_that_says_why(session: Session, operation: Any, told: Any) -> None:
    assert session.apply(operation, blobs=[b'{"$set": [[]]}']).results == [told]


def test_released_and_lost_handles_say_why_they_are_stale(session: Session) -> None:
    session.run("import weakref\nclass A: pass\na = A()\nw = weakref.ref(a)")
    handle = handle_of(session, "a")
    session.run("del a")
    assert session.run("w() is None").value is False
    assert session.apply(ref(handle, do="release")).results == [None]
    assert session.run("import gc; gc.collect(); w() is None").value is True
    again = session.apply(ref(handle))
    assert again.results == [("failure", "STALE_HANDLE")]
    assert "released" in again.header["results"][0]["failure"]["message"]
    former = {"id": handle["id"].replace("1-", "0-", 1)}
    assert session.apply(ref(former)).results == [("failure", "HANDLE_NOT_FOUND")]


def test_releases_ride_along_with_a_batch(session: Session) -> None:
    handles = [handle_of(session, f"[{n}]") for n in range(3)]
    end = session.apply(ref(handles[2]), release=[handles[0]["id"], "unknown", handles[1]["id"]])
    assert end.results == [[2]]
    assert end.header["released"] == 2
    assert session.apply(release=True).header["released"] == 1
    assert session.apply().results == []


def test_handles_have_a_bound(session: Session) -> None:
    session.run("class A: pass")
    end = session.apply(*[evaluate("A()")] * 10_001, on_error="continue")
    kinds = [told[0] for told in end.results]
    assert kinds.count("handle") == 10_000
    assert end.results[-1] == ("failure", "QUOTA_EXCEEDED")
    assert session.apply(release=True).header["released"] == 10_000


HOSTILE = """
class Bad(%s):
    def fail(self, *args):
        raise ValueError('bad')
    %s = fail
bad = Bad()
"""


@pytest.mark.parametrize("method", ["eq", "bool", "repr", "len", "getattr", "hash", "str", "dir", "sizeof", "del"])
def test_objects_with_hostile_methods_are_as_good_as_any(session: Session, method: str) -> None:
    session.run(HOSTILE % ("object", f"__{method}__"))
    handle = handle_of(session, "bad")
    end = session.apply(
        ref(handle), name("isinstance", **call({"ref": handle["id"]}, {"result": 2})), on_error="continue"
    )
    assert end.results[0][0] == "handle"
    assert session.apply(name("id", **call({"ref": handle["id"]}))).results[0] == session.run("id(bad)").value
    assert session.apply(ref(handle, "__class__", "__name__")).results == ["Bad"]
    description = session.apply(ref(handle, do="describe", attributes=True)).results[0]
    assert description[0] == "description"
    assert description[1]["type"] == "__main__.Bad"


@pytest.mark.parametrize(
    "method", ["repr", "len", "getattr", "getattribute", "class", "doc", "signature", "dir", "dict"]
)
def test_a_description_ends_whatever_an_object_does(session: Session, method: str) -> None:
    session.run(
        "class Endless:\n"
        "    def f(self, *args):\n        while True: pass\n"
        f"    __{method}__ = {'property(f)' if method in ('class', 'doc', 'signature', 'dict') else 'f'}\n"
        "    def __call__(self, a, b=1): pass\n"
        "endless = Endless()"
    )
    kind, described = session.apply(name("endless", do="describe", attributes=True), display_ms=100).results[0]
    assert (kind, described["type"], described["signature"]) == ("description", "__main__.Endless", "(a, b=1)")
    assert ("took longer than 0.1 s" in described["text"]) is (method == "repr")
    assert {"name": "f", "type": "function", "callable": True} in described["attributes"]


def test_a_description_says_what_an_object_can_do(session: Session) -> None:
    session.run(
        "class Box:\n    'Holds.'\n    size = property(len)\n    one = staticmethod(abs)\n"
        "    __iter__ = None\nbox = Box()"
    )

    def described(target: str) -> Any:
        return session.apply(evaluate(target), result(0, do="describe", attributes=True)).results[1][1]

    box, kind = described("box"), described("Box")
    assert [box[key] for key in ("documentation", "callable", "iterable", "awaitable")] == [
        "Holds.",
        False,
        False,
        False,
    ]
    rows = {row["name"]: (row["type"], row["callable"]) for row in box["attributes"]}
    assert (rows["size"], rows["one"]) == (("property", False), ("staticmethod", True))
    assert kind["callable"]
    names = {row["name"] for row in kind["attributes"]}
    assert ("size" in names, "mro" in names) == (True, False)
    session.run("import functools\n@functools.lru_cache\ndef cached(a, b=1): 'Kept.'")
    cached = described("cached")
    assert (cached["signature"], cached["documentation"]) == ("(a, b=1)", "Kept.")
    assert described("[].append")["callable"]
    assert described("range(3)")["iterable"]


@pytest.mark.parametrize("value", ["[]", "0", "''", "{}", "None", "False"])
def test_falsy_objects_are_as_good_as_any(session: Session, value: str) -> None:
    handle = handle_of(session, value)
    assert session.apply(name("repr", **call({"ref": handle["id"]}))).results == [value]


def test_iterators_are_read_some_items_at_a_time(session: Session) -> None:
    session.run("def gen():\n    yield from range(5)\n    raise LookupError('over')")
    generator = handle_of(session, "gen()")
    more = {"do": "next_items", "max_items": 2}
    ends = [session.apply(ref(generator, **more)).results[0][1] for _ in range(4)]
    assert [(end["json"], end["exhausted"], "error" in end) for end in ends] == [
        ("[0,1]", False, False),
        ("[2,3]", False, False),
        ("[4]", True, True),
        ("[]", True, False),
    ]
    assert ends[2]["error"]["type_name"] == "LookupError"
    several = handle_of(session, "[1, 2, 3]")
    ends = [session.apply(ref(several, **more)).results[0][1] for _ in range(2)]
    assert [(end["json"], end["exhausted"]) for end in ends] == [("[1,2]", False), ("[3]", True)]


def test_what_a_batch_holds_and_iterates_is_gone_on_with_by_its_handle(session: Session) -> None:
    more = {"do": "next_items", "max_items": 2}
    held, first = session.apply(evaluate("[1, 2, 3]", **{"as": {"form": "handle"}}), result(0, **more)).results
    assert first[1]["json"] == "[1,2]"
    assert session.apply(ref(held[1], **more)).results[0][1]["json"] == "[3]"
    unheld = session.apply(evaluate("[1, 2, 3]"), result(0, **more), result(0, **more)).results
    assert [end[1]["json"] for end in unheld[1:]] == ["[1,2]", "[1,2]"]


def test_items_that_are_not_plain_come_as_values_and_handles(session: Session) -> None:
    end = session.apply(evaluate("iter([1, object(), 'x'])"), result(0, do="next_items"))
    values = end.results[1][1]["values"]
    assert [next(iter(value)) for value in values] == ["value", "handle", "value"]


def test_a_large_item_waits_for_the_next_time(session: Session) -> None:
    generator = handle_of(session, "iter(['a' * 600, 'b' * 600, 'c' * 5000])")
    more = ref(generator, do="next_items", max_bytes=1000)
    ends = [session.apply(more).results[0][1] for _ in range(3)]
    assert [len(end.get("json", "")) for end in ends[:2]] == [604, 604]
    ((kind, value),) = ends[2]["values"][0].items()
    assert (kind, value["kind"]) == ("value", "text")
    assert session.apply(more).results[0][1] == {"exhausted": True, "json": "[]"}


def test_what_an_iterator_gives_and_raises_is_whole_however_small_the_portions(session: Session) -> None:
    session.run("def gen():\n    for i in range(500): yield [i, 'x' * (i % 40)]\n    raise LookupError('over')")
    generator = handle_of(session, "gen()")
    seen: list[Any] = []
    ends: list[Any] = []
    while not ends or not ends[-1]["exhausted"]:
        ends.append(session.apply(ref(generator, do="next_items", max_items=1000, max_bytes=700)).results[0][1])
        assert len(ends[-1]["json"]) <= 701
        seen += json.loads(ends[-1]["json"])
    assert seen == [[i, "x" * (i % 40)] for i in range(500)]
    assert [("error" in end) for end in ends] == [False] * (len(ends) - 1) + [True]
    assert ends[-1]["error"]["type_name"] == "LookupError"


def test_async_iterators_and_coroutines_run_on_the_sessions_loop(session: Session) -> None:
    session.run(
        "import asyncio\n"
        "async def f(n):\n    await asyncio.sleep(0)\n    return n + 1\n"
        "async def g():\n    global go\n    yield 0\n    yield 1\n"
        "    go = asyncio.get_running_loop().create_future()\n    await go\n    yield 2\n"
        "class M:\n    async def __aenter__(self): return 8\n    async def __aexit__(self, *e): return True\nm = M()"
    )
    end = session.apply(
        name("f", **call(of(1))),
        result(0, do="await_result"),
        name("m", do="enter_context"),
        name("m", do="exit_context"),
    )
    assert end.results[1:] == [2, 8, True]
    generator = handle_of(session, "g()")
    told = session.apply(ref(generator, do="next_items", max_wait=0.5)).results[0][1]
    assert (told["json"], told["exhausted"]) == ("[0,1]", False)
    end = session.apply(name("go", "set_result", **call(of(None))), ref(generator, do="next_items"))
    assert (end.results[1][1]["json"], end.results[1][1]["exhausted"]) == ("[2]", True)


def test_context_managers_are_left_with_a_live_exception(session: Session) -> None:
    session.run(
        "class M:\n    def __enter__(self): return self\n    def __exit__(self, *e): self.seen = e; return 1\nm = M()"
    )
    error = handle_of(session, "ValueError('x')")
    end = session.apply(
        name("m", do="enter_context", **{"as": {"form": "none"}}),
        name("m", do="exit_context", error=error["id"]),
        evaluate("(m.seen[0].__name__, m.seen[1].args)"),
    )
    assert end.results[1:] == [1, {"$tuple": ["ValueError", {"$tuple": ["x"]}]}]


def test_what_operations_write_and_show_comes_before_the_end(session: Session) -> None:
    end = session.apply(name("print", **call(of(1))), evaluate("display(2)"), name("input", **call()))
    assert end.stdout == "1\n"
    assert len(end.displays) == 1
    assert end.results[2] == ("error", "EOFError")


def test_an_interrupt_ends_the_batch_and_keeps_what_was_done(session: Session) -> None:
    session.run("def spin():\n    print('on', flush=True)\n    while True: pass")
    session.send_batch([evaluate("1"), name("spin", **call()), evaluate("2")])
    end = session.finish(lambda kind, data: session.interrupt() if kind == "stdout" else None)
    assert end.outcome == "interrupted"
    assert end.results == [1, ("failure", "SKIPPED"), ("failure", "SKIPPED")]
    assert session.apply(evaluate("3")).results == [3]


def test_what_is_skipped_says_what_it_was_that_stopped_the_batch(session: Session) -> None:
    session.run("def spin():\n    print('on', flush=True)\n    while True: pass")
    session.send_batch([evaluate("1 / 0"), name("spin", **call()), evaluate("2")], on_error="continue")
    end = session.finish(lambda kind, data: session.interrupt() if kind == "stdout" else None)
    assert end.results == [("error", "ZeroDivisionError"), *[("failure", "SKIPPED")] * 2]
    assert {row["failure"]["message"] for row in end.header["results"][1:]} == {
        "the batch was stopped before it was done"
    }
    end = session.apply(evaluate("1 / 0"), evaluate("2"))
    assert end.header["results"][1]["failure"]["message"] == "operation 0 failed"


def test_a_batch_that_forks_ends_once(session: Session) -> None:
    session.run("import os")
    end = session.apply(name("os", "fork", **call()), evaluate("4"))
    assert end.results[1] == 4
    session.run("os.wait()")


def test_many_large_results_stay_below_the_bound(session: Session) -> None:
    end = session.apply(*[evaluate("'x' * 60_000")] * 30)
    assert [type(told) for told in end.results] == [str] * 17 + [tuple] * 13
    assert sum(map(len, end.blobs)) <= 1 << 20
    session.run("def f(): raise ValueError('y' * 10_000_000)")
    end = session.apply(*[name("f", **call())] * 200, on_error="continue")
    assert end.results == [("error", "ValueError")] * 200
    assert len(str(end.header)) < 4 << 20


def test_results_of_executions_have_handles_that_batches_take(session: Session) -> None:
    handle = session.run("class A: n = 3\nA()").header["handle"]
    assert session.apply(ref(handle, "n")).results == [3]
    both = session.run("[1]", result={"form": "both"})
    assert both.value == [1]
    assert session.apply(ref(both.header["handle"])).results == [[1]]
    by_handle = session.run("1", result={"form": "handle"})
    assert "value" not in by_handle.header
    assert session.apply(ref(by_handle.header["handle"])).results == [1]


def test_a_result_that_nobody_uses_is_let_go_after_a_hundred_others(session: Session) -> None:
    session.run("class A: n = 3")
    unused, used, asked = [
        session.run("A()", result={"form": form}).header["handle"] for form in ("auto", "auto", "handle")
    ]
    assert session.apply(ref(used, "n")).results == [3]
    for _ in range(100):
        session.run("A()")
    told = session.apply(ref(unused, "n"), ref(used, "n"), ref(asked, "n"), on_error="continue").results
    assert told == [("failure", "STALE_HANDLE"), 3, 3]
