"""One operation of the original's, on its way to the session, and the answer on its way back."""

from __future__ import annotations

from typing import Any, NamedTuple

from google.protobuf.message import DecodeError

from beep.python.v1 import execute_pb2, object_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker.batch import MAX_BYTES_AHEAD, Batch
from beep_worker.ending import Ending, ending_of
from beep_worker.frames import Frame
from beep_worker.refusal import Refusal

OPERATIONS = frozenset(
    "import create call getattr setattr eval dispose module_available wrap numbers piece forget".split()
)

# Of the caller's, each in a blob: it may be long.
_TEXTS = {"name": "name", "args_json": "args", "kwargs_json": "kwargs", "value_json": "value"}
_FLAGS = {"is_lenient": "lenient", "is_table": "table", "as_float32": "float32"}

_DIED = (
    execute_pb2.OUTCOME_EXITED,
    execute_pb2.OUTCOME_KILLED,
    execute_pb2.OUTCOME_OUT_OF_MEMORY,
    execute_pb2.OUTCOME_INTERRUPTED,
)


class Told(NamedTuple):
    """What an `end` frame says of it."""

    ending: Ending
    answer: worker_pb2.OriginalResponse | None


def read_original(principal: str, item_id: str, session_id: str, body: bytes) -> Batch:
    """The item of an `OriginalRequest`. Raises Refusal."""
    try:
        request = worker_pb2.OriginalRequest.FromString(body)
    except DecodeError:
        raise Refusal("INVALID_ARGUMENT", "the request is no OriginalRequest") from None
    if request.operation not in OPERATIONS:
        raise Refusal("INVALID_ARGUMENT", f"there is no operation {request.operation[:80]!r}")
    return Original(principal, item_id, session_id, request, len(body))


class Original(Batch):
    """Waits its turn, and is cancelled, as a batch is."""

    def __init__(
        self, principal: str, item_id: str, session_id: str, request: worker_pb2.OriginalRequest, size: int
    ) -> None:
        super().__init__(principal, item_id, session_id, object_pb2.ApplyRequest(), size)
        header: dict[str, Any] = {"op": "original", "id": item_id, "do": request.operation}
        header["handle"], header["piece"] = request.handle_id, request.piece
        if request.return_type:
            header["as"] = request.return_type
        for field, name in _FLAGS.items():
            if getattr(request, field):
                header[name] = True
        for field, name in _TEXTS.items():
            text: str = getattr(request, field)
            if text or field == "name":
                header[name] = len(self._blobs)
                self._blobs.append(text.encode())
        self._header = header
        self._response: worker_pb2.OriginalResponse | None = None
        self._size = size

    @property
    def may_go_ahead(self) -> bool:
        return self._size <= MAX_BYTES_AHEAD

    def hand_over(self, count: int, max_event_bytes: int) -> tuple[dict[str, Any], list[bytes]]:
        self._header["max_bytes"] = max_event_bytes
        return self._header, self._blobs

    def read_end(self, frame: Frame, max_event_bytes: int) -> Any:
        results, how = frame.header["results"], ending_of(frame.header, self.ladder)
        if len(results) > 1:
            raise ValueError(f"{len(results)} answers to one operation")
        answer = _answer(results[0], frame.blobs) if results else None
        if answer is None and how.outcome == execute_pb2.OUTCOME_OK:
            raise ValueError("an operation that was done, and no answer")
        if answer is not None and len(answer.value) > max_event_bytes:
            raise ValueError(f"an answer of {len(answer.value)} bytes; at most {max_event_bytes}")
        return Told(how, answer)

    def tell(self, words: Any) -> None:
        self._response = words.answer

    def answer(self) -> bytes:
        """An OriginalResponse. Raises Refusal."""
        finished = self.finished
        if finished.outcome == execute_pb2.OUTCOME_OK and self._response is not None:
            return self._response.SerializeToString()
        refusal = self.refusal("it was stopped before it was done")
        if finished.outcome in _DIED or self.ladder is not None:
            return worker_pb2.OriginalResponse(reason="PYTHON_ERROR", message=refusal.message).SerializeToString()
        raise refusal


def _answer(header: dict[str, Any], blobs: list[bytes]) -> worker_pb2.OriginalResponse:
    """A session's claims: protobuf refuses what is of another type."""
    response = worker_pb2.OriginalResponse(
        is_text=header.get("whole", False),
        handle_id=header.get("handle", ""),
        type_name=header.get("type", ""),
        count=header.get("count", 0),
        pieces=header.get("pieces", 0),
        rows=header.get("rows", 0),
        width=header.get("width", 0),
        reason=header.get("reason", ""),
        message=header.get("message", ""),
        traceback=header.get("traceback", ""),
        note=header.get("note", ""),
    )
    if "value" in header:
        response.value = blobs[header["value"]]
    return response
