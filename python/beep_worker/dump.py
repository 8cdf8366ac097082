"""Stacks as faulthandler writes them, and whether it may be asked for them."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from beep.python.v1 import error_pb2
from beep_worker.usage import run_time_ns

_SESSION_FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "beep_session") + os.sep

# All that called these is ours too, or started us.
_START_FILES = (_SESSION_FOLDER + "cell.py", _SESSION_FOLDER + "session.py")

_THREAD = re.compile(r"^(Current thread|Thread) (0x[0-9a-f]+).*\(most recent call first\):$")
_FRAME = re.compile(r'^  File "?(.*?)"?, line (\d+|\?\?\?) in (.*)$')

# A thread that ran for more than this part of the time is one that runs.
_BUSY = 0.1


@dataclass
class DumpedThread:
    """One thread, innermost frame first."""

    ident: int
    is_current: bool
    frames: list[tuple[str, int, str]]
    is_cut: bool = False

    @property
    def is_main(self) -> bool:
        """Whether we started in it."""
        bottom = self.frames[-1][0] if self.frames else ""
        return bottom == "<string>" or (self.is_cut and self.is_current)


def parse(text: str) -> list[DumpedThread]:
    """The threads of a dump."""
    threads: list[DumpedThread] = []
    for line in text.split("\n"):
        thread = _THREAD.match(line)
        if thread is not None:
            threads.append(DumpedThread(int(thread[2], 16), thread[1] == "Current thread", []))
            continue
        frame = _FRAME.match(line)
        if frame is not None and threads:
            threads[-1].frames.append((frame[1], 0 if frame[2] == "???" else int(frame[2]), frame[3]))
        elif line.startswith("  ...") and threads:
            threads[-1].is_cut = True
    return threads


def is_whole(text: str) -> bool:
    """Whether the dump has come to its end: the main thread's bottom, where we started it, is the last line of all."""
    if not text.endswith("\n"):
        return False
    threads = parse(text)
    return bool(threads) and threads[-1].is_main


def to_messages(text: str, cell: tuple[str, str] | None = None) -> Iterable[error_pb2.ThreadStack]:
    """The threads that run code of the user's, the main one first; `cell` is the file name and source of what runs."""
    threads = sorted(parse(text), key=lambda thread: not thread.is_main)
    lines = cell[1].splitlines() if cell is not None else []
    for thread in threads:
        frames = []
        for file, line, function in thread.frames:
            if file in _START_FILES:
                break
            if not file.startswith(_SESSION_FOLDER):
                is_of_cell = cell is not None and file == cell[0] and 0 < line <= len(lines)
                source = lines[line - 1].strip()[:4096] if is_of_cell else ""
                frames.append(error_pb2.StackFrame(file=file, line=line, function=function, source=source))
        if frames or thread.is_main:
            name = "MainThread" if thread.is_main else f"thread {thread.ident}"
            yield error_pb2.ThreadStack(thread_name=name, main_thread=thread.is_main, frames=reversed(frames))


def is_caught(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            for line in file:
                if line.startswith(b"SigCgt:"):
                    return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    except (OSError, ValueError, IndexError):
        pass
    return False


async def is_one_running(pid: int, for_s: float) -> bool:
    """Whether at most one thread of a process runs: what the others did last stays as it is."""
    before = _run_times(pid)
    if before is None:
        return False
    await asyncio.sleep(for_s)
    after = _run_times(pid)
    if after is None or len(after) > len(before):
        return False
    running = sum(after[tid] - before.get(tid, 0) > for_s * _BUSY * 1e9 for tid in after)
    return running <= 1


def _run_times(pid: int) -> dict[int, int] | None:
    """Nanoseconds on a processor, by thread."""
    times = {}
    try:
        threads = [int(name) for name in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return None
    for thread_id in threads:
        time_ns = run_time_ns(pid, thread_id)
        if time_ns is None:
            return None
        times[thread_id] = time_ns
    return times
