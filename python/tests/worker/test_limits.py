"""Limits of sessions: what is in force, what breaks them, and what is said of it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker import cgroups
from beep_worker.exit_status import ExitStatus
from beep_worker.limits import SessionLimits
from beep_worker.machine import Machine
from tests.worker.conftest import both_pythons
from tests.worker.driver import Gateway, Refused, Stream, WorkerProcess, connected, eventually, process_is_there

pytestmark = both_pythons

MIB = 1 << 20

O = execute_pb2  # noqa: E741


def groups_can_be_made(controller: str) -> bool:
    """Whether this machine has the controller to give."""
    place = cgroups.find(controller)
    return place is not None and any(os.access(folder, os.W_OK) for folder in cgroups.parents(place))


has_memory_cgroup = pytest.mark.skipif(not groups_can_be_made("memory"), reason="no memory cgroup can be made here")
has_pids_cgroup = pytest.mark.skipif(not groups_can_be_made("pids"), reason="no pids cgroup can be made here")
is_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can hide the cgroups from a worker")

GREEDY = "kept = bytearray({size})\nfor at in range(0, len(kept), 4096): kept[at] = 1"


def limits(cpu_s: float | None = None, **fields: Any) -> execute_pb2.SessionSpec:
    """A session's spec with limits."""
    spec = execute_pb2.SessionSpec(limits=execute_pb2.Limits(**fields))
    if cpu_s is not None:
        spec.limits.cpu_time.FromNanoseconds(int(cpu_s * 1e9))
    return spec


@pytest.fixture(scope="module")
def bare_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    """One on a machine without cgroups."""
    hide = "umount -l $(awk '$3 ~ /^cgroup/ {print $2}' /proc/self/mounts | sort -r) && exec \"$@\""
    with WorkerProcess(tmp_path_factory.mktemp("bare"), prefix=["unshare", "-m", "sh", "-c", hide, "sh"]) as running:
        yield running
    assert running.complaints() == ""


@asynccontextmanager
async def bare(worker: WorkerProcess, folder: Path, python: str) -> AsyncIterator[Gateway]:
    async with connected(worker, folder, python) as calls:
        yield calls


def groups() -> list[str]:
    """Cgroups of sessions that are there."""
    found = []
    for name in ("memory", "pids"):
        place = cgroups.find(name)
        for parent in cgroups.parents(place) if place else ():
            for folder in os.listdir(parent):
                if folder.startswith("beep-python-"):
                    inside = os.path.join(parent, folder)
                    found += [f"{inside}/{entry}" for entry in os.listdir(inside) if os.path.isdir(f"{inside}/{entry}")]
    return found


def has_gone(pid: int) -> bool:
    return not process_is_there(pid)


def groups_of(session_id: str) -> list[str]:
    return [folder for folder in groups() if os.path.basename(folder) == session_id]


@has_memory_cgroup
async def test_more_memory_than_it_may_take_ends_it_and_the_next_generation_serves(gateway: Gateway) -> None:
    async with gateway.session(limits(memory_bytes=64 * MIB)) as session:
        assert any("memory cgroup" in text for text in session.session.isolation_details)
        finished = (await session.run(GREEDY.format(size=200 * MIB))).finished
        assert finished.outcome == O.OUTCOME_OUT_OF_MEMORY
        assert not finished.state_preserved
        assert finished.generation == 2
        assert f"{64 * MIB} bytes" in finished.message
        assert "limits.memory_bytes" in finished.message
        assert await session.value("'kept' in globals()") is False
        finished = (await session.run(GREEDY.format(size=200 * MIB))).finished
        assert (finished.outcome, finished.generation) == (O.OUTCOME_OUT_OF_MEMORY, 3)
        assert await session.value("len(bytearray(8 << 20))") == 8 << 20


@has_memory_cgroup
async def test_the_smallest_memory_limit_runs_code(gateway: Gateway) -> None:
    async with gateway.session(limits(memory_bytes=16 * MIB)) as session:
        assert await session.value("sum(range(1000))") == 499500


