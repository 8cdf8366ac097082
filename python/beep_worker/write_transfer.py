"""Large objects on their way into a session: the object is there when all of it is."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError

from beep.python.v1 import object_pb2
from beep.python.worker.v1 import worker_pb2
from beep_session.arrays import NoArray, check_shape
from beep_worker.questions import ProcessGone, Unanswered
from beep_worker.refusal import Refusal
from beep_worker.session import Session
from beep_worker.step import Step
from beep_worker.transfer_connection import TransferConnection

# So long is kept what has come of a write that broke off, and what was answered to one that was done.
KEPT_S = 300.0

# Of those, so many.
_MAX_NAMED = 1000

_MAX_BYTES = 1 << 62


@dataclass
class Write:
    """One object, and how much of it has come."""

    session: Session
    header: object_pb2.WriteHeader
    # How many bytes it has; None: that is not known before they have come.
    total: int | None
    name: str
    # The process that it is in; 0 until it has begun there.
    pid: int = 0
    received: int = 0
    response: object_pb2.WriteResponse | None = None
    # Whose bytes come just now, and what is waited for before another's may.
    connection: TransferConnection | None = None
    turn: asyncio.Lock | None = None
    expiry: asyncio.TimerHandle | None = None


class WriteTransfers:
    """Those that callers have named, by session and name; the others are known to nobody else."""

    def __init__(self) -> None:
        self._named: dict[tuple[str, str], Write] = {}

    async def write(self, session: Session, connection: TransferConnection, body: bytes) -> None:
        """One write, to its end. Raises Refusal, Left and OSError."""
        header = _header_of(body)
        total = _total_of(header)
        if not header.write_id:
            if header.offset:
                raise Refusal(
                    "INVALID_ARGUMENT",
                    "offset goes on with a write that has a write_id; send all of it",
                    field="offset",
                )
            await self._write(Write(session, header, total, uuid.uuid4().hex), connection, 0)
            return
        key = (session.identity.id, header.write_id)
        write = self._named.get(key)
        if write is None or (write.pid and write.pid != session.pid):
            write = Write(session, header, total, uuid.uuid4().hex, turn=asyncio.Lock())
            self._named[key] = write
        elif not _is_same(write.header, header):
            raise Refusal(
                "IDEMPOTENCY_KEY_REUSED",
                f"write_id was used for another write: {header.write_id}; take a new one",
                key=header.write_id,
            )
        if write.connection is not None:
            write.connection.cut()  # its caller is here: that one was lost
        assert write.turn is not None
        async with write.turn:
            self._keep(key, write, None)
            write.connection = connection
            try:
                await self._write(write, connection, header.offset)
            finally:
                write.connection = None
                if self._named.get(key) is write:
                    self._keep(key, write, KEPT_S if write.received or write.response else 0.0)

    def _keep(self, key: tuple[str, str], write: Write, seconds: float | None) -> None:
        """For so long from now on; None: until further notice."""
        if write.expiry is not None:
            write.expiry.cancel()
            write.expiry = None
        if seconds is not None:
            write.expiry = asyncio.get_running_loop().call_later(seconds, self._forget, key, write)
        if len(self._named) > _MAX_NAMED:
            oldest = next(iter(self._named))
            self._forget(oldest, self._named[oldest])

    def _forget(self, key: tuple[str, str], write: Write) -> None:
        if write.connection is None and self._named.get(key) is write:
            del self._named[key]
            _drop(write)

    async def _write(self, write: Write, connection: TransferConnection, offset: int) -> None:
        if write.response is not None:
            await connection.reply_last(worker_pb2.TransferResponse(written=write.response.SerializeToString()))
            return
        if offset > write.received:
            raise Refusal(
                "INVALID_ARGUMENT",
                f"offset {offset} is beyond what has come, {write.received} bytes; go on from there",
                field="offset",
                received_bytes=str(write.received),
            )
        try:
            await self._open(write, connection)
            is_whole = await self._carry(write, connection, offset)
            if is_whole and await connection.receive_byte():
                write.response = await self._close(write, connection)
                await connection.reply_last(worker_pb2.TransferResponse(written=write.response.SerializeToString()))
            elif write.header.write_id:
                so_far = object_pb2.WriteResponse(received_bytes=write.received)
                await connection.reply_last(worker_pb2.TransferResponse(written=so_far.SerializeToString()))
            else:
                raise Refusal(
                    "INVALID_ARGUMENT",
                    f"the data ended after {write.received} bytes"
                    f"{'' if write.total is None else f' of {write.total}'}; nothing of it was kept",
                )
        except BaseException:
            if not write.header.write_id:
                _drop(write)
            raise

    async def _open(self, write: Write, connection: TransferConnection) -> None:
        if write.pid:
            return
        tensor = write.header.tensor
        operation = {
            "do": "open_write",
            "transfer": write.name,
            "tensor": [tensor.dtype, list(tensor.shape)] if write.header.HasField("tensor") else None,
            "is_framed": write.total is None,
            "name": write.header.assign_to,
        }
        step = _step(write, operation)
        try:
            await connection.run(write.session, step)
            step.opened()
        except BaseException:
            if step.pid == write.session.pid:
                write.session.drop_transfer(write.name)
            raise
        write.pid = step.pid

    async def _carry(self, write: Write, connection: TransferConnection, offset: int) -> bool:
        """Whether all has come now."""
        process = write.session.process_with(write.pid)
        count = write.total - offset if write.total is not None else 0
        opened = worker_pb2.WriteOpened(offset=offset, bytes=count, is_framed=write.total is None)
        await connection.reply(worker_pb2.TransferResponse(write=opened))
        if write.total is not None and not count:
            return True
        try:
            carried = await connection.carry(process, write.name, offset, count)
        except (ProcessGone, Unanswered):
            raise Refusal("STALE_GENERATION", "the session's process ended before all had come") from None
        write.received = max(write.received, offset + min(carried.bytes, count or _MAX_BYTES))
        if carried.why:
            raise Refusal("VALUE_TOO_LARGE", f"after {carried.bytes} bytes: {carried.why}")
        return carried.is_whole

    async def _close(self, write: Write, connection: TransferConnection) -> object_pb2.WriteResponse:
        operation = {"do": "close_write", "transfer": write.name, "name": write.header.assign_to}
        step = _step(write, operation)
        await connection.run(write.session, step)
        try:
            return object_pb2.WriteResponse(object=step.made().handle, received_bytes=write.received)
        except Refusal:
            # It cannot be an object: whoever tries again begins again.
            self._named.pop((write.session.identity.id, write.header.write_id), None)
            _drop(write)
            raise


def _step(write: Write, operation: dict[str, Any]) -> Step:
    identity = write.session.identity
    return Step(identity.key.principal, identity.id, operation)


def _drop(write: Write) -> None:
    if write.pid and write.pid == write.session.pid and write.response is None:
        write.session.drop_transfer(write.name)


def _header_of(body: bytes) -> object_pb2.WriteHeader:
    try:
        return object_pb2.WriteHeader.FromString(body)
    except DecodeError:
        raise Refusal("INVALID_ARGUMENT", "the request is no WriteHeader") from None


def _total_of(header: object_pb2.WriteHeader) -> int | None:
    total = header.total_bytes or None
    if header.HasField("tensor"):
        if header.tensor.data:
            raise Refusal("INVALID_ARGUMENT", "the tensor of a header has no data; send that after it", field="tensor")
        try:
            wanted = check_shape(header.tensor.dtype, list(header.tensor.shape))
        except NoArray as error:
            raise Refusal("CONVERSION_FAILED", f"it cannot be written: {error}", path="tensor") from None
        if total not in (None, wanted):
            raise Refusal(
                "INVALID_ARGUMENT", f"total_bytes is {total}; dtype and shape want {wanted}", field="total_bytes"
            )
        total = wanted
    if total is not None and total > _MAX_BYTES:
        raise Refusal("VALUE_TOO_LARGE", f"{total} bytes are too many: at most {_MAX_BYTES}")
    if total is None and header.write_id:
        raise Refusal("INVALID_ARGUMENT", "a write with a write_id needs total_bytes, or a tensor", field="total_bytes")
    return total


def _is_same(one: object_pb2.WriteHeader, other: object_pb2.WriteHeader) -> bool:
    def what(header: object_pb2.WriteHeader) -> bytes:
        copy = object_pb2.WriteHeader()
        copy.CopyFrom(header)
        copy.ClearField("offset")
        return copy.SerializeToString(deterministic=True)

    return what(one) == what(other)
