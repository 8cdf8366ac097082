"""CheckComplete: the session's own compiler says whether code is complete, as its version of Python has it."""

from __future__ import annotations

from beep.python.v1 import execute_pb2
from beep_worker.answers import ask, checked
from beep_worker.process import SessionProcess
from beep_worker.session import Session

_STATES = {
    "complete": execute_pb2.COMPLETENESS_COMPLETE,
    "incomplete": execute_pb2.COMPLETENESS_INCOMPLETE,
    "invalid": execute_pb2.COMPLETENESS_INVALID,
}


async def check_complete(
    session: Session, process: SessionProcess, request: execute_pb2.CheckCompleteRequest
) -> execute_pb2.CheckCompleteResponse:
    """Whether it can be run as it is. Raises Refusal."""
    answer = await ask(session, process, {"op": "complete", "code": request.code})
    with checked(process):
        return execute_pb2.CheckCompleteResponse(completeness=_STATES[answer["state"]], indent=answer["indent"])
