"""The gRPC service: one method for each call of `worker.proto`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2, worker_pb2_grpc
from beep_worker.conversation import Conversation
from beep_worker.later_reader import LaterReader
from beep_worker.listing import list_executions
from beep_worker.looking import is_look, look
from beep_worker.outbox import StreamOutbox
from beep_worker.output_reader import read_output
from beep_worker.refusal import Refusal
from beep_worker.worker import Worker

REFUSAL_KEY = "beep-refusal-bin"

T = TypeVar("T")
Context = grpc.aio.ServicerContext[Any, Any]


class WorkerServicer(worker_pb2_grpc.WorkerServiceServicer):
    """Answers the gateway."""

    def __init__(self, worker: Worker, hello: worker_pb2.HelloResponse) -> None:
        self._worker = worker
        self._hello = hello

    async def Hello(self, request: worker_pb2.HelloRequest, context: Context) -> worker_pb2.HelloResponse:
        return self._hello

    async def Watch(self, request: worker_pb2.WatchRequest, context: Context) -> None:
        changes: asyncio.Queue[worker_pb2.WatchResponse] = asyncio.Queue()
        listeners = self._worker.listeners
        listener = changes.put_nowait
        listeners.add(listener)
        try:
            await context.send_initial_metadata(())
            while True:
                await context.write(await changes.get())
        finally:
            listeners.discard(listener)

    async def PrepareTemplate(
        self, request: worker_pb2.PrepareTemplateRequest, context: Context
    ) -> worker_pb2.PrepareTemplateResponse:
        return await _answer(context, lambda: self._worker.prepare_template(request))

    async def ReleaseTemplates(
        self, request: worker_pb2.ReleaseTemplatesRequest, context: Context
    ) -> worker_pb2.ReleaseTemplatesResponse:
        self._worker.release_templates(request.venv, request.kept_generation)
        return worker_pb2.ReleaseTemplatesResponse()

    async def OpenSession(self, request: worker_pb2.OpenSessionRequest, context: Context) -> worker_pb2.SessionResponse:
        async def open_session() -> worker_pb2.SessionResponse:
            session = await self._worker.open_session(request)
            return _session_response(session.to_message())

        return await _answer(context, open_session)

    async def GetSession(self, request: worker_pb2.GetSessionRequest, context: Context) -> worker_pb2.SessionResponse:
        async def describe() -> worker_pb2.SessionResponse:
            return _session_response(self._worker.describe_session(request.session_id))

        return await _answer(context, describe)

    async def ListSessions(
        self, request: worker_pb2.ListSessionsRequest, context: Context
    ) -> worker_pb2.ListSessionsResponse:
        sessions = [
            session.to_message()
            for session in self._worker.sessions.values()
            if request.principal in ("", session.identity.key.principal)
        ]
        if request.include_closed:
            sessions.extend(
                message for message, principal in self._worker.ended.values() if request.principal in ("", principal)
            )
        return worker_pb2.ListSessionsResponse(sessions=[session.SerializeToString() for session in sessions])

    async def RenewSession(
        self, request: worker_pb2.RenewSessionRequest, context: Context
    ) -> worker_pb2.SessionResponse:
        async def renew() -> worker_pb2.SessionResponse:
            return _session_response(self._worker.renew_session(request.request).to_message())

        return await _answer(context, renew)

    async def RestartSession(
        self, request: worker_pb2.RestartSessionRequest, context: Context
    ) -> worker_pb2.SessionResponse:
        async def restart() -> worker_pb2.SessionResponse:
            session = self._worker.session(request.session_id)
            return _session_response(await session.restart())

        return await _answer(context, restart)

    async def CloseSession(
        self, request: worker_pb2.CloseSessionRequest, context: Context
    ) -> worker_pb2.SessionResponse:
        async def close() -> worker_pb2.SessionResponse:
            reason: Any = execute_pb2.CloseReason.Value(f"CLOSE_REASON_{request.reason or 'RELEASED'}")
            session = self._worker.session(request.session_id)
            await session.close(reason, request.message or "it was closed")
            return _session_response(session.to_message())

        return await _answer(context, close)

    async def Attach(self, _: Any, context: Context) -> None:
        outbox = StreamOutbox()
        conversation = Conversation(self._worker, outbox)
        writer = asyncio.create_task(_write(context, outbox))
        reader = asyncio.create_task(_read(context, conversation))
        try:
            # The writer ends first where the session was refused: then the stream is over, whatever comes in.
            await asyncio.wait((writer, reader), return_when=asyncio.FIRST_COMPLETED)
            if reader.done():
                conversation.close()
                await writer
        finally:
            conversation.close()
            reader.cancel()
            writer.cancel()

    async def ReadEvents(self, _: Any, context: Context) -> None:
        first = await context.read()
        if first is grpc.aio.EOF:
            return
        start = first.start
        execution = await _answer(context, lambda: _later(self._worker.executions.get, start))
        reader = LaterReader(execution, start.from_seq, start.window_bytes)
        granting = asyncio.create_task(_grant(context, reader))
        try:
            reader.start()
            while True:
                response = await reader.take()
                await context.write(response)
                if response.is_last:
                    break
            await granting  # it is for the gateway to end the stream: it may be granting just now
        except grpc.aio.InternalError:
            return  # the reader has gone in the middle of a message
        finally:
            reader.close()
            granting.cancel()

    async def ReadOutput(
        self, request: worker_pb2.ReadOutputRequest, context: Context
    ) -> worker_pb2.ReadOutputResponse:
        execution = await _answer(context, lambda: _later(self._worker.executions.get, request))
        stream: Any = request.stream
        return await read_output(execution, stream, request.offset, request.max_bytes)

    async def GetExecution(
        self, request: worker_pb2.GetExecutionRequest, context: Context
    ) -> worker_pb2.GetExecutionResponse:
        execution = await _answer(context, lambda: _later(self._worker.executions.get, request))
        if request.wait_ms:
            await execution.wait(request.wait_ms / 1000)
        return worker_pb2.GetExecutionResponse(info=execution.info().SerializeToString())

    async def ListExecutions(
        self, request: worker_pb2.ListExecutionsRequest, context: Context
    ) -> worker_pb2.ListExecutionsResponse:
        async def answer() -> worker_pb2.ListExecutionsResponse:
            return list_executions(self._worker.executions, request)

        return await _answer(context, answer)

    async def Control(self, request: worker_pb2.ControlRequest, context: Context) -> worker_pb2.ControlResponse:
        async def control() -> worker_pb2.ControlResponse:
            answer: Message
            if is_look(request):
                answer = await look(self._worker, request)
            elif request.WhichOneof("action") == "send_input":
                given = execute_pb2.SendInputRequest.FromString(request.send_input)
                answer = await self._worker.send_input(request.principal, given, request.waits)
            else:
                interrupt = execute_pb2.InterruptRequest.FromString(request.interrupt)
                answer = await self._worker.interrupt(request.principal, interrupt)
            return worker_pb2.ControlResponse(body=answer.SerializeToString())

        return await _answer(context, control)

    async def Stats(self, request: worker_pb2.StatsRequest, context: Context) -> worker_pb2.StatsResponse:
        return self._worker.stats()


async def _read(context: Context, conversation: Conversation) -> None:
    while (message := await context.read()) is not grpc.aio.EOF:
        conversation.take(message)


async def _write(context: Context, outbox: StreamOutbox) -> None:
    try:
        while (response := await outbox.take()) is not None:
            await context.write(response)
    except grpc.aio.InternalError:
        return  # the other end has gone in the middle of a message


async def _grant(context: Context, reader: LaterReader) -> None:
    while (message := await context.read()) is not grpc.aio.EOF:
        reader.grant(message.grant)


async def _answer(context: Context, call: Callable[[], Awaitable[T]]) -> T:
    """The call's answer, or its refusal as a status."""
    try:
        return await call()
    except Refusal as refusal:
        await context.abort(
            grpc.StatusCode.FAILED_PRECONDITION,
            refusal.message,
            ((REFUSAL_KEY, refusal.to_message().SerializeToString()),),
        )
        raise AssertionError("unreachable: abort raises") from refusal


async def _later(get: Callable[[str, str], T], request: Any) -> T:
    return get(request.principal, request.execution_id)


def _session_response(session: execute_pb2.Session) -> worker_pb2.SessionResponse:
    return worker_pb2.SessionResponse(session=session.SerializeToString())
