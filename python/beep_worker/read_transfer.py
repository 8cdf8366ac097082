"""Large objects on their way out of a session."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError

from beep.python.v1 import object_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker.refusal import Refusal
from beep_worker.session import Session
from beep_worker.step import Step
from beep_worker.transfer_connection import TransferConnection

_FORMS = {
    object_pb2.READ_FORM_BYTES: "bytes",
    object_pb2.READ_FORM_TENSOR: "tensor",
    object_pb2.READ_FORM_ARROW: "arrow",
    object_pb2.READ_FORM_ITEMS: "items",
    object_pb2.READ_FORM_JSON_COLUMNS: "json_columns",
}
_NUMBERS = {name: number for number, name in _FORMS.items()}


@dataclass(frozen=True)
class Opened:
    """What a session says that it is about to give."""

    header: object_pb2.ReadHeader
    # How many bytes, from which one on.
    count: int
    offset: int
    # Instead of bytes: the handle whose items are wanted, and whether it was made for that.
    items_handle_id: str
    is_passing: bool

    @staticmethod
    def of(said: dict[str, Any]) -> Opened:
        """Raises what a wrong type raises."""
        form, offset = said["form"], said["offset"]
        header = object_pb2.ReadHeader(form=_NUMBERS[form], offset=offset)
        if form == "items":
            return Opened(header, 0, offset, str(said["handle"])[:128], said["is_passing"] is True)
        total, count = said["total"], said["bytes"]
        if not 0 <= offset <= offset + count <= total:
            raise ValueError("bytes that are not there")
        header.total_bytes = total
        if "dtype" in said:
            header.tensor.dtype = said["dtype"]
            header.tensor.shape.extend(said["shape"])
        return Opened(header, count, offset, "", False)


async def read(session: Session, connection: TransferConnection, body: bytes) -> None:
    """One read, to its end. Raises Refusal, Left, ProcessGone, Unanswered and OSError."""
    try:
        request = object_pb2.ReadRequest.FromString(body)
    except DecodeError:
        raise Refusal("INVALID_ARGUMENT", "the request is no ReadRequest") from None
    name = uuid.uuid4().hex
    operation = {
        "do": "open_read",
        "on": {"ref": request.handle_id},
        "transfer": name,
        "form": _FORMS.get(request.form, "auto"),
        "offset": request.offset,
        "length": request.length,
    }
    step = Step(session.identity.key.principal, session.identity.id, operation)
    has_carried = False
    try:
        await connection.run(session, step)
        said = step.opened()
        process = session.process_with(step.pid)
        try:
            opened = Opened.of(said)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            session.on_breach(f"it opened what is no read ({type(error).__name__}: {error})")
            raise Refusal("STALE_GENERATION", "the session is ended for what it sent") from None
        if opened.header.form != object_pb2.READ_FORM_ITEMS and request.offset > opened.header.total_bytes:
            total = opened.header.total_bytes
            raise Refusal(
                "INVALID_ARGUMENT",
                f"offset {request.offset} is beyond the end: there are {total} bytes",
                field="offset",
                total_bytes=str(total),
            )
        await connection.reply(
            worker_pb2.TransferResponse(
                read=worker_pb2.ReadOpened(
                    header=opened.header.SerializeToString(),
                    bytes=opened.count,
                    items_handle_id=opened.items_handle_id,
                    is_passing=opened.is_passing,
                    generation=step.finished.generation,
                )
            )
        )
        if opened.count:
            await connection.carry(process, name, opened.offset, opened.count)
            has_carried = True
    finally:
        if not has_carried and step.pid == session.pid:
            session.drop_transfer(name)
