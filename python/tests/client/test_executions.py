"""Executions by the client, as they run and as they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from beep_python_client import (
    Accepted,
    Client,
    Dropped,
    ExecutionFailed,
    ExecutionTimeout,
    Finished,
    Function,
    InputRequest,
    Module,
    Noticed,
    Output,
    Raised,
    Remote,
    RemoteError,
    ResultValue,
    Script,
    Session,
    Started,
    errors,
)
from tests.client.gateway import ROOT, Gateway


def test_run_gives_the_value_the_texts_and_the_displays(session: Session) -> None:
    result = session.run("import sys\nprint('out')\nprint('err', file=sys.stderr)\ndisplay([1])\n{'a': (1, 2.0)}")
    assert (result.stdout, result.stderr) == ("out\n", "err\n")
    assert result.value == {"a": (1, 2.0)}
    assert result.text == "{'a': (1, 2.0)}"
    assert result.displays[0].parts["text/plain"] == "[1]"
    assert (result.ok, result.outcome, result.error) == (True, "OK", None)
    assert result.ending.state_preserved
    assert result.ending.usage.stdout_bytes == 4


def test_a_result_that_is_none_is_told_from_none_at_all(session: Session) -> None:
    assert session.run("x = 1").has_value is False
    assert session.run("(1).real", form="none").value is None
    assert session.run("[None]").value == [None]


def test_a_result_that_lives_is_an_object(session: Session) -> None:
    found = session.run("class A:\n    x = 5\nA()").value
    assert isinstance(found, Remote)
    assert found.x.value_() == 5


def test_run_raises_what_the_code_raised(session: Session) -> None:
    with pytest.raises(KeyError) as raised:
        session.run("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('x') from e")
    error = raised.value
    assert isinstance(error, RemoteError)
    assert (error.type_name, error.module, error.args, str(error)) == ("KeyError", "builtins", ("x",), "'x'")
    assert isinstance(error.__cause__, ZeroDivisionError)
    assert error.frames[-1].line == 4
    assert "ZeroDivisionError: division by zero" in error.remote_traceback
    assert error.result.outcome == "ERROR"


def test_without_check_the_error_is_part_of_the_result(session: Session) -> None:
    result = session.run("print(1); 1 / 0", check=False)
    assert (result.ok, result.outcome, result.stdout) == (False, "ERROR", "1\n")
    assert isinstance(result.error, ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        result.check()


def test_a_timeout_stops_the_code_and_keeps_the_variables(session: Session) -> None:
    with pytest.raises(ExecutionTimeout) as raised:
        session.run("x = 1\nwhile True: pass", timeout=0.2)
    assert isinstance(raised.value, TimeoutError)
    assert raised.value.ending.stopped_by == "INTERRUPT"
    assert session.run("x").value == 1


def test_code_that_exits_or_is_killed_says_so(session: Session) -> None:
    with pytest.raises(ExecutionFailed) as raised:
        session.run("import sys; sys.exit(3)")
    assert (raised.value.outcome, raised.value.ending.exit_code) == ("EXITED", 3)
    killed = session.run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", check=False)
    assert (killed.outcome, killed.ending.signal, killed.ending.state_preserved) == ("KILLED", 9, False)
    assert killed.ending.generation == 2


def test_events_come_in_order_typed_and_the_result_after_them(session: Session) -> None:
    execution = session.execute("import warnings\nprint('a')\ndisplay(1)\n2 + 2")
    events = list(execution)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [type(event).__name__ for event in events] == [
        *("Accepted", "Started", "Output", "Display", "ResultValue", "Finished")
    ]
    accepted, started, output, _, value, finished = events
    assert isinstance(accepted, Accepted)
    assert accepted.session_id == session.id
    assert isinstance(started, Started)
    assert started.pid == session.refresh().pid
    assert isinstance(output, Output)
    assert (output.stream, output.data, output.offset, output.text) == ("stdout", b"a\n", 0, "a\n")
    assert isinstance(value, ResultValue)
    assert value.value == 4
    assert isinstance(finished, Finished)
    assert finished.outcome == "OK"
    assert execution.is_finished
    assert execution.result().value == 4
    assert list(execution) == []


def test_an_error_is_an_event_and_then_raised_by_the_result(session: Session) -> None:
    execution = session.execute("1 / 0")
    raised = [event for event in execution if isinstance(event, Raised)]
    assert isinstance(raised[0].error, ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        execution.result()
    assert execution.result(check=False).outcome == "ERROR"


def test_a_character_that_is_split_between_events_is_whole_in_their_texts(session: Session) -> None:
    arrow = "→x".encode()
    code = f"import os\nos.write(1, {arrow[:2]!r})\ninput()\nos.write(1, {arrow[2:]!r})"
    execution = session.execute(code, interactive=True)
    events = []
    for event in execution:
        if isinstance(event, Output):
            events.append(event)
        elif isinstance(event, InputRequest):
            execution.send("\n")
    assert [event.text for event in events] == ["", "→x"]
    assert "".join(event.text for event in events) == "→x"
    assert b"".join(event.data for event in events) == "→x".encode()


def test_code_that_asks_is_answered(session: Session) -> None:
    with session.execute("name = input('name? ')\nrest = input()\nname + rest", interactive=True) as execution:
        for event in execution:
            if isinstance(event, InputRequest):
                if event.prompt:
                    execution.send("Ada\n", to=event)
                else:
                    execution.send(b"!", end=True)
        assert execution.result().value == "Ada!"
        with pytest.raises(errors.InputNotExpected):
            execution.send("more\n")


def test_code_reads_what_was_given_with_it(session: Session) -> None:
    assert session.run("input() + input()", stdin="a\nb\n").value == "ab"
    assert session.run("import sys; sys.stdin.buffer.read()", stdin=b"\xff").value == b"\xff"


def test_interrupt_stops_the_code_and_keeps_the_variables(session: Session) -> None:
    execution = session.execute("x = 1\nprint('ready')\nwhile True: pass")
    seen = []
    for event in execution:
        seen.append(event)
        if isinstance(event, Output):
            assert execution.interrupt().state_preserved
    assert any(isinstance(event, Noticed) and event.notice.kind == "INTERRUPTING" for event in seen)
    assert isinstance(seen[-1], Finished)
    assert seen[-1].outcome == "INTERRUPTED"
    assert session.run("x").value == 1
    with pytest.raises(errors.NothingRunning):
        session.interrupt()


def test_leaving_the_loop_stops_the_code(session: Session) -> None:
    execution = session.execute("print('ready')\nwhile True: pass")
    for event in execution:
        if isinstance(event, Output):
            break
    assert execution.result(check=False).outcome == "INTERRUPTED"
    assert session.refresh().state == "IDLE"


def test_leaving_the_block_by_an_error_stops_the_code(session: Session) -> None:
    def fail() -> None:
        with session.execute("print('ready')\nwhile True: pass") as execution:
            next(iter(execution))
            raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        fail()
    assert session.run("1").value == 1


def test_a_detached_execution_goes_on_and_can_be_attached_to(client: Client, session: Session) -> None:
    with session.execute("input()\nprint('done')\n7", interactive=True) as execution:
        for event in execution:
            if isinstance(event, InputRequest):
                break_at = event.seq
                execution_id = execution.detach()
    again = client.attach(execution_id, from_seq=break_at + 1)
    again.send("go\n")
    events = list(again)
    assert events[0].seq == break_at + 1
    assert isinstance(events[-1], Finished)
    assert client.attach(execution_id).result().value == 7
    assert [event.seq for event in client.attach(execution_id)] == list(range(1, events[-1].seq + 1))


def test_whoever_is_attached_and_leaves_stops_nothing(client: Client, session: Session) -> None:
    execution = session.execute("input()\n7", interactive=True)
    execution.detach()
    for event in client.attach(execution.id):
        if isinstance(event, InputRequest):
            break
    execution.send("\n")
    assert client.attach(execution.id).result().value == 7


def test_scripts_modules_and_functions_run_with_exact_arguments(session: Session) -> None:
    workspace = Path(session.refresh().workspace, "work")
    session.run("open('job.py', 'w').write('import sys; print(sys.argv[1:], __name__)')")
    assert (workspace / "job.py").exists() or session.run("__import__('os').path.exists('job.py')").value
    assert session.run(Script("job.py"), argv=["a b"]).stdout == "['a b'] __main__\n"
    assert session.run(Module("json.tool"), stdin="[1]").stdout.split() == ["[", "1", "]"]
    arguments = Function("builtins:repr", [[2.0, 2**64, (1, b"\0")]])
    assert session.run(arguments).value == "[2.0, 18446744073709551616, (1, b'\\x00')]"
    assert session.run(Function("int", ["ff"], {"base": 16})).value == 255
    with pytest.raises(TypeError, match="cannot be run: int; give code as a str"):
        session.run(5)  # type: ignore[arg-type]


def test_the_environment_and_the_arguments_are_for_one_execution(session: Session) -> None:
    code = "import os, sys; (os.environ['A'], sys.argv[1:])"
    assert session.run(code, env={"A": "b"}, argv=["c"]).value == ("b", ["c"])
    assert session.run("os.environ.get('A')").value is None


def test_an_execution_id_never_runs_twice(session: Session) -> None:
    session.run("count = 0")
    execution_id = f"once-{session.id}"
    for _ in range(2):
        assert session.run("count += 1; count", execution_id=execution_id).value == 1
    assert session.run("count").value == 1
    with pytest.raises(errors.ExecutionIdReused):
        session.run("count += 2", execution_id=execution_id)


def test_output_is_dropped_only_where_that_was_allowed(session: Session) -> None:
    events = list(session.execute("print('x' * 1000)", when_behind="drop"))
    assert not any(isinstance(event, Dropped) for event in events)


def test_renderings_come_where_they_are_asked_for(session: Session) -> None:
    code = "class A:\n    def _repr_html_(self): return '<b>A</b>'\nA()"
    assert session.run(code, mime_types=["text/html"]).mime.parts["text/html"] == "<b>A</b>"
    assert session.run("A()").mime.parts == {}
    both = session.run("[1, 2]", form="both")
    assert both.value == [1, 2]
    assert both.handle.value_() == [1, 2]
    told = session.run("import enum\nclass E(enum.IntEnum):\n    A = 1\n[E.A]", lenient=True)
    assert told.value == [1]
    assert "became int" in told.notices[0].message


def test_what_has_to_be_killed_says_where_it_was(session: Session) -> None:
    # In C, where no exception ends it.
    code = "import collections, itertools\ndef stay(): collections.deque(itertools.repeat(0), maxlen=0)\nstay()"
    ending = session.run(code, timeout=0.3, interrupt_grace=0.4, check=False).ending
    assert (ending.outcome, ending.stopped_by, ending.state_preserved) == ("TIMEOUT", "KILL", False)
    (main,) = [thread for thread in ending.stopped_at if thread.main_thread]
    assert [frame.function for frame in main.frames][-1] == "stay"
    assert session.run("1").ending.stopped_at == ()


PROGRAM = """
import sys, threading
from beep_python_client import Client, Output
client = Client(sys.argv[1], token=sys.argv[2])
session = client.get_session(sys.argv[3])
code = "print('ready')\\nwhile True: pass"
try:
    if sys.argv[4] == "run":
        threading.Thread(target=lambda: session.run("1", check=False), daemon=True)
        session.run("open('started', 'w').close()\\nwhile True: pass")
    elif sys.argv[4] == "object":
        session.evaluate("(open('started', 'w').close(), [0 for _ in iter(int, 1)])").value_()
    else:
        for event in session.execute("open('started', 'w').close()\\nwhile True: pass"):
            pass
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("way", ["run", "execute", "object"])
def test_ctrl_c_interrupts_the_remote_code_and_then_the_program(
    client: Client, gateway: Gateway, tmp_path: Path, way: str
) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)
    with client.create_session(cwd=str(tmp_path)) as session:
        program = [sys.executable, "-c", textwrap.dedent(PROGRAM), gateway.rpc, gateway.token, session.id, way]
        process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT / "python")})
        with started.open():  # until the code opens its end
            pass
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
        assert out == "interrupted\n"
        assert session.run("6 * 7").value == 42
        assert session.info is not None
        assert session.refresh().generation == 1
