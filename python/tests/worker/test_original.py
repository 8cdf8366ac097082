"""The original's operations through the worker: honest answers, and those of code that speaks for its session."""

from __future__ import annotations

import time

import pytest

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker.usage import resident_bytes
from tests.worker.driver import Gateway, Refused, Stream, WorkerProcess
from tests.worker.hostile import PRELUDE

MIB = 1 << 20


async def ask(session: Stream, operation: str, id: str = "", **fields: object) -> worker_pb2.OriginalResponse:
    """One operation and its answer. Raises Refused."""
    body = worker_pb2.OriginalRequest(operation=operation, **fields).SerializeToString()  # type: ignore[arg-type]
    kind, delivery = worker_pb2.ITEM_KIND_ORIGINAL, worker_pb2.DELIVERY_RESULT
    item = await session.submit(id=id, body=body, kind=kind, delivery=delivery)
    return worker_pb2.OriginalResponse.FromString((await item.next_envelope()).body)


async def hostile(session: Stream, code: str) -> worker_pb2.OriginalResponse:
    item_id = f"hostile-{time.monotonic_ns()}"
    return await ask(session, "eval", id=item_id, name=PRELUDE.replace("ID", item_id) + code)


def answers(*results: str) -> str:
    """Code that claims these answers, and goes on running."""
    return f"say(end(results=[{', '.join(results)}]), b'1'); wait()"


# What is no frame of a session's. The one blob is b'1'.
BREACHES = [
    pytest.param("say(end()); wait()", id="no-results"),
    pytest.param("say(end(results=None)); wait()", id="results-null"),
    pytest.param("say(end(results=5)); wait()", id="results-no-list"),
    pytest.param("say(end(results={'value': 0}), b'1'); wait()", id="results-an-object"),
    pytest.param("say(end(results='x')); wait()", id="results-a-text"),
    pytest.param("say(end(results=[])); wait()", id="done-without-an-answer"),
    pytest.param(answers("{'value': 0}", "{'value': 0}"), id="two-answers"),
    pytest.param(answers("None"), id="answer-null"),
    pytest.param(answers("[]"), id="answer-a-list"),
    pytest.param(answers("{'value': 1}"), id="no-such-blob"),
    pytest.param(answers("{'value': '0'}"), id="blob-a-text"),
    pytest.param(answers("{'value': None}"), id="blob-null"),
    pytest.param(answers("{'value': 1 << 80}"), id="blob-beyond-all"),
    pytest.param(answers("{'handle': 5}"), id="handle-no-text"),
    pytest.param(answers("{'handle': '\\ud800'}"), id="handle-half-a-character"),
    pytest.param(answers("{'handle': 'h', 'type': ['x']}"), id="type-no-text"),
    pytest.param(answers("{'value': 0, 'whole': 'yes'}"), id="flag-no-flag"),
    pytest.param(answers("{'value': 0, 'count': -1}"), id="negative-count"),
    pytest.param(answers("{'value': 0, 'count': 1 << 64}"), id="count-beyond-64-bits"),
    pytest.param(answers("{'value': 0, 'pieces': 1 << 32}"), id="pieces-beyond-32-bits"),
    pytest.param(answers("{'value': 0, 'rows': 1.5}"), id="rows-no-number"),
    pytest.param(answers("{'value': 0, 'width': 'x'}"), id="width-a-text"),
    pytest.param(answers("{'reason': 7}"), id="reason-no-text"),
    pytest.param(answers("{'reason': 'PYTHON_ERROR', 'message': {}}"), id="message-no-text"),
    pytest.param(answers("{'reason': 'PYTHON_ERROR', 'traceback': '\\udfff'}"), id="traceback-half-a-character"),
    pytest.param(answers("{'value': 0, 'note': 0.5}"), id="note-no-text"),
    pytest.param("say(end(results=[{'value': 0}], outcome=['ok']), b'1'); wait()", id="outcome-no-text"),
    pytest.param("say(end(results=[{'value': 0}], blobs=[7])); wait()", id="blob-that-is-not-there"),
    pytest.param("say(end(results=[{'value': 0}]), b'x' * (17 << 20)); wait()", id="too-large-a-value"),
]


@pytest.mark.parametrize("code", BREACHES)
async def test_an_answer_that_is_none_ends_the_session(
    session: Stream, bystander: Stream, worker: WorkerProcess, code: str
) -> None:
    before = resident_bytes(worker.pid)
    answer = await hostile(session, code)
    assert answer.reason == "PYTHON_ERROR"
    assert answer.message.startswith("it sent what is no frame of ours")
    assert (await ask(session, "eval", name="1 + 1")).value == b"2"
    assert resident_bytes(worker.pid) - before < 200 * MIB


async def test_a_claimed_answer_does_not_let_the_code_run_on_unseen(
    gateway: Gateway, session: Stream, bystander: Stream
) -> None:
    assert (await hostile(session, answers("{'value': 0}"))).value == b"1"
    item = await session.submit("'next'")
    await gateway.execution(item.id, wait_s=0.2)
    assert not (await gateway.interrupt(session.session.id)).state_preserved
    assert (await item.finished()).outcome == execute_pb2.OUTCOME_KILLED
    assert (await ask(session, "eval", name="1 + 1")).value == b"2"


async def test_a_reason_that_nobody_knows_is_passed_on(session: Stream) -> None:
    answer = await hostile(session, "say(end(results=[{'reason': 'SPLENDID', 'message': 'x'}])); os._exit(0)")
    assert (answer.reason, answer.message) == ("SPLENDID", "x")


async def test_every_field_of_an_operation_arrives(session: Stream) -> None:
    module = (await ask(session, "import", name="builtins")).handle_id
    made = await ask(session, "create", handle_id=module, name="dict", args_json="[[[1,2]]]", kwargs_json='{"b":2.0}')
    assert made.type_name == "dict"
    assert (await ask(session, "call", handle_id=made.handle_id, name="copy")).value == b'{"1":2,"b":2.0}'
    assert (await ask(session, "eval", name="'7'", return_type="Int32")).value == b"7"
    assert (await ask(session, "eval", name="[1j, float('inf')]", is_lenient=True)).value == b'["1j",Infinity]'
    table = (await ask(session, "wrap", value_json="[[1, 2], [3, 4]]")).handle_id
    numbers = await ask(session, "numbers", handle_id=table, is_table=True)
    assert (numbers.rows, numbers.width, numbers.is_text, numbers.value) == (2, 2, True, b"1,2,3,4")


@pytest.mark.parametrize(
    "body",
    [b"\xff\xff", b"", worker_pb2.OriginalRequest(operation="splendid" * 100).SerializeToString()],
    ids=["garbage", "nothing", "unknown"],
)
async def test_an_operation_that_is_none_is_refused(session: Stream, body: bytes) -> None:
    kind, delivery = worker_pb2.ITEM_KIND_ORIGINAL, worker_pb2.DELIVERY_RESULT
    item = await session.submit(body=body, kind=kind, delivery=delivery)
    with pytest.raises(Refused) as refused:
        await item.next_envelope()
    assert "INVALID_ARGUMENT" in str(refused.value)
    assert (await ask(session, "eval", name="1 + 1")).value == b"2"
