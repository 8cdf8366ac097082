"""Code that finds its session's sockets and says what it likes: it ends its own session, and nothing else."""

from __future__ import annotations

import asyncio
import time

import pytest

from beep.python.v1 import execute_pb2, value_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker.usage import resident_bytes
from tests.worker.driver import Gateway, Stream, WorkerProcess
from tests.worker.hostile import PRELUDE

MIB = 1 << 20
# What the gateway lets be under way to one reader.
WINDOW = MIB // 2


async def hostile(session: Stream, code: str) -> execute_pb2.Finished:
    item_id = f"hostile-{time.monotonic_ns()}"
    item = await session.submit(PRELUDE.replace("ID", item_id) + code, id=item_id)
    return await item.finished()


BREACHES = [
    pytest.param("send(b'\\xff' * 100); wait()", id="garbage"),
    pytest.param("send(struct.pack('!II', (64 << 20) + 1, 4)); wait()", id="too-large"),
    pytest.param("send(struct.pack('!II', 3, 0)); wait()", id="too-small"),
    pytest.param("send(struct.pack('!II', 60 << 20, 59 << 20) + b'[' * (20 << 20)); wait()", id="endless-header"),
    pytest.param("send(struct.pack('!II', 100, 200) + b' ' * 96); wait()", id="header-beyond-frame"),
    pytest.param("send(struct.pack('!II', 10004, 10000) + b'[' * 10000); wait()", id="nested"),
    pytest.param("send(struct.pack('!II', 6, 2) + b'[]'); wait()", id="no-object"),
    pytest.param("say({}); wait()", id="no-op"),
    pytest.param("say({'op': 7}); wait()", id="op-no-text"),
    pytest.param("say({'op': 'run'}); wait()", id="unknown-op"),
    pytest.param("say({'op': 'display', 'bundle': {'a': {'blob': 3}}}); wait()", id="no-such-blob"),
    pytest.param(
        "say({'op': 'display', 'bundle': {'a': {'blob': 0}, 'b': {'blob': 0}}}, b'x'); wait()", id="blob-twice"
    ),
    pytest.param("say({'op': 'display', 'bundle': 5}); wait()", id="bundle-no-object"),
    pytest.param("say({'op': 'display', 'bundle': {'a': {'blob': 0, 'size': -1}}}, b'x'); wait()", id="negative-size"),
    pytest.param("say({'op': 'notice', 'message': ['x']}); wait()", id="notice-no-text"),
    pytest.param("say({'op': 'end', 'id': 'another', 'outcome': 'ok'}); wait()", id="end-of-another"),
    pytest.param("say(end(outcome='splendid')); wait()", id="unknown-outcome"),
    pytest.param("say(end(outcome='exited', exit_code='x')); wait()", id="exit-code-no-number"),
    pytest.param("say(end(outcome='exited', exit_code=1, exit_text='\\ud800')); wait()", id="lone-surrogate"),
    pytest.param("say(end(value={'kind': 'integer', 'data': 1 << 80})); wait()", id="integer-too-large"),
    pytest.param("say(end(value={'kind': 'text', 'data': {'blob': 0}}), b'\\xff'); wait()", id="text-no-utf8"),
    pytest.param("say(end(value={'kind': 'real', 'data': 'x' * 10})); wait()", id="real-no-number"),
    pytest.param("say(end(text=5)); wait()", id="text-no-text"),
    pytest.param("say(end(value=tensor(shape=[2])), b'x' * 8); wait()", id="tensor-of-another-size"),
    pytest.param("say(end(value=tensor(shape=[1] * 65)), b'x' * 8); wait()", id="tensor-of-too-many-dimensions"),
    pytest.param("say(end(value=tensor(shape='1')), b'x' * 8); wait()", id="shape-no-list"),
    pytest.param("say(end(value=tensor(shape=[1], dtype='|O')), b'x' * 8); wait()", id="dtype-of-objects"),
    pytest.param("say(end(value=tensor(shape=[1], dtype=['<f8'])), b'x' * 8); wait()", id="dtype-no-text"),
    pytest.param("say(end(notices=[''] * 1_000_000)); wait()", id="too-many-notices"),
    pytest.param(
        "error = {'type_name': 'E', 'module': '', 'message': ''}\n"
        "for _ in range(50): error = {**error, 'cause': error}\nsay(end(outcome='error', error=error)); wait()",
        id="endless-chain",
    ),
    pytest.param("while True: say({'op': 'sync'})", id="asks-without-end"),
    pytest.param("while True: say({'op': 'clear', 'sync': True})", id="shows-without-end"),
    pytest.param("say({'op': 'ask', 'prompt': ''}); wait()", id="asks-for-input-that-it-has-none-of"),
]