@has_memory_cgroup
async def test_a_child_that_is_killed_for_memory_is_told(gateway: Gateway) -> None:
    code = f"import subprocess, sys\ndone = subprocess.run([sys.executable, '-c', {GREEDY.format(size=200 * MIB)!r}])"
    async with gateway.session(limits(memory_bytes=64 * MIB)) as session:
        handled = (await session.run(f"kept = 1\n{code}\nassert done.returncode == -9")).finished
        assert handled.outcome == O.OUTCOME_OK
        assert "limits.memory_bytes" in handled.message
        left = (await session.run(f"{code}\ndone.check_returncode()")).finished
        assert left.outcome == O.OUTCOME_OUT_OF_MEMORY
        assert left.state_preserved
        assert "the kernel killed a process" in left.message
        plain = (await session.run("kept")).finished
        assert (plain.outcome, plain.message) == (O.OUTCOME_OK, "")


@has_memory_cgroup
async def test_a_child_that_is_killed_for_memory_while_nothing_runs_is_not_the_next_ones_doing(
    gateway: Gateway,
) -> None:
    greedy = f"import sys; sys.stdin.read()\n{GREEDY.format(size=200 * MIB)}"
    start = (
        f"import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', {greedy!r}], stdin=subprocess.PIPE)"
    )
    async with gateway.session(limits(memory_bytes=64 * MIB)) as session:
        await session.run(f"{start}\nimport threading\nthreading.Timer(0.05, child.stdin.close).start()")
        pid = await session.value("child.pid")
        await eventually(partial(has_gone, pid), "the child is killed")
        failed = (await session.run("1 / 0")).finished
        assert (failed.outcome, failed.message) == (O.OUTCOME_ERROR, "")
        assert await session.value("child.wait()") == -signal.SIGKILL


@has_memory_cgroup
async def test_a_session_that_ends_with_its_process_says_that_it_was_for_memory(gateway: Gateway) -> None:
    spec = limits(memory_bytes=64 * MIB)
    spec.close_on_death = True
    async with gateway.session(spec) as session:
        assert (await session.run(GREEDY.format(size=200 * MIB))).finished.outcome == O.OUTCOME_OUT_OF_MEMORY
        closed = await gateway.describe(session.session.id)
        assert closed.close_reason == O.CLOSE_REASON_OUT_OF_MEMORY
        assert "limits.memory_bytes" in closed.close_message


@has_memory_cgroup
@has_pids_cgroup
async def test_the_cgroups_of_a_session_go_with_it(gateway: Gateway, worker: WorkerProcess) -> None:
    async with gateway.session(limits(memory_bytes=64 * MIB, processes=20)) as session:
        await session.run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
        assert await session.value("1") == 1
        assert len(groups_of(session.session.id)) == 2
    assert groups_of(session.session.id) == []
    async with gateway.session() as plain:
        assert groups_of(plain.session.id) == []


@has_memory_cgroup
async def test_callers_that_leave_while_a_session_is_put_in_its_cgroup_leave_none(
    gateway: Gateway, worker: WorkerProcess
) -> None:
    for round in range(20):
        stream = gateway.stream()
        await stream.send(worker_pb2.Downward(open=gateway.request(limits(memory_bytes=64 * MIB), ephemeral=True)))
        await asyncio.sleep(round / 1000)  # at every moment of it
        await stream.abort()

    async def have_gone() -> bool:
        return (await gateway.stats()).sessions_open == 0

    async with asyncio.timeout(10):
        while not await have_gone():
            await asyncio.sleep(0.005)
    await eventually(lambda: [f for f in groups() if f"-{worker.pid}-" in f] == [], "their cgroups go")


@has_memory_cgroup
async def test_no_cgroup_outlives_its_worker(tmp_path: Path, python: str) -> None:
    """Ended, killed alone, and killed with its keeper, when the next worker finds what is left."""
    for end in ("end", "worker", "both"):
        folder = tmp_path / end
        folder.mkdir()
        running = WorkerProcess(folder)
        async with connected(running, folder, python) as calls:
            stream = calls.stream()
            await stream.open(calls.request(limits(memory_bytes=64 * MIB)))
            session_id, pid = stream.session.id, stream.session.pid
            assert groups_of(session_id)
            if end == "both":
                running.keeper.kill()
            if end != "end":
                os.kill(running.pid, 9)
            await stream.abort() if end == "end" else await stream.ended()
        running.close()
        if end == "both":
            await eventually(partial(has_gone, pid), "the session finds itself alone and leaves")
            with WorkerProcess(tmp_path):
                pass
        assert groups_of(session_id) == []


