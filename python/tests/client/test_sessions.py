"""Sessions by the client."""

from __future__ import annotations

import uuid

import pytest

from beep_python_client import Client, Session, errors
from tests.client.gateway import Gateway


def test_a_session_is_created_found_listed_renewed_restarted_and_closed(client: Client) -> None:
    mark = uuid.uuid4().hex
    with client.create_session(labels={"mark": mark}, idle_timeout=60, limits={"open_files": 100}) as session:
        assert session.info is not None
        assert (session.info.state, session.info.generation, session.info.labels) == ("IDLE", 1, {"mark": mark})
        session.run("x = 1")
        assert client.get_session(session.id).run("x").value == 1
        assert [found.id for found in client.list_sessions(labels={"mark": mark})] == [session.id]
        before = session.refresh().expires_at
        after = session.renew(3600).expires_at
        assert before is not None
        assert after is not None
        assert (after - before).total_seconds() > 3000
        assert session.restart().generation == 2
        with pytest.raises(NameError, match="name 'x' is not defined"):
            session.run("x")
    assert list(client.list_sessions(labels={"mark": mark})) == []
    (closed,) = client.list_sessions(labels={"mark": mark}, include_closed=True)
    assert (closed.state, closed.close_reason) == ("CLOSED", "RELEASED")
    with pytest.raises(errors.SessionClosed):
        session.run("1")


def test_the_same_key_gives_the_same_session(client: Client) -> None:
    key = uuid.uuid4().hex
    with client.create_session(key=key) as one:
        two = client.create_session(key=key)
        assert two.id == one.id
        assert two.info is not None
        assert two.info.origin == "EXISTING"
        with pytest.raises(errors.IdempotencyKeyReused):
            client.create_session(key=key, labels={"a": "b"})


def test_leaving_a_session_that_was_only_got_leaves_it_open(client: Client) -> None:
    with client.create_session() as session:
        with client.get_session(session.id) as same:
            same.run("x = 2")
        assert session.run("x").value == 2


def test_no_session_named_is_the_default_session_for_every_client_of_a_token(client: Client, gateway: Gateway) -> None:
    mark = uuid.uuid4().hex
    client.run(f"mark = {mark!r}")
    with Client(gateway.rpc, token=gateway.token) as other:
        assert other.run("mark").value == mark
        assert other.default.variable("mark").value_() == mark


def test_fresh_sessions_share_nothing(client: Client) -> None:
    fresh = client.fresh(env={"GREETING": "hello"})
    first = fresh.run("import os; x = os.environ['GREETING']; x")
    second = fresh.run("'x' in globals()")
    assert (first.value, second.value) == ("hello", False)
    assert first.session_id != second.session_id
    assert [type(event).__name__ for event in fresh.execute("print(1)")][-1] == "Finished"


def test_an_unknown_option_is_named_with_those_there_are(client: Client) -> None:
    with pytest.raises(TypeError, match="unknown option: memory; there are .*limits"):
        client.create_session(memory=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unknown option: time_out; there are .*timeout"):
        client.run("1", time_out=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unknown option: cpu; there are .*cpu_time"):
        client.create_session(limits={"cpu": 1})  # type: ignore[typeddict-unknown-key]


@pytest.mark.parametrize("session_id", ["no-such-session", "x" * 64])
def test_a_session_that_is_not_there_is_not_found(client: Client, session_id: str) -> None:
    with pytest.raises(errors.SessionNotFound) as raised:
        client.get_session(session_id)
    assert raised.value.metadata["sessionId"] == session_id


def test_a_session_runs_in_the_environment_that_it_names(session: Session, request: pytest.FixtureRequest) -> None:
    version = request.node.callspec.params["session"]
    assert session.run("import sys; '%d.%d' % sys.version_info[:2]").value == version
