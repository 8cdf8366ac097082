"""The Python client of beep-python: run Python in sessions of a gateway, and use live objects there."""

from beep_python_client.arrays import Tensor
from beep_python_client.async_client import AsyncClient
from beep_python_client.async_execution import AsyncExecution
from beep_python_client.async_objects import AsyncRemote
from beep_python_client.async_session import AsyncFresh, AsyncScope, AsyncSession
from beep_python_client.client import Client
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
from beep_python_client.execution import Execution
from beep_python_client.objects import Remote
from beep_python_client.options import ExecuteOptions, Function, Limits, Module, Script, SessionOptions
from beep_python_client.raised import Frame, RemoteError
from beep_python_client.refusals import BeepError, CallTimeout, ConnectionLost, GatewayError, GatewayNotFound
from beep_python_client.results import Mime, Notice, Result
from beep_python_client.session import Fresh, Scope, Session
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
