"""Large data on connections of their own, which the worker hands over to the session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from beep.python.v1 import object_pb2, value_pb2
from beep.python.worker.v1 import worker_pb2
from tests.worker.driver import PATIENCE_S, TOKEN, Gateway, Refused, Stream

MIB = 1 << 20

SAY = """
import json, os, struct
def say(header):
    text = json.dumps(header).encode()
    os.write(63, struct.pack('!II', 4 + len(text), len(text)) + text)
"""


class Transfer:
    """One connection, from the gateway's side."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, body: bytes) -> None:
        self.writer.write(len(body).to_bytes(4, "big") + body)

    async def response(self) -> worker_pb2.TransferResponse:
        """Raises Refused, and IncompleteReadError where the connection ends first."""
        async with asyncio.timeout(PATIENCE_S):
            length = int.from_bytes(await self.reader.readexactly(4), "big")
            response = worker_pb2.TransferResponse.FromString(await self.reader.readexactly(length))
        if response.HasField("refusal"):
            raise Refused(response.refusal)
        return response

    async def rest(self) -> bytes:
        async with asyncio.timeout(PATIENCE_S):
            return await self.reader.read()


@asynccontextmanager
async def connected(gateway: Gateway, token: str = TOKEN) -> AsyncIterator[Transfer]:
    path = (await gateway.call("Hello", worker_pb2.HelloRequest())).transfers
    transfer = Transfer(*await asyncio.open_unix_connection(path, limit=64 * MIB))
    transfer.send(token.encode())
    try:
        yield transfer
    finally:
        transfer.writer.close()


@asynccontextmanager
async def asked(
    gateway: Gateway, session: Stream, request: object_pb2.ReadRequest | object_pb2.WriteHeader, principal: str = "p"
) -> AsyncIterator[Transfer]:
    """A transfer that has been asked for."""
    body = request.SerializeToString()
    message = worker_pb2.TransferRequest(principal=principal, session_id=session.session.id)
    if isinstance(request, object_pb2.ReadRequest):
        message.read = body
    else:
        message.write = body
    async with connected(gateway) as transfer:
        transfer.send(message.SerializeToString())
        yield transfer


async def held(session: Stream, expression: str) -> str:
    """A handle."""
    operation = object_pb2.Operation()
    operation.evaluate.expression = expression
    operation.result.form = value_pb2.RESULT_FORM_HANDLE
    answer = await session.apply(operation)
    return answer.results[0].handle.id


async def test_a_read_is_its_header_its_bytes_and_the_end(gateway: Gateway, session: Stream) -> None:
    handle = await held(session, "b'0123456789'")
    async with asked(gateway, session, object_pb2.ReadRequest(handle_id=handle, offset=2, length=5)) as transfer:
        opened = (await transfer.response()).read
        header = object_pb2.ReadHeader.FromString(opened.header)
        assert (header.form, header.total_bytes, header.offset) == (object_pb2.READ_FORM_BYTES, 10, 2)
        assert (opened.bytes, opened.generation) == (5, 1)
        assert await transfer.rest() == b"23456"


async def test_who_does_not_know_the_token_is_told_nothing(gateway: Gateway) -> None:
    async with connected(gateway, "another") as transfer:
        assert await transfer.rest() == b""
    async with connected(gateway) as transfer:
        transfer.writer.write(b"\xff" * 4)
        assert await transfer.rest() == b""
    async with connected(gateway) as transfer:
        transfer.send(b"\xff\xff")
        assert await transfer.rest() == b""


async def test_requests_that_make_no_sense_are_refused(gateway: Gateway, session: Stream) -> None:
    tensor = object_pb2.WriteHeader(total_bytes=1)
    tensor.tensor.dtype = "<f8"
    for request, principal, reason in (
        (object_pb2.ReadRequest(handle_id="none"), "p", "HANDLE_NOT_FOUND"),
        (object_pb2.ReadRequest(handle_id="none"), "other", "SESSION_NOT_FOUND"),
        (object_pb2.WriteHeader(offset=1), "p", "INVALID_ARGUMENT"),
        (object_pb2.WriteHeader(write_id="w"), "p", "INVALID_ARGUMENT"),
        (object_pb2.WriteHeader(total_bytes=1 << 63), "p", "VALUE_TOO_LARGE"),
        (tensor, "p", "INVALID_ARGUMENT"),
    ):
        async with asked(gateway, session, request, principal) as transfer:
            with pytest.raises(Refused) as refused:
                await transfer.response()
            assert refused.value.reason == reason, request


async def test_a_caller_who_leaves_before_its_turn_takes_it_along(gateway: Gateway, session: Stream) -> None:
    handle = await held(session, "b'x'")
    await session.submit("import time\nwhile True: time.sleep(0.01)")
    async with asked(gateway, session, object_pb2.ReadRequest(handle_id=handle)):
        while (await gateway.describe(session.session.id)).queued_items == 0:
            await asyncio.sleep(0.01)
    while (await gateway.describe(session.session.id)).queued_items:
        await asyncio.sleep(0.01)
    await gateway.interrupt(session.session.id)


async def test_a_write_that_is_sent_again_takes_the_place_of_the_one_before(gateway: Gateway, session: Stream) -> None:
    header = object_pb2.WriteHeader(write_id="w", total_bytes=4, assign_to="text")
    async with asked(gateway, session, header) as lost:
        assert (await lost.response()).write.bytes == 4
        lost.writer.write(b"ab")
        async with asked(gateway, session, header) as again:
            assert (await again.response()).write.bytes == 4
            again.writer.write(b"abcd\1")
            written = object_pb2.WriteResponse.FromString((await again.response()).written)
        assert written.received_bytes == 4
        with pytest.raises(asyncio.IncompleteReadError):
            await lost.response()
    async with asked(gateway, session, header) as repeated:
        assert object_pb2.WriteResponse.FromString((await repeated.response()).written) == written
    assert await session.value("text == b'abcd'") is True


async def test_bytes_without_the_last_word_are_no_object(gateway: Gateway, session: Stream) -> None:
    async with asked(gateway, session, object_pb2.WriteHeader(total_bytes=4, assign_to="text")) as transfer:
        await transfer.response()
        transfer.writer.write(b"abcd")
        transfer.writer.write_eof()
        with pytest.raises(Refused):
            await transfer.response()
    assert await session.value("'text' in globals()") is False


@pytest.mark.parametrize(
    "said",
    [
        "{'op': 'carried', 'transfer': 'none', 'bytes': 1, 'is_whole': True, 'why': ''}",
        "{'op': 'carried', 'transfer': [], 'bytes': 1, 'is_whole': True, 'why': ''}",
        "{'op': 'carried', 'bytes': -1, 'is_whole': 1, 'why': 5}",
    ],
)
async def test_a_session_that_ends_transfers_which_are_none_is_ended(
    gateway: Gateway, session: Stream, said: str
) -> None:
    handle = await held(session, "bytes(8 << 20)")
    async with asked(gateway, session, object_pb2.ReadRequest(handle_id=handle)) as transfer:
        assert (await transfer.response()).read.bytes == 8 * MIB
        finished = (await session.run(f"{SAY}\nsay({said})\nimport time; time.sleep(60)")).finished
        assert not finished.state_preserved
        assert len(await transfer.rest()) <= 8 * MIB
    assert (await gateway.describe(session.session.id)).generation == 2
