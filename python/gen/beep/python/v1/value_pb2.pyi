import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ResultForm(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESULT_FORM_UNSPECIFIED: _ClassVar[ResultForm]
    RESULT_FORM_AUTO: _ClassVar[ResultForm]
    RESULT_FORM_VALUE: _ClassVar[ResultForm]
    RESULT_FORM_HANDLE: _ClassVar[ResultForm]
    RESULT_FORM_BOTH: _ClassVar[ResultForm]
    RESULT_FORM_NONE: _ClassVar[ResultForm]
RESULT_FORM_UNSPECIFIED: ResultForm
RESULT_FORM_AUTO: ResultForm
RESULT_FORM_VALUE: ResultForm
RESULT_FORM_HANDLE: ResultForm
RESULT_FORM_BOTH: ResultForm
RESULT_FORM_NONE: ResultForm

class PythonValue(_message.Message):
    __slots__ = ("none", "boolean", "integer", "big_integer", "real", "text", "binary", "json", "scalar", "tensor", "object")
    NONE_FIELD_NUMBER: _ClassVar[int]
    BOOLEAN_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    BIG_INTEGER_FIELD_NUMBER: _ClassVar[int]
    REAL_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    BINARY_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    SCALAR_FIELD_NUMBER: _ClassVar[int]
    TENSOR_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    none: NoneValue
    boolean: bool
    integer: int
    big_integer: str
    real: float
    text: str
    binary: bytes
    json: str
    scalar: Scalar
    tensor: Tensor
    object: ObjectRef
    def __init__(self, none: _Optional[_Union[NoneValue, _Mapping]] = ..., boolean: _Optional[bool] = ..., integer: _Optional[int] = ..., big_integer: _Optional[str] = ..., real: _Optional[float] = ..., text: _Optional[str] = ..., binary: _Optional[bytes] = ..., json: _Optional[str] = ..., scalar: _Optional[_Union[Scalar, _Mapping]] = ..., tensor: _Optional[_Union[Tensor, _Mapping]] = ..., object: _Optional[_Union[ObjectRef, _Mapping]] = ...) -> None: ...

class NoneValue(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Scalar(_message.Message):
    __slots__ = ("type_name", "text")
    TYPE_NAME_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    type_name: str
    text: str
    def __init__(self, type_name: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class Tensor(_message.Message):
    __slots__ = ("dtype", "shape", "data")
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    dtype: str
    shape: _containers.RepeatedScalarFieldContainer[int]
    data: bytes
    def __init__(self, dtype: _Optional[str] = ..., shape: _Optional[_Iterable[int]] = ..., data: _Optional[bytes] = ...) -> None: ...

class ObjectRef(_message.Message):
    __slots__ = ("id", "session_id", "generation", "type_name", "text", "shape", "expires_at")
    ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    TYPE_NAME_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    id: str
    session_id: str
    generation: int
    type_name: str
    text: str
    shape: _containers.RepeatedScalarFieldContainer[int]
    expires_at: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., session_id: _Optional[str] = ..., generation: _Optional[int] = ..., type_name: _Optional[str] = ..., text: _Optional[str] = ..., shape: _Optional[_Iterable[int]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class MimeBundle(_message.Message):
    __slots__ = ("parts", "metadata_json")
    class PartsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: MimePart
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[MimePart, _Mapping]] = ...) -> None: ...
    PARTS_FIELD_NUMBER: _ClassVar[int]
    METADATA_JSON_FIELD_NUMBER: _ClassVar[int]
    parts: _containers.MessageMap[str, MimePart]
    metadata_json: str
    def __init__(self, parts: _Optional[_Mapping[str, MimePart]] = ..., metadata_json: _Optional[str] = ...) -> None: ...

class MimePart(_message.Message):
    __slots__ = ("text", "data", "object", "size_bytes")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    text: str
    data: bytes
    object: ObjectRef
    size_bytes: int
    def __init__(self, text: _Optional[str] = ..., data: _Optional[bytes] = ..., object: _Optional[_Union[ObjectRef, _Mapping]] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class ResultPolicy(_message.Message):
    __slots__ = ("form", "max_inline_bytes", "mime_types", "lenient", "numpy_scalars")
    FORM_FIELD_NUMBER: _ClassVar[int]
    MAX_INLINE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MIME_TYPES_FIELD_NUMBER: _ClassVar[int]
    LENIENT_FIELD_NUMBER: _ClassVar[int]
    NUMPY_SCALARS_FIELD_NUMBER: _ClassVar[int]
    form: ResultForm
    max_inline_bytes: int
    mime_types: _containers.RepeatedScalarFieldContainer[str]
    lenient: bool
    numpy_scalars: bool
    def __init__(self, form: _Optional[_Union[ResultForm, str]] = ..., max_inline_bytes: _Optional[int] = ..., mime_types: _Optional[_Iterable[str]] = ..., lenient: _Optional[bool] = ..., numpy_scalars: _Optional[bool] = ...) -> None: ...
