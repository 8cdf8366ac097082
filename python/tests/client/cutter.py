"""A way to the gateway that breaks: connections are cut at any byte, by neither end."""

from __future__ import annotations

import random
import socket
import struct
import threading
from typing import Any
from urllib.parse import urlsplit


class Cutter:
    """A port that leads to another one; all but one in `uncut` connections are cut after some of what comes back.

    The port is that of `server`, a socket that listens, where one is given.
    """

    def __init__(
        self, target: str, seed: int, most_bytes: int = 6000, uncut: int = 4, server: socket.socket | None = None
    ) -> None:
        url = urlsplit(target)
        self._target = (url.hostname, url.port)
        self._random = random.Random(seed)
        self._most_bytes = most_bytes
        self._uncut = uncut
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.cuts = 0
        #: While it is, no connection comes through at all.
        self.is_shut = False
        self._server = server or socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._start(self._accept)

    def _start(self, run: Any, *args: Any) -> None:
        thread = threading.Thread(target=run, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._server.accept()
            except OSError:
                return
            if self.is_shut:
                caller.close()
                continue
            gateway = socket.create_connection(self._target)
            with self._lock:
                self._open += [caller, gateway]
                is_cut = not self._uncut or self._random.randrange(self._uncut) > 0
                left = self._random.randrange(self._most_bytes) if is_cut else -1
                is_rude = self._random.randrange(2) == 0
            self._start(self._pass_on, caller, gateway, -1, False)
            self._start(self._pass_on, gateway, caller, left, is_rude)

    def _pass_on(self, source: socket.socket, target: socket.socket, left: int, is_rude: bool) -> None:
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                if 0 <= left <= len(data):
                    target.sendall(data[:left])
                    with self._lock:
                        self.cuts += 1
                    if is_rude:  # with a reset
                        target.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    break
                left -= len(data) if left > 0 else 0
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def cut_all(self) -> None:
        """Every connection that is there now."""
        with self._lock:
            ends, self._open = self._open, []
        for end in ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self) -> Cutter:
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.cut_all()
        for thread in self._threads:
            thread.join(10)
