"""Where the gateway is, and the token for it: what is named, else the environment, else what runs on this machine."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Mapping, NamedTuple, Optional, Union
from urllib.parse import urlsplit

from beep_python_client.refusals import GatewayNotFound

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Place(NamedTuple):
    """How to reach a gateway."""

    #: Host and port.
    target: str
    token: str
    #: Over TLS.
    is_secure: bool
    is_local: bool


def locate(
    address: Optional[str] = None,
    token: Optional[str] = None,
    home: Union[str, os.PathLike[str], None] = None,
    environ: Mapping[str, str] = os.environ,
) -> Place:
    """The gateway that these name. Raises GatewayNotFound, and ValueError for what is no address."""
    token = token or environ.get("BEEP_PYTHON_TOKEN") or _token_file(environ.get("BEEP_PYTHON_TOKEN_FILE"))
    folder = Path(home or environ.get("BEEP_PYTHON_HOME") or Path.home() / ".beep-python").expanduser()
    address = address or (environ.get("BEEP_PYTHON_URL") if home is None else None)
    if not address:
        running = _running(folder)
        address = running["endpoints"]["rpc"] or running["endpoints"]["http"]
        if not address:
            raise GatewayNotFound(f"the gateway of {folder} listens on its pipe alone; start it with Rpc")
        token = token or _token_file(running["tokenFile"])
    target, is_secure, is_local = _target(address)
    # The token of this machine goes to no other.
    if token is None and is_local:
        token = _token_file(str(folder / "token")) if (folder / "token").exists() else None
    return Place(target, token or "", is_secure, is_local)


def _running(home: Path) -> Any:
    path = home / "run" / "gateway.json"
    hint = "start one with `npm start`, or name its address (BEEP_PYTHON_URL) or home (BEEP_PYTHON_HOME)"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        pid, _ = told["pid"], (told["endpoints"]["rpc"], told["endpoints"]["http"], told["tokenFile"])
    except FileNotFoundError:
        raise GatewayNotFound(f"no gateway runs in {home}; {hint}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GatewayNotFound(f"{path} cannot be read: {error}; {hint}") from error
    if not _is_alive(pid):
        raise GatewayNotFound(f"the gateway of {home} is gone, though it left word of process {pid}; {hint}")
    return told


def _is_alive(pid: int) -> bool:
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # another user's
    return True


def _token_file(path: Optional[str]) -> Optional[str]:
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise GatewayNotFound(f"the token cannot be read from {path}: {error.strerror}") from error


def _target(address: str) -> Any:
    url = urlsplit(address if "://" in address else f"http://{address}")
    try:
        port = url.port
    except ValueError:
        port = 0
    if port == 0 or url.scheme not in ("http", "https") or not url.hostname or url.path not in ("", "/"):
        raise ValueError(f"not an address of a gateway: {address!r}; such as http://127.0.0.1:50051")
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    is_secure = url.scheme == "https"
    if port is None:
        port = 443 if is_secure else 50051
    return f"{host}:{port}", is_secure, url.hostname in _LOOPBACK
