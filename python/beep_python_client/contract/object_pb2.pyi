import datetime

from beep_python_client.contract import error_pb2 as _error_pb2
from beep_python_client.contract import execute_pb2 as _execute_pb2
from beep_python_client.contract import value_pb2 as _value_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OnError(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ON_ERROR_UNSPECIFIED: _ClassVar[OnError]
    ON_ERROR_STOP: _ClassVar[OnError]
    ON_ERROR_CONTINUE: _ClassVar[OnError]

class ReadForm(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    READ_FORM_UNSPECIFIED: _ClassVar[ReadForm]
    READ_FORM_AUTO: _ClassVar[ReadForm]
    READ_FORM_BYTES: _ClassVar[ReadForm]
    READ_FORM_TENSOR: _ClassVar[ReadForm]
    READ_FORM_ARROW: _ClassVar[ReadForm]
    READ_FORM_ITEMS: _ClassVar[ReadForm]
    READ_FORM_JSON_COLUMNS: _ClassVar[ReadForm]
ON_ERROR_UNSPECIFIED: OnError
ON_ERROR_STOP: OnError
ON_ERROR_CONTINUE: OnError
READ_FORM_UNSPECIFIED: ReadForm
READ_FORM_AUTO: ReadForm
READ_FORM_BYTES: ReadForm
READ_FORM_TENSOR: ReadForm
READ_FORM_ARROW: ReadForm
READ_FORM_ITEMS: ReadForm
READ_FORM_JSON_COLUMNS: ReadForm

class Operation(_message.Message):
    __slots__ = ("target", "path", "call", "set_attribute", "delete_attribute", "get_item", "set_item", "delete_item", "evaluate", "assign", "next_items", "enter_context", "exit_context", "await_result", "measure", "describe", "find_module", "release", "result")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    SET_ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    DELETE_ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    GET_ITEM_FIELD_NUMBER: _ClassVar[int]
    SET_ITEM_FIELD_NUMBER: _ClassVar[int]
    DELETE_ITEM_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_FIELD_NUMBER: _ClassVar[int]
    ASSIGN_FIELD_NUMBER: _ClassVar[int]
    NEXT_ITEMS_FIELD_NUMBER: _ClassVar[int]
    ENTER_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    EXIT_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    AWAIT_RESULT_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    DESCRIBE_FIELD_NUMBER: _ClassVar[int]
    FIND_MODULE_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    target: Target
    path: _containers.RepeatedScalarFieldContainer[str]
    call: CallOp
    set_attribute: SetAttributeOp
    delete_attribute: DeleteAttributeOp
    get_item: GetItemOp
    set_item: SetItemOp
    delete_item: DeleteItemOp
    evaluate: EvaluateOp
    assign: AssignOp
    next_items: NextItemsOp
    enter_context: EnterContextOp
    exit_context: ExitContextOp
    await_result: AwaitOp
    measure: MeasureOp
    describe: DescribeOp
    find_module: FindModuleOp
    release: ReleaseOp
    result: _value_pb2.ResultPolicy
    def __init__(self, target: _Optional[_Union[Target, _Mapping]] = ..., path: _Optional[_Iterable[str]] = ..., call: _Optional[_Union[CallOp, _Mapping]] = ..., set_attribute: _Optional[_Union[SetAttributeOp, _Mapping]] = ..., delete_attribute: _Optional[_Union[DeleteAttributeOp, _Mapping]] = ..., get_item: _Optional[_Union[GetItemOp, _Mapping]] = ..., set_item: _Optional[_Union[SetItemOp, _Mapping]] = ..., delete_item: _Optional[_Union[DeleteItemOp, _Mapping]] = ..., evaluate: _Optional[_Union[EvaluateOp, _Mapping]] = ..., assign: _Optional[_Union[AssignOp, _Mapping]] = ..., next_items: _Optional[_Union[NextItemsOp, _Mapping]] = ..., enter_context: _Optional[_Union[EnterContextOp, _Mapping]] = ..., exit_context: _Optional[_Union[ExitContextOp, _Mapping]] = ..., await_result: _Optional[_Union[AwaitOp, _Mapping]] = ..., measure: _Optional[_Union[MeasureOp, _Mapping]] = ..., describe: _Optional[_Union[DescribeOp, _Mapping]] = ..., find_module: _Optional[_Union[FindModuleOp, _Mapping]] = ..., release: _Optional[_Union[ReleaseOp, _Mapping]] = ..., result: _Optional[_Union[_value_pb2.ResultPolicy, _Mapping]] = ...) -> None: ...

class CallOp(_message.Message):
    __slots__ = ("args", "kwargs")
    class KwargsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Argument
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Argument, _Mapping]] = ...) -> None: ...
    ARGS_FIELD_NUMBER: _ClassVar[int]
    KWARGS_FIELD_NUMBER: _ClassVar[int]
    args: _containers.RepeatedCompositeFieldContainer[Argument]
    kwargs: _containers.MessageMap[str, Argument]
    def __init__(self, args: _Optional[_Iterable[_Union[Argument, _Mapping]]] = ..., kwargs: _Optional[_Mapping[str, Argument]] = ...) -> None: ...

