"""The Python client beside a bare stub, told what to do by lines of JSON.

`python_client.py <rpc> <token file> <environment with numpy>`
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import grpc

from beep.python.v1.execute_pb2 import CreateSessionRequest, ExecuteRequest
from beep.python.v1.execute_pb2_grpc import ExecuteServiceStub
from beep.python.v1.object_pb2 import ApplyRequest, Argument, CallOp, Operation, ReadRequest, Target
from beep.python.v1.object_pb2_grpc import ObjectServiceStub
from beep.python.v1.value_pb2 import PythonValue
from beep_python_client import Client

# 10 MB of them.
ELEMENTS = 1_250_000


def main(rpc: str, token_file: str, venv: str) -> None:
    """Answer each task with the milliseconds that it took."""
    token = Path(token_file).read_text().strip()
    metadata = [("authorization", f"Bearer {token}")]
    channel = grpc.insecure_channel(rpc.removeprefix("http://"))
    execute, objects = ExecuteServiceStub(channel), ObjectServiceStub(channel)
    session_id = execute.CreateSession(CreateSessionRequest(), metadata=metadata).id
    client = Client(rpc, token=token)
    session = client.create_session(venv=venv)
    math = session.import_("math")

    def run_by_stub() -> None:
        answer = execute.Run(ExecuteRequest(session_id=session_id, code="1+1"), metadata=metadata)
        assert answer.value.integer == 2

    def run_by_client() -> None:
        assert session.run("1+1").value == 2

    def call_by_stub() -> None:
        argument = Argument(value=PythonValue(integer=16))
        operation = Operation(target=Target(module="math"), path=["sqrt"], call=CallOp(args=[argument]))
        request = ApplyRequest(session_id=session_id, operations=[operation])
        assert objects.Apply(request, metadata=metadata).results[0].value.real == 4.0

    def call_by_client() -> None:
        assert math.sqrt(16).value_() == 4.0

    def items(rows: int) -> None:
        found = session.evaluate(f"([i, str(i), i / 2] for i in range({rows}))").items_(2 * rows)
        assert sum(row[0] for row in found) == rows * (rows - 1) // 2

    array = session.import_("numpy").arange(ELEMENTS, dtype="<f8").handle_()
    (array_id,) = session.handles()

    def array_by_stub() -> None:
        request = ReadRequest(session_id=session.id, handle_id=array_id)
        parts = [part.data for part in objects.Read(request, metadata=metadata) if part.HasField("data")]
        assert len(b"".join(parts)) == 8 * ELEMENTS

    def array_by_client() -> None:
        assert len(array.value_().data) == 8 * ELEMENTS

    tasks: dict[str, Callable[..., None]] = {
        "run by stub": run_by_stub,
        "run by client": run_by_client,
        "call by stub": call_by_stub,
        "call by client": call_by_client,
        "items": items,
        "array by stub": array_by_stub,
        "array by client": array_by_client,
    }
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        began = time.perf_counter()
        tasks[name](*arguments)
        print((time.perf_counter() - began) * 1000, flush=True)
    session.close()
    client.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
