"""How the two kinds of clients wait: all else of them is one text, so each name here has a twin for asyncio."""

from __future__ import annotations

import asyncio
import time
from typing import TypeVar

import grpc
import grpc.aio

T = TypeVar("T")

grpc_api = grpc
async_grpc_api = grpc.aio

sleep = time.sleep
async_sleep = asyncio.sleep

# How someone who waits gives up.
GivenUp = KeyboardInterrupt
AsyncGivenUp = asyncio.CancelledError

# What a call ends with that gives no answer, also where its channel was closed before it or meanwhile.
CallEnds = (grpc.RpcError, ValueError)
AsyncCallEnds = (grpc.RpcError, grpc.aio.UsageError, asyncio.CancelledError)

# Done to its end, also where whoever waits for it gives up; and done without anybody who waits.
async_shield = asyncio.shield
async_soon = asyncio.ensure_future


def shield(done: T) -> T:
    """What was done is done."""
    return done


soon = shield


def is_given_up() -> bool:
    """Whether whoever waits gave up, and the call ended for that: it would be a KeyboardInterrupt."""
    return False


def async_is_given_up() -> bool:
    """Whether the running task is being cancelled; before Python 3.11 no task can tell."""
    cancelling = getattr(asyncio.current_task(), "cancelling", None)
    return cancelling is not None and cancelling() > 0
