"""What the worker does not do, and how it says so."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from beep.python.v1 import execute_pb2, host_pb2
from beep.python.worker.v1 import worker_pb2
from tests.worker.conftest import both_wires
from tests.worker.driver import Gateway, LaneCall, Refused, Stream, WorkerProcess, all_below, connected


@both_wires
async def test_a_session_that_was_never_there_is_not_found(gateway: Gateway) -> None:
    for call in (gateway.close, gateway.describe, gateway.interrupt):
        with pytest.raises(Refused) as refused:
            await call("nobody")
        assert refused.value.reason == "SESSION_NOT_FOUND"
        assert refused.value.metadata == {"sessionId": "nobody"}
    stream = gateway.stream()
    await stream.attach("nobody")
    with pytest.raises(Refused) as refused:
        await stream.ended()
    assert refused.value.reason == "SESSION_NOT_FOUND"


@both_wires
async def test_a_session_that_has_ended_says_why(gateway: Gateway) -> None:
    async with gateway.session() as session:
        await gateway.close(session.session.id)
        item = await session.submit("1")
        with pytest.raises(Refused) as refused:
            await item.next()
        session_id = session.session.id
        assert (refused.value.reason, refused.value.message, refused.value.metadata) == (
            "SESSION_CLOSED",
            f'session is closed: "{session_id}": it was closed; create a new one',
            {"sessionId": session_id, "why": "it was closed", "closeReason": "RELEASED"},
        )
        stream = gateway.stream()
        await stream.attach(session.session.id)
        with pytest.raises(Refused) as refused:
            await stream.ended()
        assert refused.value.reason == "SESSION_CLOSED"


async def test_a_body_that_is_no_request_is_refused(session: Stream) -> None:
    item = await session.submit(body=b"\xff\xff")
    with pytest.raises(Refused) as refused:
        await item.next()
    assert refused.value.reason == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("spec", "metadata"),
    [
        ({"isolation": host_pb2.ISOLATION_LEVEL_SANDBOXED}, {"level": "sandboxed"}),
        ({"isolation": host_pb2.ISOLATION_LEVEL_STRONG}, {"level": "strong"}),
    ],
)
@both_wires
async def test_isolation_that_cannot_be_had_is_refused(
    gateway: Gateway, spec: dict[str, Any], metadata: dict[str, str]
) -> None:
    with pytest.raises(Refused) as refused:
        await gateway.stream().open(gateway.request(execute_pb2.SessionSpec(**spec)))
    assert refused.value.reason == "ISOLATION_UNAVAILABLE"
    assert refused.value.metadata == metadata


@pytest.mark.parametrize("path", ["/no/such/python", "/etc/passwd", "/bin/true"])
@both_wires
async def test_an_interpreter_that_does_not_start_fails_the_session(gateway: Gateway, path: str) -> None:
    environment = worker_pb2.Environment(name="broken", generation=1, python_path=path)
    stream, request = gateway.stream(), gateway.request(environment=environment)
    with pytest.raises(Refused) as refused:
        await stream.open(request)
    assert refused.value.reason == "START_FAILED"
    assert "broken" in refused.value.message
    assert path not in refused.value.message
    ended = await gateway.describe(request.session_id)
    assert ended.state == execute_pb2.SESSION_STATE_FAILED
    assert ended.close_reason == execute_pb2.CLOSE_REASON_START_FAILED
    with pytest.raises(Refused) as refused:
        await gateway.call("PrepareTemplate", worker_pb2.PrepareTemplateRequest(principal="p", environment=environment))
    assert refused.value.reason == "START_FAILED"


async def test_a_preload_that_does_not_import_fails_the_session(gateway: Gateway, worker: WorkerProcess) -> None:
    for module in ("no_such_module_anywhere", "antigravity.nothing"):
        with pytest.raises(Refused) as refused:
            await gateway.stream().open(gateway.request(execute_pb2.SessionSpec(preload=["json", module])))
        assert refused.value.reason == "START_FAILED"
        assert module in refused.value.message
        assert "ModuleNotFoundError" in refused.value.message
    assert not [t for t in (await gateway.stats()).templates if t.preload]


async def test_preloaded_modules_are_there(gateway: Gateway) -> None:
    async with gateway.session(execute_pb2.SessionSpec(preload=["decimal", "sqlite3"])) as session:
        assert await session.value("import sys; {'decimal', 'sqlite3'} <= set(sys.modules)") is True


@pytest.mark.parametrize(("cwd", "reason"), [("../..", "INVALID_ARGUMENT"), ("../work2", "INVALID_ARGUMENT")])
async def test_a_working_folder_outside_the_workspace_is_refused(gateway: Gateway, cwd: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        await gateway.stream().open(gateway.request(execute_pb2.SessionSpec(cwd=cwd)))
    assert refused.value.reason == reason


async def test_a_working_folder_that_no_folder_can_be_is_refused(gateway: Gateway) -> None:
    with pytest.raises(Refused) as refused:
        await gateway.stream().open(gateway.request(execute_pb2.SessionSpec(cwd="a" * 256)))
    assert refused.value.reason == "INVALID_ARGUMENT"
    assert refused.value.message == "cwd cannot be a folder: file name too long; take another one"
    assert refused.value.metadata == {"field": "cwd"}


async def test_a_folder_that_is_gone_when_the_session_needs_it_again_fails_the_session(
    gateway: Gateway, tmp_path: Any
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    async with gateway.session(execute_pb2.SessionSpec(cwd=str(folder))) as session:
        item = await session.submit("import os; os.rmdir(os.getcwd()); os._exit(1)")
        assert (await item.finished()).outcome == execute_pb2.OUTCOME_EXITED
        after = await session.submit("1")
        try:
            assert (await after.finished()).outcome == execute_pb2.OUTCOME_CANCELLED
        except Refused as refused:
            assert refused.reason == "SESSION_CLOSED"  # noqa: PT017
        state = (await gateway.describe(session.session.id)).state
        assert state == execute_pb2.SESSION_STATE_FAILED


async def test_a_session_whose_processes_cannot_live_ends(gateway: Gateway) -> None:
    # No process can have this variable: each dies before it runs anything.
    async with gateway.session(execute_pb2.SessionSpec(env={"A=B": "x"})) as session:
        while True:
            try:
                now = await gateway.describe(session.session.id)
            except Refused:
                break
            assert now.generation <= 3
            if now.state == execute_pb2.SESSION_STATE_CLOSED:
                break
        assert now.close_reason == execute_pb2.CLOSE_REASON_PROCESS_DIED
        assert "before any code ran" in now.close_message


async def test_no_more_sessions_are_opened_than_fit(tmp_path: Any, python: str) -> None:
    with WorkerProcess(tmp_path, max_sessions=2) as small:
        async with connected(small, tmp_path, python) as gateway, gateway.session(), gateway.session():
            with pytest.raises(Refused) as refused:
                await gateway.stream().open(gateway.request())
            assert refused.value.reason == "QUOTA_EXCEEDED"
            assert refused.value.retry_after_ms > 0
            assert refused.value.metadata["quota"] == "sessions"


async def test_a_session_id_is_given_once(gateway: Gateway) -> None:
    async with gateway.session() as session:
        with pytest.raises(Refused):
            await gateway.stream().open(gateway.request(session_id=session.session.id))
        assert (await session.run("1 + 1")).text == "2"


async def test_an_id_is_taken_up_again_in_a_later_generation(gateway: Gateway) -> None:
    async with gateway.session() as session:
        await session.run("open('old', 'w').close()")
    assert (await gateway.describe(session.session.id)).state == execute_pb2.SESSION_STATE_CLOSED
    async with gateway.session(session_id=session.session.id, generation=2) as again:
        assert again.session.generation == 2
        now = await gateway.describe(session.session.id)
        assert (now.state, now.generation) == (execute_pb2.SESSION_STATE_IDLE, 2)
        assert await again.value("import os; os.listdir()") == []


async def test_who_does_not_know_the_token_is_turned_away(worker: WorkerProcess, tmp_path: Any, python: str) -> None:
    async with connected(worker, tmp_path, python, token="another") as stranger:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await stranger.call("Hello", worker_pb2.HelloRequest())
        assert error.value.code() == grpc.StatusCode.UNAUTHENTICATED
        call = stranger.stub.Attach(metadata=stranger.metadata)
        await call.write(worker_pb2.AttachRequest(items=[worker_pb2.Downward(session_id="x")]))
        assert await call.code() == grpc.StatusCode.UNAUTHENTICATED
        call = await stranger.reader("x")
        assert await call.code() == grpc.StatusCode.UNAUTHENTICATED
    lane = LaneCall(f"{tmp_path}/../no", token="another")
    with pytest.raises(OSError):  # noqa: PT011
        await lane.read()
    async with connected(worker, tmp_path, python) as gateway:
        path = (await gateway.call("Hello", worker_pb2.HelloRequest())).lane
        lane = LaneCall(path, token="another")
        await lane.write(worker_pb2.AttachRequest())
        assert await lane.read() is grpc.aio.EOF
        lane.cancel()


async def test_the_token_is_not_for_others_to_read(worker: WorkerProcess) -> None:
    for pid in {worker.keeper.pid, worker.pid, *all_below(worker.pid)}:
        for name in ("cmdline", "environ"):
            with open(f"/proc/{pid}/{name}", "rb") as file:
                assert b"a token of this boot" not in file.read()
