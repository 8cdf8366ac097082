"""Code that does not end by itself: what it does once it has written "up", and what it takes to stop it."""

from __future__ import annotations

from dataclasses import dataclass

from beep.python.v1 import execute_pb2

INTERRUPT, EXCEPTION, KILL = (
    execute_pb2.STOP_RUNG_INTERRUPT,
    execute_pb2.STOP_RUNG_EXCEPTION,
    execute_pb2.STOP_RUNG_KILL,
)
INTERRUPTED, OK, ERROR, EXITED, KILLED = (
    execute_pb2.OUTCOME_INTERRUPTED,
    execute_pb2.OUTCOME_OK,
    execute_pb2.OUTCOME_ERROR,
    execute_pb2.OUTCOME_EXITED,
    execute_pb2.OUTCOME_KILLED,
)

# Number of `poll` on x86-64.
_POLL = 7

UP = "__import__('os').write(1, b'up')"

# By the event loop itself, so that nothing but the loop is on top when it is said.
UP_SOON = "asyncio.get_running_loop().call_soon(__import__('os').write, 1, b'up')"


@dataclass(frozen=True)
class Stoppable:
    """One piece of code, and how an interrupt of it ends."""

    name: str
    code: str
    rung: execute_pb2.StopRung = INTERRUPT
    # Code that goes on to an end of its own has that one, unless it was anything but an interrupt.
    outcome: execute_pb2.Outcome = INTERRUPTED
    # Its process ended, though not by our last rung.
    dies: bool = False
    # The system call in which it waits for good: what comes before that call is not seen by one that holds the GIL.
    waits_in: int | None = None
    # The first Python that has what it uses.
    since: tuple[int, int] = (3, 9)

    @property
    def is_preserved(self) -> bool:
        """Whether the variables are there afterwards."""
        return self.rung != KILL and not self.dies


LOOPS = [
    Stoppable("an endless loop", f"{UP}\nwhile True: pass"),
    Stoppable("an endless loop in a function", f"def f():\n    while True: pass\n{UP}; f()"),
    Stoppable("a C loop that calls Python", f"{UP}; max(iter(lambda: 1, 2))"),
    Stoppable("a loop that handles every Exception", f"{UP}\nwhile True:\n    try: 1 / 0\n    except Exception: pass"),
    Stoppable("a loop that prints", f"import time\n{UP}\nwhile True: print('.'); time.sleep(0.001)"),
    Stoppable("a tracing function", f"import sys\ndef t(*_): return t\nsys.settrace(t)\n{UP}\nwhile True: x = 1"),
    Stoppable(
        "a __repr__ of the result", f"class A:\n    def __repr__(self):\n        {UP}\n        while True: pass\nA()"
    ),
    Stoppable(
        "a destructor, which no exception leaves",
        f"class A:\n    def __del__(self):\n        {UP}\n        while True: pass\nA(); None",
        outcome=OK,
    ),
]

# Nothing of these begins a `try` with a loop: Python 3.11 and 3.12 leave such a `try` as if it were not there.
HANDLERS = [
    Stoppable(
        "a handler that ends the code",
        f"try:\n    {UP}\n    while True: pass\nexcept KeyboardInterrupt: pass",
        outcome=OK,
    ),
    Stoppable(
        "a handler that raises another exception",
        f"try:\n    {UP}\n    while True: pass\nexcept KeyboardInterrupt: raise ValueError",
        outcome=ERROR,
    ),
    Stoppable(
        "a handler that exits",
        f"import sys\ntry:\n    {UP}\n    while True: pass\nexcept KeyboardInterrupt: sys.exit(3)",
        outcome=EXITED,
    ),
    Stoppable(
        "a handler that ends the process",
        f"import os\ntry:\n    {UP}\n    while True: pass\nexcept KeyboardInterrupt: os._exit(3)",
        outcome=EXITED,
        dies=True,
    ),
    Stoppable(
        "a loop after a handler",
        f"try:\n    {UP}\n    while True: pass\nexcept KeyboardInterrupt: pass\nwhile True: pass",
        EXCEPTION,
    ),
    Stoppable("an endless finally", f"try:\n    {UP}\n    while True: pass\nfinally:\n    while True: pass", EXCEPTION),
    Stoppable(
        "a loop that swallows KeyboardInterrupt",
        f"while True:\n    try:\n        {UP}\n        while True: pass\n    except KeyboardInterrupt: pass",
        KILL,
    ),
    Stoppable(
        "a loop that swallows BaseException",
        f"while True:\n    try:\n        {UP}\n        while True: pass\n    except BaseException: pass",
        KILL,
    ),
    Stoppable(
        "finally blocks without end",
        f"def f():\n    try:\n        {UP}\n        while True: pass\n    finally: f()\nf()",
        KILL,
    ),
]

