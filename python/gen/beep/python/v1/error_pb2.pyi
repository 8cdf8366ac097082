from beep.python.v1 import value_pb2 as _value_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_INVALID_ARGUMENT: _ClassVar[ErrorReason]
    ERROR_REASON_UNAUTHENTICATED: _ClassVar[ErrorReason]
    ERROR_REASON_FORBIDDEN: _ClassVar[ErrorReason]
    ERROR_REASON_ORIGIN_REFUSED: _ClassVar[ErrorReason]
    ERROR_REASON_DEADLINE_TOO_LONG: _ClassVar[ErrorReason]
    ERROR_REASON_QUEUE_FULL: _ClassVar[ErrorReason]
    ERROR_REASON_QUOTA_EXCEEDED: _ClassVar[ErrorReason]
    ERROR_REASON_DRAINING: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_IMPLEMENTED: _ClassVar[ErrorReason]
    ERROR_REASON_INTERNAL: _ClassVar[ErrorReason]
    ERROR_REASON_HOST_REFUSED: _ClassVar[ErrorReason]
    ERROR_REASON_MESSAGE_TOO_LARGE: _ClassVar[ErrorReason]
    ERROR_REASON_READER_TOO_SLOW: _ClassVar[ErrorReason]
    ERROR_REASON_IDEMPOTENCY_KEY_REUSED: _ClassVar[ErrorReason]
    ERROR_REASON_ROUTE_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_METHOD_NOT_ALLOWED: _ClassVar[ErrorReason]
    ERROR_REASON_CONTENT_TYPE_REFUSED: _ClassVar[ErrorReason]
    ERROR_REASON_DEADLINE_EXCEEDED: _ClassVar[ErrorReason]
    ERROR_REASON_CANCELLED: _ClassVar[ErrorReason]
    ERROR_REASON_RUNTIME_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_RUNTIME_BROKEN: _ClassVar[ErrorReason]
    ERROR_REASON_RUNTIME_IN_USE: _ClassVar[ErrorReason]
    ERROR_REASON_DOWNLOAD_BLOCKED: _ClassVar[ErrorReason]
    ERROR_REASON_CHECKSUM_MISMATCH: _ClassVar[ErrorReason]
    ERROR_REASON_DOWNLOAD_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_PYTHON_INCOMPATIBLE: _ClassVar[ErrorReason]
    ERROR_REASON_VENV_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_VENV_EXISTS: _ClassVar[ErrorReason]
    ERROR_REASON_VENV_NAME_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_VENV_BUSY: _ClassVar[ErrorReason]
    ERROR_REASON_VENV_IN_USE: _ClassVar[ErrorReason]
    ERROR_REASON_VENV_BROKEN: _ClassVar[ErrorReason]
    ERROR_REASON_VENV_PROTECTED: _ClassVar[ErrorReason]
    ERROR_REASON_PACKAGE_SPEC_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_PACKAGE_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_RESOLUTION_FAILED: _ClassVar[ErrorReason]
    ERROR_REASON_NO_MATCHING_WHEEL: _ClassVar[ErrorReason]
    ERROR_REASON_BUILD_FAILED: _ClassVar[ErrorReason]
    ERROR_REASON_BUILD_FORBIDDEN: _ClassVar[ErrorReason]
    ERROR_REASON_INDEX_UNREACHABLE: _ClassVar[ErrorReason]
    ERROR_REASON_INDEX_UNAUTHORIZED: _ClassVar[ErrorReason]
    ERROR_REASON_CERTIFICATE_NOT_TRUSTED: _ClassVar[ErrorReason]
    ERROR_REASON_OFFLINE_MISS: _ClassVar[ErrorReason]
    ERROR_REASON_DISK_FULL: _ClassVar[ErrorReason]
    ERROR_REASON_SESSION_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_SESSION_CLOSED: _ClassVar[ErrorReason]
    ERROR_REASON_STALE_GENERATION: _ClassVar[ErrorReason]
    ERROR_REASON_EXECUTION_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_EXECUTION_ID_REUSED: _ClassVar[ErrorReason]
    ERROR_REASON_LOG_EXPIRED: _ClassVar[ErrorReason]
    ERROR_REASON_NOTHING_RUNNING: _ClassVar[ErrorReason]
    ERROR_REASON_INPUT_NOT_EXPECTED: _ClassVar[ErrorReason]
    ERROR_REASON_ISOLATION_UNAVAILABLE: _ClassVar[ErrorReason]
    ERROR_REASON_WORKER_LOST: _ClassVar[ErrorReason]
    ERROR_REASON_START_FAILED: _ClassVar[ErrorReason]
    ERROR_REASON_SESSION_UNRESPONSIVE: _ClassVar[ErrorReason]
    ERROR_REASON_HANDLE_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_STALE_HANDLE: _ClassVar[ErrorReason]
    ERROR_REASON_CONVERSION_FAILED: _ClassVar[ErrorReason]
    ERROR_REASON_VALUE_TOO_LARGE: _ClassVar[ErrorReason]
    ERROR_REASON_SKIPPED: _ClassVar[ErrorReason]
    ERROR_REASON_PYTHON_ERROR: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_INVALID_ARGUMENT: ErrorReason
