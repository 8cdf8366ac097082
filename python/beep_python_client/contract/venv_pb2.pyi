import datetime

from beep_python_client.contract import host_pb2 as _host_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class VenvState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VENV_STATE_UNSPECIFIED: _ClassVar[VenvState]
    VENV_STATE_BUILDING: _ClassVar[VenvState]
    VENV_STATE_READY: _ClassVar[VenvState]
    VENV_STATE_BROKEN: _ClassVar[VenvState]

class CheckLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHECK_LEVEL_UNSPECIFIED: _ClassVar[CheckLevel]
    CHECK_LEVEL_INTERPRETER: _ClassVar[CheckLevel]
    CHECK_LEVEL_DEPENDENCIES: _ClassVar[CheckLevel]
    CHECK_LEVEL_FILES: _ClassVar[CheckLevel]
    CHECK_LEVEL_IMPORTS: _ClassVar[CheckLevel]

class ExportFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPORT_FORMAT_UNSPECIFIED: _ClassVar[ExportFormat]
    EXPORT_FORMAT_REQUIREMENTS: _ClassVar[ExportFormat]
    EXPORT_FORMAT_PYLOCK: _ClassVar[ExportFormat]
VENV_STATE_UNSPECIFIED: VenvState
VENV_STATE_BUILDING: VenvState
VENV_STATE_READY: VenvState
VENV_STATE_BROKEN: VenvState
CHECK_LEVEL_UNSPECIFIED: CheckLevel
CHECK_LEVEL_INTERPRETER: CheckLevel
CHECK_LEVEL_DEPENDENCIES: CheckLevel
CHECK_LEVEL_FILES: CheckLevel
CHECK_LEVEL_IMPORTS: CheckLevel
EXPORT_FORMAT_UNSPECIFIED: ExportFormat
EXPORT_FORMAT_REQUIREMENTS: ExportFormat
EXPORT_FORMAT_PYLOCK: ExportFormat

class Venv(_message.Message):
    __slots__ = ("name", "path", "python_path", "runtime", "generation", "state", "problem", "created_at", "changed_at", "used_at", "package_count", "exclusive_bytes", "shared_bytes", "sessions", "provider", "model", "protected", "labels", "history")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    PYTHON_PATH_FIELD_NUMBER: _ClassVar[int]
    RUNTIME_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_AT_FIELD_NUMBER: _ClassVar[int]
    USED_AT_FIELD_NUMBER: _ClassVar[int]
    PACKAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    EXCLUSIVE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SHARED_BYTES_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROTECTED_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    name: str
    path: str
    python_path: str
    runtime: _host_pb2.PythonRuntime
    generation: int
    state: VenvState
    problem: str
    created_at: _timestamp_pb2.Timestamp
    changed_at: _timestamp_pb2.Timestamp
    used_at: _timestamp_pb2.Timestamp
    package_count: int
    exclusive_bytes: int
    shared_bytes: int
    sessions: int
    provider: str
    model: str
    protected: bool
    labels: _containers.ScalarMap[str, str]
    history: _containers.RepeatedCompositeFieldContainer[VenvGeneration]
    def __init__(self, name: _Optional[str] = ..., path: _Optional[str] = ..., python_path: _Optional[str] = ..., runtime: _Optional[_Union[_host_pb2.PythonRuntime, _Mapping]] = ..., generation: _Optional[int] = ..., state: _Optional[_Union[VenvState, str]] = ..., problem: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., changed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., used_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., package_count: _Optional[int] = ..., exclusive_bytes: _Optional[int] = ..., shared_bytes: _Optional[int] = ..., sessions: _Optional[int] = ..., provider: _Optional[str] = ..., model: _Optional[str] = ..., protected: _Optional[bool] = ..., labels: _Optional[_Mapping[str, str]] = ..., history: _Optional[_Iterable[_Union[VenvGeneration, _Mapping]]] = ...) -> None: ...

class VenvGeneration(_message.Message):
    __slots__ = ("number", "created_at", "summary", "kept")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    number: int
    created_at: _timestamp_pb2.Timestamp
    summary: str
    kept: bool
    def __init__(self, number: _Optional[int] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., summary: _Optional[str] = ..., kept: _Optional[bool] = ...) -> None: ...

class VenvSpec(_message.Message):
    __slots__ = ("python", "packages", "requirements", "index", "labels")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    PYTHON_FIELD_NUMBER: _ClassVar[int]
    PACKAGES_FIELD_NUMBER: _ClassVar[int]
    REQUIREMENTS_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    python: str
    packages: _containers.RepeatedScalarFieldContainer[str]
    requirements: str
    index: IndexOptions
    labels: _containers.ScalarMap[str, str]
    def __init__(self, python: _Optional[str] = ..., packages: _Optional[_Iterable[str]] = ..., requirements: _Optional[str] = ..., index: _Optional[_Union[IndexOptions, _Mapping]] = ..., labels: _Optional[_Mapping[str, str]] = ...) -> None: ...

