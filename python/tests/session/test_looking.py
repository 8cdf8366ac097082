"""The control thread tells of names and values while the main thread runs, and runs nothing of the user's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.session.worker_double import Session

# Whatever of these runs says so, and where.
HOSTILE = """
import sys, threading
ran = []
def note(what):
    ran.append((what, threading.current_thread() is threading.main_thread()))
    raise RuntimeError(what)
class Meta(type):
    def __getattribute__(cls, name): note('meta getattribute'); return type.__getattribute__(cls, name)
    def __eq__(cls, other): note('meta eq')
    def __hash__(cls): note('meta hash')
    def __dir__(cls): note('meta dir')
    def __instancecheck__(cls, other): note('meta instancecheck')
    def __subclasscheck__(cls, other): note('meta subclasscheck')
    def __repr__(cls): note('meta repr')
class Descriptor:
    def __get__(self, instance, owner): note('descriptor')
    def __set__(self, instance, value): note('descriptor set')
class Trap(metaclass=Meta):
    plain = 5
    trap = Descriptor()
    @property
    def prop(self): note('property')
    @property
    def __class__(self): note('class')
    @property
    def __dict__(self): note('dict')
    @property
    def __doc__(self): note('doc')
    def __getattr__(self, name): note('getattr')
    def __getattribute__(self, name): note('getattribute')
    def __dir__(self): note('dir')
    def __repr__(self): note('repr')
    def __str__(self): note('str')
    def __len__(self): note('len')
    def __bool__(self): note('bool')
    def __iter__(self): note('iter')
    def __eq__(self, other): note('eq')
    def __hash__(self): note('hash')
    def __sizeof__(self): note('sizeof')
    def __format__(self, spec): note('format')
    def __call__(self): note('call')
    def method(self, one, two=None): pass
class Key:
    def __init__(self, name): self.name = name
    def __hash__(self): return hash(self.name)
    def __eq__(self, other):
        if ran is not None and armed: note('key eq')
        return False
class Dict(dict):
    def __getitem__(self, key): note('dict getitem')
    def __iter__(self): note('dict iter')
    def keys(self): note('dict keys')
    def items(self): note('dict items')
    def __len__(self): note('dict len')
class Text(str):
    def __eq__(self, other): note('text eq')
    def __hash__(self): return str.__hash__(self)
    def startswith(self, *a): note('text startswith')
    def __repr__(self): note('text repr')
class Int(int):
    def __repr__(self): note('int repr')
class List(list):
    def __iter__(self): note('list iter')
    def __repr__(self): note('list repr')
class Named:
    @property
    def __name__(self): note('name')
armed = False
trap = Trap()
mapping = Dict(one=1)
mixed = {Key('one'): 1, 'one': 2, Text('other'): 3}
globals()[Key('looked_for')] = 1
nested = [trap, {'k': trap}, (Int(5),), List([trap]), Text('x')]
number, listing = Int(7), List([1])
numbers = range(Int(1), Int(5))
class Thread(threading.Thread):
    name = property(lambda self: note('thread name'))
