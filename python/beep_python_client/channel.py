"""How both clients' channels are set up, and how they ask for what they call."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

import grpc

from beep_python_client.locate import Place
from beep_python_client.messages import methods

METHODS = methods()


def channel_options(place: Place) -> List[Tuple[str, int]]:
    """The gateway bounds messages itself, and says so better than gRPC does."""
    options = [
        ("grpc.max_receive_message_length", -1),
        ("grpc.max_send_message_length", -1),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 2000),
        # A peer that vanished without a word is noticed.
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        # Channels of one address share their connection otherwise, and what one client breaks breaks for all.
        ("grpc.use_local_subchannel_pool", 1),
    ]
    if place.is_local:
        options.append(("grpc.enable_http_proxy", 0))
    return options


def open_channel(api: Any, place: Place) -> Any:
    """A channel of `grpc` or `grpc.aio`."""
    if place.is_secure:
        return api.secure_channel(place.target, grpc.ssl_channel_credentials(), channel_options(place))
    return api.insecure_channel(place.target, channel_options(place))


def metadata_of(place: Place) -> Tuple[Tuple[str, str], ...]:
    """What goes with every call."""
    return (("authorization", f"Bearer {place.token}"),) if place.token else ()


def stubs_of(channel: Any) -> Dict[str, Any]:
    """What calls each RPC, by its name."""
    return {
        name: getattr(channel, method.kind)(
            method.path, request_serializer=method.serialize, response_deserializer=method.parse
        )
        for name, method in METHODS.items()
    }
