"""RPyC's own server and client, told what to do by lines of JSON.

Each task names a measure; its answer is in that measure's unit. The times are taken here, beside the client, so that
what comes between this process and the bench counts for nobody. Ends when its input does, and its server with it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import deque

import rpyc
from rpyc.utils.server import ThreadedServer

IN_FLIGHT = 32


def serve() -> None:
    server = ThreadedServer(rpyc.SlaveService, hostname="127.0.0.1", port=0, protocol_config={"allow_all_attrs": True})
    server._listen()
    print(server.port, flush=True)
    server.start()


class Peer:
    """A connection to a server of its own process."""

    def __init__(self) -> None:
        self.server = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True)
        assert self.server.stdout is not None
        self.connection = rpyc.classic.connect("127.0.0.1", int(self.server.stdout.readline()))
        self.connection.execute(
            "class Counter:\n"
            "    def __init__(self): self.count = 0\n"
            "    def add(self, number):\n"
            "        self.count += number\n"
            "        return self.count\n"
        )
        self.counter = self.connection.namespace["Counter"]()
        self.expected = 0
        self.array_there = None

    def call(self) -> float:
        """Milliseconds of one call."""
        self.expected += 1
        started = time.perf_counter()
        result = self.counter.add(1)
        took = time.perf_counter() - started
        assert result == self.expected
        return took * 1e3

    def throughput(self, window_ms: float) -> float:
        """Calls per second with many in flight."""
        add = rpyc.async_(self.counter.add)
        waiting = deque(add(1) for _ in range(IN_FLIGHT))
        self.expected += IN_FLIGHT
        count = 0
        started = time.perf_counter()
        while (time.perf_counter() - started) * 1e3 < window_ms:
            waiting.popleft().value  # noqa: B018 - it waits
            waiting.append(add(1))
            self.expected += 1
            count += 1
        took = time.perf_counter() - started
        for each in waiting:
            last = each.value
        assert last == self.expected
        return count / took

    def items(self, count: int) -> float:
        """Milliseconds to read the rows of an iterator."""
        # Tuples travel by value: a list would be asked for each of its items.
        rows = self.connection.eval(f"((i, str(i), i / 2) for i in range({count}))")
        started = time.perf_counter()
        seen = sum(row[0] for row in rows)
        took = time.perf_counter() - started
        assert seen == count * (count - 1) // 2
        return took * 1e3

    def array(self, count: int) -> float:
        """Milliseconds until an array is here."""
        if self.array_there is None:
            self.connection.execute(f"import numpy\nnumbers = numpy.arange({float(count)})")
            self.array_there = self.connection.namespace["numbers"]
        started = time.perf_counter()
        array = rpyc.classic.obtain(self.array_there)
        took = time.perf_counter() - started
        assert len(array) == count
        assert array[-1] == count - 1
        return took * 1e3

    def close(self) -> None:
        self.connection.close()
        self.server.kill()
        self.server.wait()


def main() -> None:
    peer = Peer()
    tasks = {"call": peer.call, "throughput": peer.throughput, "items": peer.items, "array": peer.array}
    try:
        for line in sys.stdin:
            name, *arguments = json.loads(line)
            print(tasks[name](*arguments), flush=True)
    finally:
        peer.close()


if __name__ == "__main__":
    serve() if sys.argv[1:] else main()