_SIGNAL = "import signal\nsignal.signal(signal.SIGINT, "
SIGNALS = [
    Stoppable("an ignored SIGINT", f"{_SIGNAL}signal.SIG_IGN)\n{UP}\nwhile True: pass", EXCEPTION),
    Stoppable("a SIGINT handler that does nothing", f"{_SIGNAL}lambda *_: None)\n{UP}\nwhile True: pass", EXCEPTION),
    Stoppable("a SIGINT handler that raises", f"{_SIGNAL}lambda *_: 1 / 0)\n{UP}\nwhile True: pass", outcome=ERROR),
    Stoppable("Python's own SIGINT handler", f"{_SIGNAL}signal.default_int_handler)\n{UP}\nwhile True: pass"),
    Stoppable("a SIGINT that ends the process", f"{_SIGNAL}signal.SIG_DFL)\n{UP}\nwhile True: pass", dies=True),
    Stoppable(
        "a SIGINT that is blocked in a loop",
        f"import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])\n{UP}\nwhile True: pass",
        EXCEPTION,
    ),
    Stoppable(
        "a SIGINT that is blocked in a sleep",
        f"import signal, time; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])\n{UP}\ntime.sleep(60)",
        KILL,
    ),
    Stoppable(
        "a SIGINT that is ignored in a lock",
        f"import threading; lock = threading.Lock(); lock.acquire()\n{_SIGNAL}signal.SIG_IGN)\n{UP}; lock.acquire()",
        KILL,
    ),
]

WAITS = [
    Stoppable("time.sleep", f"import time; {UP}; time.sleep(60)"),
    Stoppable("a lock", f"import threading; lock = threading.Lock(); lock.acquire(); {UP}; lock.acquire()"),
    Stoppable("an event", f"import threading; {UP}; threading.Event().wait()"),
    Stoppable("a queue", f"import queue; {UP}; queue.Queue().get()"),
    Stoppable("a pipe", f"import os; {UP}; os.read(os.pipe()[0], 1)"),
    Stoppable(
        "a socket", f"import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); {UP}; s.accept()"
    ),
    Stoppable("select", f"import select; {UP}; select.select([], [], [], 60)"),
    Stoppable(
        "the end of a thread",
        "import threading, time; t = threading.Thread(target=time.sleep, args=(60,), daemon=True)\n"
        f"t.start(); {UP}; t.join()",
    ),
    Stoppable("a wait after a wait", f"import time\ntry: {UP}; time.sleep(60)\nfinally: time.sleep(60)", EXCEPTION),
    Stoppable(
        "a lock after a lock",
        "import threading; lock = threading.Lock(); lock.acquire()\n"
        f"try: {UP}; lock.acquire()\nfinally: lock.acquire()",
        EXCEPTION,
    ),
    Stoppable(
        "a pool of threads, which waits for them",
        "import time; from concurrent.futures import ThreadPoolExecutor\n"
        f"with ThreadPoolExecutor(1) as pool:\n    future = pool.submit(time.sleep, 3); {UP}; future.result()",
        EXCEPTION,
    ),
]