ERROR_REASON_UNAUTHENTICATED: ErrorReason
ERROR_REASON_FORBIDDEN: ErrorReason
ERROR_REASON_ORIGIN_REFUSED: ErrorReason
ERROR_REASON_DEADLINE_TOO_LONG: ErrorReason
ERROR_REASON_QUEUE_FULL: ErrorReason
ERROR_REASON_QUOTA_EXCEEDED: ErrorReason
ERROR_REASON_DRAINING: ErrorReason
ERROR_REASON_NOT_IMPLEMENTED: ErrorReason
ERROR_REASON_INTERNAL: ErrorReason
ERROR_REASON_HOST_REFUSED: ErrorReason
ERROR_REASON_MESSAGE_TOO_LARGE: ErrorReason
ERROR_REASON_READER_TOO_SLOW: ErrorReason
ERROR_REASON_IDEMPOTENCY_KEY_REUSED: ErrorReason
ERROR_REASON_ROUTE_NOT_FOUND: ErrorReason
ERROR_REASON_METHOD_NOT_ALLOWED: ErrorReason
ERROR_REASON_CONTENT_TYPE_REFUSED: ErrorReason
ERROR_REASON_DEADLINE_EXCEEDED: ErrorReason
ERROR_REASON_CANCELLED: ErrorReason
ERROR_REASON_RUNTIME_NOT_FOUND: ErrorReason
ERROR_REASON_RUNTIME_BROKEN: ErrorReason
ERROR_REASON_RUNTIME_IN_USE: ErrorReason
ERROR_REASON_DOWNLOAD_BLOCKED: ErrorReason
ERROR_REASON_CHECKSUM_MISMATCH: ErrorReason
ERROR_REASON_DOWNLOAD_INVALID: ErrorReason
ERROR_REASON_PYTHON_INCOMPATIBLE: ErrorReason
ERROR_REASON_VENV_NOT_FOUND: ErrorReason
ERROR_REASON_VENV_EXISTS: ErrorReason
ERROR_REASON_VENV_NAME_INVALID: ErrorReason
ERROR_REASON_VENV_BUSY: ErrorReason
ERROR_REASON_VENV_IN_USE: ErrorReason
ERROR_REASON_VENV_BROKEN: ErrorReason
ERROR_REASON_VENV_PROTECTED: ErrorReason
ERROR_REASON_PACKAGE_SPEC_INVALID: ErrorReason
ERROR_REASON_PACKAGE_NOT_FOUND: ErrorReason
ERROR_REASON_RESOLUTION_FAILED: ErrorReason
ERROR_REASON_NO_MATCHING_WHEEL: ErrorReason
ERROR_REASON_BUILD_FAILED: ErrorReason
ERROR_REASON_BUILD_FORBIDDEN: ErrorReason
ERROR_REASON_INDEX_UNREACHABLE: ErrorReason
ERROR_REASON_INDEX_UNAUTHORIZED: ErrorReason
ERROR_REASON_CERTIFICATE_NOT_TRUSTED: ErrorReason
ERROR_REASON_OFFLINE_MISS: ErrorReason
ERROR_REASON_DISK_FULL: ErrorReason
ERROR_REASON_SESSION_NOT_FOUND: ErrorReason
ERROR_REASON_SESSION_CLOSED: ErrorReason
ERROR_REASON_STALE_GENERATION: ErrorReason
ERROR_REASON_EXECUTION_NOT_FOUND: ErrorReason
ERROR_REASON_EXECUTION_ID_REUSED: ErrorReason
ERROR_REASON_LOG_EXPIRED: ErrorReason
ERROR_REASON_NOTHING_RUNNING: ErrorReason
ERROR_REASON_INPUT_NOT_EXPECTED: ErrorReason
ERROR_REASON_ISOLATION_UNAVAILABLE: ErrorReason
ERROR_REASON_WORKER_LOST: ErrorReason
ERROR_REASON_START_FAILED: ErrorReason
ERROR_REASON_SESSION_UNRESPONSIVE: ErrorReason
ERROR_REASON_HANDLE_NOT_FOUND: ErrorReason
ERROR_REASON_STALE_HANDLE: ErrorReason
ERROR_REASON_CONVERSION_FAILED: ErrorReason
ERROR_REASON_VALUE_TOO_LARGE: ErrorReason
ERROR_REASON_SKIPPED: ErrorReason
ERROR_REASON_PYTHON_ERROR: ErrorReason

