"""A connection that breaks: nothing is lost, nothing comes twice, nothing runs twice."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from beep_python_client import Client, ConnectionLost, Finished, GatewayNotFound, Output
from tests.client.cutter import Cutter
from tests.client.gateway import Gateway

# Each line is an event of its own, since the stream changes.
CODE = """
import sys, time
for i in range({count}):
    print(i, file=(sys.stdout, sys.stderr)[i % 2])
    if i % 40 == 0: time.sleep(0.002)
"""


def follow(cutter: Cutter, gateway: Gateway, count: int) -> None:
    """Events of an execution that writes so many lines, whatever is cut meanwhile."""
    with Client(cutter.url, token=gateway.token) as client:
        with client.fresh().execute(CODE.format(count=count)) as execution:
            events = list(execution)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert isinstance(events[-1], Finished)
    assert events[-1].outcome == "OK"
    for stream, parity in (("stdout", 0), ("stderr", 1)):
        text = "".join(event.text for event in events if isinstance(event, Output) and event.stream == stream)
        assert text == "".join(f"{i}\n" for i in range(parity, count, 2))


@pytest.mark.timeout(120)
def test_a_connection_that_is_cut_at_random_places_loses_no_event_and_doubles_none(gateway: Gateway) -> None:
    with Cutter(gateway.rpc, seed=7) as cutter:
        while cutter.cuts < 20:
            follow(cutter, gateway, 1000)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_hundreds_of_cuts(gateway: Gateway) -> None:
    with Cutter(gateway.rpc, seed=int(os.environ.get("BEEP_PYTHON_TEST_SEED", "1"))) as cutter:
        while cutter.cuts < 1000:
            follow(cutter, gateway, 2000)


def test_a_run_whose_connection_is_cut_runs_once(gateway: Gateway, client: Client) -> None:
    with client.create_session() as session, Cutter(gateway.rpc, seed=3, most_bytes=3000, uncut=0) as cutter:
        session.run("runs = 0")
        with Client(cutter.url, token=gateway.token) as through:
            same = through.get_session(session.id)
            for count in range(1, 101):
                assert same.run("runs += 1; runs").value == count
        assert cutter.cuts >= 5
        assert session.run("runs").value == 100


def test_an_array_that_is_cut_comes_whole(gateway: Gateway, client: Client) -> None:
    data = random.Random(1).randbytes(3_000_000) if hasattr(random.Random, "randbytes") else os.urandom(3_000_000)
    with client.create_session() as session, Cutter(gateway.rpc, seed=5, most_bytes=4_000_000) as cutter:
        with Client(cutter.url, token=gateway.token) as through:
            same = through.get_session(session.id)
            for _ in range(4):
                remote = same.put(data)
                assert remote.value_() == data


def test_a_gateway_that_does_not_come_back_is_lost_after_the_patience_that_was_said(gateway: Gateway) -> None:
    with Cutter(gateway.rpc, seed=1, most_bytes=1 << 40) as cutter:
        with Client(cutter.url, token=gateway.token, patience=0.5) as client:
            execution = client.fresh().execute("print('ready')\nwhile True: pass", timeout=5)  # nobody else ends it
            events = iter(execution)
            while not isinstance(next(events), Output):
                pass
            cutter.is_shut = True
            cutter.cut_all()
            with pytest.raises(ConnectionLost, match="the connection to the gateway at .* broke") as raised:
                next(events)
            assert isinstance(raised.value, ConnectionError)


def test_a_gateway_that_is_killed_is_lost_and_then_not_found() -> None:
    with Gateway() as doomed, Client(home=doomed.home, patience=0.3) as client:
        session = client.create_session()
        remote = session.variable("list")().handle_()
        events = iter(session.execute("print('ready')\nwhile True: pass"))
        while not isinstance(next(events), Output):
            pass
        doomed.kill()
        with pytest.raises(ConnectionLost):
            next(events)
        with pytest.raises(ConnectionLost):
            remote.append(1).value_()
        with pytest.raises(GatewayNotFound, match="is gone, though it left word"):
            Client(home=doomed.home)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "no-such-host.invalid"])
def test_without_a_gateway_a_call_fails_at_once_with_the_address_and_the_next_step(host: str) -> None:
    with Client(f"{host}:1", token="x", patience=600) as nobody:
        with pytest.raises(ConnectionLost, match=rf"no gateway answers at {host}:1; start it with `npm start`"):
            nobody.run("1")
        with pytest.raises(ConnectionLost, match="no gateway answers"):
            nobody.create_session()
        with pytest.raises(ConnectionLost, match="no gateway answers"):
            list(nobody.execute("1"))
        with pytest.raises(ConnectionError):
            list(nobody.list_sessions())


def test_what_is_no_gateway_fails_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            caller, _ = server.accept()
            with caller:
                caller.recv(1000)
                caller.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with Client(f"127.0.0.1:{server.getsockname()[1]}", token="x", patience=600) as client:
            with pytest.raises(ConnectionLost, match="no gateway answers"):
                client.run("1")
        thread.join()


def test_a_gateway_that_is_starting_is_waited_for_where_that_is_asked(gateway: Gateway) -> None:
    with socket.socket() as server:  # its port refuses until it listens
        server.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with Client(address, token=gateway.token, start_patience=0.3) as client:
            before = time.monotonic()
            with pytest.raises(ConnectionLost, match="no gateway answers"):
                client.run("1")
            assert 0.3 <= time.monotonic() - before < 5
        with ThreadPoolExecutor() as threads, Client(address, token=gateway.token, start_patience=50) as client:
            created, ran = threads.submit(client.create_session), threads.submit(client.fresh().run, "6 * 7")
            server.listen()
            with Cutter(gateway.rpc, seed=1, most_bytes=1 << 40, server=server):
                assert ran.result().value == 42
                created.result().close()
