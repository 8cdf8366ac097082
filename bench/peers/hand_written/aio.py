"""The hand-written service on `grpc.aio`. Ends when its input does."""

from __future__ import annotations

import asyncio
import sys

import evaluate_pb2
import evaluate_pb2_grpc
import grpc
import numpy as np


class Evaluator(evaluate_pb2_grpc.EvaluatorServicer):
    """Evaluates in the handler."""

    def __init__(self) -> None:
        self._names: dict[str, object] = {}
        self._array = np.arange(0.0)

    async def Evaluate(
        self, request: evaluate_pb2.EvaluateRequest, context: grpc.aio.ServicerContext
    ) -> evaluate_pb2.EvaluateResponse:
        return evaluate_pb2.EvaluateResponse(result=repr(eval(request.code, self._names)))

    async def ReadArray(
        self, request: evaluate_pb2.ReadArrayRequest, context: grpc.aio.ServicerContext
    ) -> evaluate_pb2.ReadArrayResponse:
        if len(self._array) != request.count:
            self._array = np.arange(float(request.count))
        return evaluate_pb2.ReadArrayResponse(data=self._array.tobytes())


async def main() -> None:
    server = grpc.aio.server()
    evaluate_pb2_grpc.add_EvaluatorServicer_to_server(Evaluator(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(None)


if __name__ == "__main__":
    asyncio.run(main())
