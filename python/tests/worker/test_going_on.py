"""Items that go to their session before their turn: nothing of what is promised to those that wait changes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf import duration_pb2

from beep.python.v1 import execute_pb2, object_pb2
from beep_worker.ahead import MAX_AHEAD
from tests.worker.conftest import both_wires
from tests.worker.driver import Gateway, Item, Stream, WorkerProcess, new_id, unless_refused

pytestmark = both_wires

OK, CANCELLED, EXITED, INTERRUPTED, TIMEOUT = (
    execute_pb2.OUTCOME_OK,
    execute_pb2.OUTCOME_CANCELLED,
    execute_pb2.OUTCOME_EXITED,
    execute_pb2.OUTCOME_INTERRUPTED,
    execute_pb2.OUTCOME_TIMEOUT,
)

IN_FLIGHT = 32

# Waits until something has come ahead, and leaves it there.
AHEAD = "import os, socket\nahead = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, os.dup(60))\n"
UNTIL_AHEAD = "ahead.recv(1, socket.MSG_PEEK)\n"


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    """A worker in whose sessions many items may wait."""
    with WorkerProcess(tmp_path_factory.mktemp("worker"), max_queued_items=2 * IN_FLIGHT) as running:
        yield running
    assert running.complaints() == ""


class Gate:
    """Where items wait until it is opened: a pipe with a name."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "gate"
        os.mkfifo(self.path)
        self.fd = os.open(self.path, os.O_RDWR)

    async def hold(self, session: Stream, code: str = "") -> Item:
        """An item that waits there, in a session that goes on by itself, until what follows it is ahead as well."""
        await session.run(f"{AHEAD}gate = os.open('{self.path}', os.O_RDONLY)")
        return await session.submit(f"{UNTIL_AHEAD}{code}\nos.read(gate, 1)")

    def open(self) -> None:
        """Lets one go on."""
        os.write(self.fd, b".")


@pytest.fixture
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    """A gate for a test."""
    gate = Gate(tmp_path_factory.mktemp("gate"))
    yield gate
    os.close(gate.fd)


async def outcomes(*items: Item) -> list[execute_pb2.Outcome]:
    return [(await item.finished()).outcome for item in items]


async def test_each_gets_what_it_wrote_however_it_wrote_it(session: Stream) -> None:
    ways = (
        "{n}",
        "print('<{n}>')",
        "os.write(1, b'<{n}>')",
        "subprocess.run(['echo', '<{n}>'], check=True)",
        "print('<{n}>', file=sys.stderr)",
        "threading.Thread(target=print, args=('<{n}>',)).start()",
        "{n}",
        "{n}",
    )
    await session.run("import os, subprocess, sys, threading")
    items = []
    for n in range(4 * IN_FLIGHT):
        code = ways[n % len(ways)] if n % 3 else "{n}"
        if "Thread" in code:
            code += "; threading.enumerate()[-1].join()"
        items.append((code, n, await session.submit(code.format(n=n))))
        if n >= IN_FLIGHT:
            await items[n - IN_FLIGHT][2].finished()
    for code, n, item in items:
        if "finished" not in item.kinds:
            await item.finished()
        written = item.written("stdout") + item.written("stderr")
        assert written.strip() == (f"<{n}>" if "<" in code else "")
        assert item.kinds[0] == "accepted"
        assert item.kinds[1] == "started"
        assert item.kinds.count("finished") == 1


async def test_they_run_in_their_order_and_are_counted(session: Stream) -> None:
    await session.run("seen = []")
    items = [await session.submit(f"seen.append({n}); (len(seen), seen[-1])") for n in range(IN_FLIGHT)]
    for n, item in enumerate(items):
        started = (await item.until("started")).started
        assert started.execution_count == n + 2
        assert (await item.until("result")).result.text == f"({n + 1}, {n})"
        finished = await item.finished()
        assert finished.outcome == OK
        assert finished.usage.wall.ToNanoseconds() > 0


