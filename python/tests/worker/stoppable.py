"""Code that does not end by itself: what it does once it has written "up", and what it takes to stop it."""

from __future__ import annotations

from dataclasses import dataclass, replace

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

UP = "__import__('os').write(1, b'up')"


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
    Stoppable(
        "a loop that an own KeyboardInterrupt leaves",
        f"try:\n    {UP}\n    while True: pass\nexcept KeyboardInterrupt: pass\nwhile True: pass",
        EXCEPTION,
    ),
    Stoppable("an endless finally", f"try:\n    {UP}\n    while True: pass\nfinally:\n    while True: pass", EXCEPTION),
    Stoppable(
        "a loop that swallows KeyboardInterrupt",
        f"{UP}\nwhile True:\n    try:\n        x = 1\n        while True: pass\n    except KeyboardInterrupt: pass",
        KILL,
    ),
    Stoppable(
        "a loop that swallows BaseException",
        f"{UP}\nwhile True:\n    try:\n        x = 1\n        while True: pass\n    except BaseException: pass",
        KILL,
    ),
    Stoppable(
        "finally blocks without end",
        f"{UP}\ndef f():\n    try:\n        x = 1\n        while True: pass\n    finally: f()\nf()",
        KILL,
    ),
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
        "a destructor, which no exception leaves",
        f"class A:\n    def __del__(self):\n        {UP}\n        while True: pass\nA(); None",
        outcome=OK,
    ),
    Stoppable("a __repr__ of the result", f"class A:\n    def __repr__(self):\n        {UP}\n        while True: pass\nA()"),
    Stoppable("a tracing function", f"import sys\ndef t(*_): return t\nsys.settrace(t)\n{UP}\nwhile True: pass"),
]

SIGNALS = [
    Stoppable(
        "an ignored SIGINT", f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{UP}\nwhile True: pass", EXCEPTION
    ),
    Stoppable(
        "a SIGINT handler that does nothing",
        f"import signal; signal.signal(signal.SIGINT, lambda *_: None)\n{UP}\nwhile True: pass",
        EXCEPTION,
    ),
    Stoppable(
        "a SIGINT handler that raises",
        f"import signal\ndef handler(*_): raise ValueError\nsignal.signal(signal.SIGINT, handler)\n{UP}\nwhile True: pass",
        outcome=ERROR,
    ),
    Stoppable(
        "Python's own SIGINT handler",
        f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n{UP}\nwhile True: pass",
    ),
    Stoppable(
        "a SIGINT that ends the process",
        f"import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)\n{UP}\nwhile True: pass",
        dies=True,
    ),
    Stoppable(
        "a blocked SIGINT in a loop",
        f"import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])\n{UP}\nwhile True: pass",
        EXCEPTION,
    ),
    Stoppable(
        "a blocked SIGINT in a sleep",
        f"import signal, time; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])\n{UP}\ntime.sleep(60)",
        KILL,
    ),
]

WAITS = [
    Stoppable("time.sleep", f"import time; {UP}; time.sleep(60)"),
    Stoppable("a lock", f"import threading; lock = threading.Lock(); lock.acquire(); {UP}; lock.acquire()"),
    Stoppable("an event", f"import threading; {UP}; threading.Event().wait()"),
    Stoppable("a queue", f"import queue; {UP}; queue.Queue().get()"),
    Stoppable("a pipe", f"import os; {UP}; os.read(os.pipe()[0], 1)"),
    Stoppable("a socket", f"import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); {UP}; s.accept()"),
    Stoppable("select", f"import select; {UP}; select.select([], [], [], 60)"),
    Stoppable(
        "the end of a thread",
        f"import threading, time; t = threading.Thread(target=time.sleep, args=(60,), daemon=True); t.start(); {UP}; t.join()",
    ),
    Stoppable(
        "a pool of threads",
        "import time; from concurrent.futures import ThreadPoolExecutor\n"
        f"with ThreadPoolExecutor(1) as pool:\n    future = pool.submit(time.sleep, 60); {UP}; future.result()",
        EXCEPTION,
    ),
    Stoppable(
        "a pool of threads that is left",
        "import time; from concurrent.futures import ThreadPoolExecutor\n"
        f"with ThreadPoolExecutor(1) as pool:\n    pool.submit(time.sleep, 60); {UP}",
    ),
    Stoppable("a wait that is taken up again", f"import time\n{UP}\ntry: time.sleep(60)\nfinally: time.sleep(60)", EXCEPTION),
    Stoppable(
        "a lock while SIGINT is ignored",
        "import signal, threading; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        f"lock = threading.Lock(); lock.acquire(); {UP}; lock.acquire()",
        KILL,
    ),
]

