"""Live objects through the client."""

from __future__ import annotations

import copy
import gc
import pickle
from array import array
from typing import Any

import pytest

from beep_python_client import Client, ExecutionFailed, Remote, RemoteError, Session, errors


@pytest.fixture
def trips(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls that are made for the session from now on."""
    made: list[str] = []
    call = session._calls.call

    def counted(name: str, request: Any, timeout: Any = None) -> Any:
        made.append(name)
        return call(name, request, timeout)

    monkeypatch.setattr(session._calls, "call", counted)
    return made


def test_a_chain_of_attributes_calls_and_operators_is_one_trip(session: Session, trips: list[str]) -> None:
    fractions = session.import_("fractions")
    value = (fractions.Fraction(3, 6).limit_denominator(10) + 1).numerator.value_()
    assert value == 3
    assert trips == ["Apply"]
    assert session.handles() == []


def test_nothing_is_done_until_it_is_asked_for(session: Session, trips: list[str]) -> None:
    xs = session.variable("list")()
    xs.append(1)
    assert "lazy" in repr(xs)
    assert str(xs) == repr(xs)
    assert trips == []
    assert xs.value_() == []


def test_what_a_variable_names_is_made_once(session: Session, trips: list[str]) -> None:
    session.run("made = 0\nclass Thing:\n    def __init__(self):\n        global made; made += 1; self.number = made")
    thing = session.variable("Thing")()
    assert thing.number.value_() == 1
    assert thing.number.value_() == 1
    assert session.variable("made").value_() == 1
    assert len(trips) == 3
    assert len(session.handles()) == 1


def test_what_no_variable_names_leaves_no_handle(session: Session) -> None:
    assert len(session.variable("list")([3, 1, 2]).copy()) == 3
    assert session.variable("sorted")(session.variable("list")([3, 1, 2])).value_() == [1, 2, 3]
    assert session.handles() == []


def test_keyword_arguments_and_defaults(session: Session) -> None:
    assert session.variable("int")("ff", base=16).value_() == 255
    assert session.variable("dict")(self=1, name=2).value_() == {"self": 1, "name": 2}


def test_objects_are_arguments_also_inside_of_containers(session: Session, trips: list[str]) -> None:
    fraction = session.import_("fractions").Fraction
    half = fraction(1, 2).handle_()
    assert session.variable("sum")([half, fraction(1, 4), half]).value_ is not None
    assert session.variable("str")(session.variable("sum")([half, fraction(1, 4)])).value_() == "3/4"
    assert session.evaluate("x['a'][0] is y", x={"a": (half,)}, y=half).value_() is True
    assert session.evaluate("{k: str(v) for k, v in x.items()}", x={1: half, "b": [half]}).value_()[1] == "1/2"
    assert len(trips) == 4


def test_an_argument_is_taken_as_it_was(session: Session) -> None:
    items = [1]
    made = session.variable("list")(items)
    items.append(2)
    assert made.value_() == [1]


def test_several_values_in_one_trip(session: Session, trips: list[str]) -> None:
    xs = session.variable("list")([3, 1])
    assert session.values(xs, xs.copy(), session.variable("len")(xs)) == ([3, 1], [3, 1], 2)
    assert trips == ["Apply"]


def test_operators_are_the_session_s(session: Session) -> None:
    fraction = session.import_("fractions").Fraction
    a = fraction(1, 2)
    assert str(session.variable("str")(1 - a * 3 + a**2 / 2 - -a).value_()) == "1/8"
    assert (a == 0.5).value_() is True
    assert (a < 1).value_() is True
    assert bool(a != 0.5) is False
    assert float(a) == 0.5
    assert int(a * 5) == 2
    assert abs(-a) == 0.5
    xs = session.variable("list")([1])
    alias = xs
    xs += [2]
    assert xs.value_() == [1, 2]
    assert alias.value_() == [1, 2]
    assert [10, 20, 30][session.variable("len")(xs)] == 30
    assert (session.variable("set")([1]) | {2}).value_() == {1, 2}


def test_items_attributes_and_names_are_read_set_and_deleted(session: Session) -> None:
    thing = session.import_("types").SimpleNamespace(a=1)
    thing.b = [thing.a, 2]
    assert thing.b[1].value_() == 2
    thing.b[0] = "x"
    assert thing.b.value_() == ["x", 2]
    del thing.b[0]
    assert (len(thing.b), 2 in thing.b, "x" in thing.b) == (1, True, False)
    del thing.a
    with pytest.raises(AttributeError):
        thing.a.value_()
    session.assign("name", thing)
    assert session.run("name.b").value == [2]
    assert session.variable("name").b.value_() == [2]
    assert thing.attribute_("__class__").attribute_("__name__").value_() == "SimpleNamespace"


def test_the_object_s_own_names_are_all_reachable(session: Session) -> None:
    color = session.evaluate("__import__('enum').Enum('Color', 'RED')").RED
    assert color.value.value_() == 1
    assert color.name.value_() == "RED"
    with pytest.raises(AttributeError, match="attribute_"):
        _ = color.__wrapped__


def test_an_iterator_is_gone_through_in_batches(session: Session, trips: list[str]) -> None:
    squares = session.evaluate("(n * n for n in range(1000))")
    assert list(squares.items_(400)) == [n * n for n in range(1000)]
    assert trips == ["Apply"] * 3
    assert list(session.variable("range")(3)) == [0, 1, 2]
    xs = session.variable("list")([1, 2])
    assert [(a, b) for a in xs for b in xs] == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_items_that_live_are_objects(session: Session) -> None:
    session.run("class A:\n    def __init__(self, n): self.n = n")
    items = list(session.evaluate("[A(1), A(2), 3]"))
    assert [item.n.value_() if isinstance(item, Remote) else item for item in items] == [1, 2, 3]


def test_what_an_iterator_raises_comes_after_its_items(session: Session) -> None:
    session.run("def broken():\n    yield 1\n    yield 2\n    raise KeyError('x')")
    seen: list[int] = []
    with pytest.raises(KeyError):
        seen.extend(session.variable("broken")().items_(1))
    assert seen == [1, 2]


def test_an_iterator_is_let_go_where_the_loop_is_left(session: Session) -> None:
    for item in session.evaluate("iter(range(10**9))"):
        if item == 150:
            break
    assert session.handles() == []


def test_asynchronous_iterators_and_coroutines_are_awaited_in_the_session(session: Session) -> None:
    session.run(
        "import asyncio\n"
        "async def later(x):\n    await asyncio.sleep(0)\n    return x\n"
        "async def several():\n    for n in range(3): yield n\n"
    )
    assert session.variable("later")(5).await_().value_() == 5
    assert list(session.variable("several")()) == [0, 1, 2]


CONTEXT = """
class Managed:
    log = []
    def __enter__(self):
        self.log.append("in"); return [1]
    def __exit__(self, kind, error, trace):
        self.log.append(repr(error)); return self.swallows
"""


def test_a_context_manager_is_entered_and_left(session: Session) -> None:
    session.run(CONTEXT + "    swallows = False")
    managed = session.variable("Managed")()
    with managed as entered:
        assert entered.value_() == [1]
        entered.append(2).value_()
        assert entered.value_() == [1, 2]
    assert managed.log.value_() == ["in", "None"]


@pytest.mark.parametrize("error", [ValueError("mine"), KeyError("k"), RuntimeError()])
def test_a_context_manager_is_left_by_an_error_and_may_swallow_it(session: Session, error: Exception) -> None:
    session.run(CONTEXT + f"    swallows = {isinstance(error, KeyError)}")
    managed = session.variable("Managed")()
    if isinstance(error, KeyError):
        with managed:
            raise error
    else:
        with pytest.raises(type(error)), managed:
            raise error
    assert managed.log.value_()[1].startswith(type(error).__name__)


def test_what_is_held_is_released_at_the_end_of_its_scope(session: Session) -> None:
    outside = session.variable("list")([0]).handle_()
    with session.scope() as scope:
        inside = session.variable("list")([1]).handle_()
        kept = scope.keep(session.variable("list")([2]))
        assert inside[0].value_() == 1
        assert len(session.handles()) == 3
    assert len(session.handles()) == 2
    assert (outside[0].value_(), kept[0].value_()) == (0, 2)
    with pytest.raises(ValueError, match="was released, and is used again; obtain the object again"):
        inside[0].value_()


def test_releases_ride_along_with_the_next_batch(client: Client, session: Session, trips: list[str]) -> None:
    seen = client.get_session(session.id)
    named, dropped = session.variable("list")().handle_(), session.variable("list")().handle_()
    assert len(seen.handles()) == 2
    named.release_()
    named.release_()
    del dropped
    gc.collect()
    assert len(seen.handles()) == 2
    before = len(trips)
    assert session.variable("abs")(-1).value_() == 1
    assert trips[before:] == ["Apply"]
    assert len(seen.handles()) == 1  # of the last value
    del seen


def test_what_raises_is_raised_with_its_traceback(session: Session) -> None:
    session.run("def fail(x):\n    raise LookupError(x)")
    with pytest.raises(LookupError) as raised:
        (session.variable("fail")("gone") + 1).value_()
    assert isinstance(raised.value, RemoteError)
    assert raised.value.args == ("gone",)
    assert raised.value.frames[-1].function == "fail"
    with pytest.raises(NameError, match="name 'nothing' is not defined"):
        session.variable("nothing").value_()
    with pytest.raises(ModuleNotFoundError):
        session.import_("no_such_module").x.value_()


def test_an_object_without_a_value_says_so_and_stays(session: Session) -> None:
    thing = session.evaluate("[object()]")
    with pytest.raises(errors.ConversionFailed, match=r"result\[0\]: object has no exact value") as raised:
        thing.value_()
    assert raised.value.metadata == {"path": "result[0]"}
    assert len(thing) == 1
    lossy = session.evaluate("__import__('collections').Counter('aab')")
    assert lossy.value_(lenient=True) == {"a": 2, "b": 1}


def test_a_stale_handle_says_why(session: Session) -> None:
    xs = session.variable("list")([1]).handle_()
    session.restart()
    with pytest.raises(errors.StaleHandle, match="restarted|generation"):
        xs.value_()


def test_an_object_of_another_session_is_refused_before_anything_is_sent(client: Client, session: Session) -> None:
    with client.create_session() as other:
        xs = other.variable("list")([1])
        with pytest.raises(ValueError, match=f"is an object of session '{other.id}'"):
            session.variable("len")(xs)
        with pytest.raises(ValueError, match="make it in this session"):
            session.variable("len")({"a": [xs]})


def test_describe_tells_what_an_object_is(session: Session) -> None:
    described = session.variable("len").describe_()
    assert (described.callable, described.iterable) == (True, False)
    assert "items in a container" in described.documentation
    assert "append" in session.variable("list")().describe_().attributes


def test_a_batch_that_is_stopped_or_whose_process_dies_says_so(session: Session) -> None:
    with pytest.raises(ExecutionFailed) as raised:
        session.import_("os")._exit(3).value_()
    assert (raised.value.outcome, raised.value.ending.exit_code, raised.value.ending.generation) == ("EXITED", 3, 2)
    assert session.variable("abs")(-1).value_() == 1


def test_a_long_chain_is_one_trip(session: Session, trips: list[str]) -> None:
    total = session.variable("int")(0)
    for number in range(3000):
        total = total + number
    assert total.value_() == sum(range(3000))
    assert trips == ["Apply"]


@pytest.mark.parametrize("falsy", ["[]", "0", "''", "None", "{}"])
def test_falsy_objects_are_as_good_as_any(session: Session, falsy: str) -> None:
    remote = session.evaluate(falsy)
    assert bool(remote) is False
    assert session.evaluate("[x]", x=remote).value_() == [eval(falsy)]


def test_threads_share_a_session(session: Session) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def work(number: int) -> Any:
        return (session.variable("list")([number]) * 2).value_()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(64))) == [[n, n] for n in range(64)]


def test_an_object_is_neither_copied_nor_pickled(session: Session) -> None:
    remote = session.variable("list")()
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="it lives in its session; take its value"):
            attempt(remote)


def test_what_does_not_go_in_chunks_says_what_does(session: Session) -> None:
    with pytest.raises(errors.ConversionFailed, match=r"in chunks: array\.array; a numpy array, a Tensor"):
        session.put(array("d", [1.0, 2.0]))
    assert session.put(memoryview(array("B", [1, 2]))).value_() == b"\x01\x02"