armed = True
"""


@contextmanager
def busy(session: Session, code: str = "while True: pass") -> Iterator[None]:
    """Code runs until the block is left."""
    session.send_run(f"print('on', flush=True)\n{code}")
    while b"on\n" not in session.note_output():
        pass
    yield
    session.interrupt()
    assert session.finish().outcome == "interrupted"


def chain(name: str, *steps: Any) -> dict[str, Any]:
    return {"name": name, "steps": list(steps)}


def attr(name: str) -> list[str]:
    return ["attribute", name]


def names(session: Session, prefix: str = "", **fields: Any) -> dict[str, tuple[str, str]]:
    answer = session.ask("names", prefix=prefix, **fields)
    return {name: (kind, signature) for name, kind, signature in answer["rows"]}


def variables(session: Session, private: bool = False) -> dict[str, list[Any]]:
    return {row[0]: row[1:] for row in session.ask("variables", private=private)["rows"]}


def test_nothing_of_the_users_runs_when_it_is_looked_at(session: Session) -> None:
    assert session.run(HOSTILE).outcome == "ok"
    with busy(session):
        found = variables(session)
        assert found["trap"][:2] == ["__main__.Trap", "<__main__.Trap object>"]
        assert found["trap"][2] == 0, "its own __sizeof__ would have to run"
        assert found["nested"][1] == (
            "[<__main__.Trap object>, {'k': <__main__.Trap object>}, (<__main__.Int object>,), <__main__.List object>, "
            "<__main__.Text object>]"
        )
        assert found["numbers"][1] in ("<range>", "range(1, 5)")
        assert found["number"][1] == "<__main__.Int object>"
        of_trap = names(session, chain=chain("trap"))
        assert of_trap["prop"] == ("property", "")
        assert of_trap["method"] == ("function", "(one, two=None)")
        assert "plain" in names(session, chain=chain("Trap"))
        assert names(session, "looked") == {}
        assert names(session, chain=chain("trap", attr("plain")), prefix="bit_l") != {}
        for name in ("trap", "prop", "__dict__", "__doc__", "missing"):
            assert session.ask("names", prefix="", chain=chain("trap", attr(name)))["known"] is False
            assert session.ask("inspect", chain=chain("trap", attr(name)))["found"] is False
        for name in ("trap", "Trap", "mapping", "mixed", "nested", "number", "listing", "looked_for"):
            session.ask("inspect", chain=chain(name))
            session.ask("names", prefix="", chain=chain(name), call=chain(name))
            session.ask("names", prefix="", chain=chain(name, ["call"]))
            session.ask("keys", prefix="", chain=chain(name))
            session.ask("inspect", chain=chain(name, ["item", "one"]))
            session.ask("inspect", chain=chain(name, ["item", 0], attr("x")))
        assert [row[0] for row in session.ask("keys", prefix="", chain=chain("mapping"))["rows"]] == ["one"]
        assert [row[0] for row in session.ask("keys", prefix="o", chain=chain("mixed"))["rows"]] == ["one"]
        session.ask("modules", module="", prefix="")
        session.ask("stacks")
    assert session.run("armed = False\nran").value == []


def test_names_of_threads_are_not_asked_for(session: Session) -> None:
    session.run(HOSTILE)
    session.run("e = threading.Event(); t = Thread(target=e.wait, daemon=True); threading.Thread.start(t)")
    with busy(session):
        threads = session.ask("stacks")["threads"]
    assert [thread["main"] for thread in threads] == [True, False]
    assert session.run("armed = False\ne.set()\nran").value == []


@pytest.mark.not_on_pypy("it tells other signatures")
def test_names_are_those_of_the_namespace_the_builtins_and_the_language(session: Session) -> None:
    session.run("import os\nclass Box: pass\ndef pack(item, *rest, size=3, **more): pass\nbook = 5")
    assert names(session, "bo") == {
        "Box": ("class", ""),
        "book": ("variable", ""),
        "bool": ("class", names(session, "bool")["bool"][1]),
    }
    assert names(session, "pac") == {"pack": ("function", "(item, *rest, size=3, **more)")}
    assert names(session, "whi") == {"while": ("keyword", "")}
    assert list(names(session, "si", call=chain("pack"))) == ["size="]
    assert "__name__" in names(session, "__na")
    assert not any(name.startswith("_") for name in names(session))


@pytest.mark.not_on_pypy("what its methods return is not known: they are functions, and know no class")
def test_attributes_are_found_along_a_path(session: Session) -> None:
    session.run(
        "import os, json, functools\n"
        "class Base:\n    inherited = 1\n    @classmethod\n    def make(cls, x): pass\n"
        "    @staticmethod\n    def plain(x): pass\n"
        "class Slotted(Base):\n    __slots__ = ('slot', 'unset')\n"
        "    def __init__(self, a, *, b=2): self.slot = {'key': [json]}\n"
        "s = Slotted(1)\n"
        "@functools.wraps(s.__init__)\ndef wrapped(*args): pass\n"
        "def outer(x, /, y, *, z): pass"
    )
    assert names(session, chain=chain("s")) == {
        "inherited": ("variable", ""),
        "make": ("function", "(x)"),
        "plain": ("function", "(x)"),
        "slot": ("variable", ""),
        "unset": ("variable", ""),
    }
    assert "dumps" in names(session, chain=chain("s", attr("slot"), ["item", "key"], ["item", -1]))
    assert session.ask("names", prefix="", chain=chain("s", attr("unset")))["known"] is False
    assert "mro" in names(session, "mr", chain=chain("Slotted"))
    assert "join" in names(session, "jo", chain=chain("os", attr("path")))
    assert "capitalize" in names(session, "cap", chain=chain("str", ["call"], attr("upper"), ["call"]))
    assert list(names(session, "b", call=chain("Slotted")))[0] == "b="
    assert session.ask("inspect", chain=chain("Slotted"))["signature"] == "(a, *, b=2)"
    assert session.ask("inspect", chain=chain("wrapped"))["signature"] in ("(*args)", "(self, a, *, b=2)")
    assert session.ask("inspect", chain=chain("outer"))["signature"] == "(x, /, y, *, z)"
    assert list(names(session, "", call=chain("outer")))[:2] == ["y=", "z="]
    found = session.ask("inspect", chain=chain("json", attr("dumps")))
    assert found["file"].endswith("json/__init__.py")
    assert found["documentation"].startswith("Serialize ``obj`` to a JSON formatted ``str``.")
    assert session.ask("inspect", chain=chain("len"))["signature"] == "(obj, /)"
    assert session.ask("inspect", chain=chain("os"))["type"] == "module"


@pytest.mark.not_on_pypy("it tells no sizes")
def test_values_are_shown_as_they_are_and_bounded(session: Session) -> None:
    session.run(
        "import datetime\n_hidden = 1\nnone, yes, half, huge = None, True, 0.5, 10 ** 100_000\n"
        "long, deep = 'x' * 10_000_000, []\n"
        "for _i in range(1000): deep = [deep]\n"
        "self_made = []; self_made.append(self_made)\n"
        "many = list(range(1_000_000)); mapping = {i: i for i in range(100_000)}; bag = {1}; nothing = set()\n"
        "one = (1,); surrogate = '\\ud800'; when = datetime.datetime(2020, 1, 1)"
    )
    found = variables(session)
    assert "_hidden" not in found
    assert "_hidden" in variables(session, private=True)
    assert [found[name][1] for name in ("none", "yes", "half", "bag", "nothing", "one")] == [
        "None",
        "True",
        "0.5",
        "{1}",
        "set()",
        "(1,)",
    ]
    assert found["huge"][1] == "<int of 332193 bits>"
    assert found["deep"][1] == "[[[[...]]]]"
    assert found["surrogate"][1] == "'\\ud800'"
    assert found["many"][1].startswith("[0, 1, 2, ")
    assert found["when"] == ["datetime.datetime", "<datetime.datetime object>", found["when"][2], []]
    assert found["long"][2] > 10_000_000
    assert all(len(row[1]) <= 200 for row in found.values())


def test_what_is_too_much_is_counted(session: Session) -> None:
    session.run("for i in range(5000): globals()[f'name{i}'] = i\nkeys = {f'k{i}': 1 for i in range(200_000)}")
    answer = session.ask("variables", private=False)
    assert (len(answer["rows"]), answer["omitted"]) == (1000, 4002)
    answer = session.ask("names", prefix="name")
    assert (len(answer["rows"]), answer["omitted"]) == (2000, 3001)  # NameError
    answer = session.ask("keys", prefix="k", chain=chain("keys"))
    assert (len(answer["rows"]), answer["omitted"]) == (2000, 8000)
    answer = session.ask("names", prefix="", chain={"name": "keys", "steps": [attr("x")] * 100_000})
    assert answer["known"] is False


def test_names_that_come_and_go_are_walked_over(session: Session) -> None:
    session.run("i = 0")
    code = "while True:\n    i += 1\n    globals()[f'n{i}'] = i\n    globals().pop(f'n{i - 500}', None)"
    with busy(session, code):
        for _ in range(50):
            assert len(session.ask("variables", private=False)["rows"]) < 1000
            assert "i" in names(session, "i")


def test_looking_leaves_what_runs_as_it_is(session: Session) -> None:
    code = "import json\nfor i in range(30_000): print(i)"
    session.send_run(code)
    looks = 0

    def look(kind: str, data: Any) -> None:
        nonlocal looks
        if kind == "stdout" and looks < 20:
            looks += 1
            assert "dumps" in names(session, chain=chain("json"))

    end = session.finish(look)
    assert end.outcome == "ok"
    assert end.stdout == "".join(f"{i}\n" for i in range(30_000))
    assert looks > 0


def test_a_child_of_the_users_has_neither_the_thread_nor_the_pipe(session: Session) -> None:
    end = session.run(
        "import os, signal\nread, write = os.pipe()\nif os.fork() == 0:\n"
        "    seen = [os.path.exists(f'/proc/self/fd/{fd}') for fd in range(58, 64)]\n"
        "    os.write(write, repr((seen, len(os.listdir('/proc/self/task')))).encode()); os._exit(0)\n"
        "os.wait(); os.read(read, 1000).decode()"
    )
    assert end.value == f"({[False] * 6}, 1)"
    assert "os" in names(session, "os")


@pytest.mark.not_on_pypy("an object is finalized later than it is left")
def test_what_ends_while_it_is_looked_at_ends_in_the_main_thread_though_the_code_goes_on(session: Session) -> None:
    session.run(
        "import os, threading\nmain = threading.main_thread()\nelsewhere = alive = most = 0\nclass Ending:\n"
        "    def __init__(self):\n        global alive, most; alive += 1; most = max(most, alive)\n"
        "    def __del__(self):\n        global alive, elsewhere; alive -= 1\n"
        "        elsewhere += threading.current_thread() is not main"
    )
    # A call that gives up the interpreter is rare here: where it is not, who looks waits for long before 3.11.
    rebinds = "for n in range(1000):\n        for i in range(200): globals()[f'e{i}'] = Ending()"
    session.send_run(f"print('on', flush=True)\nwhile not os.path.exists('enough'):\n    {rebinds}")
    while b"on\n" not in session.note_output():
        pass
    for _ in range(150):
        session.ask("variables", private=False)
        names(session, "e")
        session.ask("inspect", chain=chain("e7"))
    session.write("enough", "")
    assert session.finish().outcome == "ok"
    elsewhere, most = session.run("[elsewhere, most]").value
    assert elsewhere == 0
    assert 200 < most < 10_000  # of 90,000 that were looked at


def test_what_is_too_long_to_be_told_ends_no_session(session: Session) -> None:
    session.run("class A: pass\nA.__qualname__ = 'A' * 9_000_000\na = A()")
    (kind, _, _, _) = variables(session)["a"]
    assert len(kind) <= 400
    assert session.ask("inspect", chain=chain("a"))["found"]
    session.run("import sys\nkept = sys.path[:]\nsys.path += ['/' + 'x' * 9_000_000]")
    assert session.ask("modules", module="", prefix="") == {"failed": "FrameError"}
    session.run("sys.path[:] = kept")
    assert session.ask("modules", module="", prefix="")["path"]
