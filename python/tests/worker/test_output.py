"""What the code writes."""

from __future__ import annotations

from pathlib import Path

from beep.python.v1 import execute_pb2
from tests.worker.conftest import both_pythons
from tests.worker.driver import Stream, WorkerProcess, connected, eventually, waits_in_a_pipe

pytestmark = both_pythons

MIB = 1 << 20


def let_go(session: Stream) -> None:
    """Makes the file that the code waits for."""
    Path(session.session.workspace, "go").touch()


WAIT = "import os, time\nwhile not os.path.exists('go'): time.sleep(.001)\n"


async def test_the_first_byte_comes_while_the_code_runs(session: Stream) -> None:
    item = await session.submit(f"print('first', end='')\n{WAIT}")
    await item.says("first")
    assert "finished" not in item.kinds
    let_go(session)
    assert (await item.finished()).outcome == execute_pb2.OUTCOME_OK


async def test_offsets_count_the_bytes_of_each_stream(session: Stream) -> None:
    item = await session.submit(
        "import sys\nfor i in range(300):\n    print('o' * i)\n    print('é' * i, file=sys.stderr)"
    )
    await item.finished()
    for stream in (execute_pb2.OUTPUT_STREAM_STDOUT, execute_pb2.OUTPUT_STREAM_STDERR):
        at = 0
        for event in item.events:
            if event.output.stream == stream:
                assert event.output.offset == at
                at += len(event.output.data)
    assert item.written("stdout") == "".join("o" * i + "\n" for i in range(300))
    assert item.written("stderr") == "".join("é" * i + "\n" for i in range(300))


async def test_all_that_was_written_comes_before_the_result_and_the_end(session: Stream) -> None:
    for _ in range(30):
        item = await session.submit("import sys, os\nsys.stderr.write('e' * 5000)\nos.write(1, b'o' * 5000)\n7")
        await item.finished()
        assert len(item.written("stdout")) == len(item.written("stderr")) == 5000
        assert item.kinds[-2:] == ["result", "finished"]
        assert "output" not in item.kinds[item.kinds.index("result") :]


async def test_python_writes_to_both_streams_keep_their_order(session: Stream) -> None:
    item = await session.submit(
        "import sys\nfor i in range(100):\n    print(i, end=' ')\n    print(i, end=' ', file=sys.stderr)"
    )
    await item.finished()
    seen = b"".join(e.output.data for e in item.events if e.HasField("output"))
    assert seen.decode().split() == [str(i) for i in range(100) for _ in "oe"]


async def test_descriptors_and_child_processes_are_seen_too(session: Stream) -> None:
    result = await session.run(
        "import os, subprocess\nos.write(1, b'raw ')\nos.write(2, b'\\xff ')\n"
        "subprocess.run(['sh', '-c', 'echo child; echo to stderr >&2'])\nos.system('echo system')"
    )
    assert result.stdout == "raw child\nsystem\n"
    assert result.stderr == "\ufffd to stderr\n"


async def test_output_between_executions_opens_the_next_ones(session: Stream) -> None:
    await session.run(
        "import threading, time, os\n"
        "def later():\n"
        "    while not os.path.exists('go'): time.sleep(.001)\n"
        "    os.write(1, b'late')\n"
        "    open('done', 'w').close()\n"
        "threading.Thread(target=later).start()"
    )
    let_go(session)
    result = await session.run("import time\nwhile not os.path.exists('done'): time.sleep(.001)\nprint(' and now')")
    assert result.stdout == "late and now\n"


async def test_more_than_a_pipe_holds_between_executions_is_not_lost(session: Stream) -> None:
    await session.run(
        "import threading, os, time\n"
        "def flood():\n"
        "    while not os.path.exists('go'): time.sleep(.001)\n"
        "    os.write(1, b'x' * 3_000_000)\n"
        "thread = threading.Thread(target=flood); thread.start()"
    )
    let_go(session)
    await eventually(lambda: waits_in_a_pipe(session.session.pid), "a thread waits in its write")
    item = await session.submit("thread.join()")
    assert (await item.finished()).outcome == execute_pb2.OUTCOME_OK
    assert item.written_bytes("stdout") == b"x" * 3_000_000


async def test_a_result_holds_one_mebibyte_of_each_stream_and_says_what_is_missing(session: Stream) -> None:
    result = await session.run(
        "import sys\nsys.stdout.write('o' * (1 << 20) + 'tail')\nsys.stderr.write('e' * (1 << 20) + 'tails')"
    )
    assert (result.stdout, result.stderr) == ("o" * MIB, "e" * MIB)
    assert result.truncated_bytes == 9
    assert result.finished.usage.stdout_bytes == MIB + 4
    assert result.finished.usage.stderr_bytes == MIB + 5


async def test_output_is_read_after_the_code_closed_its_streams(session: Stream) -> None:
    result = await session.run("import os\nos.write(1, b'last words')\nos.close(1); os.close(2)")
    assert result.stdout == "last words"
    assert result.finished.outcome == execute_pb2.OUTCOME_OK
    assert (await session.run("2 + 2")).text == "4"


async def test_an_event_is_well_below_what_a_message_may_be(tmp_path: Path, python: str) -> None:
    with WorkerProcess(tmp_path, max_message_bytes=64 * 1024) as worker:
        async with connected(worker, tmp_path, python) as gateway, gateway.session() as session:
            item = await session.submit("print('x' * 999_999)")
            await item.finished()
            assert item.written("stdout") == "x" * 999_999 + "\n"
            assert max(event.ByteSize() for event in item.events) < 40 * 1024