# Children have nobody who sends them a second signal where Python did not see the first before it went to sleep: they
# sleep in short pieces.
_FORK = (
    f"import multiprocessing, time\ndef work(_=0):\n    {UP}\n    for _ in range(6000): time.sleep(0.01)\n"
    "fork = multiprocessing.get_context('fork')\n"
)
CHILDREN = [
    Stoppable("os.system", "import os; os.system('echo up; exec sleep 60')", outcome=OK),
    Stoppable("os.system without end", "import os\nwhile True: os.system('echo up; exec sleep 60')", EXCEPTION),
    Stoppable("os.system that ignores SIGINT", "import os; os.system('trap \"\" INT; echo up; exec sleep 60')", KILL),
    Stoppable("os.popen", "import os; child = os.popen('echo up >&2; exec sleep 60'); child.read()"),
    Stoppable("subprocess.run", "import subprocess; subprocess.run(['sh', '-c', 'echo up; exec sleep 60'])"),
    Stoppable(
        "subprocess.run of a child in a session of its own",
        "import subprocess; subprocess.run(['sh', '-c', 'echo up; exec sleep 60'], start_new_session=True)",
    ),
    Stoppable(
        "subprocess.run of a child that ignores SIGINT",
        "import subprocess; subprocess.run(['sh', '-c', 'trap \"\" INT; echo up; exec sleep 60'])",
    ),
    Stoppable("os.wait", f"import os, time\nif os.fork() == 0: {UP}; time.sleep(60); os._exit(0)\nos.wait()"),
    Stoppable(
        "a loop that forks",
        f"import os\n{UP}\nwhile True:\n    if os.fork() == 0: os._exit(0)\n    os.wait()",
    ),
    Stoppable(
        "multiprocessing.Process",
        # The fork is over when it is up: while it lasts, the child may die first, and the parent end by itself.
        f"{_FORK}import os\nread, write = os.pipe()\ndef child(): os.write(write, b'x'); time.sleep(60)\n"
        f"p = fork.Process(target=child, daemon=True); p.start(); os.read(read, 1); {UP}; p.join()",
    ),
    Stoppable("multiprocessing.Pool", f"{_FORK}with fork.Pool(1) as pool: pool.map(work, [1])"),
    Stoppable(
        "a pool of processes",
        f"{_FORK}from concurrent.futures import ProcessPoolExecutor\n"
        "with ProcessPoolExecutor(1, fork) as pool: pool.submit(work).result()",
    ),
]

C_CALLS = [
    # That it is up is said from within the call: an interrupt just before it would end it.
    Stoppable(
        "a sum that holds the GIL",
        "import os\nfrom itertools import chain, repeat\nsum(chain(map(os.write, [1], [b'up']), repeat(1)))",
        KILL,
    ),
    Stoppable(
        "a query that holds no GIL",
        "import functools, os, sqlite3; database = sqlite3.connect(':memory:')\n"
        "database.create_function('up', 0, functools.partial(os.write, 1, b'up'))\n"
        "numbers = 'with recursive n(x) as (select up() union all select x + 1 from n)'\n"
        "database.execute(f'{numbers} select max(x) from n').fetchall()",
        KILL,
    ),
    # These look for signals themselves.
    Stoppable("a power of integers", f"{UP}; x = 7 ** (10 ** 9)"),
    Stoppable("a catastrophic regex", f"import re; {UP}; re.match('(a*)*b', 'a' * 60)"),
    # These end with the signal, and Python sees it then.
    Stoppable(
        "a foreign call without the GIL", f"import ctypes; poll = ctypes.CDLL(None).poll; {UP}; poll(None, 0, 60000)"
    ),
    Stoppable(
        "a foreign call with the GIL",
        f"import ctypes; poll = ctypes.PyDLL(None).poll; {UP}; poll(None, 0, 60000)",
        waits_in=_POLL,
    ),
]

