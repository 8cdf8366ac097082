"""How a client finds the gateway and its token."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from beep_python_client import Client, GatewayNotFound, errors
from beep_python_client.locate import locate
from tests.client.gateway import Gateway


def told(home: Path, pid: int, **endpoints: Any) -> Path:
    """A home in which a gateway left word."""
    (home / "run").mkdir(parents=True)
    (home / "token").write_text("secret-of-the-home\n")
    content = {"pid": pid, "endpoints": {"rpc": None, "http": None, **endpoints}, "tokenFile": str(home / "token")}
    (home / "run" / "gateway.json").write_text(json.dumps(content))
    return home


def test_the_gateway_of_a_home_and_its_token_are_found(gateway: Gateway) -> None:
    with Client(home=gateway.home) as client:
        assert client.run("6 * 7").value == 42


def test_the_http_listener_will_do(gateway: Gateway) -> None:
    with Client(gateway.http, token=gateway.token) as client:
        assert client.run("6 * 7").value == 42


def test_what_is_named_goes_before_the_environment_and_that_before_what_is_found(tmp_path: Path) -> None:
    home = told(tmp_path, os.getpid(), rpc="http://127.0.0.1:1")
    (tmp_path / "other").write_text("of-a-file")
    environ = {"BEEP_PYTHON_HOME": str(home)}
    assert locate(environ=environ)[:2] == ("127.0.0.1:1", "secret-of-the-home")
    environ["BEEP_PYTHON_URL"] = "http://127.0.0.1:2"
    environ["BEEP_PYTHON_TOKEN_FILE"] = str(tmp_path / "other")
    assert locate(environ=environ)[:2] == ("127.0.0.1:2", "of-a-file")
    environ["BEEP_PYTHON_TOKEN"] = "of-a-variable"
    assert locate(environ=environ)[:2] == ("127.0.0.1:2", "of-a-variable")
    assert locate("127.0.0.1:3", "named", environ=environ)[:2] == ("127.0.0.1:3", "named")
    assert locate(home=home, environ=environ)[:2] == ("127.0.0.1:1", "of-a-variable")


def test_a_home_without_a_gateway_says_what_to_start(tmp_path: Path) -> None:
    with pytest.raises(GatewayNotFound, match="no gateway runs in .*; start one with `npm start`, or name"):
        Client(home=tmp_path)


def test_a_gateway_that_was_killed_is_gone(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    home = told(tmp_path, ended.pid, rpc="http://127.0.0.1:1")
    with pytest.raises(GatewayNotFound, match=f"is gone, though it left word of process {ended.pid}"):
        Client(home=home)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": 1, "endpoints": null, "tokenFile": ""}'])
def test_a_broken_word_of_a_gateway_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "gateway.json").write_text(text)
    with pytest.raises(GatewayNotFound, match="cannot be read"):
        Client(home=tmp_path)


def test_a_gateway_with_a_pipe_alone_is_told(tmp_path: Path) -> None:
    with pytest.raises(GatewayNotFound, match="listens on its pipe alone"):
        Client(home=told(tmp_path, os.getpid()))


def test_the_token_of_this_machine_goes_to_no_other(tmp_path: Path) -> None:
    environ = {"BEEP_PYTHON_HOME": str(told(tmp_path, os.getpid(), rpc="http://127.0.0.1:1"))}
    assert locate("http://gateway.example:50051", environ=environ).token == ""
    assert locate("https://gateway.example", environ=environ)[:3] == ("gateway.example:443", "", True)
    assert locate("http://[::1]:5", environ=environ)[:2] == ("[::1]:5", "secret-of-the-home")


@pytest.mark.parametrize("address", ["ftp://x", "http://", "http://x:port", "http://x/path", "unix:/tmp/x"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not an address of a gateway"):
        Client(address, token="x")


def test_a_wrong_token_is_refused_with_the_next_step(gateway: Gateway) -> None:
    with Client(gateway.rpc, token="wrong") as client, pytest.raises(errors.Unauthenticated) as raised:
        client.run("1")
    assert raised.value.reason == "UNAUTHENTICATED"
    assert raised.value.request_id != ""
    assert not raised.value.retryable
