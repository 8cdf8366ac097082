import datetime

from beep.python.v1 import error_pb2 as _error_pb2
from beep.python.v1 import host_pb2 as _host_pb2
from beep.python.v1 import rules_pb2 as _rules_pb2
from beep.python.v1 import value_pb2 as _value_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SessionState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SESSION_STATE_UNSPECIFIED: _ClassVar[SessionState]
    SESSION_STATE_STARTING: _ClassVar[SessionState]
    SESSION_STATE_IDLE: _ClassVar[SessionState]
    SESSION_STATE_BUSY: _ClassVar[SessionState]
    SESSION_STATE_STOPPING: _ClassVar[SessionState]
    SESSION_STATE_RECOVERING: _ClassVar[SessionState]
    SESSION_STATE_CLOSING: _ClassVar[SessionState]
    SESSION_STATE_CLOSED: _ClassVar[SessionState]
    SESSION_STATE_FAILED: _ClassVar[SessionState]

class CloseReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLOSE_REASON_UNSPECIFIED: _ClassVar[CloseReason]
    CLOSE_REASON_RELEASED: _ClassVar[CloseReason]
    CLOSE_REASON_IDLE_TIMEOUT: _ClassVar[CloseReason]
    CLOSE_REASON_LIFETIME: _ClassVar[CloseReason]
    CLOSE_REASON_PROCESS_DIED: _ClassVar[CloseReason]
    CLOSE_REASON_WORKER_LOST: _ClassVar[CloseReason]
    CLOSE_REASON_OUT_OF_MEMORY: _ClassVar[CloseReason]
    CLOSE_REASON_LIMIT: _ClassVar[CloseReason]
    CLOSE_REASON_DRAIN: _ClassVar[CloseReason]
    CLOSE_REASON_START_FAILED: _ClassVar[CloseReason]

class SessionOrigin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SESSION_ORIGIN_UNSPECIFIED: _ClassVar[SessionOrigin]
    SESSION_ORIGIN_FORKED: _ClassVar[SessionOrigin]
    SESSION_ORIGIN_SPAWNED: _ClassVar[SessionOrigin]
    SESSION_ORIGIN_EXISTING: _ClassVar[SessionOrigin]

class InputMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INPUT_MODE_UNSPECIFIED: _ClassVar[InputMode]
    INPUT_MODE_NONE: _ClassVar[InputMode]
    INPUT_MODE_PRESET: _ClassVar[InputMode]
    INPUT_MODE_INTERACTIVE: _ClassVar[InputMode]

