"""The gateway's connection for one transfer: a few frames, and bytes that the session itself carries."""

from __future__ import annotations

import asyncio
import socket

from beep.python.worker.v1 import worker_pb2
from beep_worker.process import SessionProcess
from beep_worker.questions import Carried
from beep_worker.session import Session
from beep_worker.step import Step

# A request is a handle's id, or a header.
_MAX_FRAME_BYTES = 1 << 20

# The gateway reads what it is told.
_REPLY_TIMEOUT_S = 10.0
_LINGER_READ_BYTES = 1 << 18


class Left(Exception):
    """Thrown when the caller has gone."""


class TransferConnection:
    """Owned by whoever serves it; close it once."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        sock.setblocking(False)

    async def receive(self) -> bytes:
        """One frame. Raises EOFError and OSError."""
        length = int.from_bytes(await self._exactly(4), "big")
        if length > _MAX_FRAME_BYTES:
            raise EOFError("a frame that is none of the gateway's")
        return await self._exactly(length)

    async def receive_byte(self) -> bool:
        """Whether one more byte comes, and not the end. Raises OSError."""
        return len(await self._loop.sock_recv(self._sock, 1)) == 1

    async def reply(self, response: worker_pb2.TransferResponse) -> None:
        """One frame. Raises OSError."""
        body = response.SerializeToString()
        async with asyncio.timeout(_REPLY_TIMEOUT_S):
            await self._loop.sock_sendall(self._sock, len(body).to_bytes(4, "big") + body)

    async def reply_last(self, response: worker_pb2.TransferResponse) -> None:
        """One frame, and nothing after it: waits until the gateway has read it and gone.

        Closed at once, the connection would break under what the gateway writes just now, and it would read no more.
        """
        await self.reply(response)
        async with asyncio.timeout(_REPLY_TIMEOUT_S):
            while await self._loop.sock_recv(self._sock, _LINGER_READ_BYTES):
                pass

    async def run(self, session: Session, step: Step) -> None:
        """Returns when the step has finished. It is cancelled when the caller leaves. Raises Refusal and Left."""
        session.submit(step)
        leaving = self._loop.create_task(self._loop.sock_recv(self._sock, 1))
        waiting = self._loop.create_task(step.wait())
        try:
            await asyncio.wait((leaving, waiting), return_when=asyncio.FIRST_COMPLETED)
            if step.has_finished:
                return
            session.cancel(step, "its caller went away")
            await waiting
            raise Left
        finally:
            if not step.has_finished:
                session.cancel(step, "its caller went away")
            for task in (leaving, waiting):
                task.cancel()
            await asyncio.wait((leaving, waiting))
            if not leaving.cancelled():
                leaving.exception()

    async def carry(self, process: SessionProcess, name: str, offset: int, count: int) -> Carried:
        """Hands the connection to the session until its bytes have been carried, or cannot be. Raises ProcessGone.

        Of a session that dies the gateway finds the end only when the worker knows of it: this one is still open.
        """
        self._sock.setblocking(True)  # of the connection, not of a descriptor: the session's thread waits in the kernel
        try:
            return await process.questions.carry(name, offset, count, self._sock.fileno())
        finally:
            self._sock.setblocking(False)

    def cut(self) -> None:
        """Whoever holds it, finds its end."""
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self) -> None:
        """Ends it, also for those whom the session's code has given it to."""
        self.cut()
        self._sock.close()

    async def _exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            more = await self._loop.sock_recv(self._sock, count - len(data))
            if not more:
                raise EOFError("the connection has ended")
            data += more
        return bytes(data)
