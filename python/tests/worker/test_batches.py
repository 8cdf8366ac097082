"""Batches of operations in the queue of a session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from beep.python.v1 import error_pb2, execute_pb2, object_pb2, value_pb2
from tests.worker.driver import Gateway, Refused, Stream

HANDLE = value_pb2.ResultPolicy(form=value_pb2.RESULT_FORM_HANDLE)


@pytest.fixture
async def session(gateway: Gateway) -> AsyncIterator[Stream]:
    async with gateway.session() as stream:
        yield stream


def evaluate(expression: str, **fields: Any) -> object_pb2.Operation:
    return object_pb2.Operation(evaluate=object_pb2.EvaluateOp(expression=expression), **fields)


def named(*path: str, **fields: Any) -> object_pb2.Operation:
    return object_pb2.Operation(path=path, **fields)


def on(handle: value_pb2.ObjectRef, *path: str, **fields: Any) -> object_pb2.Operation:
    return object_pb2.Operation(target=object_pb2.Target(handle_id=handle.id), path=path, **fields)


def reason_of(result: object_pb2.OperationResult) -> str:
    return error_pb2.ErrorReason.Name(result.failure.reason).removeprefix("ERROR_REASON_")


async def test_batches_and_executions_have_their_turns_in_order(session: Stream) -> None:
    await session.run("seen = []")
    items: list[Any] = []
    for n in range(5):  # one runs, four may wait
        code = f"seen.append({n})"
        if n % 2:
            items.append((await session.submit_batch(evaluate(code))).response())
        else:
            items.append((await session.submit(code)).finished())
    await asyncio.gather(*items)
    assert await session.value("seen") == list(range(5))


async def test_text_that_operations_write_is_in_the_response_and_nowhere_else(session: Stream) -> None:
    before = await session.submit("print('before')")
    batch = await session.submit_batch(
        evaluate("print('out')"),
        evaluate("__import__('sys').stderr.write('err')"),
        evaluate("__import__('os').system('echo c')"),
    )
    after = await session.submit("print('after')")
    await after.finished()
    response = await batch.response()
    await before.finished()
    assert (response.stdout, response.stderr) == ("out\nc\n", "err")
    assert (before.written("stdout"), after.written("stdout")) == ("before\n", "after\n")


async def test_output_without_end_is_stopped_and_cut(gateway: Gateway) -> None:
    spec = execute_pb2.SessionSpec(limits=execute_pb2.Limits(output_bytes=5_000_000))
    async with gateway.session(spec) as session:
        response = await session.apply(evaluate("[print('x' * 1000) for _ in iter(int, 1)]"))
        assert response.finished.outcome == execute_pb2.OUTCOME_OUTPUT_LIMIT
        assert len(response.stdout) <= 1 << 20
        assert (await session.apply(evaluate("1"))).results[0].value.integer == 1


HANGS = {
    "len": (named("bad", measure=object_pb2.MeasureOp()), "__len__"),
    "getattr": (named("bad", "x"), "__getattr__"),
    "call": (named("bad", call=object_pb2.CallOp()), "__call__"),
    "iter": (named("bad", next_items=object_pb2.NextItemsOp()), "__iter__"),
    "repr": (named("bad", describe=object_pb2.DescribeOp()), "__repr__"),
    "enter": (named("bad", enter_context=object_pb2.EnterContextOp()), "__enter__"),
    "await": (named("bad", await_result=object_pb2.AwaitOp()), "__await__"),
}


@pytest.mark.parametrize("name", HANGS)
async def test_objects_that_hang_are_stopped_in_time_and_the_session_goes_on(session: Stream, name: str) -> None:
    operation, method = HANGS[name]
    await session.run(f"class Bad:\n    def {method}(self, *args):\n        while True: pass\nbad = Bad()")
    response = await session.apply(evaluate("1"), operation, evaluate("2"), timeout={"nanos": 200_000_000})
    assert response.finished.outcome == execute_pb2.OUTCOME_TIMEOUT
    assert response.finished.state_preserved
    assert response.results[0].value.integer == 1
    assert [reason_of(result) for result in response.results[1:]] == ["SKIPPED", "SKIPPED"]
    assert await session.value("type(bad).__name__") == "Bad"


ENDLESS = "class Bad:\n    def __del__(self):\n        while True: pass"
DEAF = ENDLESS.replace("pass", "\n            try: [0 for _ in iter(int, 1)]\n            except: pass")


@pytest.mark.parametrize(("code", "is_preserved"), [(ENDLESS, True), (DEAF, False)])
async def test_an_object_that_does_not_end_is_stopped(gateway: Gateway, code: str, is_preserved: bool) -> None:
    async with gateway.session() as session:
        await session.run(code)
        held = (await session.apply(evaluate("Bad()", result=HANDLE))).results[0].handle
        response = await session.apply(release=[held.id], timeout={"nanos": 100_000_000})
        assert response.finished.outcome == execute_pb2.OUTCOME_TIMEOUT
        assert response.finished.state_preserved is is_preserved
        assert response.finished.generation == (1 if is_preserved else 2)
        assert reason_of((await session.apply(on(held))).results[0]) == "STALE_HANDLE"


async def test_the_same_id_is_refused_while_it_is_under_way(session: Stream) -> None:
    first = await session.submit_batch(evaluate("__import__('time').sleep(60)"), id="same")
    with pytest.raises(Refused) as refused:
        await session.apply(evaluate("1"), id="same")
    assert refused.value.reason == "INVALID_ARGUMENT"
    await first.depart()
    await session.run("'the turn of the next comes when it has ended'")
    assert (await session.apply(evaluate("1"), id="same")).results[0].value.integer == 1


async def test_batches_of_a_session_that_is_closed_are_cancelled(gateway: Gateway) -> None:
    async with gateway.session() as session:
        running = await session.submit_batch(evaluate("__import__('time').sleep(60)"))
        waiting = await session.submit_batch(evaluate("1"), evaluate("2"))
        await gateway.close(session.session.id)
        for item, count in ((running, 1), (waiting, 2)):
            response = await item.response()
            assert response.finished.outcome == execute_pb2.OUTCOME_CANCELLED
            assert not response.finished.state_preserved
            assert [reason_of(result) for result in response.results] == ["STALE_GENERATION"] * count


async def test_handles_are_as_many_as_the_session_may_have(gateway: Gateway) -> None:
    spec = execute_pb2.SessionSpec(limits=execute_pb2.Limits(handles=3))
    async with gateway.session(spec) as session:
        operations = [evaluate("object()")] * 4
        response = await session.apply(*operations, on_error=object_pb2.ON_ERROR_CONTINUE)
        assert [result.HasField("handle") for result in response.results] == [True] * 3 + [False]
        assert reason_of(response.results[3]) == "QUOTA_EXCEEDED"
        release = object_pb2.ReleaseHandlesRequest(all=True)
        assert (await session.release(release)).released == 3


async def test_what_handles_hold_is_as_large_as_the_session_may_have(gateway: Gateway) -> None:
    spec = execute_pb2.SessionSpec(limits=execute_pb2.Limits(pinned_bytes=1_000_000))
    async with gateway.session(spec) as session:
        operations = [evaluate(f"bytes({size})") for size in (600_000, 600_000, 300_000)]
        response = await session.apply(*operations, on_error=object_pb2.ON_ERROR_CONTINUE)
        assert [result.HasField("handle") for result in response.results] == [True, False, True]
        assert reason_of(response.results[1]) == "QUOTA_EXCEEDED"


async def test_results_that_are_too_large_for_a_message_are_failures(session: Stream) -> None:
    # Together they pass the session's own bound, which counts values alone.
    response = await session.apply(evaluate("'x' * 3_000_000", result=value_pb2.ResultPolicy(max_inline_bytes=1 << 24)))
    assert len(response.results[0].value.text) == 3_000_000
    many = await session.apply(*[evaluate("__doc__ or 1 // 0")] * 10_000, on_error=object_pb2.ON_ERROR_CONTINUE)
    assert len(many.results) == 10_000
    assert many.results[-1].error.type_name == "ZeroDivisionError"


CLAIM = """
import json, os, struct, sys
def claim(results, **more):
    header = json.dumps({"op": "end", "id": BATCH, "outcome": "ok", "results": results, "released": 0, **more}).encode()
    os.write(62, struct.pack(">II", len(header) + 4, len(header)) + header)