@is_root
async def test_without_cgroups_memory_is_held_by_rlimit_and_the_state_is_kept(
    bare_worker: WorkerProcess, tmp_path: Path, python: str
) -> None:
    async with bare(bare_worker, tmp_path, python) as calls:
        mechanisms = (await calls.call("Hello", worker_pb2.HelloRequest())).mechanisms
        assert any(text.startswith("memory limit: RLIMIT_AS") for text in mechanisms)
        assert any(text.startswith("no process limit") for text in mechanisms)
        async with calls.session(limits(memory_bytes=64 * MIB)) as session:
            assert any("RLIMIT_AS" in text for text in session.session.isolation_details)
            await session.run("mine = 5")
            result = await session.run(GREEDY.format(size=200 * MIB))
            assert result.error.type_name == "MemoryError"
            assert result.finished.outcome == O.OUTCOME_OUT_OF_MEMORY
            assert result.finished.state_preserved
            assert "limits.memory_bytes" in result.finished.message
            assert await session.value("mine") == 5
            caught = await session.run(f"try:\n    bytearray({200 * MIB})\nexcept MemoryError:\n    pass")
            assert caught.finished.outcome == O.OUTCOME_OK
        with pytest.raises(Refused) as refused:
            async with calls.session(limits(processes=10)):
                pass
        assert refused.value.reason == "ISOLATION_UNAVAILABLE"
        assert refused.value.metadata["mechanism"] == "pids cgroup"
        assert "limits.processes" in refused.value.message


@has_pids_cgroup
async def test_a_fork_bomb_gets_no_further_than_its_limit(gateway: Gateway) -> None:
    bomb = "import os, time\nwhile True:\n    if os.fork() == 0:\n        time.sleep(60)\n        os._exit(0)"
    async with gateway.session(limits(processes=10)) as session, gateway.session() as other:
        result = await session.run(bomb)
        assert result.error.type_name == "BlockingIOError"
        assert result.finished.outcome == O.OUTCOME_ERROR
        assert result.finished.state_preserved
        assert "limits.processes" in result.finished.message
        assert (await gateway.describe(session.session.id)).usage.processes <= 10
        threads = "import threading, time\nfor _ in range(20): threading.Thread(target=time.sleep, args=(60,)).start()"
        result = await session.run(threads)
        assert result.error.type_name == "RuntimeError"
        assert "limits.processes" in result.finished.message
        assert await other.value("import os; len([os.waitpid(os.fork() or os._exit(0), 0) for _ in range(20)])") == 20


async def test_open_files_are_an_error_that_names_the_limit(gateway: Gateway) -> None:
    async with gateway.session(limits(open_files=32)) as session:
        assert any("RLIMIT_NOFILE" in text for text in session.session.isolation_details)
        result = await session.run("import os\nfiles = []\nwhile True: files.append(open('/dev/null'))")
        assert (result.error.type_name, result.error.message[:10]) == ("OSError", "[Errno 24]")
        assert result.finished.outcome == O.OUTCOME_ERROR
        assert "limits.open_files" in result.finished.message
        assert await session.value("len(files) <= 32") is True
        assert (await session.run("files.clear(); open('/dev/null').close()")).finished.message == ""
        preset = await session.run("input()", stdin=b"text", input_mode=O.INPUT_MODE_PRESET)
        assert preset.text == "'text'"


async def test_a_file_that_is_too_large_is_an_error_that_names_the_limit(gateway: Gateway) -> None:
    async with gateway.session(limits(file_bytes=MIB)) as session:
        result = await session.run("with open('f', 'wb', 0) as file:\n    while True: file.write(bytes(65536))")
        assert result.error.message.startswith("[Errno 27]")
        assert "limits.file_bytes" in result.finished.message
        assert result.finished.state_preserved
        assert await session.value("import os; os.path.getsize('f')") == MIB


