"""Leases, by a clock that the test turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from beep.python.v1 import execute_pb2
from beep_worker import lease as lease_module
from beep_worker.lease import Lease

S = 1_000_000_000
IDLE, LIFETIME = execute_pb2.CLOSE_REASON_IDLE_TIMEOUT, execute_pb2.CLOSE_REASON_LIFETIME


class Clock:
    """The time, and the timers that wait for it."""

    def __init__(self) -> None:
        self.ns = 1000 * S
        self.timers: list[tuple[int, Callable[[], None]]] = []

    def time_ns(self) -> int:
        return self.ns

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Any:
        timer = (self.ns + int(delay_s * S), callback)
        self.timers.append(timer)

        class Handle:
            def cancel(_) -> None:
                self.timers.remove(timer)

        return Handle()

    def turn(self, seconds: float) -> None:
        end = self.ns + int(seconds * S)
        while due := sorted((timer for timer in self.timers if timer[0] <= end), key=lambda timer: timer[0]):
            self.timers.remove(due[0])
            self.ns = max(self.ns, due[0][0])
            due[0][1]()
        self.ns = end


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(lease_module, "time", clock)
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: clock)
    return clock


def begin(idle_s: int | None, lifetime_s: int | None) -> tuple[Lease, list[int]]:
    spec = execute_pb2.SessionSpec()
    if idle_s is not None:
        spec.idle_timeout.FromSeconds(idle_s)
    if lifetime_s is not None:
        spec.lifetime.FromSeconds(lifetime_s)
    ends: list[int] = []
    lease = Lease(spec, lambda reason, message: ends.append(reason))
    lease.start()
    return lease, ends


def test_it_ends_when_nobody_used_it(clock: Clock) -> None:
    lease, ends = begin(10, None)
    assert lease.expires_ns == clock.ns + 10 * S
    clock.turn(9.9)
    assert ends == []
    clock.turn(0.2)
    assert ends == [IDLE]
    assert clock.timers == []


def test_each_use_renews_it(clock: Clock) -> None:
    lease, ends = begin(10, None)
    for _ in range(5):
        clock.turn(9)
        lease.use(is_busy=False)
        assert lease.expires_ns == clock.ns + 10 * S
    assert ends == []
    clock.turn(11)
    assert ends == [IDLE]


def test_it_is_not_idle_while_it_is_busy(clock: Clock) -> None:
    lease, ends = begin(10, None)
    lease.use(is_busy=True)
    clock.turn(100)
    assert ends == []
    lease.use(is_busy=False)
    clock.turn(9)
    assert ends == []
    clock.turn(2)
    assert ends == [IDLE]


def test_it_is_not_idle_while_something_is_carried(clock: Clock) -> None:
    lease, ends = begin(10, None)
    lease.hold()
    lease.hold()
    lease.use(is_busy=False)
    clock.turn(100)
    lease.let_go()
    clock.turn(100)
    assert ends == []
    lease.let_go()
    clock.turn(9)
    assert ends == []
    clock.turn(2)
    assert ends == [IDLE]


def test_its_lifetime_ends_it_whatever_it_does(clock: Clock) -> None:
    lease, ends = begin(10, 30)
    lease.use(is_busy=True)
    clock.turn(29)
    assert ends == []
    clock.turn(1.1)
    assert ends == [LIFETIME]


def test_without_a_bound_it_never_ends(clock: Clock) -> None:
    lease, ends = begin(None, None)
    assert lease.expires_ns is None
    assert clock.timers == []
    clock.turn(1e6)
    assert ends == []


def test_cancelled_it_waits_for_nothing(clock: Clock) -> None:
    lease, ends = begin(10, 30)
    lease.cancel()
    clock.turn(100)
    assert ends == []
    assert clock.timers == []
