"""The same with the generated code of the contract alone, as from any other language with gRPC."""

import json
import os
from pathlib import Path

import grpc

from beep.python.v1.execute_pb2 import ExecuteRequest
from beep.python.v1.execute_pb2_grpc import ExecuteServiceStub

home = Path(os.environ.get("BEEP_PYTHON_HOME", Path.home() / ".beep-python"))
gateway = json.loads((home / "run" / "gateway.json").read_text())
metadata = [("authorization", "Bearer " + Path(gateway["tokenFile"]).read_text().strip())]

with grpc.insecure_channel(gateway["endpoints"]["rpc"].removeprefix("http://")) as channel:
    python = ExecuteServiceStub(channel)
    result = python.Run(ExecuteRequest(code="sum(range(101))"), metadata=metadata)
    print("the answer:", result.text)