class SetAttributeOp(_message.Message):
    __slots__ = ("value",)
    VALUE_FIELD_NUMBER: _ClassVar[int]
    value: Argument
    def __init__(self, value: _Optional[_Union[Argument, _Mapping]] = ...) -> None: ...

class DeleteAttributeOp(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetItemOp(_message.Message):
    __slots__ = ("key",)
    KEY_FIELD_NUMBER: _ClassVar[int]
    key: Argument
    def __init__(self, key: _Optional[_Union[Argument, _Mapping]] = ...) -> None: ...

class SetItemOp(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: Argument
    value: Argument
    def __init__(self, key: _Optional[_Union[Argument, _Mapping]] = ..., value: _Optional[_Union[Argument, _Mapping]] = ...) -> None: ...

class DeleteItemOp(_message.Message):
    __slots__ = ("key",)
    KEY_FIELD_NUMBER: _ClassVar[int]
    key: Argument
    def __init__(self, key: _Optional[_Union[Argument, _Mapping]] = ...) -> None: ...

class EvaluateOp(_message.Message):
    __slots__ = ("expression", "locals")
    class LocalsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Argument
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Argument, _Mapping]] = ...) -> None: ...
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    LOCALS_FIELD_NUMBER: _ClassVar[int]
    expression: str
    locals: _containers.MessageMap[str, Argument]
    def __init__(self, expression: _Optional[str] = ..., locals: _Optional[_Mapping[str, Argument]] = ...) -> None: ...