CHILDREN = [
    Stoppable("os.system", "import os; os.system('echo up; exec sleep 60')", outcome=OK),
    Stoppable("os.system without end", "import os\nwhile True: os.system('echo up; exec sleep 60')", EXCEPTION),
    Stoppable("os.popen", "import os; os.popen('echo up >&2; exec sleep 60').read()"),
    Stoppable("subprocess.run", "import subprocess; subprocess.run(['sh', '-c', 'echo up; exec sleep 60'])"),
    Stoppable(
        "subprocess.run in a session of its own",
        "import subprocess; subprocess.run(['sh', '-c', 'echo up; exec sleep 60'], start_new_session=True)",
    ),
    Stoppable(
        "a child that ignores SIGINT",
        "import subprocess; subprocess.run(['sh', '-c', 'trap \"\" INT; echo up; exec sleep 60'])",
    ),
    Stoppable(
        "os.system that ignores SIGINT",
        "import os; os.system('trap \"\" INT; echo up; exec sleep 60')",
        KILL,
    ),
    Stoppable("os.wait", f"import os, time\nif os.fork() == 0:\n    time.sleep(60); os._exit(0)\n{UP}; os.wait()"),
    Stoppable(
        "multiprocessing.Process",
        "import multiprocessing, time\np = multiprocessing.get_context('fork').Process(target=time.sleep, args=(60,))\n"
        f"p.start(); {UP}; p.join()",
    ),
    Stoppable(
        "multiprocessing.Pool",
        "import multiprocessing, time\nwith multiprocessing.get_context('fork').Pool(2) as pool:\n"
        f"    {UP}; pool.map(time.sleep, [60, 60])",
    ),
    Stoppable(
        "a pool of processes",
        "import concurrent.futures, multiprocessing, time\n"
        "with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context('fork')) as pool:\n"
        f"    futures = [pool.submit(time.sleep, 60) for _ in range(2)]; {UP}; futures[0].result()",
    ),
]

C_CALLS = [
    Stoppable("a sum that holds the GIL", f"{UP}; sum(range(10 ** 12))", KILL),
    Stoppable("a power that holds the GIL", f"{UP}; x = 7 ** (10 ** 9)"),
    Stoppable("a catastrophic regex", f"import re; {UP}; re.match('(a*)*b', 'a' * 60)"),
    Stoppable(
        "a hash that holds no GIL", f"import hashlib; {UP}; hashlib.pbkdf2_hmac('sha256', b'p', b's', 2 ** 31 - 1)", KILL
    ),
    Stoppable(
        "a foreign call that holds no GIL", f"import ctypes; sleep = ctypes.CDLL(None).sleep; {UP}; sleep(60)\nwhile True: pass"
    ),
    Stoppable(
        "a foreign call that holds the GIL",
        f"import ctypes; select = ctypes.PyDLL(None).poll; {UP}; \nwhile True: select(None, 0, 60000)",
    ),
]