class PythonError(_message.Message):
    __slots__ = ("type_name", "module", "mro", "message", "args", "notes", "frames", "traceback", "cause", "context", "group", "object", "truncated")
    TYPE_NAME_FIELD_NUMBER: _ClassVar[int]
    MODULE_FIELD_NUMBER: _ClassVar[int]
    MRO_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    TRACEBACK_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    type_name: str
    module: str
    mro: _containers.RepeatedScalarFieldContainer[str]
    message: str
    args: _containers.RepeatedCompositeFieldContainer[_value_pb2.PythonValue]
    notes: _containers.RepeatedScalarFieldContainer[str]
    frames: _containers.RepeatedCompositeFieldContainer[StackFrame]
    traceback: str
    cause: PythonError
    context: PythonError
    group: _containers.RepeatedCompositeFieldContainer[PythonError]
    object: _value_pb2.ObjectRef
    truncated: bool
    def __init__(self, type_name: _Optional[str] = ..., module: _Optional[str] = ..., mro: _Optional[_Iterable[str]] = ..., message: _Optional[str] = ..., args: _Optional[_Iterable[_Union[_value_pb2.PythonValue, _Mapping]]] = ..., notes: _Optional[_Iterable[str]] = ..., frames: _Optional[_Iterable[_Union[StackFrame, _Mapping]]] = ..., traceback: _Optional[str] = ..., cause: _Optional[_Union[PythonError, _Mapping]] = ..., context: _Optional[_Union[PythonError, _Mapping]] = ..., group: _Optional[_Iterable[_Union[PythonError, _Mapping]]] = ..., object: _Optional[_Union[_value_pb2.ObjectRef, _Mapping]] = ..., truncated: _Optional[bool] = ...) -> None: ...

class StackFrame(_message.Message):
    __slots__ = ("file", "line", "function", "source")
    FILE_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    file: str
    line: int
    function: str
    source: str
    def __init__(self, file: _Optional[str] = ..., line: _Optional[int] = ..., function: _Optional[str] = ..., source: _Optional[str] = ...) -> None: ...

class ThreadStack(_message.Message):
    __slots__ = ("thread_name", "main_thread", "frames")
    THREAD_NAME_FIELD_NUMBER: _ClassVar[int]
    MAIN_THREAD_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    thread_name: str
    main_thread: bool
    frames: _containers.RepeatedCompositeFieldContainer[StackFrame]
    def __init__(self, thread_name: _Optional[str] = ..., main_thread: _Optional[bool] = ..., frames: _Optional[_Iterable[_Union[StackFrame, _Mapping]]] = ...) -> None: ...