class IndexOptions(_message.Message):
    __slots__ = ("default_index", "extra_indexes", "offline", "allow_build", "exclude_newer", "require_hashes")
    DEFAULT_INDEX_FIELD_NUMBER: _ClassVar[int]
    EXTRA_INDEXES_FIELD_NUMBER: _ClassVar[int]
    OFFLINE_FIELD_NUMBER: _ClassVar[int]
    ALLOW_BUILD_FIELD_NUMBER: _ClassVar[int]
    EXCLUDE_NEWER_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_HASHES_FIELD_NUMBER: _ClassVar[int]
    default_index: str
    extra_indexes: _containers.RepeatedScalarFieldContainer[str]
    offline: bool
    allow_build: bool
    exclude_newer: _timestamp_pb2.Timestamp
    require_hashes: bool
    def __init__(self, default_index: _Optional[str] = ..., extra_indexes: _Optional[_Iterable[str]] = ..., offline: _Optional[bool] = ..., allow_build: _Optional[bool] = ..., exclude_newer: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., require_hashes: _Optional[bool] = ...) -> None: ...

class VenvUpdate(_message.Message):
    __slots__ = ("progress", "result")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    progress: _host_pb2.Progress
    result: VenvResult
    def __init__(self, progress: _Optional[_Union[_host_pb2.Progress, _Mapping]] = ..., result: _Optional[_Union[VenvResult, _Mapping]] = ...) -> None: ...

