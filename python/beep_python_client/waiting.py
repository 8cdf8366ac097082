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

# Done to its end, also where whoever waits for it gives up.
async_shield = asyncio.shield


def shield(done: T) -> T:
    """What was done is done."""
    return done
