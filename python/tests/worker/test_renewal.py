"""Leases from outside: what moves the expiry, and what only looks."""

from __future__ import annotations

import pytest
from google.protobuf import duration_pb2

from beep.python.v1 import execute_pb2
from tests.worker.driver import Gateway, Refused

S = 1_000_000_000


def idle(seconds: float) -> execute_pb2.SessionSpec:
    spec = execute_pb2.SessionSpec()
    spec.idle_timeout.FromNanoseconds(int(seconds * S))
    return spec


def left_ns(session: execute_pb2.Session) -> int:
    """From its last use to its end."""
    return session.expires_at.ToNanoseconds() - session.used_at.ToNanoseconds()


async def test_a_renewal_moves_the_expiry_and_looking_does_not(gateway: Gateway) -> None:
    async with gateway.session(idle(60)) as session:
        id, opened = session.session.id, session.session
        assert left_ns(opened) == 60 * S
        for _ in range(3):
            assert (await gateway.describe(id)).expires_at == opened.expires_at
            assert [each.expires_at for each in await gateway.sessions()] == [opened.expires_at]
        renewed = await gateway.renew(id)
        assert renewed.expires_at.ToNanoseconds() > opened.expires_at.ToNanoseconds()
        assert left_ns(renewed) == 60 * S
        assert (await gateway.describe(id)).expires_at == renewed.expires_at


async def test_a_renewal_changes_the_idle_timeout_where_it_names_one(gateway: Gateway) -> None:
    async with gateway.session(idle(60)) as session:
        id = session.session.id
        assert left_ns(await gateway.renew(id, 7200)) == 7200 * S
        await session.run("1")
        assert left_ns(await gateway.describe(id)) == 7200 * S
        assert left_ns(await gateway.renew(id)) == 7200 * S


async def test_a_shorter_idle_timeout_counts_at_once(gateway: Gateway) -> None:
    async with gateway.session(idle(3600)) as session:
        await gateway.renew(session.session.id, 0.05)
        while (now := await gateway.describe(session.session.id)).state != execute_pb2.SESSION_STATE_CLOSED:
            pass  # looking renews nothing
        assert now.close_reason == execute_pb2.CLOSE_REASON_IDLE_TIMEOUT


async def test_a_session_without_an_idle_timeout_gets_one_by_a_renewal(gateway: Gateway) -> None:
    async with gateway.session() as session:
        assert not session.session.HasField("expires_at")
        assert not (await gateway.renew(session.session.id)).HasField("expires_at")
        assert left_ns(await gateway.renew(session.session.id, 30)) == 30 * S


async def test_no_renewal_goes_beyond_the_lifetime(gateway: Gateway) -> None:
    spec = idle(60)
    spec.lifetime.CopyFrom(duration_pb2.Duration(seconds=90))
    async with gateway.session(spec) as session:
        renewed = await gateway.renew(session.session.id, 3600)
        assert renewed.expires_at.ToNanoseconds() - renewed.created_at.ToNanoseconds() == 90 * S


async def test_what_has_ended_is_not_renewed_and_does_not_expire(gateway: Gateway) -> None:
    async with gateway.session(idle(60)) as session:
        assert not (await gateway.close(session.session.id)).HasField("expires_at")
        with pytest.raises(Refused) as refused:
            await gateway.renew(session.session.id)
        assert refused.value.reason == "SESSION_CLOSED"
        assert not (await gateway.describe(session.session.id)).HasField("expires_at")


async def test_a_restart_is_a_use(gateway: Gateway) -> None:
    async with gateway.session(idle(60)) as session:
        restarted = await gateway.restart(session.session.id)
        assert restarted.used_at.ToNanoseconds() > session.session.used_at.ToNanoseconds()
        assert left_ns(restarted) == 60 * S