class VenvResult(_message.Message):
    __slots__ = ("venv", "unchanged", "changes", "took")
    VENV_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    TOOK_FIELD_NUMBER: _ClassVar[int]
    venv: Venv
    unchanged: bool
    changes: _containers.RepeatedCompositeFieldContainer[PackageChange]
    took: _duration_pb2.Duration
    def __init__(self, venv: _Optional[_Union[Venv, _Mapping]] = ..., unchanged: _Optional[bool] = ..., changes: _Optional[_Iterable[_Union[PackageChange, _Mapping]]] = ..., took: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class PackageChange(_message.Message):
    __slots__ = ("name", "old_version", "new_version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    OLD_VERSION_FIELD_NUMBER: _ClassVar[int]
    NEW_VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    old_version: str
    new_version: str
    def __init__(self, name: _Optional[str] = ..., old_version: _Optional[str] = ..., new_version: _Optional[str] = ...) -> None: ...

class CreateVenvRequest(_message.Message):
    __slots__ = ("name", "spec")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    name: str
    spec: VenvSpec
    def __init__(self, name: _Optional[str] = ..., spec: _Optional[_Union[VenvSpec, _Mapping]] = ...) -> None: ...

class EnsureVenvRequest(_message.Message):
    __slots__ = ("name", "provider", "model", "accelerator", "spec")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    ACCELERATOR_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    name: str
    provider: str
    model: str
    accelerator: str
    spec: VenvSpec
    def __init__(self, name: _Optional[str] = ..., provider: _Optional[str] = ..., model: _Optional[str] = ..., accelerator: _Optional[str] = ..., spec: _Optional[_Union[VenvSpec, _Mapping]] = ...) -> None: ...

class GetVenvRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListVenvsRequest(_message.Message):
    __slots__ = ("labels",)
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    LABELS_FIELD_NUMBER: _ClassVar[int]
    labels: _containers.ScalarMap[str, str]
    def __init__(self, labels: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ListVenvsResponse(_message.Message):
    __slots__ = ("venvs",)
    VENVS_FIELD_NUMBER: _ClassVar[int]
    venvs: _containers.RepeatedCompositeFieldContainer[Venv]
    def __init__(self, venvs: _Optional[_Iterable[_Union[Venv, _Mapping]]] = ...) -> None: ...

class DeleteVenvRequest(_message.Message):
    __slots__ = ("name", "force")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    force: bool
    def __init__(self, name: _Optional[str] = ..., force: _Optional[bool] = ...) -> None: ...

class DeleteVenvResponse(_message.Message):
    __slots__ = ("freed_bytes",)
    FREED_BYTES_FIELD_NUMBER: _ClassVar[int]
    freed_bytes: int
    def __init__(self, freed_bytes: _Optional[int] = ...) -> None: ...

class CloneVenvRequest(_message.Message):
    __slots__ = ("name", "new_name")
    NAME_FIELD_NUMBER: _ClassVar[int]
    NEW_NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    new_name: str
    def __init__(self, name: _Optional[str] = ..., new_name: _Optional[str] = ...) -> None: ...

class RollbackVenvRequest(_message.Message):
    __slots__ = ("name", "generation")
    NAME_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    name: str
    generation: int
    def __init__(self, name: _Optional[str] = ..., generation: _Optional[int] = ...) -> None: ...

class InstallPackagesRequest(_message.Message):
    __slots__ = ("name", "packages", "requirements", "upgrade", "index")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PACKAGES_FIELD_NUMBER: _ClassVar[int]
    REQUIREMENTS_FIELD_NUMBER: _ClassVar[int]
    UPGRADE_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    name: str
    packages: _containers.RepeatedScalarFieldContainer[str]
    requirements: str
    upgrade: bool
    index: IndexOptions
    def __init__(self, name: _Optional[str] = ..., packages: _Optional[_Iterable[str]] = ..., requirements: _Optional[str] = ..., upgrade: _Optional[bool] = ..., index: _Optional[_Union[IndexOptions, _Mapping]] = ...) -> None: ...

class UninstallPackagesRequest(_message.Message):
    __slots__ = ("name", "packages")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PACKAGES_FIELD_NUMBER: _ClassVar[int]
    name: str
    packages: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., packages: _Optional[_Iterable[str]] = ...) -> None: ...

class SyncVenvRequest(_message.Message):
    __slots__ = ("name", "requirements", "index")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUIREMENTS_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    name: str
    requirements: str
    index: IndexOptions
    def __init__(self, name: _Optional[str] = ..., requirements: _Optional[str] = ..., index: _Optional[_Union[IndexOptions, _Mapping]] = ...) -> None: ...

class PlanPackagesRequest(_message.Message):
    __slots__ = ("name", "packages", "requirements", "upgrade", "index")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PACKAGES_FIELD_NUMBER: _ClassVar[int]
    REQUIREMENTS_FIELD_NUMBER: _ClassVar[int]
    UPGRADE_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    name: str
    packages: _containers.RepeatedScalarFieldContainer[str]
    requirements: str
    upgrade: bool
    index: IndexOptions
    def __init__(self, name: _Optional[str] = ..., packages: _Optional[_Iterable[str]] = ..., requirements: _Optional[str] = ..., upgrade: _Optional[bool] = ..., index: _Optional[_Union[IndexOptions, _Mapping]] = ...) -> None: ...

class PlanPackagesResponse(_message.Message):
    __slots__ = ("changes", "download_bytes")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    DOWNLOAD_BYTES_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[PackageChange]
    download_bytes: int
    def __init__(self, changes: _Optional[_Iterable[_Union[PackageChange, _Mapping]]] = ..., download_bytes: _Optional[int] = ...) -> None: ...

class ListPackagesRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListPackagesResponse(_message.Message):
    __slots__ = ("packages",)
    PACKAGES_FIELD_NUMBER: _ClassVar[int]
    packages: _containers.RepeatedCompositeFieldContainer[InstalledPackage]
    def __init__(self, packages: _Optional[_Iterable[_Union[InstalledPackage, _Mapping]]] = ...) -> None: ...

class InstalledPackage(_message.Message):
    __slots__ = ("name", "version", "summary", "license", "modules", "requires", "required_by", "size_bytes", "requested")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    LICENSE_FIELD_NUMBER: _ClassVar[int]
    MODULES_FIELD_NUMBER: _ClassVar[int]
    REQUIRES_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_BY_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    summary: str
    license: str
    modules: _containers.RepeatedScalarFieldContainer[str]
    requires: _containers.RepeatedScalarFieldContainer[str]
    required_by: _containers.RepeatedScalarFieldContainer[str]
    size_bytes: int
    requested: bool
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., summary: _Optional[str] = ..., license: _Optional[str] = ..., modules: _Optional[_Iterable[str]] = ..., requires: _Optional[_Iterable[str]] = ..., required_by: _Optional[_Iterable[str]] = ..., size_bytes: _Optional[int] = ..., requested: _Optional[bool] = ...) -> None: ...

class CheckVenvRequest(_message.Message):
    __slots__ = ("name", "level", "modules")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    MODULES_FIELD_NUMBER: _ClassVar[int]
    name: str
    level: CheckLevel
    modules: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., level: _Optional[_Union[CheckLevel, str]] = ..., modules: _Optional[_Iterable[str]] = ...) -> None: ...

class CheckVenvResponse(_message.Message):
    __slots__ = ("sound", "problems")
    SOUND_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    sound: bool
    problems: _containers.RepeatedCompositeFieldContainer[VenvProblem]
    def __init__(self, sound: _Optional[bool] = ..., problems: _Optional[_Iterable[_Union[VenvProblem, _Mapping]]] = ...) -> None: ...

class VenvProblem(_message.Message):
    __slots__ = ("subject", "message")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    subject: str
    message: str
    def __init__(self, subject: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class ExportVenvRequest(_message.Message):
    __slots__ = ("name", "format")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    name: str
    format: ExportFormat
    def __init__(self, name: _Optional[str] = ..., format: _Optional[_Union[ExportFormat, str]] = ...) -> None: ...

class ExportVenvResponse(_message.Message):
    __slots__ = ("text",)
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: str
    def __init__(self, text: _Optional[str] = ...) -> None: ...
