"""Code that starts processes and threads in every usual way, and what it writes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Forking:
    """Code that may be run again and again in the same session; each time it writes the same lines, in any order."""

    name: str
    code: str
    lines: tuple[str, ...] = ("child", "child")
    # How often in the short form; these take long to start their processes.
    rounds: int = 20


_FUTURES = "import concurrent.futures, multiprocessing\n"


def _pool(method: str) -> str:
    return (
        f"import multiprocessing\nwith multiprocessing.get_context({method!r}).Pool(2) as pool:\n"
        "    pool.map(print, ['child'] * 2, chunksize=1); pool.close(); pool.join()"
    )


def _process(method: str) -> str:
    return (
        f"import multiprocessing\nmaking = multiprocessing.get_context({method!r})\n"
        "queue = making.SimpleQueue()\n"
        "children = [making.Process(target=queue.put, args=('child',)) for _ in range(2)]\n"
        "for child in children: child.start()\nfor child in children: print(queue.get())\n"
        "for child in children: child.join()\nassert [child.exitcode for child in children] == [0, 0]"
    )


def _executor(method: str) -> str:
    return (
        f"{_FUTURES}with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context({method!r})) as pool:\n"
        "    for future in [pool.submit(print, 'child') for _ in range(2)]: future.result()"
    )


METHODS = ("fork", "spawn", "forkserver")

FORKING = [
    Forking(
        "a fork that falls through",
        "import os\nprint('both')\nif (pid := os.fork()): os.waitpid(pid, 0)\nprint('child')",
        ("both", "child", "child"),
    ),
    Forking(
        "a fork that ends by itself",
        "import os\nfor _ in range(2):\n    if os.fork() == 0: os.write(1, b'child\\n'); os._exit(0)\n    os.wait()",
    ),
    Forking(
        "a daemon",
        "import os\nr, w = os.pipe()\nif (pid := os.fork()) == 0:\n    os.setsid()\n"
        "    if os.fork() == 0: os.write(1, b'child\\n'); os.write(w, b'.')\n    os._exit(0)\n"
        "os.waitpid(pid, 0); os.read(r, 1); os.close(r); os.close(w)",
        ("child",),
    ),
    Forking("os.system", "import os\nfor _ in range(2): os.system('echo child')"),
    Forking("subprocess.run", "import subprocess\nfor _ in range(2): subprocess.run(['echo', 'child'], check=True)"),
    Forking(
        "threads",
        "import threading\nthreads = [threading.Thread(target=print, args=('child',)) for _ in range(2)]\n"
        "for thread in threads: thread.start()\nfor thread in threads: thread.join()",
    ),
    Forking(
        "a fork beside threads",
        "import os, threading\nstop = threading.Event()\nthread = threading.Thread(target=stop.wait); thread.start()\n"
        "for _ in range(2):\n    if (pid := os.fork()) == 0: os.write(1, b'child\\n'); os._exit(0)\n"
        "    os.waitpid(pid, 0)\nstop.set(); thread.join()",
    ),
    Forking(
        "a fork in a thread",
        "import os, threading\ndef work():\n    if (pid := os.fork()) == 0: os.write(1, b'child\\n'); os._exit(0)\n"
        "    os.waitpid(pid, 0)\nthreads = [threading.Thread(target=work) for _ in range(2)]\n"
        "for thread in threads: thread.start()\nfor thread in threads: thread.join()",
    ),
    Forking(
        "a fork in a task",
        "import asyncio, os\nasync def work():\n    await asyncio.sleep(0)\n"
        "    if (pid := os.fork()) == 0: os.write(1, b'child\\n'); os._exit(0)\n    os.waitpid(pid, 0)\n"
        "await asyncio.gather(work(), work()); None",
    ),
    Forking(
        "a pool of threads",
        f"{_FUTURES}with concurrent.futures.ThreadPoolExecutor(2) as pool:\n    list(pool.map(print, ['child'] * 2))",
    ),
    *(Forking(f"multiprocessing.Process by {method}", _process(method), rounds=4) for method in METHODS),
    *(Forking(f"multiprocessing.Pool by {method}", _pool(method), rounds=4) for method in METHODS),
    *(Forking(f"a pool of processes by {method}", _executor(method), rounds=4) for method in METHODS),
]