BREACHES_OF_INPUT = [
    pytest.param("say({'op': 'ask'}); wait()", id="no-prompt"),
    pytest.param("say({'op': 'ask', 'prompt': ['x']}); wait()", id="prompt-no-text"),
    pytest.param("say({'op': 'ask', 'prompt': '\\ud800'}); wait()", id="prompt-lone-surrogate"),
    pytest.param("while True: say({'op': 'ask', 'prompt': ''})", id="asks-and-never-reads"),
]


@pytest.mark.parametrize("code", BREACHES)
async def test_a_frame_that_is_none_ends_the_session(
    session: Stream, bystander: Stream, worker: WorkerProcess, code: str
) -> None:
    before = resident_bytes(worker.pid)
    finished = await hostile(session, code)
    assert finished.outcome == execute_pb2.OUTCOME_KILLED
    assert finished.message.startswith("it sent what is no frame of ours")
    assert (finished.state_preserved, finished.generation, finished.signal) == (False, 2, 9)
    assert finished.stopped_by == execute_pb2.STOP_RUNG_UNSPECIFIED
    assert (await session.run("1 + 1")).text == "2"
    assert resident_bytes(worker.pid) - before < 200 * MIB


@pytest.mark.parametrize("code", BREACHES_OF_INPUT)
async def test_a_question_that_is_none_ends_the_session(
    gateway: Gateway, session: Stream, bystander: Stream, code: str
) -> None:
    item_id = f"hostile-{time.monotonic_ns()}"
    item = await session.submit(PRELUDE + code, id=item_id, input_mode=execute_pb2.INPUT_MODE_INTERACTIVE)
    await gateway.send_input(item_id, eof=True)
    finished = await item.finished()
    assert finished.outcome == execute_pb2.OUTCOME_KILLED
    assert finished.message.startswith("it sent what is no frame of ours")
    assert (await session.run("1 + 1")).text == "2"


async def test_a_second_end_ends_the_session_after_the_first_ended_the_item(
    gateway: Gateway, session: Stream, bystander: Stream
) -> None:
    finished = await hostile(session, "send(frame(end(text='claimed')) * 2); wait()")
    assert finished.outcome == execute_pb2.OUTCOME_OK
    while (await gateway.describe(session.session.id)).generation == 1:
        pass
    assert (await session.run("1 + 1")).text == "2"


async def test_a_claimed_end_does_not_let_the_code_run_on_unseen(
    gateway: Gateway, session: Stream, bystander: Stream
) -> None:
    finished = await hostile(session, "say(end(text='claimed'))\nwhile True: pass")
    assert finished.outcome == execute_pb2.OUTCOME_OK
    item = await session.submit("'next'")
    await gateway.execution(item.id, wait_s=0.2)
    # The code is stopped, and its true end gives it away.
    assert not (await gateway.interrupt(session.session.id)).state_preserved
    finished = await item.finished()
    assert finished.outcome == execute_pb2.OUTCOME_KILLED
    assert "the end of another item" in finished.message
    assert (await session.run("1 + 1")).text == "2"


async def test_what_is_sent_between_items_ends_the_session(
    gateway: Gateway, session: Stream, bystander: Stream
) -> None:
    code = (
        "def later():\n    while not os.path.exists('go'): time.sleep(.001)\n"
        "    say({'op': 'clear'})\nthreading.Thread(target=later).start()"
    )
    assert (await hostile(session, code)).outcome == execute_pb2.OUTCOME_OK
    open(session.session.workspace + "/go", "w").close()
    while (await gateway.describe(session.session.id)).generation == 1:
        pass
    assert (await session.run("1 + 1")).text == "2"


@pytest.mark.parametrize(
    "code",
    [
        "os.close(work)\nwait()",
        "os.close(work)",
        "os.closerange(3, 4096)",
        "os.dup2(os.open(os.devnull, os.O_RDWR), work)",
        "socket.socket(fileno=os.dup(work)).shutdown(socket.SHUT_RDWR)",
    ],
)
async def test_a_session_that_closes_its_work_socket_is_ended(session: Stream, bystander: Stream, code: str) -> None:
    finished = await hostile(session, code)
    assert (finished.outcome, finished.message) == (execute_pb2.OUTCOME_KILLED, "it closed its work socket")
    assert (await session.run("1 + 1")).text == "2"


