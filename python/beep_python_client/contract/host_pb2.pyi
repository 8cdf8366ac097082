import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StartMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    START_METHOD_UNSPECIFIED: _ClassVar[StartMethod]
    START_METHOD_FORK: _ClassVar[StartMethod]
    START_METHOD_SPAWN: _ClassVar[StartMethod]

class IsolationLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ISOLATION_LEVEL_UNSPECIFIED: _ClassVar[IsolationLevel]
    ISOLATION_LEVEL_NONE: _ClassVar[IsolationLevel]
    ISOLATION_LEVEL_LIMITS: _ClassVar[IsolationLevel]
    ISOLATION_LEVEL_SANDBOXED: _ClassVar[IsolationLevel]
    ISOLATION_LEVEL_STRONG: _ClassVar[IsolationLevel]

class WorkerState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WORKER_STATE_UNSPECIFIED: _ClassVar[WorkerState]
    WORKER_STATE_STARTING: _ClassVar[WorkerState]
    WORKER_STATE_READY: _ClassVar[WorkerState]
    WORKER_STATE_DRAINING: _ClassVar[WorkerState]
    WORKER_STATE_FAILED: _ClassVar[WorkerState]
START_METHOD_UNSPECIFIED: StartMethod
START_METHOD_FORK: StartMethod
START_METHOD_SPAWN: StartMethod
ISOLATION_LEVEL_UNSPECIFIED: IsolationLevel
ISOLATION_LEVEL_NONE: IsolationLevel
ISOLATION_LEVEL_LIMITS: IsolationLevel
ISOLATION_LEVEL_SANDBOXED: IsolationLevel
ISOLATION_LEVEL_STRONG: IsolationLevel
WORKER_STATE_UNSPECIFIED: WorkerState
WORKER_STATE_STARTING: WorkerState
WORKER_STATE_READY: WorkerState
WORKER_STATE_DRAINING: WorkerState
WORKER_STATE_FAILED: WorkerState

class Progress(_message.Message):
    __slots__ = ("phase", "item", "done", "total", "unit", "message")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    phase: str
    item: str
    done: int
    total: int
    unit: str
    message: str
    def __init__(self, phase: _Optional[str] = ..., item: _Optional[str] = ..., done: _Optional[int] = ..., total: _Optional[int] = ..., unit: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class GetHostRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetHostResponse(_message.Message):
    __slots__ = ("version", "started_at", "boot_id", "platform", "endpoints", "start_method", "isolation", "default_runtime_id", "default_venv", "max_message_bytes", "max_timeout", "principal")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    BOOT_ID_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    START_METHOD_FIELD_NUMBER: _ClassVar[int]
    ISOLATION_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_RUNTIME_ID_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VENV_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    version: str
    started_at: _timestamp_pb2.Timestamp
    boot_id: str
    platform: str
    endpoints: _containers.RepeatedCompositeFieldContainer[Endpoint]
    start_method: StartMethod
    isolation: _containers.RepeatedCompositeFieldContainer[IsolationSupport]
    default_runtime_id: str
    default_venv: str
    max_message_bytes: int
    max_timeout: _duration_pb2.Duration
    principal: str
    def __init__(self, version: _Optional[str] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., boot_id: _Optional[str] = ..., platform: _Optional[str] = ..., endpoints: _Optional[_Iterable[_Union[Endpoint, _Mapping]]] = ..., start_method: _Optional[_Union[StartMethod, str]] = ..., isolation: _Optional[_Iterable[_Union[IsolationSupport, _Mapping]]] = ..., default_runtime_id: _Optional[str] = ..., default_venv: _Optional[str] = ..., max_message_bytes: _Optional[int] = ..., max_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., principal: _Optional[str] = ...) -> None: ...

class Endpoint(_message.Message):
    __slots__ = ("name", "address", "protocols")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PROTOCOLS_FIELD_NUMBER: _ClassVar[int]
    name: str
    address: str
    protocols: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., address: _Optional[str] = ..., protocols: _Optional[_Iterable[str]] = ...) -> None: ...

class IsolationSupport(_message.Message):
    __slots__ = ("level", "available", "details")
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    level: IsolationLevel
    available: bool
    details: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, level: _Optional[_Union[IsolationLevel, str]] = ..., available: _Optional[bool] = ..., details: _Optional[_Iterable[str]] = ...) -> None: ...

class GetStatsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStatsResponse(_message.Message):
    __slots__ = ("sessions_open", "sessions_busy", "items_queued", "kinds", "workers", "executions_total", "operations_total")
    SESSIONS_OPEN_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_BUSY_FIELD_NUMBER: _ClassVar[int]
    ITEMS_QUEUED_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    EXECUTIONS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    sessions_open: int
    sessions_busy: int
    items_queued: int
    kinds: _containers.RepeatedCompositeFieldContainer[SessionKindStats]
    workers: _containers.RepeatedCompositeFieldContainer[WorkerStats]
    executions_total: int
    operations_total: int
    def __init__(self, sessions_open: _Optional[int] = ..., sessions_busy: _Optional[int] = ..., items_queued: _Optional[int] = ..., kinds: _Optional[_Iterable[_Union[SessionKindStats, _Mapping]]] = ..., workers: _Optional[_Iterable[_Union[WorkerStats, _Mapping]]] = ..., executions_total: _Optional[int] = ..., operations_total: _Optional[int] = ...) -> None: ...

class SessionKindStats(_message.Message):
    __slots__ = ("venv", "preload", "open", "created_total", "acquire_p50", "acquire_p99")
    VENV_FIELD_NUMBER: _ClassVar[int]
    PRELOAD_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    CREATED_TOTAL_FIELD_NUMBER: _ClassVar[int]
    ACQUIRE_P50_FIELD_NUMBER: _ClassVar[int]
    ACQUIRE_P99_FIELD_NUMBER: _ClassVar[int]
    venv: str
    preload: _containers.RepeatedScalarFieldContainer[str]
    open: int
    created_total: int
    acquire_p50: _duration_pb2.Duration
    acquire_p99: _duration_pb2.Duration
    def __init__(self, venv: _Optional[str] = ..., preload: _Optional[_Iterable[str]] = ..., open: _Optional[int] = ..., created_total: _Optional[int] = ..., acquire_p50: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., acquire_p99: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class WorkerStats(_message.Message):
    __slots__ = ("worker_id", "sessions", "resident_bytes", "cpu_time")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    RESIDENT_BYTES_FIELD_NUMBER: _ClassVar[int]
    CPU_TIME_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    sessions: int
    resident_bytes: int
    cpu_time: _duration_pb2.Duration
    def __init__(self, worker_id: _Optional[str] = ..., sessions: _Optional[int] = ..., resident_bytes: _Optional[int] = ..., cpu_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class WatchHostRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WatchHostResponse(_message.Message):
    __slots__ = ("time", "kind", "subject", "message", "attributes")
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TIME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    kind: str
    subject: str
    message: str
    attributes: _containers.ScalarMap[str, str]
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., kind: _Optional[str] = ..., subject: _Optional[str] = ..., message: _Optional[str] = ..., attributes: _Optional[_Mapping[str, str]] = ...) -> None: ...

class PythonRuntime(_message.Message):
    __slots__ = ("id", "implementation", "version", "path", "source", "managed", "default", "usable", "unusable_reason", "venvs", "abi")
    ID_FIELD_NUMBER: _ClassVar[int]
    IMPLEMENTATION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    MANAGED_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_FIELD_NUMBER: _ClassVar[int]
    USABLE_FIELD_NUMBER: _ClassVar[int]
    UNUSABLE_REASON_FIELD_NUMBER: _ClassVar[int]
    VENVS_FIELD_NUMBER: _ClassVar[int]
    ABI_FIELD_NUMBER: _ClassVar[int]
    id: str
    implementation: str
    version: str
    path: str
    source: str
    managed: bool
    default: bool
    usable: bool
    unusable_reason: str
    venvs: _containers.RepeatedScalarFieldContainer[str]
    abi: str
    def __init__(self, id: _Optional[str] = ..., implementation: _Optional[str] = ..., version: _Optional[str] = ..., path: _Optional[str] = ..., source: _Optional[str] = ..., managed: _Optional[bool] = ..., default: _Optional[bool] = ..., usable: _Optional[bool] = ..., unusable_reason: _Optional[str] = ..., venvs: _Optional[_Iterable[str]] = ..., abi: _Optional[str] = ...) -> None: ...

class ListRuntimesRequest(_message.Message):
    __slots__ = ("include_available", "version")
    INCLUDE_AVAILABLE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    include_available: bool
    version: str
    def __init__(self, include_available: _Optional[bool] = ..., version: _Optional[str] = ...) -> None: ...

class ListRuntimesResponse(_message.Message):
    __slots__ = ("runtimes",)
    RUNTIMES_FIELD_NUMBER: _ClassVar[int]
    runtimes: _containers.RepeatedCompositeFieldContainer[PythonRuntime]
    def __init__(self, runtimes: _Optional[_Iterable[_Union[PythonRuntime, _Mapping]]] = ...) -> None: ...

class GetRuntimeRequest(_message.Message):
    __slots__ = ("runtime", "verify")
    RUNTIME_FIELD_NUMBER: _ClassVar[int]
    VERIFY_FIELD_NUMBER: _ClassVar[int]
    runtime: str
    verify: bool
    def __init__(self, runtime: _Optional[str] = ..., verify: _Optional[bool] = ...) -> None: ...

class GetRuntimeResponse(_message.Message):
    __slots__ = ("runtime", "problems")
    RUNTIME_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    runtime: PythonRuntime
    problems: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, runtime: _Optional[_Union[PythonRuntime, _Mapping]] = ..., problems: _Optional[_Iterable[str]] = ...) -> None: ...

