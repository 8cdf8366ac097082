from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SessionChange(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SESSION_CHANGE_UNSPECIFIED: _ClassVar[SessionChange]
    SESSION_CHANGE_OPENED: _ClassVar[SessionChange]
    SESSION_CHANGE_REPLACED: _ClassVar[SessionChange]
    SESSION_CHANGE_ENDED: _ClassVar[SessionChange]
    SESSION_CHANGE_DIED: _ClassVar[SessionChange]

class ItemKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ITEM_KIND_UNSPECIFIED: _ClassVar[ItemKind]
    ITEM_KIND_EXECUTION: _ClassVar[ItemKind]
    ITEM_KIND_BATCH: _ClassVar[ItemKind]
    ITEM_KIND_RELEASE: _ClassVar[ItemKind]
    ITEM_KIND_ORIGINAL: _ClassVar[ItemKind]

class Delivery(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DELIVERY_UNSPECIFIED: _ClassVar[Delivery]
    DELIVERY_EVENTS: _ClassVar[Delivery]
    DELIVERY_RESULT: _ClassVar[Delivery]
    DELIVERY_ACCEPTANCE: _ClassVar[Delivery]

class EnvelopeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENVELOPE_KIND_UNSPECIFIED: _ClassVar[EnvelopeKind]
    ENVELOPE_KIND_EVENT: _ClassVar[EnvelopeKind]
    ENVELOPE_KIND_FINISHED: _ClassVar[EnvelopeKind]
    ENVELOPE_KIND_RESULT: _ClassVar[EnvelopeKind]
    ENVELOPE_KIND_ACCEPTED: _ClassVar[EnvelopeKind]
SESSION_CHANGE_UNSPECIFIED: SessionChange
SESSION_CHANGE_OPENED: SessionChange
SESSION_CHANGE_REPLACED: SessionChange
SESSION_CHANGE_ENDED: SessionChange
SESSION_CHANGE_DIED: SessionChange
ITEM_KIND_UNSPECIFIED: ItemKind
ITEM_KIND_EXECUTION: ItemKind
ITEM_KIND_BATCH: ItemKind
ITEM_KIND_RELEASE: ItemKind
ITEM_KIND_ORIGINAL: ItemKind
DELIVERY_UNSPECIFIED: Delivery
DELIVERY_EVENTS: Delivery
DELIVERY_RESULT: Delivery
DELIVERY_ACCEPTANCE: Delivery
ENVELOPE_KIND_UNSPECIFIED: EnvelopeKind
ENVELOPE_KIND_EVENT: EnvelopeKind
ENVELOPE_KIND_FINISHED: EnvelopeKind
ENVELOPE_KIND_RESULT: EnvelopeKind
ENVELOPE_KIND_ACCEPTED: EnvelopeKind

class HelloRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class HelloResponse(_message.Message):
    __slots__ = ("pid", "python_version", "mechanisms", "lane", "transfers")
    PID_FIELD_NUMBER: _ClassVar[int]
    PYTHON_VERSION_FIELD_NUMBER: _ClassVar[int]
    MECHANISMS_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    TRANSFERS_FIELD_NUMBER: _ClassVar[int]
    pid: int
    python_version: str
    mechanisms: _containers.RepeatedScalarFieldContainer[str]
    lane: str
    transfers: str
    def __init__(self, pid: _Optional[int] = ..., python_version: _Optional[str] = ..., mechanisms: _Optional[_Iterable[str]] = ..., lane: _Optional[str] = ..., transfers: _Optional[str] = ...) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("reason", "message", "retry_after_ms", "metadata")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    reason: str
    message: str
    retry_after_ms: int
    metadata: _containers.ScalarMap[str, str]
    def __init__(self, reason: _Optional[str] = ..., message: _Optional[str] = ..., retry_after_ms: _Optional[int] = ..., metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WatchResponse(_message.Message):
    __slots__ = ("change", "session_id", "generation", "close_reason", "message", "template")
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    CLOSE_REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    change: SessionChange
    session_id: str
    generation: int
    close_reason: str
    message: str
    template: TemplateChange
    def __init__(self, change: _Optional[_Union[SessionChange, str]] = ..., session_id: _Optional[str] = ..., generation: _Optional[int] = ..., close_reason: _Optional[str] = ..., message: _Optional[str] = ..., template: _Optional[_Union[TemplateChange, _Mapping]] = ...) -> None: ...

class TemplateChange(_message.Message):
    __slots__ = ("template", "has_ended")
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    HAS_ENDED_FIELD_NUMBER: _ClassVar[int]
    template: TemplateStats
    has_ended: bool
    def __init__(self, template: _Optional[_Union[TemplateStats, _Mapping]] = ..., has_ended: _Optional[bool] = ...) -> None: ...

class Environment(_message.Message):
    __slots__ = ("name", "generation", "python_path")
    NAME_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    PYTHON_PATH_FIELD_NUMBER: _ClassVar[int]
    name: str
    generation: int
    python_path: str
    def __init__(self, name: _Optional[str] = ..., generation: _Optional[int] = ..., python_path: _Optional[str] = ...) -> None: ...

class PrepareTemplateRequest(_message.Message):
    __slots__ = ("principal", "environment", "preload")
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    PRELOAD_FIELD_NUMBER: _ClassVar[int]
    principal: str
    environment: Environment
    preload: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, principal: _Optional[str] = ..., environment: _Optional[_Union[Environment, _Mapping]] = ..., preload: _Optional[_Iterable[str]] = ...) -> None: ...

class PrepareTemplateResponse(_message.Message):
    __slots__ = ("pid", "spawn_reason")
    PID_FIELD_NUMBER: _ClassVar[int]
    SPAWN_REASON_FIELD_NUMBER: _ClassVar[int]
    pid: int
    spawn_reason: str
    def __init__(self, pid: _Optional[int] = ..., spawn_reason: _Optional[str] = ...) -> None: ...

class ReleaseTemplatesRequest(_message.Message):
    __slots__ = ("venv", "kept_generation")
    VENV_FIELD_NUMBER: _ClassVar[int]
    KEPT_GENERATION_FIELD_NUMBER: _ClassVar[int]
    venv: str
    kept_generation: int
    def __init__(self, venv: _Optional[str] = ..., kept_generation: _Optional[int] = ...) -> None: ...

class ReleaseTemplatesResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class OpenSessionRequest(_message.Message):
    __slots__ = ("session_id", "principal", "environment", "spec", "workspace", "ephemeral", "generation")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    WORKSPACE_FIELD_NUMBER: _ClassVar[int]
    EPHEMERAL_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    principal: str
    environment: Environment
    spec: bytes
    workspace: str
    ephemeral: bool
    generation: int
    def __init__(self, session_id: _Optional[str] = ..., principal: _Optional[str] = ..., environment: _Optional[_Union[Environment, _Mapping]] = ..., spec: _Optional[bytes] = ..., workspace: _Optional[str] = ..., ephemeral: _Optional[bool] = ..., generation: _Optional[int] = ...) -> None: ...

class GetSessionRequest(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class RenewSessionRequest(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: bytes
    def __init__(self, request: _Optional[bytes] = ...) -> None: ...

class RestartSessionRequest(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class CloseSessionRequest(_message.Message):
    __slots__ = ("session_id", "reason", "message")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    reason: str
    message: str
    def __init__(self, session_id: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class SessionResponse(_message.Message):
    __slots__ = ("session",)
    SESSION_FIELD_NUMBER: _ClassVar[int]
    session: bytes
    def __init__(self, session: _Optional[bytes] = ...) -> None: ...

class ListSessionsRequest(_message.Message):
    __slots__ = ("principal", "include_closed")
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_CLOSED_FIELD_NUMBER: _ClassVar[int]
    principal: str
    include_closed: bool
    def __init__(self, principal: _Optional[str] = ..., include_closed: _Optional[bool] = ...) -> None: ...

class ListSessionsResponse(_message.Message):
    __slots__ = ("sessions",)
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    sessions: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, sessions: _Optional[_Iterable[bytes]] = ...) -> None: ...

class AttachRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Downward]
    def __init__(self, items: _Optional[_Iterable[_Union[Downward, _Mapping]]] = ...) -> None: ...

class Downward(_message.Message):
    __slots__ = ("session_id", "open", "submission", "grant", "departure")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_FIELD_NUMBER: _ClassVar[int]
    GRANT_FIELD_NUMBER: _ClassVar[int]
    DEPARTURE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    open: OpenSessionRequest
    submission: Submission
    grant: WindowGrant
    departure: Departure
    def __init__(self, session_id: _Optional[str] = ..., open: _Optional[_Union[OpenSessionRequest, _Mapping]] = ..., submission: _Optional[_Union[Submission, _Mapping]] = ..., grant: _Optional[_Union[WindowGrant, _Mapping]] = ..., departure: _Optional[_Union[Departure, _Mapping]] = ...) -> None: ...

class Submission(_message.Message):
    __slots__ = ("number", "kind", "item_id", "body", "delivery", "window_bytes")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_FIELD_NUMBER: _ClassVar[int]
    WINDOW_BYTES_FIELD_NUMBER: _ClassVar[int]
    number: int
    kind: ItemKind
    item_id: str
    body: bytes
    delivery: Delivery
    window_bytes: int
    def __init__(self, number: _Optional[int] = ..., kind: _Optional[_Union[ItemKind, str]] = ..., item_id: _Optional[str] = ..., body: _Optional[bytes] = ..., delivery: _Optional[_Union[Delivery, str]] = ..., window_bytes: _Optional[int] = ...) -> None: ...

class WindowGrant(_message.Message):
    __slots__ = ("number", "bytes")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    number: int
    bytes: int
    def __init__(self, number: _Optional[int] = ..., bytes: _Optional[int] = ...) -> None: ...

class Departure(_message.Message):
    __slots__ = ("number", "detach")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    DETACH_FIELD_NUMBER: _ClassVar[int]
    number: int
    detach: bool
    def __init__(self, number: _Optional[int] = ..., detach: _Optional[bool] = ...) -> None: ...

class AttachResponse(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Upward]
    def __init__(self, items: _Optional[_Iterable[_Union[Upward, _Mapping]]] = ...) -> None: ...

class Upward(_message.Message):
    __slots__ = ("opened", "envelope", "refusal")
    OPENED_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    opened: bytes
    envelope: Envelope
    refusal: ItemRefusal
    def __init__(self, opened: _Optional[bytes] = ..., envelope: _Optional[_Union[Envelope, _Mapping]] = ..., refusal: _Optional[_Union[ItemRefusal, _Mapping]] = ...) -> None: ...

class Envelope(_message.Message):
    __slots__ = ("number", "seq", "kind", "body")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    number: int
    seq: int
    kind: EnvelopeKind
    body: bytes
    def __init__(self, number: _Optional[int] = ..., seq: _Optional[int] = ..., kind: _Optional[_Union[EnvelopeKind, str]] = ..., body: _Optional[bytes] = ...) -> None: ...

class ItemRefusal(_message.Message):
    __slots__ = ("number", "refusal")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    number: int
    refusal: Refusal
    def __init__(self, number: _Optional[int] = ..., refusal: _Optional[_Union[Refusal, _Mapping]] = ...) -> None: ...

class ReadEventsRequest(_message.Message):
    __slots__ = ("start", "grant")
    START_FIELD_NUMBER: _ClassVar[int]
    GRANT_FIELD_NUMBER: _ClassVar[int]
    start: ReadEventsStart
    grant: int
    def __init__(self, start: _Optional[_Union[ReadEventsStart, _Mapping]] = ..., grant: _Optional[int] = ...) -> None: ...

class ReadEventsStart(_message.Message):
    __slots__ = ("principal", "execution_id", "from_seq", "window_bytes")
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_SEQ_FIELD_NUMBER: _ClassVar[int]
    WINDOW_BYTES_FIELD_NUMBER: _ClassVar[int]
    principal: str
    execution_id: str
    from_seq: int
    window_bytes: int
    def __init__(self, principal: _Optional[str] = ..., execution_id: _Optional[str] = ..., from_seq: _Optional[int] = ..., window_bytes: _Optional[int] = ...) -> None: ...

class ReadEventsResponse(_message.Message):
    __slots__ = ("envelopes", "is_last", "refusal")
    ENVELOPES_FIELD_NUMBER: _ClassVar[int]
    IS_LAST_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    envelopes: _containers.RepeatedCompositeFieldContainer[Envelope]
    is_last: bool
    refusal: Refusal
    def __init__(self, envelopes: _Optional[_Iterable[_Union[Envelope, _Mapping]]] = ..., is_last: _Optional[bool] = ..., refusal: _Optional[_Union[Refusal, _Mapping]] = ...) -> None: ...

class ReadOutputRequest(_message.Message):
    __slots__ = ("principal", "execution_id", "stream", "offset", "max_bytes")
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STREAM_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    MAX_BYTES_FIELD_NUMBER: _ClassVar[int]
    principal: str
    execution_id: str
    stream: int
    offset: int
    max_bytes: int
    def __init__(self, principal: _Optional[str] = ..., execution_id: _Optional[str] = ..., stream: _Optional[int] = ..., offset: _Optional[int] = ..., max_bytes: _Optional[int] = ...) -> None: ...

class ReadOutputResponse(_message.Message):
    __slots__ = ("outputs", "next_offset", "end_offset")
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_OFFSET_FIELD_NUMBER: _ClassVar[int]
    END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    outputs: _containers.RepeatedScalarFieldContainer[bytes]
    next_offset: int
    end_offset: int
    def __init__(self, outputs: _Optional[_Iterable[bytes]] = ..., next_offset: _Optional[int] = ..., end_offset: _Optional[int] = ...) -> None: ...

class GetExecutionRequest(_message.Message):
    __slots__ = ("principal", "execution_id", "wait_ms")
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    principal: str
    execution_id: str
    wait_ms: int
    def __init__(self, principal: _Optional[str] = ..., execution_id: _Optional[str] = ..., wait_ms: _Optional[int] = ...) -> None: ...

class GetExecutionResponse(_message.Message):
    __slots__ = ("info",)
    INFO_FIELD_NUMBER: _ClassVar[int]
    info: bytes
    def __init__(self, info: _Optional[bytes] = ...) -> None: ...

class ListExecutionsRequest(_message.Message):
    __slots__ = ("principal", "request", "limit", "before")
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    principal: str
    request: bytes
    limit: int
    before: ExecutionPlace
    def __init__(self, principal: _Optional[str] = ..., request: _Optional[bytes] = ..., limit: _Optional[int] = ..., before: _Optional[_Union[ExecutionPlace, _Mapping]] = ...) -> None: ...

class ExecutionPlace(_message.Message):
    __slots__ = ("accepted_ns", "execution_id")
    ACCEPTED_NS_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    accepted_ns: int
    execution_id: str
    def __init__(self, accepted_ns: _Optional[int] = ..., execution_id: _Optional[str] = ...) -> None: ...

class ListExecutionsResponse(_message.Message):
    __slots__ = ("executions",)
    EXECUTIONS_FIELD_NUMBER: _ClassVar[int]
    executions: _containers.RepeatedCompositeFieldContainer[ListedExecution]
    def __init__(self, executions: _Optional[_Iterable[_Union[ListedExecution, _Mapping]]] = ...) -> None: ...

class ListedExecution(_message.Message):
    __slots__ = ("place", "info")
    PLACE_FIELD_NUMBER: _ClassVar[int]
    INFO_FIELD_NUMBER: _ClassVar[int]
    place: ExecutionPlace
    info: bytes
    def __init__(self, place: _Optional[_Union[ExecutionPlace, _Mapping]] = ..., info: _Optional[bytes] = ...) -> None: ...

class ControlRequest(_message.Message):
    __slots__ = ("principal", "interrupt", "send_input", "complete", "inspect", "list_variables", "dump_stacks", "list_handles", "check_complete", "waits")
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    INTERRUPT_FIELD_NUMBER: _ClassVar[int]
    SEND_INPUT_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    INSPECT_FIELD_NUMBER: _ClassVar[int]
    LIST_VARIABLES_FIELD_NUMBER: _ClassVar[int]
    DUMP_STACKS_FIELD_NUMBER: _ClassVar[int]
    LIST_HANDLES_FIELD_NUMBER: _ClassVar[int]
    CHECK_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    WAITS_FIELD_NUMBER: _ClassVar[int]
    principal: str
    interrupt: bytes
    send_input: bytes
    complete: bytes
    inspect: bytes
    list_variables: bytes
    dump_stacks: bytes
    list_handles: bytes
    check_complete: bytes
    waits: bool
    def __init__(self, principal: _Optional[str] = ..., interrupt: _Optional[bytes] = ..., send_input: _Optional[bytes] = ..., complete: _Optional[bytes] = ..., inspect: _Optional[bytes] = ..., list_variables: _Optional[bytes] = ..., dump_stacks: _Optional[bytes] = ..., list_handles: _Optional[bytes] = ..., check_complete: _Optional[bytes] = ..., waits: _Optional[bool] = ...) -> None: ...

class ControlResponse(_message.Message):
    __slots__ = ("body",)
    BODY_FIELD_NUMBER: _ClassVar[int]
    body: bytes
    def __init__(self, body: _Optional[bytes] = ...) -> None: ...

class StatsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatsResponse(_message.Message):
    __slots__ = ("sessions_open", "sessions_busy", "items_queued", "executions_total", "resident_bytes", "cpu_seconds", "templates", "kinds")
    SESSIONS_OPEN_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_BUSY_FIELD_NUMBER: _ClassVar[int]
    ITEMS_QUEUED_FIELD_NUMBER: _ClassVar[int]
    EXECUTIONS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    RESIDENT_BYTES_FIELD_NUMBER: _ClassVar[int]
    CPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    TEMPLATES_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    sessions_open: int
    sessions_busy: int
    items_queued: int
    executions_total: int
    resident_bytes: int
    cpu_seconds: float
    templates: _containers.RepeatedCompositeFieldContainer[TemplateStats]
    kinds: _containers.RepeatedCompositeFieldContainer[SessionKind]
    def __init__(self, sessions_open: _Optional[int] = ..., sessions_busy: _Optional[int] = ..., items_queued: _Optional[int] = ..., executions_total: _Optional[int] = ..., resident_bytes: _Optional[int] = ..., cpu_seconds: _Optional[float] = ..., templates: _Optional[_Iterable[_Union[TemplateStats, _Mapping]]] = ..., kinds: _Optional[_Iterable[_Union[SessionKind, _Mapping]]] = ...) -> None: ...

class TemplateStats(_message.Message):
    __slots__ = ("venv", "preload", "pid", "resident_bytes", "spawn_reason")
    VENV_FIELD_NUMBER: _ClassVar[int]
    PRELOAD_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    RESIDENT_BYTES_FIELD_NUMBER: _ClassVar[int]
    SPAWN_REASON_FIELD_NUMBER: _ClassVar[int]
    venv: str
    preload: _containers.RepeatedScalarFieldContainer[str]
    pid: int
    resident_bytes: int
    spawn_reason: str
    def __init__(self, venv: _Optional[str] = ..., preload: _Optional[_Iterable[str]] = ..., pid: _Optional[int] = ..., resident_bytes: _Optional[int] = ..., spawn_reason: _Optional[str] = ...) -> None: ...

class SessionKind(_message.Message):
    __slots__ = ("venv", "preload", "open", "created_total", "acquire_us")
    VENV_FIELD_NUMBER: _ClassVar[int]
    PRELOAD_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    CREATED_TOTAL_FIELD_NUMBER: _ClassVar[int]
    ACQUIRE_US_FIELD_NUMBER: _ClassVar[int]
    venv: str
    preload: _containers.RepeatedScalarFieldContainer[str]
    open: int
    created_total: int
    acquire_us: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, venv: _Optional[str] = ..., preload: _Optional[_Iterable[str]] = ..., open: _Optional[int] = ..., created_total: _Optional[int] = ..., acquire_us: _Optional[_Iterable[int]] = ...) -> None: ...

class OriginalRequest(_message.Message):
    __slots__ = ("operation", "handle_id", "name", "args_json", "kwargs_json", "value_json", "return_type", "is_lenient", "is_table", "as_float32", "piece")
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    HANDLE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ARGS_JSON_FIELD_NUMBER: _ClassVar[int]
    KWARGS_JSON_FIELD_NUMBER: _ClassVar[int]
    VALUE_JSON_FIELD_NUMBER: _ClassVar[int]
    RETURN_TYPE_FIELD_NUMBER: _ClassVar[int]
    IS_LENIENT_FIELD_NUMBER: _ClassVar[int]
    IS_TABLE_FIELD_NUMBER: _ClassVar[int]
    AS_FLOAT32_FIELD_NUMBER: _ClassVar[int]
    PIECE_FIELD_NUMBER: _ClassVar[int]
    operation: str
    handle_id: str
    name: str
    args_json: str
    kwargs_json: str
    value_json: str
    return_type: str
    is_lenient: bool
    is_table: bool
    as_float32: bool
    piece: int
    def __init__(self, operation: _Optional[str] = ..., handle_id: _Optional[str] = ..., name: _Optional[str] = ..., args_json: _Optional[str] = ..., kwargs_json: _Optional[str] = ..., value_json: _Optional[str] = ..., return_type: _Optional[str] = ..., is_lenient: _Optional[bool] = ..., is_table: _Optional[bool] = ..., as_float32: _Optional[bool] = ..., piece: _Optional[int] = ...) -> None: ...

class OriginalResponse(_message.Message):
    __slots__ = ("value", "is_text", "handle_id", "type_name", "count", "pieces", "rows", "width", "reason", "message", "traceback", "note")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    IS_TEXT_FIELD_NUMBER: _ClassVar[int]
    HANDLE_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_NAME_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    PIECES_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TRACEBACK_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    value: bytes
    is_text: bool
    handle_id: str
    type_name: str
    count: int
    pieces: int
    rows: int
    width: int
    reason: str
    message: str
    traceback: str
    note: str
    def __init__(self, value: _Optional[bytes] = ..., is_text: _Optional[bool] = ..., handle_id: _Optional[str] = ..., type_name: _Optional[str] = ..., count: _Optional[int] = ..., pieces: _Optional[int] = ..., rows: _Optional[int] = ..., width: _Optional[int] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., traceback: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class TransferRequest(_message.Message):
    __slots__ = ("principal", "session_id", "read", "write")
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    WRITE_FIELD_NUMBER: _ClassVar[int]
    principal: str
    session_id: str
    read: bytes
    write: bytes
    def __init__(self, principal: _Optional[str] = ..., session_id: _Optional[str] = ..., read: _Optional[bytes] = ..., write: _Optional[bytes] = ...) -> None: ...

class TransferResponse(_message.Message):
    __slots__ = ("read", "write", "written", "refusal")
    READ_FIELD_NUMBER: _ClassVar[int]
    WRITE_FIELD_NUMBER: _ClassVar[int]
    WRITTEN_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    read: ReadOpened
    write: WriteOpened
    written: bytes
    refusal: Refusal
    def __init__(self, read: _Optional[_Union[ReadOpened, _Mapping]] = ..., write: _Optional[_Union[WriteOpened, _Mapping]] = ..., written: _Optional[bytes] = ..., refusal: _Optional[_Union[Refusal, _Mapping]] = ...) -> None: ...

class ReadOpened(_message.Message):
    __slots__ = ("header", "bytes", "items_handle_id", "is_passing", "generation")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    ITEMS_HANDLE_ID_FIELD_NUMBER: _ClassVar[int]
    IS_PASSING_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    header: bytes
    bytes: int
    items_handle_id: str
    is_passing: bool
    generation: int
    def __init__(self, header: _Optional[bytes] = ..., bytes: _Optional[int] = ..., items_handle_id: _Optional[str] = ..., is_passing: _Optional[bool] = ..., generation: _Optional[int] = ...) -> None: ...

class WriteOpened(_message.Message):
    __slots__ = ("offset", "bytes", "is_framed")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    IS_FRAMED_FIELD_NUMBER: _ClassVar[int]
    offset: int
    bytes: int
    is_framed: bool
    def __init__(self, offset: _Optional[int] = ..., bytes: _Optional[int] = ..., is_framed: _Optional[bool] = ...) -> None: ...
