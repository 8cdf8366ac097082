"""Rich output."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.session.worker_double import End, Session


def shown(end: End) -> list[dict[str, Any]]:
    """Each display as a dict of its renderings."""
    displays = []
    for header, blobs in end.displays:
        parts = {}
        for mime, part in header["bundle"].items():
            if mime != "metadata":
                data = blobs[part["blob"]]
                assert part["size"] == len(data)
                parts[mime] = data.decode() if part["text"] else data
        displays.append(parts)
    return displays


def test_display_shows_text_and_what_the_object_offers(session: Session) -> None:
    session.run(
        "class A:\n"
        "    def __repr__(self): return 'A!'\n"
        "    def _repr_html_(self): return '<b>A</b>'\n"
        "    def _repr_png_(self): return b'\\x89PNG'\n"
        "    def _repr_svg_(self): return None\n"
        "    def _repr_json_(self): return {'a': 1}\n"
    )
    assert shown(session.run("display(A(), 5)")) == [
        {"text/html": "<b>A</b>", "image/png": b"\x89PNG", "application/json": '{"a": 1}', "text/plain": "A!"},
        {"text/plain": "5"},
    ]


def test_a_mime_bundle_comes_first(session: Session) -> None:
    end = session.run(
        "class A:\n"
        "    def _repr_mimebundle_(self, include=None, exclude=None):\n"
        "        return {'text/plain': 'p', 'image/png': 'aGk='}, {'image/png': {'width': 3}}\n"
        "    def _repr_html_(self): return 'h'\n"
        "display(A())"
    )
    assert shown(end) == [{"text/plain": "p", "image/png": b"hi", "text/html": "h"}]
    assert json.loads(end.displays[0][0]["bundle"]["metadata"]) == {"image/png": {"width": 3}}


def test_displays_keep_their_place_between_output(session: Session) -> None:
    end = session.run("print('a', end=''); display(1); print('b'); display(2); clear_output(wait=True); print('c')")
    order = [data if kind == "stdout" else kind for kind, data in end.events]
    assert order == [b"a", "display", b"b\n", "display", "clear", b"c\n"]
    assert end.events[4][1][0]["wait"] is True


def test_a_display_can_be_updated(session: Session) -> None:
    end = session.run("h = display('a', display_id=True); h.update('b'); update_display('c', display_id=h.display_id)")
    headers = [header for header, _ in end.displays]
    assert [header["update"] for header in headers] == [False, True, True]
    assert len({header["display_id"] for header in headers}) == 1
    assert headers[0]["display_id"]


def test_a_renderer_that_fails_is_a_notice(session: Session) -> None:
    code = (
        "class A:\n    def _repr_html_(self): raise ValueError('no')\n    def _repr_png_(self): return 5\n"
        "    def _repr_json_(self): return object()\n    def _repr_latex_(self): raise SystemExit\n"
    )
    end = session.run(code + "display(A()); 'goes on'")
    assert end.value == "goes on"
    assert [set(parts) for parts in shown(end)] == [{"text/plain"}]
    assert len(end.notices) == 4
    assert "ValueError: no" in end.notices[0]


def test_raw_and_metadata(session: Session) -> None:
    end = session.run("display({'text/html': 'x', 'application/x+json': [1]}, raw=True, metadata={'a': 1})")
    assert shown(end) == [{"text/html": "x", "application/x+json": "[1]"}]
    assert json.loads(end.displays[0][0]["bundle"]["metadata"]) == {"a": 1}


def test_the_budget_bounds_what_is_shown(session: Session) -> None:
    code = "for n in (10, 100, 5): display({'text/plain': 'x' * n}, raw=True)"
    end = session.run(code, display_bytes=20)
    assert shown(end) == [{"text/plain": "x" * 10}, {"text/plain": "x" * 5}]
    assert "100 bytes" in end.notices[0]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("display(1, metadata={'a': 'x' * (20 << 20)})", "metadata"),
        ("display(1, metadata={'a': object()})", "metadata"),
        ("display({'x' * (70 << 20): 'v'}, raw=True)", "a MIME type of"),
        ("display({f'text/{n}': 'v' for n in range(100000)}, raw=True)", "MIME types"),
        ("display({'text/plain': 'x' * (70 << 20)}, raw=True)", "bytes are left"),
    ],
)
def test_what_is_too_much_of_a_display_is_left_out_and_said(session: Session, code: str, said: str) -> None:
    end = session.run(code)
    assert end.outcome == "ok"
    assert [said in notice for notice in end.notices] == [True]


def test_a_display_id_of_any_length_names_one_place(session: Session) -> None:
    end = session.run("h = display(1, display_id='x' * (70 << 20)); h.update(2)")
    first, second = (header["display_id"] for header, _ in end.displays)
    assert first == second
    assert 0 < len(first) <= 1024


def test_a_results_renderings_count_for_the_budget(session: Session) -> None:
    code = "class A:\n    def _repr_html_(self): return 'x' * (100 << 20)\nA()"
    end = session.run(code, result={"mime": ["*/*"]})
    assert end.outcome == "ok"
    assert set(end.header["bundle"]) == {"text/plain"}
    assert any("text/html" in notice and "bytes are left" in notice for notice in end.notices)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([], None),
        (["*/*"], {"text/html", "text/plain"}),
        (["text/html"], {"text/html"}),
        (["image/*"], None),
    ],
)
def test_a_results_renderings_are_those_that_were_asked_for(
    session: Session, wanted: list[str], expected: set[str] | None
) -> None:
    end = session.run("class A:\n    def _repr_html_(self): return 'h'\nA()", result={"mime": wanted})
    assert (set(end.header["bundle"]) if "bundle" in end.header else None) == expected


def test_displays_of_threads_come_through_and_late_ones_do_no_harm(session: Session) -> None:
    end = session.run("import threading\nt = threading.Thread(target=display, args=(1,)); t.start(); t.join()")
    assert shown(end) == [{"text/plain": "1"}]
    session.run(
        "stop = threading.Event()\ndef late():\n    while not stop.is_set(): display(2)\n"
        "t = threading.Thread(target=late); t.start()"
    )
    for _ in range(20):
        session.run("1")
    session.run("stop.set(); t.join()")


def test_instances_that_answer_to_any_name_are_shown_plainly(session: Session) -> None:
    assert [set(parts) for parts in shown(session.run("import unittest.mock; display(unittest.mock.Mock())"))] == [
        {"text/plain"}
    ]


def test_figures_are_shown_without_any_setup(session: Session) -> None:
    if session.run("import importlib.util; importlib.util.find_spec('matplotlib') is None").value:
        pytest.skip("no matplotlib beside this interpreter")
    end = session.run("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.figure(); plt.plot([1])")
    assert [parts["image/png"][:4] for parts in shown(end)] == [b"\x89PNG", b"\x89PNG"]
    assert session.run("plt.get_fignums()").value == []
    end = session.run("plt.plot([1]); plt.show(); print('after')")
    assert [kind for kind, _ in end.events if kind in ("display", "stdout")] == ["display", "stdout"]


SLOW = """
import time
class Loops:
    def _repr_html_(self):
        while True: pass
