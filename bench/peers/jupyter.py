"""Jupyter's own client and kernels, told what to do by lines of JSON and answering with the milliseconds it took.

The times are taken here, beside `jupyter_client`, so that what comes between this process and the bench counts for
nobody. Ends when its input does, and its kernels with it.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from jupyter_client import BlockingKernelClient, KernelManager

PATIENCE_S = 60


class Kernel:
    """A kernel that is ready, and a client of it."""

    def __init__(self) -> None:
        self.manager = KernelManager()
        self.manager.start_kernel(stderr=subprocess.DEVNULL)  # it warns of TCP at every start
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE_S)

    def run(self, code: str, on_message: Callable[[dict[str, Any]], None] = lambda message: None) -> dict[str, Any]:
        """Runs code until its reply is there and the kernel says that it is idle; the reply's content."""
        request = self.client.execute(code)
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE_S)
            if message["parent_header"].get("msg_id") != request:
                continue
            on_message(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE_S)
            if reply["parent_header"].get("msg_id") == request:
                return reply["content"]

    def two(self, code: str = "1+1") -> None:
        """Runs code whose result is 2."""
        results: list[str] = []

        def keep(message: dict[str, Any]) -> None:
            if message["msg_type"] == "execute_result":
                results.append(message["content"]["data"]["text/plain"])

        reply = self.run(code, keep)
        assert (reply["status"], results) == ("ok", ["2"]), (reply, results)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


live: list[Kernel] = []


def live_kernel() -> Kernel:
    if not live:
        live.append(Kernel())
    return live[0]


def new(code: str) -> float:
    started = time.perf_counter()
    kernel = Kernel()
    kernel.two(code)
    took = time.perf_counter() - started
    kernel.close()
    return took


def call() -> float:
    kernel = live_kernel()
    started = time.perf_counter()
    kernel.two()
    return time.perf_counter() - started


def first_byte(code: str) -> float:
    kernel, arrived = live_kernel(), []

    def note(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            arrived.append(time.perf_counter())

    started = time.perf_counter()
    kernel.run(code, note)
    return arrived[0] - started


def interrupt() -> float:
    kernel, began = live_kernel(), []

    def stop(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream" and not began:
            began.append(time.perf_counter())
            kernel.manager.interrupt_kernel()

    reply = kernel.run("print('on', flush=True)\nwhile True: pass", stop)
    assert reply["ename"] == "KeyboardInterrupt", reply
    return time.perf_counter() - began[0]


def replace() -> float:
    kernel = live_kernel()
    started = time.perf_counter()
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=PATIENCE_S)
    kernel.two()
    return time.perf_counter() - started


def write(code: str, size: int) -> float:
    """Until all that the code writes has come, and the kernel is idle."""
    kernel, seen = live_kernel(), [0]

    def note(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            seen[0] += len(message["content"]["text"])

    started = time.perf_counter()
    kernel.run(code, note)
    took = time.perf_counter() - started
    assert seen[0] == size, f"{seen[0]} of {size} characters have come"
    return took


def array(count: int) -> float:
    """Until an array is here that the code shows as base64, the way figures travel."""
    kernel, shown = live_kernel(), []
    kernel.run(f"import base64, numpy\nfrom IPython.display import display\nnumbers = numpy.arange({float(count)})")

    def note(message: dict[str, Any]) -> None:
        if message["msg_type"] == "display_data":
            shown.append(message["content"]["data"]["application/octet-stream"])

    code = "display({'application/octet-stream': base64.b64encode(numbers).decode()}, raw=True)"
    started = time.perf_counter()
    kernel.run(code, note)
    numbers = np.frombuffer(base64.b64decode(shown[0]))
    took = time.perf_counter() - started
    assert len(numbers) == count
    assert numbers[-1] == count - 1
    return took


def memory(code: str) -> float:
    """Private mebibytes of one more kernel in which the code has run; in thousandths, as the others are in seconds."""
    kernel = Kernel()
    kernel.run(code)
    pid = kernel.manager.provisioner.process.pid
    with open(f"/proc/{pid}/smaps_rollup") as file:
        private = sum(int(line.split()[1]) for line in file if line.startswith("Private_"))
    kernel.close()
    return private / 1024 / 1000


def main() -> None:
    tasks: dict[str, Callable[..., float]] = {
        "new": new,
        "call": call,
        "first-byte": first_byte,
        "interrupt": interrupt,
        "replace": replace,
        "write": write,
        "array": array,
        "memory": memory,
    }
    try:
        for line in sys.stdin:
            name, *arguments = json.loads(line)
            print(json.dumps(tasks[name](*arguments) * 1000), flush=True)
    finally:
        for kernel in live:
            kernel.close()


if __name__ == "__main__":
    main()
