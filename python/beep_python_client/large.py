"""Large objects in chunks: what is put together here of what comes, and taken apart of what goes."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any, Iterator

from beep_python_client.arrays import NoTensor, Tensor, array_of, little_endian
from beep_python_client.contract import object_pb2, value_pb2
from beep_python_client.contract.reasons import ConversionFailed
from beep_python_client.json_text import read_json

CHUNK_BYTES = 1 << 20
# Larger arguments and values go by themselves.
INLINE_BYTES = 1 << 20

# By the type of the object, what is wanted of it.
READABLE = {
    "numpy.ndarray": object_pb2.READ_FORM_TENSOR,
    "bytes": object_pb2.READ_FORM_BYTES,
    "builtins.bytes": object_pb2.READ_FORM_BYTES,
    "str": object_pb2.READ_FORM_BYTES,
    "builtins.str": object_pb2.READ_FORM_BYTES,
}
_TABLES = ("pandas.", "pyarrow.", "polars.")


def form_of(type_name: str) -> Any:
    """How an object of this type is read; None: not at all."""
    if type_name.startswith(_TABLES) and type_name.endswith(("DataFrame", "Table")):
        # Arrow where both ends have it, else columns. polars reads and writes it by itself.
        readers = ("pyarrow", "polars") if type_name.startswith("polars.") else ("pyarrow",)
        has_arrow = any(map(find_spec, readers))
        return object_pb2.READ_FORM_AUTO if has_arrow else object_pb2.READ_FORM_JSON_COLUMNS
    return READABLE.get(type_name)


class Reading:
    """What has come of an object; goes on by offset where a connection broke."""

    def __init__(self, session_id: str, handle_id: str, type_name: str, form: Any) -> None:
        self._session_id, self._handle_id, self._type_name, self._form = session_id, handle_id, type_name, form
        self._header: Any = None
        self._data = bytearray()
        self._received = 0

    def request(self) -> object_pb2.ReadRequest:
        """What is still wanted."""
        return object_pb2.ReadRequest(
            session_id=self._session_id, handle_id=self._handle_id, offset=self._received, form=self._form
        )

    def take(self, part: object_pb2.ReadResponse) -> None:
        """The next part."""
        if part.HasField("header"):
            if self._header is None:
                self._header = part.header
                self._data = bytearray(part.header.total_bytes)
        elif part.HasField("data"):
            end = self._received + len(part.data)
            self._data[self._received : end] = part.data
            self._received = end

    @property
    def is_whole(self) -> bool:
        """Whether all of it has come."""
        return self._header is not None and self._received >= self._header.total_bytes

    def value(self) -> Any:
        """The object: its memory is what has come."""
        if self._header.HasField("tensor"):
            return array_of(self._header.tensor.dtype, tuple(self._header.tensor.shape), self._data)
        if self._header.form == object_pb2.READ_FORM_ARROW:
            return _table(self._data, self._type_name)
        if self._header.form == object_pb2.READ_FORM_JSON_COLUMNS:
            return _columns(self._data)
        return self._data.decode("utf-8") if self._type_name.endswith("str") else bytes(self._data)


def _table(data: Any, type_name: str) -> Any:
    if type_name.startswith("polars.") and find_spec("polars") is not None:
        import polars

        return polars.read_ipc_stream(bytes(data))
    import pyarrow

    with pyarrow.ipc.open_stream(pyarrow.py_buffer(data)) as reader:
        table = reader.read_all()
    return table.to_pandas() if type_name.startswith("pandas.") else table


def _columns(data: Any) -> Any:
    """A frame where there is pandas, else a dict of lists and arrays."""
    columns = read_json(data.decode("utf-8"), lambda *_: None)
    try:
        import pandas
    except ImportError:
        return columns
    return pandas.DataFrame(columns)


class Writing:
    """What goes of an array or of bytes; goes on by offset where a connection broke."""

    def __init__(self, session_id: str, value: Any, write_id: str, assign_to: str = "") -> None:
        self._header = object_pb2.WriteHeader(session_id=session_id, write_id=write_id, assign_to=assign_to)
        self._view = _bytes_of(value, self._header)
        self._header.total_bytes = len(self._view)
        self.received = 0

    def requests(self) -> Iterator[object_pb2.WriteRequest]:
        """What has not arrived yet."""
        self._header.offset = self.received
        yield object_pb2.WriteRequest(header=self._header)
        for start in range(self.received, len(self._view), CHUNK_BYTES):
            yield object_pb2.WriteRequest(data=bytes(self._view[start : start + CHUNK_BYTES]))

    def question(self) -> Iterator[object_pb2.WriteRequest]:
        """How much has arrived?"""
        self._header.offset = 0
        yield object_pb2.WriteRequest(header=self._header)


def _bytes_of(value: Any, header: object_pb2.WriteHeader) -> memoryview:
    numpy = sys.modules.get("numpy")
    if isinstance(value, Tensor):
        header.tensor.CopyFrom(value_pb2.Tensor(dtype=value.dtype, shape=value.shape))
        return memoryview(value.data)
    if numpy is not None and type(value) is numpy.ndarray:
        try:
            array = numpy.ascontiguousarray(little_endian(value)).reshape(value.shape)
        except NoTensor as error:
            raise ConversionFailed(f"cannot be sent: {error}", reason="CONVERSION_FAILED") from None
        header.tensor.CopyFrom(value_pb2.Tensor(dtype=array.dtype.str, shape=array.shape))
        return memoryview(array.reshape(-1).view(numpy.uint8))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return memoryview(value).cast("B")
    kind = type(value)
    raise ConversionFailed(
        f"cannot be sent in chunks: {kind.__module__}.{kind.__qualname__}; a numpy array, a Tensor and bytes can: "
        "make one of those of it",
        reason="CONVERSION_FAILED",
    )


def is_large(value: Any) -> bool:
    """Whether it goes better by itself than as an argument."""
    if type(value) is bytes:
        return len(value) > INLINE_BYTES
    numpy = sys.modules.get("numpy")
    if numpy is not None and type(value) is numpy.ndarray:
        return bool(value.nbytes > INLINE_BYTES)
    return isinstance(value, Tensor) and len(value.data) > INLINE_BYTES
