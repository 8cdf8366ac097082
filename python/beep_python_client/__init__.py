"""The Python client of beep-python: run Python in sessions of a gateway, and use live objects there."""

from beep_python_client.arrays import Tensor
from beep_python_client.async_remote import AsyncRemote
from beep_python_client.awaited.client import AsyncClient
from beep_python_client.awaited.execution import AsyncExecution
from beep_python_client.awaited.running import AsyncFresh
from beep_python_client.awaited.scope import AsyncScope
from beep_python_client.awaited.session import AsyncSession
from beep_python_client.blocking.client import Client
from beep_python_client.blocking.execution import Execution
from beep_python_client.blocking.running import Fresh
from beep_python_client.blocking.scope import Scope
from beep_python_client.blocking.session import Session
from beep_python_client.contract import reasons as errors
from beep_python_client.described import Described
from beep_python_client.endings import Ending, ExecutionFailed, ExecutionOutOfMemory, ExecutionTimeout, Stopped, Usage
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
from beep_python_client.options import ExecuteOptions, Function, Limits, Module, Script, SessionOptions
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
    "AsyncClient",
    "AsyncExecution",
    "AsyncFresh",
    "AsyncRemote",
    "AsyncScope",
    "AsyncSession",
    "Accepted",
    "BeepError",
    "CallTimeout",
    "ClearOutput",
    "Client",
    "ClientClosed",
    "ConnectionLost",
    "Described",
    "Display",
    "Dropped",
    "Ending",
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
    "InputRequest",
    "Limits",
    "Mime",
    "Module",
    "Notice",
    "Noticed",
    "Output",
    "Raised",
    "Remote",
    "RemoteError",
    "Result",
    "ResultValue",
    "Scope",
    "Script",
    "Session",
    "SessionInfo",
    "SessionOptions",
    "Started",
    "Stopped",
    "Tensor",
    "Usage",
    "errors",
]
