"""The hand-written service on `grpc.server`, as grpcio's own examples have it. Ends when its input does."""

from __future__ import annotations

import sys
from concurrent import futures

import evaluate_pb2
import evaluate_pb2_grpc
import grpc
import numpy as np


class Evaluator(evaluate_pb2_grpc.EvaluatorServicer):
    """Evaluates in the handler."""

    def __init__(self) -> None:
        self._names: dict[str, object] = {}
        self._array = np.arange(0.0)

    def Evaluate(
        self, request: evaluate_pb2.EvaluateRequest, context: grpc.ServicerContext
    ) -> evaluate_pb2.EvaluateResponse:
        return evaluate_pb2.EvaluateResponse(result=repr(eval(request.code, self._names)))

    def ReadArray(
        self, request: evaluate_pb2.ReadArrayRequest, context: grpc.ServicerContext
    ) -> evaluate_pb2.ReadArrayResponse:
        if len(self._array) != request.count:
            self._array = np.arange(float(request.count))
        return evaluate_pb2.ReadArrayResponse(data=self._array.tobytes())


def main() -> None:
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=10))
    evaluate_pb2_grpc.add_EvaluatorServicer_to_server(Evaluator(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    sys.stdin.read()
    server.stop(None).wait()


if __name__ == "__main__":
    main()
