"""The worker's end of a session's stdout or stderr."""

from __future__ import annotations

import asyncio
import fcntl
import os
import threading
from collections.abc import Iterable

from beep_worker.pipe import BATCH_S, CHUNK_BYTES, READ_BYTES, OutputPipe

MIB = 1 << 20


async def read_all(blocks: Iterable[bytes]) -> list[bytes]:
    """What a thread that writes these gives rise to, piece by piece."""
    ours, theirs = os.pipe()
    pieces: list[bytes] = []
    pipe = OutputPipe(asyncio.get_running_loop(), ours, lambda: None, pieces.append)

    def write() -> None:
        for block in blocks:
            os.write(theirs, block)
        os.close(theirs)

    thread = threading.Thread(target=write)
    thread.start()
    await asyncio.to_thread(thread.join)
    pipe.settle()
    pipe.close()
    return pieces


async def test_what_is_written_at_full_rate_comes_in_order_and_in_large_pieces() -> None:
    blocks = [os.urandom(MIB) for _ in range(16)]
    pieces = await read_all(blocks)
    assert b"".join(pieces) == b"".join(blocks)
    assert CHUNK_BYTES <= max(map(len, pieces)) <= READ_BYTES


async def test_single_characters_are_gathered() -> None:
    started = asyncio.get_running_loop().time()
    pieces = await read_all([b"x"] * 100_000)
    took = asyncio.get_running_loop().time() - started
    assert b"".join(pieces) == b"x" * 100_000
    # Each of them but the first and the last stands for a batch's time, or for a chunk.
    assert len(pieces) <= 2 + took / BATCH_S + 100_000 / CHUNK_BYTES


async def test_a_pipe_is_larger_only_while_code_writes_at_full_rate() -> None:
    ours, theirs = os.pipe()
    pieces: asyncio.Queue[bytes] = asyncio.Queue()
    pipe = OutputPipe(asyncio.get_running_loop(), ours, lambda: None, pieces.put_nowait)

    def capacity() -> int:
        return fcntl.fcntl(ours, fcntl.F_GETPIPE_SZ)

    at_first = capacity()
    os.write(theirs, b"x")
    assert await pieces.get() == b"x"
    pipe.settle()
    assert capacity() == at_first
    os.write(theirs, b"x" * READ_BYTES)
    assert await pieces.get() == b"x" * READ_BYTES
    assert capacity() > at_first
    pipe.settle()
    assert capacity() == at_first
    pipe.close()
    os.close(theirs)
