"""Failed calls of gRPC as errors of this client."""

from __future__ import annotations

from typing import Any, Iterable, Optional, Tuple

import grpc

from beep_python_client.contract import error_details_pb2, object_pb2, status_pb2
from beep_python_client.contract.reasons import REASONS
from beep_python_client.messages import enum_names
from beep_python_client.refusals import CallTimeout, ConnectionLost, GatewayError

_DOMAIN = "beep.python"
_REASON_NAMES = enum_names("ErrorReason")
# What gRPC says of a connection that broke, when the gateway itself said nothing.
_CUT = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL, grpc.StatusCode.CANCELLED)
# Of a connection that could not be made, since nothing that listens there is a gateway: another try would not help.
_NOBODY_THERE = (
    "Connection refused",
    "No route to host",
    "Network is unreachable",
    "errors resolving",
    "DNS resolution failed",
    "Name or service not known",
    "Failed parsing HTTP/2",
)
_NEXT_STEP = "start it with `npm start`, or name its address (BEEP_PYTHON_URL)"


def fault_of(error: Any, target: str) -> BaseException:
    """What a grpc.RpcError of a call to `target` says; anything else is itself."""
    if not isinstance(error, grpc.RpcError):
        return error  # type: ignore[no-any-return]
    # Calls of both kinds have these, which their common base does not tell.
    call: Any = error
    said = _said(call.trailing_metadata())
    if said is not None:
        return said
    code, text = call.code(), call.details() or "no more is known"
    if code in _CUT:
        if any(sign in text for sign in _NOBODY_THERE):
            return ConnectionLost(f"no gateway answers at {target}; {_NEXT_STEP}: {text}", is_unreachable=True)
        return ConnectionLost(f"the connection to the gateway at {target} broke, or there is none: {text}")
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return CallTimeout("the gateway did not answer in time; call again, or give it longer (`call_timeout`)")
    return GatewayError(text, reason=code.name)


def refusal(reason: str, message: str, **rest: Any) -> GatewayError:
    """The error of a reason."""
    return REASONS.get(reason, GatewayError)(message, reason=reason, **rest)


def failure_of(failure: object_pb2.OperationFailure) -> GatewayError:
    """Why an operation of a batch could not be done."""
    reason = _REASON_NAMES.get(failure.reason, "INTERNAL")
    return refusal(reason, failure.message, metadata={"path": failure.path} if failure.path else {})


def _said(metadata: Optional[Iterable[Tuple[str, Any]]]) -> Optional[GatewayError]:
    for key, value in metadata or ():
        if key == "grpc-status-details-bin":
            return _from_status(status_pb2.Status.FromString(value))
    return None


def _from_status(status: status_pb2.Status) -> Optional[GatewayError]:
    info, retry, request = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo(), error_details_pb2.RequestInfo()
    has_retry = False
    for detail in status.details:
        detail.Unpack(info)
        has_retry = detail.Unpack(retry) or has_retry
        detail.Unpack(request)
    if info.domain != _DOMAIN:
        return None
    return refusal(
        info.reason,
        status.message,
        metadata=info.metadata,
        request_id=request.request_id,
        retry_after=retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9 if has_retry else None,
    )
