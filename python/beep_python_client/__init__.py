"""The Python client of beep-python: run Python in sessions of a gateway, and use live objects there."""

from beep_python_client.arrays import Tensor
from beep_python_client.async_remote import AsyncRemote
from beep_python_client.awaited.client import AsyncClient
from beep_python_client.awaited.execution import AsyncExecution
from beep_python_client.awaited.host import AsyncHost
from beep_python_client.awaited.running import AsyncFresh
from beep_python_client.awaited.runtimes import AsyncRuntimes
from beep_python_client.awaited.scope import AsyncScope
from beep_python_client.awaited.session import AsyncSession
from beep_python_client.awaited.venvs import AsyncVenvs
from beep_python_client.awaited.work import AsyncWork
from beep_python_client.blocking.client import Client
from beep_python_client.blocking.execution import Execution
from beep_python_client.blocking.host import Host
from beep_python_client.blocking.running import Fresh
from beep_python_client.blocking.runtimes import Runtimes
from beep_python_client.blocking.scope import Scope
from beep_python_client.blocking.session import Session
from beep_python_client.blocking.venvs import Venvs
from beep_python_client.blocking.work import Work
from beep_python_client.contract import reasons as errors
from beep_python_client.described import Described
from beep_python_client.endings import Ending, ExecutionFailed, ExecutionOutOfMemory, ExecutionTimeout, Stopped, Usage
from beep_python_client.environments import (
    PackageChange,
    PackageInfo,
    Plan,
    VenvChange,
    VenvGeneration,
    VenvInfo,
    VenvProblem,
)
from beep_python_client.events import (
    Accepted,
    ClearOutput,
    Display,
    Dropped,
    Event,
    Finished,
    InputRequest,
    Noticed,
    Output,
    Raised,
    ResultValue,
    Started,
)
from beep_python_client.looked import (
    Completeness,
    Completion,
    Completions,
    Inspection,
    Stacks,
    ThreadStack,
    Variable,
    Variables,
)
from beep_python_client.machine import (
    Endpoint,
    HostEvent,
    HostInfo,
    HostStats,
    IsolationSupport,
    Progress,
    RuntimeInfo,
    SessionKindStats,
    WorkerInfo,
    WorkerStats,
)
from beep_python_client.options import (
    ExecuteOptions,
    Function,
    IndexOptions,
    Limits,
    Module,
    Script,
    SessionOptions,
    VenvOptions,
)
from beep_python_client.raised import Frame, RemoteError
from beep_python_client.refusals import (
    BeepError,
    CallTimeout,
    ClientClosed,
    ConnectionLost,
    GatewayError,
    GatewayNotFound,
)
from beep_python_client.remote import Remote
from beep_python_client.results import Mime, Notice, Result
from beep_python_client.standing import SessionInfo

__version__ = "0.1.0"

__all__ = [
    "Accepted",
    "AsyncClient",
    "AsyncExecution",
    "AsyncFresh",
    "AsyncHost",
    "AsyncRemote",
    "AsyncRuntimes",
    "AsyncScope",
    "AsyncSession",
    "AsyncVenvs",
    "AsyncWork",
    "BeepError",
    "CallTimeout",
    "ClearOutput",
    "Client",
    "ClientClosed",
    "Completeness",
    "Completion",
    "Completions",
    "ConnectionLost",
    "Described",
    "Display",
    "Dropped",
    "Ending",
    "Endpoint",
    "Event",
    "ExecuteOptions",
    "Execution",
    "ExecutionFailed",
    "ExecutionOutOfMemory",
    "ExecutionTimeout",
    "Finished",
    "Frame",
    "Fresh",
    "Function",
    "GatewayError",
    "GatewayNotFound",
    "Host",
    "HostEvent",
    "HostInfo",
    "HostStats",
    "IndexOptions",
    "InputRequest",
    "Inspection",
    "IsolationSupport",
    "Limits",
    "Mime",
    "Module",
    "Notice",
    "Noticed",
    "Output",
    "PackageChange",
    "PackageInfo",
    "Plan",
    "Progress",
    "Raised",
    "Remote",
    "RemoteError",
    "Result",
    "ResultValue",
    "RuntimeInfo",
    "Runtimes",
    "Scope",
    "Script",
    "Session",
    "SessionInfo",
    "SessionKindStats",
    "SessionOptions",
    "Stacks",
    "Started",
    "Stopped",
    "Tensor",
    "ThreadStack",
    "Usage",
    "Variable",
    "Variables",
    "VenvChange",
    "VenvGeneration",
    "VenvInfo",
    "VenvOptions",
    "VenvProblem",
    "Venvs",
    "Work",
    "WorkerInfo",
    "WorkerStats",
    "errors",
]
