"""The input of one execution: where it comes from, what is kept until the code asks, and what it waits for."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from beep.python.v1 import execute_pb2
from beep_worker.frames import FrameError
from beep_worker.refusal import Refusal, input_not_expected

# What is kept of input that came before the code asked.
MAX_KEPT_BYTES = 64 * 1024

# What goes to the session at once: less than its socket holds, so that no answer is ever half sent.
_ANSWER_BYTES = 64 * 1024

_WITHOUT = {
    execute_pb2.INPUT_MODE_NONE: ("none", "it was started without input; start it interactively"),
    execute_pb2.INPUT_MODE_PRESET: ("preset", "all its input came with it; start it interactively"),
}


class Answer(NamedTuple):
    """Bytes for the code, and whether the end of file follows them."""

    data: bytes
    is_last: bool


class Input:
    """Interactive input is a stream of bytes: what answers one question may hold the answers of further ones."""

    def __init__(self, execution_id: str, request: execute_pb2.ExecuteRequest) -> None:
        self._execution_id = execution_id
        self._request = request
        self.mode = request.input_mode
        if self.mode == execute_pb2.INPUT_MODE_UNSPECIFIED:
            self.mode = execute_pb2.INPUT_MODE_PRESET if request.stdin else execute_pb2.INPUT_MODE_NONE
        # Number of the newest question, and whether the code waits for its answer.
        self._number = 0
        self._is_asked = False
        self._kept = bytearray()
        self._has_end = False
        self._is_closed = False
        self._waiters: list[asyncio.Future[None]] = []

    def hand_over(self, header: dict[str, Any], blobs: list[bytes]) -> None:
        """Adds to the session's `run` frame where its input comes from."""
        if self.mode == execute_pb2.INPUT_MODE_INTERACTIVE:
            header["input"] = "interactive"
        elif self.mode == execute_pb2.INPUT_MODE_PRESET:
            header["input"] = {"blob": len(blobs)}
            blobs.append(self._request.stdin)
            self._request.ClearField("stdin")  # it can be large, and the log is kept for minutes

    def check_open(self) -> None:
        """Raises Refusal where no input is taken any more, or never was."""
        refusal = _WITHOUT.get(self.mode)
        if self._is_closed:
            refusal = ("ended", "it has ended")
        elif refusal is None and self._has_end:
            refusal = ("end_of_file", "its end of file was sent already")
        if refusal is not None:
            raise input_not_expected(self._execution_id, *refusal)

    async def room(self, size: int) -> None:
        """Returns when so much input can be taken, or none at all any more."""
        while not (self._is_closed or self._has_room(size)):
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter

    def _has_room(self, size: int) -> bool:
        return self._is_asked or len(self._kept) + size <= MAX_KEPT_BYTES

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def give(self, data: execute_pb2.InputData) -> None:
        """Takes what a caller sends. Raises Refusal."""
        self.check_open()
        if not data.data and not data.end_of_file:
            raise Refusal("INVALID_ARGUMENT", "data is empty; send some, or end_of_file", field="input")
        if data.request_id and not (self._is_asked and data.request_id == self._number):
            raise input_not_expected(self._execution_id, "not_open", f"its input request {data.request_id} is not open")
        if not self._has_room(len(data.data)):
            raise Refusal(
                "QUOTA_EXCEEDED",
                f"input is kept up to {MAX_KEPT_BYTES} bytes, {len(self._kept)} wait; send it when the code asks",
                retry_after_ms=1000,
                quota="input",
                limit=str(MAX_KEPT_BYTES),
            )
        self._kept += data.data
        self._has_end = data.end_of_file

    def ask(self) -> int:
        """The code asks; the number of its question, should it be put to the caller. Raises FrameError."""
        if self.mode != execute_pb2.INPUT_MODE_INTERACTIVE:
            raise FrameError("it asks for input that it was not given")
        self._is_asked = True
        self._wake()
        return self._number + 1

    def open(self) -> None:
        """The question is put to the caller."""
        self._number += 1

    def answer(self) -> Answer | None:
        """What goes to the code now; None where it does not wait, or has to."""
        if not self._is_asked or not (self._kept or self._has_end):
            return None
        self._is_asked = False
        data = bytes(self._kept[:_ANSWER_BYTES])
        del self._kept[:_ANSWER_BYTES]
        self._wake()
        return Answer(data, self._has_end and not self._kept)

    def close(self) -> None:
        """The execution has ended."""
        self._is_closed = True
        self._wake()
        self._kept.clear()
        self._request.ClearField("stdin")
