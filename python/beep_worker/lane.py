"""`Attach` without gRPC around it: the same messages over a Unix socket, each behind its length.

gRPC in Python costs several times what everything else here does for a short call. The lane is offered in `Hello` and
never the only way.
"""

from __future__ import annotations

import asyncio
import hmac

from google.protobuf.message import DecodeError

from beep.python.worker.v1 import worker_pb2
from beep_worker import long_field
from beep_worker.conversation import Conversation
from beep_worker.outbox import LongUpward, burst, next_message
from beep_worker.worker import Worker

_HIGH_WATER_BYTES = 1024 * 1024

# That an execution was accepted and has started is said together with what it does first, if that comes as soon.
_WAIT_S = 0.002


class Lane(asyncio.Protocol):
    """One connection: its first message is the token, then `AttachRequest` in and `AttachResponse` out."""

    def __init__(self, worker: Worker, token: str, max_message_bytes: int) -> None:
        self._worker = worker
        self._token = token.encode()
        self._max_message_bytes = max_message_bytes
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._received = bytearray()
        self._conversation: Conversation | None = None
        self._items: list[worker_pb2.Upward | LongUpward] = []
        self._is_flushing = False
        self._waiting: asyncio.TimerHandle | None = None
        self._is_full = False
        self._is_closing = False

    # --- asyncio.Protocol ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=_HIGH_WATER_BYTES)

    def data_received(self, data: bytes) -> None:
        self._received += data
        received = self._received
        at = 0
        while len(received) - at >= 4:
            length = int.from_bytes(received[at : at + 4], "big")
            if length > self._max_message_bytes:
                self._transport.abort()
                return
            if len(received) - at - 4 < length:
                break
            message = bytes(received[at + 4 : at + 4 + length])
            at += 4 + length
            if not self._take(message):
                self._transport.abort()
                return
        del received[:at]

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_closing = True
        self._items.clear()
        if self._conversation is not None:
            self._conversation.close()

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        self._flush()

    # --- Outbox ---

    def put(self, item: worker_pb2.Upward, can_wait: bool = False) -> None:
        self._items.append(item)
        # What one turn of the loop gives rise to goes together; an answer mostly ends a turn's work, and goes at once.
        if item.envelope.kind == worker_pb2.ENVELOPE_KIND_RESULT and not burst.is_on:
            self._flush()
        elif can_wait and self._waiting is None:
            self._waiting = self._loop.call_later(_WAIT_S, self._flush)
        elif not can_wait:
            self._flush_soon()

    def put_long(self, item: LongUpward) -> None:
        self._items.append(item)
        self._flush_soon()

    def close(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._flush()

    def _flush_soon(self) -> None:
        if not self._is_flushing:
            self._is_flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flushing = False
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        while self._items and not self._is_full:
            first = self._items[0]
            if isinstance(first, LongUpward):
                del self._items[0]
                self._write_long(first)
            else:
                body = next_message(self._items).SerializeToString()
                self._transport.write(len(body).to_bytes(4, "big") + body)
        if self._is_closing and not self._items:
            self._transport.close()

    def _write_long(self, item: LongUpward) -> None:
        head = long_field.head(worker_pb2.AttachResponse(), "items", sum(map(len, item))) + item.head
        self._transport.write((len(head) + len(item.tail)).to_bytes(4, "big") + head)
        self._transport.write(item.tail)

    def _take(self, message: bytes) -> bool:
        """Whether the other end is to be heard any further."""
        if self._conversation is None:
            if not hmac.compare_digest(message, self._token):
                return False
            self._conversation = Conversation(self._worker, self)
            return True
        try:
            request = worker_pb2.AttachRequest.FromString(message)
        except DecodeError:
            return False
        self._conversation.take(request)
        return True