async def test_batches_and_executions_go_together(session: Stream) -> None:
    await session.run("seen = []")
    operation = object_pb2.Operation(evaluate=object_pb2.EvaluateOp(expression="seen.append(0) or len(seen)"))
    items = []
    for n in range(IN_FLIGHT):
        items.append(await (session.submit_batch(operation) if n % 2 else session.submit("seen.append(1); len(seen)")))
    for n, item in enumerate(items):
        if n % 2:
            assert (await item.response()).results[0].value.integer == n + 1
        else:
            assert (await item.until("result")).result.text == str(n + 1)
            await item.finished()


async def test_what_is_withdrawn_never_starts(gateway: Gateway, session: Stream, gate: Gate) -> None:
    await session.run("seen = []")
    first = await gate.hold(session)
    items = [await session.submit(f"seen.append({n})") for n in range(MAX_AHEAD + 4)]
    withdrawn = (0, 3, MAX_AHEAD + 1)
    for n in withdrawn:
        await items[n].until("accepted")
        await gateway.interrupt(session.session.id, items[n].id)
        assert (await items[n].finished()).outcome == CANCELLED
        assert items[n].kinds == ["accepted", "finished"]
    gate.open()
    left = [item for n, item in enumerate(items) if n not in withdrawn]
    assert await outcomes(first, *left) == [OK] * (len(left) + 1)
    assert await session.value("seen") == [n for n in range(len(items)) if n not in withdrawn]
    counts = [event.started.execution_count for item in left for event in item.events if event.HasField("started")]
    assert counts == list(range(counts[0], counts[0] + len(left)))


async def test_whoever_leaves_while_they_go_by_withdraws_only_what_has_not_run(session: Stream) -> None:
    await session.run("seen = []")
    left = []
    for n in range(4 * IN_FLIGHT):
        item = await session.submit(f"seen.append({n})")
        if n % 5 == 0:
            left.append((n, item))
        if n % 5 == 4:
            await left[-1][1].depart()
        if n % IN_FLIGHT == 0:
            await session.run("1")
    seen = await session.value("seen")
    assert seen == sorted(set(seen))
    assert {n for n in range(4 * IN_FLIGHT) if n % 5} <= set(seen)


async def test_an_interrupt_hits_the_one_that_was_meant_and_no_other(gateway: Gateway, session: Stream) -> None:
    await session.run("import time")
    code = "end = time.monotonic() + 0.002\nwhile time.monotonic() < end: pass\n'whole'"
    items = [await session.submit(code) for _ in range(2 * IN_FLIGHT - 2)]
    meant = items[::3]
    for item in meant:
        await item.until("accepted")
        await unless_refused(gateway.interrupt(session.session.id, item.id), "NOTHING_RUNNING")
    for item in items:
        outcome = (await item.finished()).outcome
        texts = [event.result.text for event in item.events if event.HasField("result")]
        if outcome == OK:
            assert texts == ["'whole'"]
        else:
            assert item in meant
            assert outcome == (INTERRUPTED if "started" in item.kinds else CANCELLED)


async def test_what_it_went_on_to_has_a_time_of_its_own(session: Stream, gate: Gate) -> None:
    await session.run("import time")
    first = await gate.hold(session)
    brief = duration_pb2.Duration(seconds=1)
    items = [await session.submit("time.sleep(0.4); 'whole'", timeout=brief) for _ in range(3)]
    late = await session.submit("time.sleep(60)", timeout=brief)
    after = await session.submit("'after'")
    gate.open()
    assert await outcomes(first, *items, late, after) == [OK, OK, OK, OK, TIMEOUT, OK]
    for item in items:
        wall = item.events[-1].finished.usage.wall.ToNanoseconds()
        assert 0.39e9 < wall < 1.2e9
    assert late.events[-1].finished.stopped_by == execute_pb2.STOP_RUNG_INTERRUPT


async def test_time_in_the_queue_has_an_end_there_too(session: Stream, gate: Gate) -> None:
    first = await gate.hold(session)
    # It waits for what is ahead, which has to stay there also where time is up before the first has begun.
    second = await session.submit("1")
    late = await session.submit("late = True", queue_timeout=duration_pb2.Duration(nanos=20_000_000))
    assert (await late.finished()).outcome == TIMEOUT
    assert late.kinds == ["accepted", "finished"]
    gate.open()
    assert await outcomes(first, second) == [OK, OK]
    assert await session.value("'late' in globals()") is False