async def test_an_error_that_the_code_caught_or_raised_from_another_is_told_as_it_is(gateway: Gateway) -> None:
    async with gateway.session(limits(open_files=32)) as session:
        greedy = "files = []\ntry:\n    while True: files.append(open('/dev/null'))\n"
        caught = await session.run(f"{greedy}except OSError: files.clear()")
        assert (caught.finished.outcome, caught.finished.message) == (O.OUTCOME_OK, "")
        wrapped = await session.run(f"{greedy}except OSError as e: files.clear(); raise ValueError('no') from e")
        assert wrapped.error.type_name == "ValueError"
        assert "limits.open_files" in wrapped.finished.message


async def test_cpu_time_is_ended_by_the_ladder_and_stays_spent(gateway: Gateway) -> None:
    async with gateway.session(limits(cpu_s=0.5)) as session:
        await session.run("kept = 1")
        waiting = await session.submit("while True: pass")
        behind = await session.submit("kept = 2")
        finished = await waiting.finished()
        assert finished.outcome == O.OUTCOME_CPU_LIMIT
        assert finished.state_preserved
        assert finished.stopped_by == O.STOP_RUNG_INTERRUPT
        assert "0.5 s" in finished.message
        assert "limits.cpu_time" in finished.message
        assert finished.usage.user_cpu.ToNanoseconds() + finished.usage.system_cpu.ToNanoseconds() < 1.5e9
        for item in (behind, await session.submit("kept = 3")):
            finished = await item.finished()
            assert (finished.outcome, finished.state_preserved) == (O.OUTCOME_CPU_LIMIT, True)
            assert item.kinds == ["accepted", "finished"]
        # Neither does a restart refill it.
        assert (await gateway.restart(session.session.id)).generation == 2
        assert (await session.run("1")).finished.outcome == O.OUTCOME_CPU_LIMIT


async def test_cpu_time_counts_what_children_take_and_no_wait(gateway: Gateway) -> None:
    burn = "import os\nif os.fork() == 0:\n    while True: pass\nos.wait()"
    async with gateway.session(limits(cpu_s=0.5)) as session:
        assert (await session.run("import time; time.sleep(1)")).finished.outcome == O.OUTCOME_OK
        assert (await session.run(burn)).finished.outcome == O.OUTCOME_CPU_LIMIT


async def test_code_that_does_not_listen_is_killed_for_its_cpu_time(gateway: Gateway) -> None:
    deaf = "while True:\n    try:\n        x = 1\n        while True: pass\n    except BaseException: pass"
    async with gateway.session(limits(cpu_s=0.2)) as session:
        item = await session.submit(deaf)
        finished = await item.finished()
        assert finished.outcome == O.OUTCOME_CPU_LIMIT
        assert finished.stopped_by == O.STOP_RUNG_KILL
        assert not finished.state_preserved
        assert (await session.run("1")).finished.outcome == O.OUTCOME_CPU_LIMIT


async def test_the_kernel_ends_what_takes_cpu_time_while_nothing_runs(gateway: Gateway) -> None:
    async with gateway.session(limits(cpu_s=1.5)) as session:
        assert await session.value("import resource; list(resource.getrlimit(resource.RLIMIT_CPU))") == [12, 12]
        assert await session.value("list(resource.getrlimit(resource.RLIMIT_NOFILE))[0] >= 1000") is True
    # As it does then, in less time than that takes.
    bounds = SessionLimits.of(limits(cpu_s=1.5).limits, Machine("none", "none"), "s")
    assert bounds is not None
    assert bounds.explain_death(ExitStatus(0), was_ours=False) is None
    cause = bounds.explain_death(ExitStatus(signal.SIGKILL, user_cpu_s=12.0), was_ours=False)
    assert cause is not None
    assert (cause.outcome, cause.signal) == (O.OUTCOME_CPU_LIMIT, signal.SIGKILL)
    assert bounds.explain_death(ExitStatus(signal.SIGKILL), was_ours=True) is None