class AssignOp(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: Argument
    def __init__(self, name: _Optional[str] = ..., value: _Optional[_Union[Argument, _Mapping]] = ...) -> None: ...

class NextItemsOp(_message.Message):
    __slots__ = ("max_items", "max_bytes", "max_wait")
    MAX_ITEMS_FIELD_NUMBER: _ClassVar[int]
    MAX_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_WAIT_FIELD_NUMBER: _ClassVar[int]
    max_items: int
    max_bytes: int
    max_wait: _duration_pb2.Duration
    def __init__(self, max_items: _Optional[int] = ..., max_bytes: _Optional[int] = ..., max_wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class EnterContextOp(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ExitContextOp(_message.Message):
    __slots__ = ("error_handle_id",)
    ERROR_HANDLE_ID_FIELD_NUMBER: _ClassVar[int]
    error_handle_id: str
    def __init__(self, error_handle_id: _Optional[str] = ...) -> None: ...

class AwaitOp(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class MeasureOp(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribeOp(_message.Message):
    __slots__ = ("attributes",)
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    attributes: bool
    def __init__(self, attributes: _Optional[bool] = ...) -> None: ...

class FindModuleOp(_message.Message):
    __slots__ = ("module",)
    MODULE_FIELD_NUMBER: _ClassVar[int]
    module: str
    def __init__(self, module: _Optional[str] = ...) -> None: ...

class ReleaseOp(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Target(_message.Message):
    __slots__ = ("handle_id", "result", "module", "name", "value")
    HANDLE_ID_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    MODULE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    handle_id: str
    result: int
    module: str
    name: str
    value: _value_pb2.PythonValue
    def __init__(self, handle_id: _Optional[str] = ..., result: _Optional[int] = ..., module: _Optional[str] = ..., name: _Optional[str] = ..., value: _Optional[_Union[_value_pb2.PythonValue, _Mapping]] = ...) -> None: ...

class Argument(_message.Message):
    __slots__ = ("value", "handle_id", "result")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    HANDLE_ID_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    value: _value_pb2.PythonValue
    handle_id: str
    result: int
    def __init__(self, value: _Optional[_Union[_value_pb2.PythonValue, _Mapping]] = ..., handle_id: _Optional[str] = ..., result: _Optional[int] = ...) -> None: ...

class OperationResult(_message.Message):
    __slots__ = ("value", "handle", "error", "failure", "items", "description", "notes")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    value: _value_pb2.PythonValue
    handle: _value_pb2.ObjectRef
    error: _error_pb2.PythonError
    failure: OperationFailure
    items: ItemsResult
    description: DescriptionResult
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, value: _Optional[_Union[_value_pb2.PythonValue, _Mapping]] = ..., handle: _Optional[_Union[_value_pb2.ObjectRef, _Mapping]] = ..., error: _Optional[_Union[_error_pb2.PythonError, _Mapping]] = ..., failure: _Optional[_Union[OperationFailure, _Mapping]] = ..., items: _Optional[_Union[ItemsResult, _Mapping]] = ..., description: _Optional[_Union[DescriptionResult, _Mapping]] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class OperationFailure(_message.Message):
    __slots__ = ("reason", "message", "path")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    reason: _error_pb2.ErrorReason
    message: str
    path: str
    def __init__(self, reason: _Optional[_Union[_error_pb2.ErrorReason, str]] = ..., message: _Optional[str] = ..., path: _Optional[str] = ...) -> None: ...

class ItemsResult(_message.Message):
    __slots__ = ("values", "json", "exhausted", "error")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    EXHAUSTED_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[_value_pb2.PythonValue]
    json: str
    exhausted: bool
    error: _error_pb2.PythonError
    def __init__(self, values: _Optional[_Iterable[_Union[_value_pb2.PythonValue, _Mapping]]] = ..., json: _Optional[str] = ..., exhausted: _Optional[bool] = ..., error: _Optional[_Union[_error_pb2.PythonError, _Mapping]] = ...) -> None: ...

class DescriptionResult(_message.Message):
    __slots__ = ("type_name", "text", "documentation", "signature", "callable", "iterable", "awaitable", "attributes")
    TYPE_NAME_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTATION_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    CALLABLE_FIELD_NUMBER: _ClassVar[int]
    ITERABLE_FIELD_NUMBER: _ClassVar[int]
    AWAITABLE_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    type_name: str
    text: str
    documentation: str
    signature: str
    callable: bool
    iterable: bool
    awaitable: bool
    attributes: _containers.RepeatedCompositeFieldContainer[AttributeInfo]
    def __init__(self, type_name: _Optional[str] = ..., text: _Optional[str] = ..., documentation: _Optional[str] = ..., signature: _Optional[str] = ..., callable: _Optional[bool] = ..., iterable: _Optional[bool] = ..., awaitable: _Optional[bool] = ..., attributes: _Optional[_Iterable[_Union[AttributeInfo, _Mapping]]] = ...) -> None: ...

class AttributeInfo(_message.Message):
    __slots__ = ("name", "type_name", "callable")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_NAME_FIELD_NUMBER: _ClassVar[int]
    CALLABLE_FIELD_NUMBER: _ClassVar[int]
    name: str
    type_name: str
    callable: bool
    def __init__(self, name: _Optional[str] = ..., type_name: _Optional[str] = ..., callable: _Optional[bool] = ...) -> None: ...

class ApplyRequest(_message.Message):
    __slots__ = ("session_id", "generation", "batch_id", "operations", "on_error", "release", "keep_intermediates", "last_only", "timeout")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    ON_ERROR_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    KEEP_INTERMEDIATES_FIELD_NUMBER: _ClassVar[int]
    LAST_ONLY_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    generation: int
    batch_id: str
    operations: _containers.RepeatedCompositeFieldContainer[Operation]
    on_error: OnError
    release: _containers.RepeatedScalarFieldContainer[str]
    keep_intermediates: bool
    last_only: bool
    timeout: _duration_pb2.Duration
    def __init__(self, session_id: _Optional[str] = ..., generation: _Optional[int] = ..., batch_id: _Optional[str] = ..., operations: _Optional[_Iterable[_Union[Operation, _Mapping]]] = ..., on_error: _Optional[_Union[OnError, str]] = ..., release: _Optional[_Iterable[str]] = ..., keep_intermediates: _Optional[bool] = ..., last_only: _Optional[bool] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ApplyResponse(_message.Message):
    __slots__ = ("batch_id", "results", "generation", "stdout", "stderr", "finished")
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    STDOUT_FIELD_NUMBER: _ClassVar[int]
    STDERR_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    batch_id: str
    results: _containers.RepeatedCompositeFieldContainer[OperationResult]
    generation: int
    stdout: str
    stderr: str
    finished: _execute_pb2.Finished
    def __init__(self, batch_id: _Optional[str] = ..., results: _Optional[_Iterable[_Union[OperationResult, _Mapping]]] = ..., generation: _Optional[int] = ..., stdout: _Optional[str] = ..., stderr: _Optional[str] = ..., finished: _Optional[_Union[_execute_pb2.Finished, _Mapping]] = ...) -> None: ...

class ConverseRequest(_message.Message):
    __slots__ = ("batch", "cancel")
    BATCH_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    batch: ConverseBatch
    cancel: ConverseCancel
    def __init__(self, batch: _Optional[_Union[ConverseBatch, _Mapping]] = ..., cancel: _Optional[_Union[ConverseCancel, _Mapping]] = ...) -> None: ...

class ConverseBatch(_message.Message):
    __slots__ = ("id", "request")
    ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    id: int
    request: ApplyRequest
    def __init__(self, id: _Optional[int] = ..., request: _Optional[_Union[ApplyRequest, _Mapping]] = ...) -> None: ...

class ConverseCancel(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class ConverseResponse(_message.Message):
    __slots__ = ("id", "response", "failure")
    ID_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    id: int
    response: ApplyResponse
    failure: OperationFailure
    def __init__(self, id: _Optional[int] = ..., response: _Optional[_Union[ApplyResponse, _Mapping]] = ..., failure: _Optional[_Union[OperationFailure, _Mapping]] = ...) -> None: ...

class ReadRequest(_message.Message):
    __slots__ = ("session_id", "handle_id", "offset", "length", "form")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    HANDLE_ID_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    handle_id: str
    offset: int
    length: int
    form: ReadForm
    def __init__(self, session_id: _Optional[str] = ..., handle_id: _Optional[str] = ..., offset: _Optional[int] = ..., length: _Optional[int] = ..., form: _Optional[_Union[ReadForm, str]] = ...) -> None: ...

class ReadResponse(_message.Message):
    __slots__ = ("header", "data", "items")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    header: ReadHeader
    data: bytes
    items: ItemsResult
    def __init__(self, header: _Optional[_Union[ReadHeader, _Mapping]] = ..., data: _Optional[bytes] = ..., items: _Optional[_Union[ItemsResult, _Mapping]] = ...) -> None: ...

class ReadHeader(_message.Message):
    __slots__ = ("form", "tensor", "total_bytes", "offset")
    FORM_FIELD_NUMBER: _ClassVar[int]
    TENSOR_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    form: ReadForm
    tensor: _value_pb2.Tensor
    total_bytes: int
    offset: int
    def __init__(self, form: _Optional[_Union[ReadForm, str]] = ..., tensor: _Optional[_Union[_value_pb2.Tensor, _Mapping]] = ..., total_bytes: _Optional[int] = ..., offset: _Optional[int] = ...) -> None: ...

class WriteRequest(_message.Message):
    __slots__ = ("header", "data")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    header: WriteHeader
    data: bytes
    def __init__(self, header: _Optional[_Union[WriteHeader, _Mapping]] = ..., data: _Optional[bytes] = ...) -> None: ...

class WriteHeader(_message.Message):
    __slots__ = ("session_id", "tensor", "total_bytes", "assign_to", "write_id", "offset")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TENSOR_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    ASSIGN_TO_FIELD_NUMBER: _ClassVar[int]
    WRITE_ID_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    tensor: _value_pb2.Tensor
    total_bytes: int
    assign_to: str
    write_id: str
    offset: int
    def __init__(self, session_id: _Optional[str] = ..., tensor: _Optional[_Union[_value_pb2.Tensor, _Mapping]] = ..., total_bytes: _Optional[int] = ..., assign_to: _Optional[str] = ..., write_id: _Optional[str] = ..., offset: _Optional[int] = ...) -> None: ...

class WriteResponse(_message.Message):
    __slots__ = ("object", "received_bytes")
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_BYTES_FIELD_NUMBER: _ClassVar[int]
    object: _value_pb2.ObjectRef
    received_bytes: int
    def __init__(self, object: _Optional[_Union[_value_pb2.ObjectRef, _Mapping]] = ..., received_bytes: _Optional[int] = ...) -> None: ...

class ListHandlesRequest(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class ListHandlesResponse(_message.Message):
    __slots__ = ("handles",)
    HANDLES_FIELD_NUMBER: _ClassVar[int]
    handles: _containers.RepeatedCompositeFieldContainer[HandleInfo]
    def __init__(self, handles: _Optional[_Iterable[_Union[HandleInfo, _Mapping]]] = ...) -> None: ...

class HandleInfo(_message.Message):
    __slots__ = ("object", "created_at", "used_at", "size_bytes")
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    USED_AT_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    object: _value_pb2.ObjectRef
    created_at: _timestamp_pb2.Timestamp
    used_at: _timestamp_pb2.Timestamp
    size_bytes: int
    def __init__(self, object: _Optional[_Union[_value_pb2.ObjectRef, _Mapping]] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., used_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class ReleaseHandlesRequest(_message.Message):
    __slots__ = ("session_id", "handle_ids", "all")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    HANDLE_IDS_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    handle_ids: _containers.RepeatedScalarFieldContainer[str]
    all: bool
    def __init__(self, session_id: _Optional[str] = ..., handle_ids: _Optional[_Iterable[str]] = ..., all: _Optional[bool] = ...) -> None: ...

class ReleaseHandlesResponse(_message.Message):
    __slots__ = ("released",)
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    released: int
    def __init__(self, released: _Optional[int] = ...) -> None: ...