class InstallRuntimeRequest(_message.Message):
    __slots__ = ("version", "set_default")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SET_DEFAULT_FIELD_NUMBER: _ClassVar[int]
    version: str
    set_default: bool
    def __init__(self, version: _Optional[str] = ..., set_default: _Optional[bool] = ...) -> None: ...

class InstallRuntimeResponse(_message.Message):
    __slots__ = ("progress", "runtime")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    RUNTIME_FIELD_NUMBER: _ClassVar[int]
    progress: Progress
    runtime: PythonRuntime
    def __init__(self, progress: _Optional[_Union[Progress, _Mapping]] = ..., runtime: _Optional[_Union[PythonRuntime, _Mapping]] = ...) -> None: ...

class UninstallRuntimeRequest(_message.Message):
    __slots__ = ("runtime_id",)
    RUNTIME_ID_FIELD_NUMBER: _ClassVar[int]
    runtime_id: str
    def __init__(self, runtime_id: _Optional[str] = ...) -> None: ...

class UninstallRuntimeResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SetDefaultRuntimeRequest(_message.Message):
    __slots__ = ("runtime",)
    RUNTIME_FIELD_NUMBER: _ClassVar[int]
    runtime: str
    def __init__(self, runtime: _Optional[str] = ...) -> None: ...

class SetDefaultRuntimeResponse(_message.Message):
    __slots__ = ("runtime",)
    RUNTIME_FIELD_NUMBER: _ClassVar[int]
    runtime: PythonRuntime
    def __init__(self, runtime: _Optional[_Union[PythonRuntime, _Mapping]] = ...) -> None: ...

class ListWorkersRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListWorkersResponse(_message.Message):
    __slots__ = ("workers",)
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    workers: _containers.RepeatedCompositeFieldContainer[WorkerInfo]
    def __init__(self, workers: _Optional[_Iterable[_Union[WorkerInfo, _Mapping]]] = ...) -> None: ...

class WorkerInfo(_message.Message):
    __slots__ = ("id", "pid", "state", "started_at", "sessions", "templates", "restarts", "last_error")
    ID_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    TEMPLATES_FIELD_NUMBER: _ClassVar[int]
    RESTARTS_FIELD_NUMBER: _ClassVar[int]
    LAST_ERROR_FIELD_NUMBER: _ClassVar[int]
    id: str
    pid: int
    state: WorkerState
    started_at: _timestamp_pb2.Timestamp
    sessions: int
    templates: _containers.RepeatedCompositeFieldContainer[TemplateInfo]
    restarts: int
    last_error: str
    def __init__(self, id: _Optional[str] = ..., pid: _Optional[int] = ..., state: _Optional[_Union[WorkerState, str]] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., sessions: _Optional[int] = ..., templates: _Optional[_Iterable[_Union[TemplateInfo, _Mapping]]] = ..., restarts: _Optional[int] = ..., last_error: _Optional[str] = ...) -> None: ...

class TemplateInfo(_message.Message):
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