async def test_nobody_pays_for_the_next_one(session: Stream, gate: Gate) -> None:
    await session.run("import time")
    burn = "end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
    first = await gate.hold(session)
    items = [await session.submit(code) for code in ("1", burn, "1")]
    gate.open()
    assert await outcomes(first, *items) == [OK] * 4

    def cpu_s(item: Item) -> float:
        usage = item.events[-1].finished.usage
        return float(usage.user_cpu.ToNanoseconds() + usage.system_cpu.ToNanoseconds()) / 1e9

    used = [cpu_s(item) for item in items]
    assert used[0] < 0.1
    assert 0.25 < used[1] < 0.6
    assert used[2] < 0.1


@pytest.mark.parametrize("death", ["os._exit(7)", "os.kill(os.getpid(), 9)"])
async def test_only_the_one_that_ran_dies_with_the_process(session: Stream, death: str, gate: Gate) -> None:
    first = await gate.hold(session)
    before, dying, after = [await session.submit(code) for code in ("1", f"import os; {death}", "1")]
    gate.open()
    assert await outcomes(first, before) == [OK, OK]
    assert (await dying.finished()).outcome == (EXITED if "_exit" in death else execute_pb2.OUTCOME_KILLED)
    lost = await after.finished()
    assert (lost.outcome, lost.state_preserved) == (CANCELLED, False)
    assert after.kinds == ["accepted", "finished"]
    for item in (first, before, dying, after):
        assert not item.has_more
    assert await session.value("1 + 1") == 2


async def test_a_restart_and_a_close_find_it_in_the_middle(gateway: Gateway, gate: Gate) -> None:
    for name in ("restart", "close"):
        async with gateway.session() as session:
            first = await gate.hold(session)
            items = [await session.submit("1") for _ in range(4)]
            await first.until("started")
            await items[-1].until("accepted")
            await getattr(gateway, name)(session.session.id)
            assert await outcomes(first, *items) == [CANCELLED] * 5
            assert all(item.kinds == ["accepted", "finished"] for item in items)


async def test_one_that_needs_more_than_to_be_run_waits_here(session: Stream, gate: Gate) -> None:
    first = await gate.hold(session)
    plain, asking, last = (
        await session.submit("1"),
        await session.submit("input()", stdin=b"given\n"),
        await session.submit("2"),
    )
    gate.open()
    assert (await asking.until("result")).result.text == "'given'"
    assert (await last.until("result")).result.text == "2"
    await asyncio.gather(*(item.finished() for item in (first, plain, asking, last)))


STEALS = AHEAD + UNTIL_AHEAD + "ahead.recv(100000)\n"
TELLS = (
    "import json, struct, time\n"
    "def say(**header):\n"
    "    text = json.dumps(header).encode()\n"
    "    os.write(62, struct.pack('!II', 4 + len(text), len(text)) + text)\n"
)


@pytest.mark.parametrize(
    "code",
    [
        STEALS,
        STEALS + "print('mine', flush=True)\n" + TELLS + "say(op='sync', sync=True)\ntime.sleep(60)",
        AHEAD + UNTIL_AHEAD + TELLS + "say(op='end', id='ID', outcome='ok', next=True, at=1 << 999, cpu=-5)",
        AHEAD + UNTIL_AHEAD + TELLS + "say(op='end', id='ID', outcome='ok', next=True)",
        AHEAD + UNTIL_AHEAD + TELLS + "say(op='end', id='ID', outcome='ok', next=True, at='x', cpu=[])",
        AHEAD + TELLS + "say(op='end', id='ID', outcome='ok', next=True, at=1, cpu=1)",
        AHEAD + "ahead.shutdown(socket.SHUT_RDWR)\n1",
        AHEAD + UNTIL_AHEAD + "ahead.send(b'x' * 1000)\nos.close(60)\n1",
    ],
)
async def test_code_that_meddles_ends_no_more_than_its_session(session: Stream, code: str) -> None:
    await session.run("1")
    item_id = new_id("x")
    item = await session.submit(code.replace("ID", item_id), id=item_id)
    others = [await session.submit("1") for _ in range(3)]
    for ended in (item, *others):
        finished = await ended.finished()
        assert finished.outcome != execute_pb2.OUTCOME_UNSPECIFIED
    assert await session.value("1 + 1") == 2
