"""Entry of the worker process: serves the gateway on a Unix socket until it is told to stop."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
import platform
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

# Forking is the templates' business; gRPC's own support for it costs on every call.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

import grpc

from beep.python.worker.v1 import worker_pb2, worker_pb2_grpc
from beep_worker.identity import SessionSettings
from beep_worker.lane import Lane
from beep_worker.log_files import LogFiles
from beep_worker.service import WorkerServicer
from beep_worker.transfer_server import TransferServer
from beep_worker.tree import be_undumpable, become_subreaper, die_with_parent
from beep_worker.worker import Worker

TOKEN_KEY = "beep-worker-token"

# Above the public limit on one message by what an envelope and a collected result add.
_MESSAGE_MARGIN_BYTES = 16 * 1024 * 1024

_WINDOW_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Configuration:
    """What the gateway tells a worker at its start, by an inherited descriptor."""

    socket: str
    token: str
    worker_id: str
    max_sessions: int
    max_queued_items: int
    max_message_bytes: int
    max_output_bytes: int
    interrupt_grace_ms: int
    log_folder: str
    max_kept_log_bytes: int


class TokenCheck(grpc.aio.ServerInterceptor):
    """Refuses whoever does not know this boot's token."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._refuse: grpc.RpcMethodHandler[Any, Any] = grpc.unary_unary_rpc_method_handler(_refuse)

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], details: grpc.HandlerCallDetails
    ) -> Any:
        given = str(dict(details.invocation_metadata).get(TOKEN_KEY, ""))
        if hmac.compare_digest(given, self._token):
            return await continuation(details)
        return self._refuse


async def _refuse(_: Any, context: grpc.aio.ServicerContext[Any, Any]) -> None:
    await context.abort(grpc.StatusCode.UNAUTHENTICATED, "this worker belongs to another gateway")


def main(configuration_fd: int, keeper_pid: int) -> None:
    """Runs until SIGTERM, or until the keeper above has gone."""
    become_subreaper()
    die_with_parent(signal.SIGTERM)
    if os.getppid() != keeper_pid:
        return  # it has gone while this process was starting
    be_undumpable()
    with open(configuration_fd, "rb") as file:
        configuration = Configuration(**json.load(file))
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    asyncio.run(serve(configuration))


async def serve(configuration: Configuration) -> None:
    """Serves until SIGTERM; then nothing that it started is left."""
    settings = SessionSettings(
        max_queued_items=configuration.max_queued_items,
        interrupt_grace_s=configuration.interrupt_grace_ms / 1000,
        max_output_bytes=configuration.max_output_bytes,
        max_event_bytes=configuration.max_message_bytes,
        worker_id=configuration.worker_id,
    )
    files = LogFiles(configuration.log_folder, configuration.max_kept_log_bytes)
    worker = Worker(settings, configuration.max_sessions, files)
    lane_path = f"{configuration.socket}.lane"
    transfers_path = f"{configuration.socket}.bulk"
    hello = worker_pb2.HelloResponse(
        pid=os.getpid(),
        python_version=platform.python_version(),
        lane=lane_path,
        transfers=transfers_path,
        mechanisms=worker.machine.mechanisms,
    )
    limit = configuration.max_message_bytes + _MESSAGE_MARGIN_BYTES
    server = grpc.aio.server(
        interceptors=[TokenCheck(configuration.token)],
        options=[
            ("grpc.max_receive_message_length", limit),
            ("grpc.max_send_message_length", limit),
            ("grpc.http2.lookahead_bytes", _WINDOW_BYTES),
            ("grpc.http2.bdp_probe", 0),
            ("grpc.so_reuseport", 0),
        ],
    )
    worker_pb2_grpc.add_WorkerServiceServicer_to_server(  # type: ignore[no-untyped-call]
        WorkerServicer(worker, hello), server
    )
    server.add_insecure_port(f"unix:{configuration.socket}")
    loop = asyncio.get_running_loop()
    lane = await loop.create_unix_server(lambda: Lane(worker, configuration.token, limit), lane_path, backlog=512)
    transfers = TransferServer(worker, configuration.token, transfers_path)
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await server.start()
    worker.start()
    print(json.dumps({"ready": True, "pid": os.getpid()}), flush=True)
    await stop.wait()
    worker.kill_everything()
    lane.close()
    transfers.close()
    await server.stop(0)
    worker.kill_everything()