async def test_a_session_that_closes_its_control_socket_only_loses_what_it_is_for(
    gateway: Gateway, session: Stream, bystander: Stream
) -> None:
    assert (await hostile(session, "os.close(control)")).outcome == execute_pb2.OUTCOME_OK
    item = await session.submit("print('up', flush=True)\nwhile True: pass")
    await item.says("up")
    assert (await gateway.interrupt(session.session.id)).state_preserved


async def test_a_flood_on_the_control_socket_goes_nowhere(
    session: Stream, bystander: Stream, worker: WorkerProcess
) -> None:
    before = resident_bytes(worker.pid)
    code = (
        "os.set_blocking(control, False)\n"
        "try:\n    while True: os.write(control, b'x' * 65536)\nexcept BlockingIOError: pass"
    )
    assert (await hostile(session, code)).outcome == execute_pb2.OUTCOME_OK
    assert resident_bytes(worker.pid) - before < 16 * MIB


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("many = frame({'op': 'display', 'bundle': {}}) * 2000", id="displays"),
        pytest.param("many = frame({'op': 'clear'}) * 2000", id="clears"),
        pytest.param("many = frame({'op': 'notice', 'message': 'x' * 5000}) * 100", id="notices"),
        pytest.param("many = frame({'op': 'ask', 'prompt': 'x' * 5000}) * 100", id="questions"),
        pytest.param("many = frame({'op': 'display', 'bundle': {'a': {'blob': 0}}}, b'x' * 4_000_000)", id="large"),
    ],
)
@pytest.mark.parametrize("reads", [False, True], ids=["lags", "reads"])
async def test_a_flood_takes_neither_memory_nor_the_others_time(
    gateway: Gateway, session: Stream, bystander: Stream, worker: WorkerProcess, code: str, reads: bool
) -> None:
    before = resident_bytes(worker.pid)
    item = await session.submit(
        PRELUDE + code + "\nwhile True: send(many)",
        window=WINDOW if reads else 1,
        input_mode=execute_pb2.INPUT_MODE_INTERACTIVE,
    )

    is_over = False

    async def read_on() -> None:
        kind = worker_pb2.ENVELOPE_KIND_EVENT
        while not is_over and kind == worker_pb2.ENVELOPE_KIND_EVENT:
            read, has_more = 0, True
            while has_more:
                envelope = await item.next_envelope()
                kind = envelope.kind
                read += len(envelope.body)
                has_more = item.has_more
            await item.grant(read)

    reader = asyncio.create_task(read_on()) if reads else None
    slowest = 0.0
    for _ in range(5):
        started = time.monotonic()
        await bystander.run("1")
        slowest = max(slowest, time.monotonic() - started)
    assert slowest < 3
    assert resident_bytes(worker.pid) - before < 150 * MIB
    assert not (await gateway.interrupt(session.session.id, kill=True)).state_preserved
    is_over = True
    if reader is not None:
        await reader


async def test_a_result_too_large_to_be_sent_is_left_out_by_name(session: Stream, bystander: Stream) -> None:
    code = "say(end(text='large', value={'kind': 'binary', 'data': {'blob': 0}}), b'x' * (40 << 20))"
    item = await session.submit(PRELUDE.replace("ID", "large-result") + code, id="large-result")
    finished = await item.finished()
    assert finished.outcome == execute_pb2.OUTCOME_OK
    result = next(event.result for event in item.events if event.HasField("result"))
    assert result.text == "large"
    assert not result.HasField("value")
    notice = next(event.notice for event in item.events if event.HasField("notice"))
    assert str(16 * MIB) in notice.message


async def test_a_large_value_that_may_come_inline_comes(session: Stream) -> None:
    policy = value_pb2.ResultPolicy(max_inline_bytes=(1 << 32) - 1)
    result = await session.run("b'x' * 5_000_000", result=policy)
    assert len(result.value.binary) == 5_000_000
    too_large = await session.run("b'x' * 50_000_000", result=policy)
    assert too_large.finished.outcome == execute_pb2.OUTCOME_OK
    assert too_large.value.object.text == "bytes of 50000000"


async def test_what_writes_frames_to_its_output_has_written_output(session: Stream) -> None:
    result = await session.run("import os\nos.write(1, b'\\0\\0\\0\\x06\\0\\0\\0\\x02{}')\n7")
    assert result.stdout == "\0\0\0\6\0\0\0\2{}"
    assert result.value.integer == 7
