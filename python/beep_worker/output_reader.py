"""What an execution has written, by stream and offset: read from its log, a piece at a time."""

from __future__ import annotations

from google.protobuf.message import DecodeError

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker.execution import Execution


async def read_output(
    execution: Execution, stream: execute_pb2.OutputStream, offset: int, max_bytes: int
) -> worker_pb2.ReadOutputResponse:
    """What there is from an offset on, where that is gone from the first byte that is kept."""
    log = execution.log
    end = execution.written_bytes(stream)
    at = offset if offset >= 0 else max(0, end + offset)
    response = worker_pb2.ReadOutputResponse(next_offset=at, end_offset=end)
    cursor = log.cursor(log.seq_at(stream, at))
    while max_bytes > 0 and cursor.seq < log.next_seq:
        for record in log.read(cursor):
            output = _output(record.encoded(execution.id))
            skipped = max(0, at - output.offset)
            if output.stream != stream or skipped >= len(output.data):
                continue
            at = output.offset + skipped
            output.data, output.offset = output.data[skipped : skipped + max_bytes], at
            at += len(output.data)
            max_bytes -= len(output.data)
            response.outputs.append(output.SerializeToString())
            response.next_offset = at
            if max_bytes <= 0:
                break
        if log.is_in_file(cursor):
            await log.fetch(cursor)
    return response


def _output(body: bytes) -> execute_pb2.Output:
    try:
        return execute_pb2.ExecutionEvent.FromString(body).output
    except DecodeError:
        return execute_pb2.Output()  # the user's code could reach the file that this lay in