@has_memory_cgroup
@has_pids_cgroup
async def test_a_restarted_session_is_held_as_the_first_was(gateway: Gateway) -> None:
    spec = limits(memory_bytes=64 * MIB, processes=2, open_files=20, file_bytes=MIB)
    async with gateway.session(spec) as session:
        for _ in range(2):
            session_id = (await gateway.restart(session.session.id)).id
            assert (await gateway.describe(session_id)).usage.processes == 1
            fork = await session.run("import os\nif os.fork() == 0: os._exit(0)")
            assert "limits.processes" in fork.finished.message
            assert await session.value("import resource; resource.getrlimit(resource.RLIMIT_NOFILE)[1]") == 20
        finished = (await session.run(GREEDY.format(size=200 * MIB))).finished
        assert (finished.outcome, finished.generation) == (O.OUTCOME_OUT_OF_MEMORY, 4)


async def test_output_beyond_the_sessions_limit_ends_it_unless_the_call_has_one_of_its_own(gateway: Gateway) -> None:
    flood = "while True: print('x' * 1000)"
    async with gateway.session(limits(output_bytes=100_000)) as session:
        for code in (flood, "import os\nwhile True: os.write(1, b'x' * 65536)", f"print('x' * 99_999)\n{flood}"):
            cut = await session.run(code)
            assert cut.finished.outcome == O.OUTCOME_OUTPUT_LIMIT
            assert "100000 bytes" in cut.finished.message
            assert len(cut.stdout) == cut.finished.usage.stdout_bytes == 100_000
        assert (await session.run("print('x' * 99_999)")).finished.outcome == O.OUTCOME_OK
        assert (await session.run("print('x' * 200_000)", max_output_bytes=300_000)).finished.outcome == O.OUTCOME_OK


async def test_limits_beyond_what_the_machine_has_hold_nothing_back(gateway: Gateway) -> None:
    huge = limits(cpu_s=1e9, open_files=(1 << 32) - 1, file_bytes=(1 << 64) - 1, output_bytes=(1 << 64) - 1)
    huge.limits.memory_bytes = (1 << 64) - 1
    if groups_can_be_made("pids"):
        huge.limits.processes = (1 << 32) - 1
    async with gateway.session(huge) as session:
        assert await session.value("1 + 1") == 2


async def test_bombs_in_twenty_sessions_at_once_end_each_for_its_reason_and_trouble_nobody(
    gateway: Gateway, worker: WorkerProcess
) -> None:
    mechanisms = " ".join((await gateway.call("Hello", worker_pb2.HelloRequest())).mechanisms)
    kinds: list[tuple[execute_pb2.SessionSpec, str, execute_pb2.Outcome, str]] = [
        (limits(memory_bytes=32 * MIB), GREEDY.format(size=100 * MIB), O.OUTCOME_OUT_OF_MEMORY, "memory_bytes"),
        (
            limits(open_files=64),
            "files = []\nwhile True: files.append(open('/dev/null'))",
            O.OUTCOME_ERROR,
            "open_files",
        ),
        (
            limits(file_bytes=MIB),
            "f = open('f', 'wb', 0)\nwhile True: f.write(bytes(9999))",
            O.OUTCOME_ERROR,
            "file_bytes",
        ),
        (limits(output_bytes=MIB), "while True: print('x' * 9999)", O.OUTCOME_OUTPUT_LIMIT, "1048576 bytes"),
        (limits(cpu_s=0.2), "while True: pass", O.OUTCOME_CPU_LIMIT, "cpu_time"),
    ]
    if "no process limit" not in mechanisms:
        fork = "import os, time\nwhile True:\n    if os.fork() == 0: time.sleep(60)"
        kinds.append((limits(processes=8), fork, O.OUTCOME_ERROR, "processes"))

    async def bomb(number: int) -> None:
        spec, code, outcome, name = kinds[number % len(kinds)]
        async with gateway.session(spec) as session:
            finished = (await session.run(code)).finished
            assert (finished.outcome, name in finished.message) == (outcome, True), (code, finished)

    async def look(session: Stream, done: asyncio.Event) -> None:
        count = 0
        while not done.is_set():
            count += 1
            assert await session.value(f"count = {count}; count") == count

    async with gateway.session() as bystander:
        done = asyncio.Event()
        looking = asyncio.create_task(look(bystander, done))
        await asyncio.gather(*(bomb(number) for number in range(20)))
        done.set()
        await looking
        assert (await gateway.describe(bystander.session.id)).generation == 1
    assert [folder for folder in groups() if f"-{worker.pid}-" in folder] == []
