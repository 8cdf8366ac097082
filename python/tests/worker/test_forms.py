"""What else than a cell runs, what holds for one execution alone, and what of it is refused before anything starts."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from beep.python.v1 import execute_pb2, value_pb2
from beep.python.worker.v1 import worker_pb2
from tests.worker.conftest import both_pythons, both_wires
from tests.worker.driver import Gateway, Refused, Stream

Value = value_pb2.PythonValue
OK, ERROR, EXITED = execute_pb2.OUTCOME_OK, execute_pb2.OUTCOME_ERROR, execute_pb2.OUTCOME_EXITED


async def run(session: Stream, **fields: Any) -> execute_pb2.ExecutionResult:
    body = execute_pb2.ExecuteRequest(**fields).SerializeToString()
    return await (await session.submit(body=body, delivery=worker_pb2.DELIVERY_RESULT)).result()


async def call(session: Stream, name: str, *args: Value, **kwargs: Value) -> execute_pb2.ExecutionResult:
    return await run(session, function=execute_pb2.FunctionSource(name=name, args=args, kwargs=kwargs))


async def refused_with(session: Stream, **fields: Any) -> Refused:
    item = await session.submit(body=execute_pb2.ExecuteRequest(**fields).SerializeToString())
    with pytest.raises(Refused) as refused:
        await item.next()
    assert (await session.run("1 + 1", id=item.id)).text == "2", "the id means nothing after a refusal"
    return refused.value


@both_pythons
@both_wires
async def test_every_form_runs_and_its_surroundings_are_its_own(session: Stream) -> None:
    await session.run(
        "import os\nos.mkdir('inner')\n"
        "open('inner/tell.py', 'w').write('import os, sys; print(os.environ[\"A\"], os.getcwd()[-5:], sys.argv[1:])')\n"
        "def tell(): import sys; print(os.environ['A'], os.getcwd()[-5:], sys.argv[1:])"
    )
    for source in (
        {"code": "import sys; print(os.environ['A'], os.getcwd()[-5:], sys.argv[1:])"},
        {"script": execute_pb2.ScriptSource(path="inner/tell.py")},
        {"module": execute_pb2.ModuleSource(name="tell")},
        {"function": execute_pb2.FunctionSource(name="tell")},
    ):
        result = await run(session, **source, env={"A": "ä"}, cwd="inner", argv=["-v", ""])
        assert result.finished.outcome == OK, result
        assert result.stdout == "ä inner ['-v', '']\n"
    assert await session.value("import sys; ['A' in os.environ, os.getcwd()[-4:], sys.argv]") == [False, "work", [""]]


@both_pythons
async def test_a_function_takes_values_of_every_plain_kind(session: Stream) -> None:
    await session.run("def f(*args, **kwargs): return repr((args, kwargs))")
    values = {
        "None": Value(none=value_pb2.NoneValue()),
        "True": Value(boolean=True),
        str(-(2**63)): Value(integer=-(2**63)),
        str(10**30): Value(big_integer=str(10**30)),
        "-0.0": Value(real=-0.0),
        "nan": Value(real=float("nan")),
        "'é'": Value(text="é"),
        "b'\\xff'": Value(binary=b"\xff"),
        "[1, (2.0,), {3}]": Value(json='[1, {"$tuple":[2.0]}, {"$set":[3]}]'),
        "datetime.timedelta(seconds=1)": Value(scalar=value_pb2.Scalar(type_name="datetime.timedelta", text="P0DT1S")),
    }
    result = await call(session, "f", *values.values(), key=Value(integer=1))
    assert result.value.text == f"(({', '.join(values)}), {{'key': 1}})"
    assert (await call(session, "math:sqrt", Value(integer=16))).value.real == 4.0


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (Value(json='{"x": [1, 2, 3, {"$bytes": "?"}]}'), 'args[0]["x"][3]'),
        (Value(json="[1, 2"), "args[0]"),
        (Value(big_integer="1e5"), "args[0]"),
        (Value(big_integer=""), "args[0]"),
        (Value(scalar=value_pb2.Scalar(type_name="datetime.date", text="today")), "args[0]"),
        (Value(scalar=value_pb2.Scalar(type_name="os.system", text="ls")), "args[0]"),
        (Value(), "args[0]"),
        (Value(tensor=value_pb2.Tensor(dtype="<f8", shape=[2], data=bytes(8))), "args[0]"),
        (Value(tensor=value_pb2.Tensor(dtype="|O", shape=[1], data=bytes(8))), "args[0]"),
        (Value(tensor=value_pb2.Tensor(dtype="", shape=[1], data=bytes(8))), "args[0]"),
        (Value(tensor=value_pb2.Tensor(dtype="<f8", shape=[1] * 65, data=bytes(8))), "args[0]"),
        (Value(scalar=value_pb2.Scalar(type_name="range", text="range(0, 1, 0)")), "args[0]"),
    ],
)
async def test_an_argument_that_cannot_be_converted_is_refused_before_anything_runs(
    session: Stream, value: Value, path: str
) -> None:
    await session.run("calls = []")
    function = execute_pb2.FunctionSource(name="calls.append", args=[value])
    refused = await refused_with(session, function=function)
    assert (refused.reason, refused.metadata) == ("CONVERSION_FAILED", {"path": path})
    assert path in refused.message
    refused = await refused_with(session, function=execute_pb2.FunctionSource(name="f", kwargs={'a"': value}))
    assert refused.metadata["path"] == path.replace("args[0]", 'kwargs["a\\""]')
    assert await session.value("calls") == []


async def test_a_function_takes_live_objects_by_their_handles(session: Stream) -> None:
    held = (await session.run("held = object(); held")).value.object
    await session.run("def is_held(one, several): return [one is held, several[0]['x'][0] is held]")
    inside = Value(json=json.dumps([{"x": {"$tuple": [{"$ref": held.id}]}}]))
    result = await call(session, "is_held", Value(object=held), inside)
    assert result.value.json == "[true,true]"
    shown = {"$ref": held.id, "typeName": "object", "text": "object object"}
    as_it_was_shown = Value(json=json.dumps([{"x": [shown]}]))
    assert (await call(session, "is_held", Value(object=held), as_it_was_shown)).value.json == "[true,true]"


async def test_a_handle_that_the_session_does_not_know_is_an_error_with_its_reason(session: Stream) -> None:
    for value, path in (
        (Value(object=value_pb2.ObjectRef(id="h")), "args[0]"),
        (Value(json='[{"$ref": "h"}]'), "args[0]"),
    ):
        result = await call(session, "print", value)
        assert result.error.type_name == "ValueError"
        assert result.error.message.startswith(f"{path}: ")
        assert result.error.message.endswith("(HANDLE_NOT_FOUND)")
    refused = await refused_with(
        session, function=execute_pb2.FunctionSource(name="f", args=[Value(json='{"$ref":5}')])
    )
    assert (refused.reason, refused.metadata["path"]) == ("CONVERSION_FAILED", "args[0]")


async def test_a_very_long_range_is_checked_at_once_and_arrives(session: Stream) -> None:
    await session.run("def size(r): return (r.stop - r.start).bit_length()")
    value = Value(scalar=value_pb2.Scalar(type_name="range", text=f"range(0, {'9' * 1_000_000})"))
    result = await call(session, "size", value)
    assert result.value.integer == (10**1_000_000 - 1).bit_length()


async def test_a_very_long_integer_is_checked_at_once_and_arrives(session: Stream) -> None:
    await session.run("def digits(n): return n.bit_length()")
    result = await call(session, "digits", Value(big_integer="9" * 20_000))
    assert result.value.integer == (10**20_000 - 1).bit_length()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"code": "1", "cwd": "gone"}, "cwd"),
        ({"code": "1", "cwd": "/no/such/folder"}, "cwd"),
        ({"code": "1", "cwd": ".."}, "cwd"),
        ({"code": "1", "cwd": "a/../../tmp"}, "cwd"),
        ({"code": "1", "cwd": os.path.realpath(sys.executable)}, "cwd"),
        ({"script": execute_pb2.ScriptSource(path="../x.py")}, "script.path"),
        ({"code": "1", "env": {"LD_PRELOAD": "x"}}, "env"),
        ({"code": "1", "env": {"A": "b", "PYTHONHASHSEED": "0"}}, "env"),
        ({"code": "1", "env": {"PYTHONPATH": "/"}}, "env"),
        ({"function": execute_pb2.FunctionSource(name="f"), "env": {"OMP_NUM_THREADS": "1"}}, "env"),
        ({}, "source"),
    ],
    ids=str,
)
async def test_what_cannot_be_is_refused_before_anything_starts(
    session: Stream, fields: dict[str, Any], field: str
) -> None:
    refused = await refused_with(session, **fields)
    assert (refused.reason, refused.metadata) == ("INVALID_ARGUMENT", {"field": field})


async def test_a_script_may_be_written_by_what_runs_before_it(session: Stream, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    code = f"import os\nwhile not os.path.exists({str(gate)!r}): pass\nopen('late.py', 'w').write('print(1)')"
    first = await session.submit(code)
    body = execute_pb2.ExecuteRequest(script=execute_pb2.ScriptSource(path="late.py")).SerializeToString()
    second = await session.submit(body=body)
    await second.until("accepted")
    gate.touch()
    assert (await first.finished()).outcome == OK
    assert (await second.finished()).outcome == OK
    assert second.written("stdout") == "1\n"
    result = await run(session, script=execute_pb2.ScriptSource(path="gone.py"))
    assert (result.finished.outcome, result.error.type_name) == (ERROR, "FileNotFoundError")


async def test_a_script_that_exits_leaves_the_session_alive(session: Stream) -> None:
    await session.run("x = 1; open('exits.py', 'w').write('import sys; x = 2; sys.exit(3)')")
    result = await run(session, script=execute_pb2.ScriptSource(path="exits.py"))
    assert (result.finished.outcome, result.finished.exit_code, result.finished.state_preserved) == (EXITED, 3, True)
    assert await session.value("x") == 1


async def test_what_ran_is_told_by_its_name(gateway: Gateway, session: Stream) -> None:
    item = await session.submit(
        body=execute_pb2.ExecuteRequest(module=execute_pb2.ModuleSource(name="this")).SerializeToString()
    )
    await item.finished()
    assert (await gateway.execution(item.id)).source == "this"


async def test_surroundings_too_large_for_a_frame_are_refused(session: Stream) -> None:
    refused = await refused_with(session, code="1", env={f"V{n}": "é" * 65536 for n in range(200)})
    assert refused.reason == "MESSAGE_TOO_LARGE"


@both_wires
async def test_a_large_argument_keeps_its_place_and_holds_up_nobody_else(gateway: Gateway, session: Stream) -> None:
    await session.run("def f(x): return len(x)")
    objects = "[" + ",".join(["{}"] * 1_000_000) + "]"
    function = execute_pb2.FunctionSource(name="f", args=[Value(json=objects)])
    large = await session.submit(body=execute_pb2.ExecuteRequest(function=function).SerializeToString())
    after = await session.submit("'after'")
    async with gateway.session() as other:
        assert await other.value("1") == 1
        assert large.arrived.empty()
    assert (await large.until("result")).result.value.integer == 1_000_000
    assert (await after.next()).accepted.queue_position > 0
    assert (await after.until("result")).result.text == "'after'"


async def test_a_large_argument_is_refused_where_it_cannot_be_converted_or_is_too_large(session: Stream) -> None:
    for text, reason in (
        ("[" + "[],0," * 50_000 + "NaN]", "CONVERSION_FAILED"),
        ('"' + "x" * (4 << 20) + '"', "VALUE_TOO_LARGE"),
    ):
        function = execute_pb2.FunctionSource(name="print", args=[Value(json=text)])
        assert (await refused_with(session, function=function)).reason == reason
    await session.run("def f(text, data): return len(text) + len(data)")
    result = await call(session, "f", Value(text="x" * (5 << 20)), data=Value(binary=b"x" * (5 << 20)))
    assert result.value.integer == 10 << 20


async def test_a_caller_who_leaves_while_a_large_argument_is_read_leaves_nothing_behind(gateway: Gateway) -> None:
    async with gateway.session() as session:
        for text in ("[" + ",".join(["{}"] * 300_000) + "]", "[" + "[0]," * 100_000 + "NaN]"):
            stream = gateway.stream()
            await stream.attach(session.session.id)
            function = execute_pb2.FunctionSource(name="print", args=[Value(json=text)])
            await stream.submit(body=execute_pb2.ExecuteRequest(function=function).SerializeToString())
            await stream.end()
        assert (await session.run("1")).text == "1"