class OnDisconnect(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ON_DISCONNECT_UNSPECIFIED: _ClassVar[OnDisconnect]
    ON_DISCONNECT_CANCEL: _ClassVar[OnDisconnect]
    ON_DISCONNECT_DETACH: _ClassVar[OnDisconnect]

class WhenBehind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WHEN_BEHIND_UNSPECIFIED: _ClassVar[WhenBehind]
    WHEN_BEHIND_BLOCK: _ClassVar[WhenBehind]
    WHEN_BEHIND_DROP: _ClassVar[WhenBehind]

class OutputStream(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTPUT_STREAM_UNSPECIFIED: _ClassVar[OutputStream]
    OUTPUT_STREAM_STDOUT: _ClassVar[OutputStream]
    OUTPUT_STREAM_STDERR: _ClassVar[OutputStream]

class NoticeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOTICE_KIND_UNSPECIFIED: _ClassVar[NoticeKind]
    NOTICE_KIND_INTERRUPTING: _ClassVar[NoticeKind]
    NOTICE_KIND_TIMING_OUT: _ClassVar[NoticeKind]
    NOTICE_KIND_WARNING: _ClassVar[NoticeKind]

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_OK: _ClassVar[Outcome]
    OUTCOME_ERROR: _ClassVar[Outcome]
    OUTCOME_INTERRUPTED: _ClassVar[Outcome]
    OUTCOME_TIMEOUT: _ClassVar[Outcome]
    OUTCOME_CANCELLED: _ClassVar[Outcome]
    OUTCOME_KILLED: _ClassVar[Outcome]
    OUTCOME_OUT_OF_MEMORY: _ClassVar[Outcome]
    OUTCOME_CPU_LIMIT: _ClassVar[Outcome]
    OUTCOME_OUTPUT_LIMIT: _ClassVar[Outcome]
    OUTCOME_EXITED: _ClassVar[Outcome]
    OUTCOME_WORKER_LOST: _ClassVar[Outcome]

class StopRung(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STOP_RUNG_UNSPECIFIED: _ClassVar[StopRung]
    STOP_RUNG_INTERRUPT: _ClassVar[StopRung]
    STOP_RUNG_EXCEPTION: _ClassVar[StopRung]
    STOP_RUNG_KILL: _ClassVar[StopRung]

class ExecutionState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXECUTION_STATE_UNSPECIFIED: _ClassVar[ExecutionState]
    EXECUTION_STATE_QUEUED: _ClassVar[ExecutionState]
    EXECUTION_STATE_RUNNING: _ClassVar[ExecutionState]
    EXECUTION_STATE_FINISHED: _ClassVar[ExecutionState]

class Completeness(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMPLETENESS_UNSPECIFIED: _ClassVar[Completeness]
    COMPLETENESS_COMPLETE: _ClassVar[Completeness]
    COMPLETENESS_INCOMPLETE: _ClassVar[Completeness]
    COMPLETENESS_INVALID: _ClassVar[Completeness]
SESSION_STATE_UNSPECIFIED: SessionState
SESSION_STATE_STARTING: SessionState
SESSION_STATE_IDLE: SessionState
SESSION_STATE_BUSY: SessionState
SESSION_STATE_STOPPING: SessionState
SESSION_STATE_RECOVERING: SessionState
SESSION_STATE_CLOSING: SessionState
SESSION_STATE_CLOSED: SessionState
SESSION_STATE_FAILED: SessionState
CLOSE_REASON_UNSPECIFIED: CloseReason
CLOSE_REASON_RELEASED: CloseReason
CLOSE_REASON_IDLE_TIMEOUT: CloseReason
CLOSE_REASON_LIFETIME: CloseReason
CLOSE_REASON_PROCESS_DIED: CloseReason
CLOSE_REASON_WORKER_LOST: CloseReason
CLOSE_REASON_OUT_OF_MEMORY: CloseReason
CLOSE_REASON_LIMIT: CloseReason
CLOSE_REASON_DRAIN: CloseReason
CLOSE_REASON_START_FAILED: CloseReason
SESSION_ORIGIN_UNSPECIFIED: SessionOrigin
SESSION_ORIGIN_FORKED: SessionOrigin
SESSION_ORIGIN_SPAWNED: SessionOrigin
SESSION_ORIGIN_EXISTING: SessionOrigin
INPUT_MODE_UNSPECIFIED: InputMode
INPUT_MODE_NONE: InputMode
INPUT_MODE_PRESET: InputMode
INPUT_MODE_INTERACTIVE: InputMode
ON_DISCONNECT_UNSPECIFIED: OnDisconnect
ON_DISCONNECT_CANCEL: OnDisconnect
ON_DISCONNECT_DETACH: OnDisconnect
WHEN_BEHIND_UNSPECIFIED: WhenBehind
WHEN_BEHIND_BLOCK: WhenBehind
WHEN_BEHIND_DROP: WhenBehind
OUTPUT_STREAM_UNSPECIFIED: OutputStream
OUTPUT_STREAM_STDOUT: OutputStream
OUTPUT_STREAM_STDERR: OutputStream
NOTICE_KIND_UNSPECIFIED: NoticeKind
NOTICE_KIND_INTERRUPTING: NoticeKind
NOTICE_KIND_TIMING_OUT: NoticeKind
NOTICE_KIND_WARNING: NoticeKind
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_OK: Outcome
OUTCOME_ERROR: Outcome
OUTCOME_INTERRUPTED: Outcome
OUTCOME_TIMEOUT: Outcome
OUTCOME_CANCELLED: Outcome
OUTCOME_KILLED: Outcome
OUTCOME_OUT_OF_MEMORY: Outcome
OUTCOME_CPU_LIMIT: Outcome
OUTCOME_OUTPUT_LIMIT: Outcome
OUTCOME_EXITED: Outcome
OUTCOME_WORKER_LOST: Outcome
STOP_RUNG_UNSPECIFIED: StopRung
STOP_RUNG_INTERRUPT: StopRung
STOP_RUNG_EXCEPTION: StopRung
STOP_RUNG_KILL: StopRung
EXECUTION_STATE_UNSPECIFIED: ExecutionState
EXECUTION_STATE_QUEUED: ExecutionState
EXECUTION_STATE_RUNNING: ExecutionState
EXECUTION_STATE_FINISHED: ExecutionState
COMPLETENESS_UNSPECIFIED: Completeness
COMPLETENESS_COMPLETE: Completeness
COMPLETENESS_INCOMPLETE: Completeness
COMPLETENESS_INVALID: Completeness

class Session(_message.Message):
    __slots__ = ("id", "generation", "state", "venv", "venv_generation", "python_version", "created_at", "used_at", "expires_at", "close_reason", "close_message", "origin", "acquire_time", "isolation", "isolation_details", "limits", "worker_id", "pid", "running_item_id", "queued_items", "labels", "workspace", "usage")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VENV_FIELD_NUMBER: _ClassVar[int]
    VENV_GENERATION_FIELD_NUMBER: _ClassVar[int]
    PYTHON_VERSION_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    USED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    CLOSE_REASON_FIELD_NUMBER: _ClassVar[int]
    CLOSE_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    ACQUIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    ISOLATION_FIELD_NUMBER: _ClassVar[int]
    ISOLATION_DETAILS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    RUNNING_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    QUEUED_ITEMS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    WORKSPACE_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    id: str
    generation: int
    state: SessionState
    venv: str
    venv_generation: int
    python_version: str
    created_at: _timestamp_pb2.Timestamp
    used_at: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    close_reason: CloseReason
    close_message: str
    origin: SessionOrigin
    acquire_time: _duration_pb2.Duration
    isolation: _host_pb2.IsolationLevel
    isolation_details: _containers.RepeatedScalarFieldContainer[str]
    limits: Limits
    worker_id: str
    pid: int
    running_item_id: str
    queued_items: int
    labels: _containers.ScalarMap[str, str]
    workspace: str
    usage: SessionUsage
    def __init__(self, id: _Optional[str] = ..., generation: _Optional[int] = ..., state: _Optional[_Union[SessionState, str]] = ..., venv: _Optional[str] = ..., venv_generation: _Optional[int] = ..., python_version: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., used_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., close_reason: _Optional[_Union[CloseReason, str]] = ..., close_message: _Optional[str] = ..., origin: _Optional[_Union[SessionOrigin, str]] = ..., acquire_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., isolation: _Optional[_Union[_host_pb2.IsolationLevel, str]] = ..., isolation_details: _Optional[_Iterable[str]] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., worker_id: _Optional[str] = ..., pid: _Optional[int] = ..., running_item_id: _Optional[str] = ..., queued_items: _Optional[int] = ..., labels: _Optional[_Mapping[str, str]] = ..., workspace: _Optional[str] = ..., usage: _Optional[_Union[SessionUsage, _Mapping]] = ...) -> None: ...

class SessionUsage(_message.Message):
    __slots__ = ("resident_bytes", "cpu_time", "processes", "handles", "workspace_bytes")
    RESIDENT_BYTES_FIELD_NUMBER: _ClassVar[int]
    CPU_TIME_FIELD_NUMBER: _ClassVar[int]
    PROCESSES_FIELD_NUMBER: _ClassVar[int]
    HANDLES_FIELD_NUMBER: _ClassVar[int]
    WORKSPACE_BYTES_FIELD_NUMBER: _ClassVar[int]
    resident_bytes: int
    cpu_time: _duration_pb2.Duration
    processes: int
    handles: int
    workspace_bytes: int
    def __init__(self, resident_bytes: _Optional[int] = ..., cpu_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., processes: _Optional[int] = ..., handles: _Optional[int] = ..., workspace_bytes: _Optional[int] = ...) -> None: ...

class SessionSpec(_message.Message):
    __slots__ = ("venv", "preload", "env", "cwd", "limits", "isolation", "idle_timeout", "lifetime", "labels", "close_on_death")
    class EnvEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    VENV_FIELD_NUMBER: _ClassVar[int]
    PRELOAD_FIELD_NUMBER: _ClassVar[int]
    ENV_FIELD_NUMBER: _ClassVar[int]
    CWD_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    ISOLATION_FIELD_NUMBER: _ClassVar[int]
    IDLE_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    LIFETIME_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    CLOSE_ON_DEATH_FIELD_NUMBER: _ClassVar[int]
    venv: str
    preload: _containers.RepeatedScalarFieldContainer[str]
    env: _containers.ScalarMap[str, str]
    cwd: str
    limits: Limits
    isolation: _host_pb2.IsolationLevel
    idle_timeout: _duration_pb2.Duration
    lifetime: _duration_pb2.Duration
    labels: _containers.ScalarMap[str, str]
    close_on_death: bool
    def __init__(self, venv: _Optional[str] = ..., preload: _Optional[_Iterable[str]] = ..., env: _Optional[_Mapping[str, str]] = ..., cwd: _Optional[str] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., isolation: _Optional[_Union[_host_pb2.IsolationLevel, str]] = ..., idle_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., lifetime: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., labels: _Optional[_Mapping[str, str]] = ..., close_on_death: _Optional[bool] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("memory_bytes", "cpu_time", "processes", "open_files", "file_bytes", "output_bytes", "run_time", "handles", "pinned_bytes")
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    CPU_TIME_FIELD_NUMBER: _ClassVar[int]
    PROCESSES_FIELD_NUMBER: _ClassVar[int]
    OPEN_FILES_FIELD_NUMBER: _ClassVar[int]
    FILE_BYTES_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_BYTES_FIELD_NUMBER: _ClassVar[int]
    RUN_TIME_FIELD_NUMBER: _ClassVar[int]
    HANDLES_FIELD_NUMBER: _ClassVar[int]
    PINNED_BYTES_FIELD_NUMBER: _ClassVar[int]
    memory_bytes: int
    cpu_time: _duration_pb2.Duration
    processes: int
    open_files: int
    file_bytes: int
    output_bytes: int
    run_time: _duration_pb2.Duration
    handles: int
    pinned_bytes: int
    def __init__(self, memory_bytes: _Optional[int] = ..., cpu_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., processes: _Optional[int] = ..., open_files: _Optional[int] = ..., file_bytes: _Optional[int] = ..., output_bytes: _Optional[int] = ..., run_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., handles: _Optional[int] = ..., pinned_bytes: _Optional[int] = ...) -> None: ...

class CreateSessionRequest(_message.Message):
    __slots__ = ("spec", "idempotency_key")
    SPEC_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    spec: SessionSpec
    idempotency_key: str
    def __init__(self, spec: _Optional[_Union[SessionSpec, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class GetSessionRequest(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class ListSessionsRequest(_message.Message):
    __slots__ = ("venv", "labels", "include_closed", "page_size", "page_token")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    VENV_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_CLOSED_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    venv: str
    labels: _containers.ScalarMap[str, str]
    include_closed: bool
    page_size: int
    page_token: str
    def __init__(self, venv: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., include_closed: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSessionsResponse(_message.Message):
    __slots__ = ("sessions", "next_page_token")
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    sessions: _containers.RepeatedCompositeFieldContainer[Session]
    next_page_token: str
    def __init__(self, sessions: _Optional[_Iterable[_Union[Session, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RenewSessionRequest(_message.Message):
    __slots__ = ("session_id", "idle_timeout")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    IDLE_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    idle_timeout: _duration_pb2.Duration
    def __init__(self, session_id: _Optional[str] = ..., idle_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class RestartSessionRequest(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class CloseSessionRequest(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class ExecuteRequest(_message.Message):
    __slots__ = ("session_id", "fresh", "generation", "execution_id", "code", "script", "module", "function", "env", "cwd", "argv", "stdin", "input_mode", "timeout", "queue_timeout", "interrupt_grace", "on_disconnect", "when_behind", "result", "max_output_bytes")
    class EnvEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    FRESH_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    SCRIPT_FIELD_NUMBER: _ClassVar[int]
    MODULE_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    ENV_FIELD_NUMBER: _ClassVar[int]
    CWD_FIELD_NUMBER: _ClassVar[int]
    ARGV_FIELD_NUMBER: _ClassVar[int]
    STDIN_FIELD_NUMBER: _ClassVar[int]
    INPUT_MODE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    QUEUE_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    INTERRUPT_GRACE_FIELD_NUMBER: _ClassVar[int]
    ON_DISCONNECT_FIELD_NUMBER: _ClassVar[int]
    WHEN_BEHIND_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    MAX_OUTPUT_BYTES_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    fresh: SessionSpec
    generation: int
    execution_id: str
    code: str
    script: ScriptSource
    module: ModuleSource
    function: FunctionSource
    env: _containers.ScalarMap[str, str]
    cwd: str
    argv: _containers.RepeatedScalarFieldContainer[str]
    stdin: bytes
    input_mode: InputMode
    timeout: _duration_pb2.Duration
    queue_timeout: _duration_pb2.Duration
    interrupt_grace: _duration_pb2.Duration
    on_disconnect: OnDisconnect
    when_behind: WhenBehind
    result: _value_pb2.ResultPolicy
    max_output_bytes: int
    def __init__(self, session_id: _Optional[str] = ..., fresh: _Optional[_Union[SessionSpec, _Mapping]] = ..., generation: _Optional[int] = ..., execution_id: _Optional[str] = ..., code: _Optional[str] = ..., script: _Optional[_Union[ScriptSource, _Mapping]] = ..., module: _Optional[_Union[ModuleSource, _Mapping]] = ..., function: _Optional[_Union[FunctionSource, _Mapping]] = ..., env: _Optional[_Mapping[str, str]] = ..., cwd: _Optional[str] = ..., argv: _Optional[_Iterable[str]] = ..., stdin: _Optional[bytes] = ..., input_mode: _Optional[_Union[InputMode, str]] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., queue_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., interrupt_grace: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., on_disconnect: _Optional[_Union[OnDisconnect, str]] = ..., when_behind: _Optional[_Union[WhenBehind, str]] = ..., result: _Optional[_Union[_value_pb2.ResultPolicy, _Mapping]] = ..., max_output_bytes: _Optional[int] = ...) -> None: ...

class ScriptSource(_message.Message):
    __slots__ = ("path",)
    PATH_FIELD_NUMBER: _ClassVar[int]
    path: str
    def __init__(self, path: _Optional[str] = ...) -> None: ...

class ModuleSource(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class FunctionSource(_message.Message):
    __slots__ = ("name", "args", "kwargs")
    class KwargsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _value_pb2.PythonValue
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_value_pb2.PythonValue, _Mapping]] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    KWARGS_FIELD_NUMBER: _ClassVar[int]
    name: str
    args: _containers.RepeatedCompositeFieldContainer[_value_pb2.PythonValue]
    kwargs: _containers.MessageMap[str, _value_pb2.PythonValue]
    def __init__(self, name: _Optional[str] = ..., args: _Optional[_Iterable[_Union[_value_pb2.PythonValue, _Mapping]]] = ..., kwargs: _Optional[_Mapping[str, _value_pb2.PythonValue]] = ...) -> None: ...

class ExecutionResult(_message.Message):
    __slots__ = ("execution_id", "session_id", "stdout", "stderr", "truncated_bytes", "value", "text", "mime", "displays", "error", "finished", "last_seq", "notices", "handle")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    STDOUT_FIELD_NUMBER: _ClassVar[int]
    STDERR_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_BYTES_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    MIME_FIELD_NUMBER: _ClassVar[int]
    DISPLAYS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQ_FIELD_NUMBER: _ClassVar[int]
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    session_id: str
    stdout: str
    stderr: str
    truncated_bytes: int
    value: _value_pb2.PythonValue
    text: str
    mime: _value_pb2.MimeBundle
    displays: _containers.RepeatedCompositeFieldContainer[_value_pb2.MimeBundle]
    error: _error_pb2.PythonError
    finished: Finished
    last_seq: int
    notices: _containers.RepeatedCompositeFieldContainer[Notice]
    handle: _value_pb2.ObjectRef
    def __init__(self, execution_id: _Optional[str] = ..., session_id: _Optional[str] = ..., stdout: _Optional[str] = ..., stderr: _Optional[str] = ..., truncated_bytes: _Optional[int] = ..., value: _Optional[_Union[_value_pb2.PythonValue, _Mapping]] = ..., text: _Optional[str] = ..., mime: _Optional[_Union[_value_pb2.MimeBundle, _Mapping]] = ..., displays: _Optional[_Iterable[_Union[_value_pb2.MimeBundle, _Mapping]]] = ..., error: _Optional[_Union[_error_pb2.PythonError, _Mapping]] = ..., finished: _Optional[_Union[Finished, _Mapping]] = ..., last_seq: _Optional[int] = ..., notices: _Optional[_Iterable[_Union[Notice, _Mapping]]] = ..., handle: _Optional[_Union[_value_pb2.ObjectRef, _Mapping]] = ...) -> None: ...

class InteractRequest(_message.Message):
    __slots__ = ("execute", "join", "input", "interrupt")
    EXECUTE_FIELD_NUMBER: _ClassVar[int]
    JOIN_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    INTERRUPT_FIELD_NUMBER: _ClassVar[int]
    execute: ExecuteRequest
    join: JoinExecution
    input: InputData
    interrupt: InterruptSignal
    def __init__(self, execute: _Optional[_Union[ExecuteRequest, _Mapping]] = ..., join: _Optional[_Union[JoinExecution, _Mapping]] = ..., input: _Optional[_Union[InputData, _Mapping]] = ..., interrupt: _Optional[_Union[InterruptSignal, _Mapping]] = ...) -> None: ...

class JoinExecution(_message.Message):
    __slots__ = ("execution_id", "from_seq")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_SEQ_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    from_seq: int
    def __init__(self, execution_id: _Optional[str] = ..., from_seq: _Optional[int] = ...) -> None: ...

class InputData(_message.Message):
    __slots__ = ("data", "end_of_file", "request_id")
    DATA_FIELD_NUMBER: _ClassVar[int]
    END_OF_FILE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    end_of_file: bool
    request_id: int
    def __init__(self, data: _Optional[bytes] = ..., end_of_file: _Optional[bool] = ..., request_id: _Optional[int] = ...) -> None: ...

class InterruptSignal(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WatchExecutionRequest(_message.Message):
    __slots__ = ("execution_id", "from_seq")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_SEQ_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    from_seq: int
    def __init__(self, execution_id: _Optional[str] = ..., from_seq: _Optional[int] = ...) -> None: ...

class ExecutionEvent(_message.Message):
    __slots__ = ("execution_id", "seq", "time", "since_start", "accepted", "started", "output", "display", "clear_output", "result", "input_request", "error", "notice", "dropped", "heartbeat", "finished")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    SINCE_START_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_FIELD_NUMBER: _ClassVar[int]
    CLEAR_OUTPUT_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    INPUT_REQUEST_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    seq: int
    time: _timestamp_pb2.Timestamp
    since_start: _duration_pb2.Duration
    accepted: Accepted
    started: Started
    output: Output
    display: Display
    clear_output: ClearOutput
    result: CellResult
    input_request: InputRequest
    error: _error_pb2.PythonError
    notice: Notice
    dropped: Dropped
    heartbeat: Heartbeat
    finished: Finished
    def __init__(self, execution_id: _Optional[str] = ..., seq: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., since_start: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., accepted: _Optional[_Union[Accepted, _Mapping]] = ..., started: _Optional[_Union[Started, _Mapping]] = ..., output: _Optional[_Union[Output, _Mapping]] = ..., display: _Optional[_Union[Display, _Mapping]] = ..., clear_output: _Optional[_Union[ClearOutput, _Mapping]] = ..., result: _Optional[_Union[CellResult, _Mapping]] = ..., input_request: _Optional[_Union[InputRequest, _Mapping]] = ..., error: _Optional[_Union[_error_pb2.PythonError, _Mapping]] = ..., notice: _Optional[_Union[Notice, _Mapping]] = ..., dropped: _Optional[_Union[Dropped, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., finished: _Optional[_Union[Finished, _Mapping]] = ...) -> None: ...

class Accepted(_message.Message):
    __slots__ = ("session_id", "generation", "queue_position")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    QUEUE_POSITION_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    generation: int
    queue_position: int
    def __init__(self, session_id: _Optional[str] = ..., generation: _Optional[int] = ..., queue_position: _Optional[int] = ...) -> None: ...

class Started(_message.Message):
    __slots__ = ("pid", "queue_wait", "execution_count")
    PID_FIELD_NUMBER: _ClassVar[int]
    QUEUE_WAIT_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_COUNT_FIELD_NUMBER: _ClassVar[int]
    pid: int
    queue_wait: _duration_pb2.Duration
    execution_count: int
    def __init__(self, pid: _Optional[int] = ..., queue_wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., execution_count: _Optional[int] = ...) -> None: ...

class Output(_message.Message):
    __slots__ = ("stream", "data", "offset")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    stream: OutputStream
    data: bytes
    offset: int
    def __init__(self, stream: _Optional[_Union[OutputStream, str]] = ..., data: _Optional[bytes] = ..., offset: _Optional[int] = ...) -> None: ...

class Display(_message.Message):
    __slots__ = ("bundle", "display_id", "update")
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_ID_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    bundle: _value_pb2.MimeBundle
    display_id: str
    update: bool
    def __init__(self, bundle: _Optional[_Union[_value_pb2.MimeBundle, _Mapping]] = ..., display_id: _Optional[str] = ..., update: _Optional[bool] = ...) -> None: ...

class ClearOutput(_message.Message):
    __slots__ = ("wait",)
    WAIT_FIELD_NUMBER: _ClassVar[int]
    wait: bool
    def __init__(self, wait: _Optional[bool] = ...) -> None: ...

class CellResult(_message.Message):
    __slots__ = ("value", "bundle", "text", "handle")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    value: _value_pb2.PythonValue
    bundle: _value_pb2.MimeBundle
    text: str
    handle: _value_pb2.ObjectRef
    def __init__(self, value: _Optional[_Union[_value_pb2.PythonValue, _Mapping]] = ..., bundle: _Optional[_Union[_value_pb2.MimeBundle, _Mapping]] = ..., text: _Optional[str] = ..., handle: _Optional[_Union[_value_pb2.ObjectRef, _Mapping]] = ...) -> None: ...

class InputRequest(_message.Message):
    __slots__ = ("request_id", "prompt", "password")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    prompt: str
    password: bool
    def __init__(self, request_id: _Optional[int] = ..., prompt: _Optional[str] = ..., password: _Optional[bool] = ...) -> None: ...

class Notice(_message.Message):
    __slots__ = ("kind", "message")
    KIND_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    kind: NoticeKind
    message: str
    def __init__(self, kind: _Optional[_Union[NoticeKind, str]] = ..., message: _Optional[str] = ...) -> None: ...

class Dropped(_message.Message):
    __slots__ = ("first_seq", "last_seq", "bytes", "reason")
    FIRST_SEQ_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQ_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    first_seq: int
    last_seq: int
    bytes: int
    reason: str
    def __init__(self, first_seq: _Optional[int] = ..., last_seq: _Optional[int] = ..., bytes: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("next_seq",)
    NEXT_SEQ_FIELD_NUMBER: _ClassVar[int]
    next_seq: int
    def __init__(self, next_seq: _Optional[int] = ...) -> None: ...

class Finished(_message.Message):
    __slots__ = ("outcome", "state_preserved", "generation", "exit_code", "signal", "stopped_by", "stopped_at", "usage", "message")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    STATE_PRESERVED_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    EXIT_CODE_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    STOPPED_BY_FIELD_NUMBER: _ClassVar[int]
    STOPPED_AT_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    outcome: Outcome
    state_preserved: bool
    generation: int
    exit_code: int
    signal: int
    stopped_by: StopRung
    stopped_at: _containers.RepeatedCompositeFieldContainer[_error_pb2.ThreadStack]
    usage: Usage
    message: str
    def __init__(self, outcome: _Optional[_Union[Outcome, str]] = ..., state_preserved: _Optional[bool] = ..., generation: _Optional[int] = ..., exit_code: _Optional[int] = ..., signal: _Optional[int] = ..., stopped_by: _Optional[_Union[StopRung, str]] = ..., stopped_at: _Optional[_Iterable[_Union[_error_pb2.ThreadStack, _Mapping]]] = ..., usage: _Optional[_Union[Usage, _Mapping]] = ..., message: _Optional[str] = ...) -> None: ...

class Usage(_message.Message):
    __slots__ = ("wall", "user_cpu", "system_cpu", "peak_resident_bytes", "stdout_bytes", "stderr_bytes")
    WALL_FIELD_NUMBER: _ClassVar[int]
    USER_CPU_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_CPU_FIELD_NUMBER: _ClassVar[int]
    PEAK_RESIDENT_BYTES_FIELD_NUMBER: _ClassVar[int]
    STDOUT_BYTES_FIELD_NUMBER: _ClassVar[int]
    STDERR_BYTES_FIELD_NUMBER: _ClassVar[int]
    wall: _duration_pb2.Duration
    user_cpu: _duration_pb2.Duration
    system_cpu: _duration_pb2.Duration
    peak_resident_bytes: int
    stdout_bytes: int
    stderr_bytes: int
    def __init__(self, wall: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., user_cpu: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., system_cpu: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., peak_resident_bytes: _Optional[int] = ..., stdout_bytes: _Optional[int] = ..., stderr_bytes: _Optional[int] = ...) -> None: ...

class GetExecutionRequest(_message.Message):
    __slots__ = ("execution_id", "wait")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    wait: _duration_pb2.Duration
    def __init__(self, execution_id: _Optional[str] = ..., wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ExecutionInfo(_message.Message):
    __slots__ = ("execution_id", "session_id", "state", "accepted_at", "first_seq", "next_seq", "result", "started_at", "finished_at", "outcome", "execution_count", "source")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_AT_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEQ_FIELD_NUMBER: _ClassVar[int]
    NEXT_SEQ_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    FINISHED_AT_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_COUNT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    session_id: str
    state: ExecutionState
    accepted_at: _timestamp_pb2.Timestamp
    first_seq: int
    next_seq: int
    result: ExecutionResult
    started_at: _timestamp_pb2.Timestamp
    finished_at: _timestamp_pb2.Timestamp
    outcome: Outcome
    execution_count: int
    source: str
    def __init__(self, execution_id: _Optional[str] = ..., session_id: _Optional[str] = ..., state: _Optional[_Union[ExecutionState, str]] = ..., accepted_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., first_seq: _Optional[int] = ..., next_seq: _Optional[int] = ..., result: _Optional[_Union[ExecutionResult, _Mapping]] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finished_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., outcome: _Optional[_Union[Outcome, str]] = ..., execution_count: _Optional[int] = ..., source: _Optional[str] = ...) -> None: ...

class ListExecutionsRequest(_message.Message):
    __slots__ = ("session_id", "page_size", "page_token", "states")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    page_size: int
    page_token: str
    states: _containers.RepeatedScalarFieldContainer[ExecutionState]
    def __init__(self, session_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., states: _Optional[_Iterable[_Union[ExecutionState, str]]] = ...) -> None: ...

class ListExecutionsResponse(_message.Message):
    __slots__ = ("executions", "next_page_token")
    EXECUTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    executions: _containers.RepeatedCompositeFieldContainer[ExecutionInfo]
    next_page_token: str
    def __init__(self, executions: _Optional[_Iterable[_Union[ExecutionInfo, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReadOutputRequest(_message.Message):
    __slots__ = ("execution_id", "stream", "offset", "length")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STREAM_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    stream: OutputStream
    offset: int
    length: int
    def __init__(self, execution_id: _Optional[str] = ..., stream: _Optional[_Union[OutputStream, str]] = ..., offset: _Optional[int] = ..., length: _Optional[int] = ...) -> None: ...

class SendInputRequest(_message.Message):
    __slots__ = ("execution_id", "input")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    input: InputData
    def __init__(self, execution_id: _Optional[str] = ..., input: _Optional[_Union[InputData, _Mapping]] = ...) -> None: ...

class SendInputResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class InterruptRequest(_message.Message):
    __slots__ = ("session_id", "item_id", "grace", "kill")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    GRACE_FIELD_NUMBER: _ClassVar[int]
    KILL_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    item_id: str
    grace: _duration_pb2.Duration
    kill: bool
    def __init__(self, session_id: _Optional[str] = ..., item_id: _Optional[str] = ..., grace: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., kill: _Optional[bool] = ...) -> None: ...

class InterruptResponse(_message.Message):
    __slots__ = ("stopped_by", "state_preserved", "took", "session")
    STOPPED_BY_FIELD_NUMBER: _ClassVar[int]
    STATE_PRESERVED_FIELD_NUMBER: _ClassVar[int]
    TOOK_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    stopped_by: StopRung
    state_preserved: bool
    took: _duration_pb2.Duration
    session: Session
    def __init__(self, stopped_by: _Optional[_Union[StopRung, str]] = ..., state_preserved: _Optional[bool] = ..., took: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., session: _Optional[_Union[Session, _Mapping]] = ...) -> None: ...

class CompleteRequest(_message.Message):
    __slots__ = ("session_id", "code", "cursor")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    code: str
    cursor: int
    def __init__(self, session_id: _Optional[str] = ..., code: _Optional[str] = ..., cursor: _Optional[int] = ...) -> None: ...

class CompleteResponse(_message.Message):
    __slots__ = ("matches", "start", "end", "omitted")
    MATCHES_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    OMITTED_FIELD_NUMBER: _ClassVar[int]
    matches: _containers.RepeatedCompositeFieldContainer[Completion]
    start: int
    end: int
    omitted: int
    def __init__(self, matches: _Optional[_Iterable[_Union[Completion, _Mapping]]] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., omitted: _Optional[int] = ...) -> None: ...

class Completion(_message.Message):
    __slots__ = ("text", "kind", "signature")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    text: str
    kind: str
    signature: str
    def __init__(self, text: _Optional[str] = ..., kind: _Optional[str] = ..., signature: _Optional[str] = ...) -> None: ...

class CheckCompleteRequest(_message.Message):
    __slots__ = ("session_id", "code")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    code: str
    def __init__(self, session_id: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class CheckCompleteResponse(_message.Message):
    __slots__ = ("completeness", "indent")
    COMPLETENESS_FIELD_NUMBER: _ClassVar[int]
    INDENT_FIELD_NUMBER: _ClassVar[int]
    completeness: Completeness
    indent: str
    def __init__(self, completeness: _Optional[_Union[Completeness, str]] = ..., indent: _Optional[str] = ...) -> None: ...

class InspectRequest(_message.Message):
    __slots__ = ("session_id", "code", "cursor")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    code: str
    cursor: int
    def __init__(self, session_id: _Optional[str] = ..., code: _Optional[str] = ..., cursor: _Optional[int] = ...) -> None: ...

class InspectResponse(_message.Message):
    __slots__ = ("found", "name", "type_name", "signature", "documentation", "file")
    FOUND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_NAME_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTATION_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    found: bool
    name: str
    type_name: str
    signature: str
    documentation: str
    file: str
    def __init__(self, found: _Optional[bool] = ..., name: _Optional[str] = ..., type_name: _Optional[str] = ..., signature: _Optional[str] = ..., documentation: _Optional[str] = ..., file: _Optional[str] = ...) -> None: ...

class ListVariablesRequest(_message.Message):
    __slots__ = ("session_id", "include_private")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_PRIVATE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    include_private: bool
    def __init__(self, session_id: _Optional[str] = ..., include_private: _Optional[bool] = ...) -> None: ...

class ListVariablesResponse(_message.Message):
    __slots__ = ("variables", "omitted")
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    OMITTED_FIELD_NUMBER: _ClassVar[int]
    variables: _containers.RepeatedCompositeFieldContainer[Variable]
    omitted: int
    def __init__(self, variables: _Optional[_Iterable[_Union[Variable, _Mapping]]] = ..., omitted: _Optional[int] = ...) -> None: ...

class Variable(_message.Message):
    __slots__ = ("name", "type_name", "preview", "size_bytes", "shape")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_NAME_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    name: str
    type_name: str
    preview: str
    size_bytes: int
    shape: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, name: _Optional[str] = ..., type_name: _Optional[str] = ..., preview: _Optional[str] = ..., size_bytes: _Optional[int] = ..., shape: _Optional[_Iterable[int]] = ...) -> None: ...

class DumpStacksRequest(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class DumpStacksResponse(_message.Message):
    __slots__ = ("threads", "interpreter_held")
    THREADS_FIELD_NUMBER: _ClassVar[int]
    INTERPRETER_HELD_FIELD_NUMBER: _ClassVar[int]
    threads: _containers.RepeatedCompositeFieldContainer[_error_pb2.ThreadStack]
    interpreter_held: bool
    def __init__(self, threads: _Optional[_Iterable[_Union[_error_pb2.ThreadStack, _Mapping]]] = ..., interpreter_held: _Optional[bool] = ...) -> None: ...