class Sleeps:
    def _repr_png_(self): return b'png'
    def _repr_html_(self): time.sleep(60)
class Swallows:
    def _repr_html_(self):
        for _ in range(3):
            try: time.sleep(60)
            except BaseException: pass
        return 'done'
class Repr:
    def __repr__(self):
        while True: pass
class Nested:
    def _repr_html_(self): display(Loops()); return 'outer'
"""


@pytest.mark.parametrize("name", ["Loops", "Sleeps", "Swallows", "Nested"])
def test_a_renderer_that_does_not_end_is_ended(session: Session, name: str) -> None:
    session.run(SLOW)
    end = session.run(f"print(1); display({name}()); print(2); 'goes on'", display_ms=100)
    assert (end.outcome, end.value, end.stdout) == ("ok", "goes on", "1\n2\n")
    assert "text/plain" in shown(end)[-1]
    if name != "Swallows":
        assert any("took longer than 0.1 s" in notice for notice in end.notices)
    result = session.run(f"{name}()", display_ms=100, result={"mime": ["*/*"]})
    assert result.outcome == "ok"
    assert "text/plain" in result.header["bundle"]


def test_a_repr_that_does_not_end_is_ended(session: Session) -> None:
    session.run(SLOW)
    for code in ("Repr()", "[Repr()]", "display(Repr()); Repr()"):
        end = session.run(code, display_ms=100)
        assert end.outcome == "ok"
        assert "took longer than 0.1 s" in str(end.text)


def test_what_takes_long_without_rendering_is_not_ended(session: Session) -> None:
    end = session.run("import time; display([1]); time.sleep(0.3); [2]", display_ms=100)
    assert (end.outcome, end.text, end.notices) == ("ok", "[2]", [])


def test_rendering_leaves_a_handler_of_the_users_alone(session: Session) -> None:
    end = session.run(
        "import signal, time\nseen = []\nsignal.signal(signal.SIGINT, lambda *_: seen.append(1))\n"
        "class A:\n    def _repr_html_(self): time.sleep(0.3); return 'h'\n"
        "display(A()); seen",
        display_ms=100,
    )
    assert (end.value, [set(parts) for parts in shown(end)]) == ([], [{"text/html", "text/plain"}])


def test_a_rendering_is_interrupted_as_any_code(session: Session) -> None:
    session.run(SLOW)
    session.send_run("print('on'); display(Sleeps())")
    session.interrupt()
    assert session.finish().outcome == "interrupted"


def test_a_child_of_the_users_renders_too(session: Session) -> None:
    end = session.run(
        "import os\nclass A:\n    def _repr_html_(self): return 'h'\ndisplay(A())\n"
        "pid = os.fork()\nif not pid:\n    try: display(A())\n    finally: os._exit(5)\n"
        "os.waitpid(pid, 0)[1] >> 8"
    )
    assert (end.value, len(shown(end))) == (5, 1)


@pytest.mark.parametrize("method", ["__repr__", "_repr_html_"])
def test_a_keyboard_interrupt_of_a_renderers_own_fails_nothing(session: Session, method: str) -> None:
    session.run(f"class A:\n    def {method}(self): raise KeyboardInterrupt")
    end = session.run("A()", result={"mime": ["*/*"]})
    assert end.outcome == "ok"
    if method == "__repr__":
        assert end.text == "<__main__.A object: its repr failed: KeyboardInterrupt>"
    else:
        assert end.notices == ["_repr_html_ of __main__.A failed: KeyboardInterrupt"]
    ((kind, told),) = session.apply({"do": "describe", "on": {"name": "A"}}).results
    assert (kind, told["type"]) == ("description", "type")