_A = "import asyncio, time\n"
AWAITS = [
    Stoppable("await asyncio.sleep", f"{_A}{UP}\nawait asyncio.sleep(60)"),
    Stoppable("await of a future", f"{_A}{UP}\nawait asyncio.get_running_loop().create_future()"),
    Stoppable("gather", f"{_A}{UP}\nawait asyncio.gather(*(asyncio.sleep(60) for _ in range(3)))"),
    Stoppable("wait", f"{_A}{UP}\nawait asyncio.wait([asyncio.ensure_future(asyncio.sleep(60))])"),
    Stoppable("wait_for", f"{_A}{UP}\nawait asyncio.wait_for(asyncio.sleep(60), 60)"),
    Stoppable("shield", f"{_A}{UP}\nawait asyncio.shield(asyncio.ensure_future(asyncio.sleep(60)))"),
    Stoppable("asyncio.Queue", f"{_A}{UP}\nawait asyncio.Queue().get()"),
    Stoppable(
        "a task group",
        f"{_A}async with asyncio.TaskGroup() as group:\n    group.create_task(asyncio.sleep(60))\n    {UP}",
        since=(3, 11),
    ),
    Stoppable("asyncio.timeout", f"{_A}async with asyncio.timeout(60):\n    {UP}\n    await asyncio.sleep(60)", since=(3, 11)),
    Stoppable(
        "an async generator",
        f"{_A}async def g():\n    while True:\n        yield 1\n        await asyncio.sleep(0)\n{UP}\nasync for _ in g(): pass",
    ),
    Stoppable(
        "an async generator that waits",
        f"{_A}async def g():\n    yield 1\n    await asyncio.sleep(60)\n{UP}\nasync for _ in g(): pass",
    ),
    Stoppable("a loop that awaits nothing", f"{_A}await asyncio.sleep(0)\n{UP}\nwhile True: pass"),
    Stoppable("a loop that awaits", f"{_A}{UP}\nwhile True: await asyncio.sleep(0)"),
    Stoppable(
        "a task that blocks",
        f"{_A}async def block(): {UP}; time.sleep(60)\nawait asyncio.ensure_future(block())",
    ),
    Stoppable("a callback that blocks", f"{_A}def block(): {UP}; time.sleep(60)\nasyncio.get_running_loop().call_soon(block); await asyncio.sleep(60)"),
    Stoppable(
        "a cell that swallows its cancellation",
        f"{_A}{UP}\nwhile True:\n    try: await asyncio.sleep(60)\n    except asyncio.CancelledError: pass",
        EXCEPTION,
    ),
    Stoppable(
        "a task that swallows its cancellation",
        f"{_A}async def deaf():\n    while True:\n        try: {UP}; await asyncio.sleep(60)\n        except asyncio.CancelledError: pass\n"
        "await asyncio.ensure_future(deaf())",
        EXCEPTION,
    ),
    Stoppable(
        "a cell that swallows everything",
        f"{_A}{UP}\nwhile True:\n    try: await asyncio.sleep(60)\n    except BaseException: pass",
        KILL,
    ),
    Stoppable("run_in_executor", f"{_A}{UP}\nawait asyncio.get_running_loop().run_in_executor(None, time.sleep, 60)"),
    Stoppable("asyncio.to_thread", f"{_A}{UP}\nawait asyncio.to_thread(time.sleep, 60)"),
    Stoppable(
        "a child that is awaited",
        f"{_A}p = await asyncio.create_subprocess_exec('sleep', '60')\n{UP}\nawait p.wait()",
    ),
    Stoppable("a child's output that is awaited", f"{_A}p = await asyncio.create_subprocess_shell('echo up >&2; trap \"\" INT; exec sleep 60', stdout=-1)\nawait p.communicate()"),
    Stoppable("asyncio.run", f"{_A}{UP}\nasyncio.run(asyncio.sleep(60))"),
    Stoppable(
        "asyncio.run of a blocking call",
        f"{_A}async def block(): {UP}; time.sleep(60)\nasyncio.run(block())",
    ),
    Stoppable(
        "asyncio.run of a thread",
        f"{_A}async def f(): {UP}; await asyncio.to_thread(time.sleep, 60)\nasyncio.run(f())",
        EXCEPTION,
    ),
    Stoppable(
        "asyncio.run of a task that swallows its cancellation",
        f"{_A}async def deaf():\n    while True:\n        try: {UP}; await asyncio.sleep(60)\n        except asyncio.CancelledError: pass\n"
        "asyncio.run(deaf())",
        EXCEPTION,
    ),
]

TABLE = [*LOOPS, *SIGNALS, *WAITS, *CHILDREN, *C_CALLS, *AWAITS]