"""


@pytest.mark.parametrize(
    "results",
    [
        "[]",
        "[{}, {}]",
        "[1]",
        "[{'failure': {}}]",
        "[{'failure': {'reason': 'NO_SUCH', 'message': ''}}]",
        "[{'handle': {'id': 1, 'type': 'x', 'text': ''}}]",
        "[{'value': {'kind': 'text', 'data': {'blob': 7}}}]",
        "[{'items': {}}]",
        "[{'description': {'type': 'x'}}]",
        "[{'items': {'exhausted': True, 'values': [{}]}}]",
        "None",
    ],
)
async def test_a_session_that_claims_nonsense_ends_and_nothing_else(gateway: Gateway, results: str) -> None:
    async with gateway.session() as broken, gateway.session() as other:
        await other.run("x = 1")
        await broken.run(CLAIM)
        response = await broken.apply(
            evaluate(f"globals().update(BATCH='mine') or claim({results}) or [0 for _ in iter(int, 1)]"), id="mine"
        )
        assert response.finished.outcome == execute_pb2.OUTCOME_KILLED
        assert not response.finished.state_preserved
        assert reason_of(response.results[0]) == "STALE_GENERATION"
        assert (await broken.apply(evaluate("1"))).results[0].value.integer == 1
        assert await other.value("x") == 1


async def test_a_body_that_is_no_request_is_refused(session: Stream) -> None:
    for kind in ("ITEM_KIND_BATCH", "ITEM_KIND_RELEASE"):
        with pytest.raises(Refused) as refused:
            await (await session.submit(body=b"\xff", kind=kind)).response()  # type: ignore[arg-type]
        assert refused.value.reason == "INVALID_ARGUMENT"
    assert (await session.apply(evaluate("1"))).results[0].value.integer == 1
