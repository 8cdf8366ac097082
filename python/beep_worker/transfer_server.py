"""Where the gateway connects for large data: one connection, one read or write."""

from __future__ import annotations

import asyncio
import hmac
import logging
import socket
from pathlib import Path

from google.protobuf.message import DecodeError

from beep.python.worker.v1 import worker_pb2
from beep_worker.questions import ProcessGone, Unanswered
from beep_worker.read_transfer import read
from beep_worker.refusal import Refusal, session_not_found
from beep_worker.session import Session
from beep_worker.transfer_connection import Left, TransferConnection
from beep_worker.worker import Worker
from beep_worker.write_transfer import WriteTransfers

log = logging.getLogger("beep_worker.transfers")


class TransferServer:
    """Listens from the start; close it once."""

    def __init__(self, worker: Worker, token: str, path: str) -> None:
        self._worker = worker
        self._token = token.encode()
        self._writes = WriteTransfers()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.setblocking(False)
        # A worker that was killed with its gateway left its socket; whoever has the home is alone there.
        Path(path).unlink(missing_ok=True)
        self._listener.bind(path)
        self._listener.listen(512)
        loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = {loop.create_task(self._accept())}

    def close(self) -> None:
        """No further connection; those that are there are left."""
        for task in self._tasks:
            task.cancel()
        self._listener.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, _ = await loop.sock_accept(self._listener)
            except OSError as error:
                log.warning("a connection for large data was not accepted: %s", error)
                await asyncio.sleep(0.1)  # no descriptors are left: some will be
                continue
            task = loop.create_task(self._serve(TransferConnection(sock)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, connection: TransferConnection) -> None:
        try:
            if not hmac.compare_digest(await connection.receive(), self._token):
                return
            request = worker_pb2.TransferRequest.FromString(await connection.receive())
            try:
                await self._transfer(connection, request)
            except Refusal as refusal:
                await connection.reply_last(worker_pb2.TransferResponse(refusal=refusal.to_message()))
        except (OSError, EOFError, DecodeError, Left, ProcessGone, Unanswered):
            pass  # nobody is left to be told, or the gateway finds the end and asks what became of the session
        finally:
            connection.close()

    async def _transfer(self, connection: TransferConnection, request: worker_pb2.TransferRequest) -> None:
        session = self._session(request)
        session.lease.hold()
        try:
            if request.WhichOneof("body") == "read":
                await read(session, connection, request.read)
            else:
                await self._writes.write(session, connection, request.write)
        finally:
            session.lease.let_go()

    def _session(self, request: worker_pb2.TransferRequest) -> Session:
        session = self._worker.session(request.session_id)
        if session.identity.key.principal != request.principal:
            raise session_not_found(request.session_id)
        return session
