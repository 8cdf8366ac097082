"""Executions page by page: those before a place in their order, newest first."""

from __future__ import annotations

from google.protobuf.message import DecodeError

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker.executions import Executions
from beep_worker.refusal import Refusal


def list_executions(
    executions: Executions, request: worker_pb2.ListExecutionsRequest
) -> worker_pb2.ListExecutionsResponse:
    """What a page holds of this worker's. Raises Refusal."""
    try:
        wanted = execute_pb2.ListExecutionsRequest.FromString(request.request)
    except DecodeError:
        raise Refusal("INVALID_ARGUMENT", "the request is no ListExecutionsRequest") from None
    states = set(wanted.states)
    before = (request.before.accepted_ns, request.before.execution_id) if request.HasField("before") else None
    response = worker_pb2.ListExecutionsResponse()
    for execution in executions.newest_first(request.principal):
        if len(response.executions) >= request.limit:
            break
        if before is not None and (execution.accepted_at_ns, execution.id) >= before:
            continue
        if wanted.session_id and execution.session_id != wanted.session_id:
            continue
        if states and execution.state.value not in states:
            continue
        response.executions.add(
            place=worker_pb2.ExecutionPlace(accepted_ns=execution.accepted_at_ns, execution_id=execution.id),
            info=execution.info(in_list=True).SerializeToString(),
        )
    return response
