"""Runs code on this machine's gateway: once for the answer, once for the output as it comes."""

import json
import os
import sys
from pathlib import Path

import grpc

from beep.python.v1.execute_pb2 import ExecuteRequest
from beep.python.v1.execute_pb2_grpc import ExecuteServiceStub

home = Path(os.environ.get("BEEP_PYTHON_HOME", Path.home() / ".beep-python"))
gateway = json.loads((home / "run" / "gateway.json").read_text())
metadata = [("authorization", "Bearer " + Path(gateway["tokenFile"]).read_text().strip())]

code = """
import time
for i in range(3):
    print("line", i)
    time.sleep(0.2)
"""

with grpc.insecure_channel(gateway["endpoints"]["rpc"].removeprefix("http://")) as channel:
    python = ExecuteServiceStub(channel)

    result = python.Run(ExecuteRequest(code="sum(range(101))"), metadata=metadata)
    print("the answer:", result.text, flush=True)

    for event in python.Execute(ExecuteRequest(code=code), metadata=metadata):
        if event.HasField("output"):
            sys.stdout.buffer.write(event.output.data)
            sys.stdout.flush()
        elif event.HasField("error"):
            print(event.error.traceback, file=sys.stderr)