_DEAF = (
    "import asyncio\nasync def deaf():\n    while True:\n"
    f"        try: {UP_SOON}; await asyncio.sleep(60)\n        except asyncio.CancelledError: pass\n"
)
_BLOCK = f"import asyncio, time\nasync def block(): {UP}; time.sleep(60)\n"
_A = "import asyncio, time\n"
_SOON = f"{_A}{UP_SOON}\n"
AWAITS = [
    Stoppable("await asyncio.sleep", f"{_SOON}await asyncio.sleep(60)"),
    Stoppable("await of a future", f"{_SOON}await asyncio.get_running_loop().create_future()"),
    Stoppable("gather", f"{_SOON}await asyncio.gather(*(asyncio.sleep(60) for _ in range(3)))"),
    Stoppable("wait", f"{_SOON}await asyncio.wait([asyncio.ensure_future(asyncio.sleep(60))])"),
    Stoppable("wait_for", f"{_SOON}await asyncio.wait_for(asyncio.sleep(60), 60)"),
    Stoppable("shield", f"{_SOON}await asyncio.shield(asyncio.ensure_future(asyncio.sleep(60)))"),
    Stoppable("asyncio.Queue", f"{_SOON}await asyncio.Queue().get()"),
    Stoppable(
        "a task group",
        f"{_SOON}async with asyncio.TaskGroup() as group:\n    group.create_task(asyncio.sleep(60))",
        since=(3, 11),
    ),
    Stoppable("asyncio.timeout", f"{_SOON}async with asyncio.timeout(60):\n    await asyncio.sleep(60)", since=(3, 11)),
    Stoppable(
        "an async generator",
        f"{_SOON}async def g():\n    while True:\n        yield 1\n        await asyncio.sleep(0)\n"
        "async for _ in g(): pass",
    ),
    Stoppable(
        "an async generator that waits",
        f"{_SOON}async def g():\n    yield 1\n    await asyncio.sleep(60)\nasync for _ in g(): pass",
    ),
    Stoppable("a loop that awaits", f"{_SOON}while True: await asyncio.sleep(0)"),
    Stoppable("a loop that awaits nothing more", f"{_A}await asyncio.sleep(0)\n{UP}\nwhile True: pass"),
    Stoppable("a task that blocks", f"{_BLOCK}await asyncio.ensure_future(block())"),
    Stoppable(
        "a callback that blocks",
        f"{_A}def block(): {UP}; time.sleep(60)\nasyncio.get_running_loop().call_soon(block); await asyncio.sleep(60)",
    ),
    Stoppable("a cell that swallows its cancellation", f"{_DEAF}await deaf()", EXCEPTION),
    Stoppable("a task that swallows its cancellation", f"{_DEAF}await asyncio.ensure_future(deaf())", EXCEPTION),
    Stoppable(
        "a cell that swallows everything",
        f"{_A}while True:\n    try: {UP_SOON}; await asyncio.sleep(60)\n    except BaseException: pass",
        KILL,
    ),
    Stoppable("run_in_executor", f"{_SOON}await asyncio.get_running_loop().run_in_executor(None, time.sleep, 3)"),
    Stoppable(
        "a child that is awaited",
        f"{_A}p = await asyncio.create_subprocess_exec('sleep', '60')\n{UP_SOON}\nawait p.wait()",
    ),
    Stoppable(
        "a child that is awaited and ignores SIGINT",
        f"{_A}p = await asyncio.create_subprocess_shell('trap \"\" INT; echo up >&2; exec sleep 60', stdout=-1)\n"
        "await p.communicate()",
    ),
    Stoppable("asyncio.run", f"{_A}async def f(): {UP_SOON}; await asyncio.sleep(60)\nasyncio.run(f())"),
    Stoppable("asyncio.run of a blocking call", f"{_BLOCK}asyncio.run(block())"),
    Stoppable(
        "asyncio.run of a thread, which waits for it",
        f"{_A}async def f():\n    {UP_SOON}\n"
        "    await asyncio.get_running_loop().run_in_executor(None, time.sleep, 3)\n"
        "asyncio.run(f())",
        EXCEPTION,
    ),
    Stoppable("asyncio.run of a task that swallows its cancellation", f"{_DEAF}asyncio.run(deaf())", EXCEPTION),
]

TABLE = [*LOOPS, *HANDLERS, *SIGNALS, *WAITS, *CHILDREN, *C_CALLS, *AWAITS]
