"""Stands above one worker and leaves nothing behind: when the gateway or the worker goes, every descendant is killed.

Standard library only. Its standard input is the lifeline: the gateway writes one line, the worker's configuration, and
holds the pipe open for as long as it lives. A subreaper that is killed leaves its orphans to PID 1, which is why the
worker cannot do this for itself.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys

from beep_worker import cgroups
from beep_worker.tree import become_subreaper, kill_descendants


def main() -> int:
    become_subreaper()
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the gateway decides; a Ctrl-C in its terminal is not for us
    configuration = _read_line(0)
    if not configuration:
        return 0
    read_end, write_end = os.pipe()
    worker = subprocess.Popen(
        [sys.executable, "-I", "-c", _START_WORKER, _python_folder(), str(read_end), str(os.getpid())],
        stdin=subprocess.DEVNULL,
        pass_fds=(read_end,),
        start_new_session=True,
    )
    os.close(read_end)
    os.write(write_end, configuration)
    os.close(write_end)
    worker_fd = os.pidfd_open(worker.pid)
    poll = select.poll()
    poll.register(0, select.POLLIN | select.POLLHUP)
    poll.register(worker_fd, select.POLLIN)
    while True:
        ready = {fd for fd, _ in poll.poll()}
        if worker_fd in ready:
            status = worker.wait()
            break
        if 0 in ready and not os.read(0, 4096):
            status = 0
            break
    kill_descendants(os.getpid())
    cgroups.sweep(("memory", "pids"))
    return status if status >= 0 else _KILLED - status  # as a shell tells it: the gateway sees the keeper's end alone


_KILLED = 128

_START_WORKER = (
    "import sys; sys.path[:0] = [sys.argv[1], sys.argv[1] + '/gen']; "
    "from beep_worker.server import main; main(int(sys.argv[2]), int(sys.argv[3]))"
)


def _python_folder() -> str:
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _read_line(fd: int) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(fd, 4096)
        if not byte:
            return b""
        line += byte
    return line
