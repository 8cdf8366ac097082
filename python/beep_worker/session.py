"""One session: a queue of items, the process that runs them, and its successors."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable

from beep.python.v1 import error_pb2, execute_pb2
from beep_worker import dump, ending
from beep_worker.description import describe_session, usage_of
from beep_worker.execution import Execution
from beep_worker.exit_status import ExitStatus
from beep_worker.going_on import GoingOn
from beep_worker.identity import SessionIdentity, SessionSettings
from beep_worker.item import Item
from beep_worker.ladder import Cause, Ladder
from beep_worker.launch import launch
from beep_worker.lease import Lease
from beep_worker.limits import SessionLimits
from beep_worker.listener import Listener
from beep_worker.process import SessionProcess
from beep_worker.reaper import Reaper
from beep_worker.refusal import Refusal, session_closed
from beep_worker.successors import Successors
from beep_worker.template import TemplateError
from beep_worker.templates import Templates
from beep_worker.usage import UNKNOWN, CpuTime, Used, cpu_time
from beep_worker.workspace import Workspaces

log = logging.getLogger("beep_worker.session")

# A session that is asked to leave has so long for its `atexit` functions.
LEAVE_GRACE_S = 2.0

# So many processes in a row that died before any code ran in them end the session: a further one would die as well.
MAX_STILLBORN = 3

_LOST = "the state it counted on was lost before it started"


class Session:
    """Runs one item at a time, first in, first out. A process that dies is replaced in the next generation."""

    def __init__(
        self,
        identity: SessionIdentity,
        templates: Templates,
        workspaces: Workspaces,
        reaper: Reaper,
        settings: SessionSettings,
        limits: SessionLimits | None,
        on_change: Callable[[Session, str], None],
        on_finished: Callable[[Item], None],
    ) -> None:
        self.identity = identity
        self.generation = identity.first_generation
        self.state: execute_pb2.SessionState = execute_pb2.SESSION_STATE_STARTING
        self.current: Item | None = None
        self.queue: deque[Item] = deque()
        self.lease = Lease(identity.spec, self.begin_close)
        self.python_version = ""
        self.origin: execute_pb2.SessionOrigin = execute_pb2.SESSION_ORIGIN_FORKED
        self.close_reason: execute_pb2.CloseReason = execute_pb2.CLOSE_REASON_UNSPECIFIED
        self.close_message = ""
        # How its last process ended that it did not end itself.
        self.death_message = ""
        self.acquire_ns = 0
        self.has_ended = False
        # None where it has no limits, which then cost it nothing.
        self.limits = limits
        self._templates = templates
        self._workspaces = workspaces
        self._reaper = reaper
        self._settings = settings
        self._on_change = on_change
        self._on_finished = on_finished
        self._loop = asyncio.get_running_loop()
        # None between two.
        self.process: SessionProcess | None = None
        # Of its executions that were numbered, those that have begun.
        self.count = 0
        # A process is on its way: who closes the session meanwhile leaves it to whoever waits for that.
        self._is_starting = True
        # Its process goes for a restart: what counts on it has been cancelled, and the next generation has begun.
        self._is_restarting = False
        self._successors = Successors()
        # Any code ran in its process.
        self.has_run = False
        self._stillborn = 0
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._timeout: asyncio.TimerHandle | None = None
        self._leave_timer: asyncio.TimerHandle | None = None
        self._recovery: asyncio.Task[None] | None = None
        self._going_on = GoingOn(self, settings.max_event_bytes)
        self._listener = Listener(self, self._going_on, settings)
        # When the newest item began, by the monotonic clock.
        self._began_ns = 0
        self._breach = ""

    # --- life ---

    async def open(self) -> None:
        """Starts its first process. Raises Refusal."""
        try:
            await self._start_process()
        except (TemplateError, OSError) as error:
            self._fail(_without_paths(error))
            raise Refusal("START_FAILED", f"the session could not be started: {_without_paths(error)}") from error
        except BaseException as error:
            self._fail(str(error) or "whoever opened it had gone before it was there")
            raise
        if self.state == execute_pb2.SESSION_STATE_CLOSING:
            raise self._closed()
        self.lease.start()
        self._on_change(self, "OPENED")
        self._start_next()
        self._tell_successors()

    async def close(self, reason: execute_pb2.CloseReason, message: str) -> None:
        """Ends it and everything that it started; returns when that has gone."""
        self.begin_close(reason, message)
        await asyncio.shield(self._ended)

    def begin_close(self, reason: execute_pb2.CloseReason, message: str) -> None:
        """Begins to end it: at once when code runs, else as a Python program ends."""
        if self.is_closing:
            return
        self._hold()
        self.state = execute_pb2.SESSION_STATE_CLOSING
        self.close_reason, self.close_message = reason, message
        self._cancel_queue("the session was closed before it started")
        if self._is_starting:
            return  # the process is told to leave as soon as it is there
        if self.process is None:
            self._end()
        elif self.current is not None:
            self.process.kill()
        else:
            self._leave(self.process)

    def renew(self, idle_ns: int | None) -> None:
        """Moves its expiry. Raises Refusal."""
        self._refuse_if_closing()
        self.lease.renew(idle_ns)

    async def restart(self) -> execute_pb2.Session:
        """Gives it a fresh process in the next generation; answers when that is there. Raises Refusal."""
        self._refuse_if_closing()
        if self.identity.is_ephemeral:
            raise Refusal("INVALID_ARGUMENT", "the session is for one execution alone; interrupt that, or close it")
        self.lease.use(is_busy=True)  # until it is there
        self._hold()
        process = self.process
        if process is not None and not process.is_ending and not self._is_restarting:
            self._is_restarting = True
            self.generation += 1
            self._cancel_queue(_LOST)
            if self.current is not None:
                self.stop(self.current, Cause.CANCEL, "the session was restarted", kill=True)
            else:
                self._leave(process)
            self.state = execute_pb2.SESSION_STATE_RECOVERING
        elif self.queue and (process is None or self._is_restarting):
            # The process to come is as fresh as another one, but what waits for it must not be the first to run there.
            self.generation += 1
            self._cancel_queue(_LOST)
        message = await self._successors.wait()
        if self.state == execute_pb2.SESSION_STATE_FAILED:
            raise Refusal("START_FAILED", f"the session could not be started again: {self.close_message}")
        if message is None:
            raise self._closed()
        return message

    @property
    def is_closing(self) -> bool:
        """It ends, or has ended."""
        return self.has_ended or self.state == execute_pb2.SESSION_STATE_CLOSING

    def _closed(self) -> Refusal:
        return session_closed(self.identity.id, self.close_message or "it was closed", self.close_reason)

    def _refuse_if_closing(self) -> None:
        if self.is_closing:
            raise self._closed()

    def _tell_successors(self) -> None:
        if self._successors:
            self._successors.tell(None if self.is_closing else self.to_message())

    def _leave(self, process: SessionProcess) -> None:
        process.leave()
        self._leave_timer = self._loop.call_later(LEAVE_GRACE_S, process.kill)

    async def _start_process(self) -> None:
        started = time.monotonic_ns()
        try:
            launched = await launch(
                self.identity,
                lambda: self.generation,
                self._templates,
                self._workspaces,
                self._reaper,
                self.limits,
                self._listener,
            )
        finally:
            self._is_starting = False
        self.process, self.has_run = launched.process, False
        self.python_version, self.origin = launched.python_version, launched.origin
        self.acquire_ns = time.monotonic_ns() - started
        if self.state == execute_pb2.SESSION_STATE_CLOSING:
            self._leave(launched.process)
            self._tell_successors()
        else:
            self.state = execute_pb2.SESSION_STATE_IDLE

    async def _recover(self) -> None:
        try:
            await self._start_process()
        except Exception as error:
            log.warning("session %s could not be started again: %s", self.identity.id, error)
            self._fail(_without_paths(error))
            return
        if self.state != execute_pb2.SESSION_STATE_CLOSING:
            self._on_change(self, "REPLACED")
            self._start_next()
            self._tell_successors()

    def _fail(self, message: str) -> None:
        if self.state != execute_pb2.SESSION_STATE_CLOSING:
            self.state = execute_pb2.SESSION_STATE_FAILED
            self.close_reason, self.close_message = execute_pb2.CLOSE_REASON_START_FAILED, message
        self._cancel_queue("its session could not be started")
        self._end()

    def _end(self) -> None:
        self.has_ended = True
        if self.state != execute_pb2.SESSION_STATE_FAILED:
            self.state = execute_pb2.SESSION_STATE_CLOSED
        self.lease.cancel()
        self._stop_leave_timer()
        self._workspaces.remove(self.identity)
        if self.limits is not None:
            self.limits.close()
        if not self._ended.done():
            self._ended.set_result(None)
        self._tell_successors()
        self._on_change(self, "ENDED")

    def _stop_leave_timer(self) -> None:
        if self._leave_timer is not None:
            self._leave_timer.cancel()
            self._leave_timer = None

    # --- items ---

    def submit(self, item: Item) -> None:
        """Gives an item its place. Raises Refusal."""
        self._refuse_if_closing()
        if item.wanted_generation and item.wanted_generation != self.generation:
            raise Refusal(
                "STALE_GENERATION",
                f"the session is in generation {self.generation}, not {item.wanted_generation}: "
                "its earlier state is lost",
                generation=str(self.generation),
            )
        bound = self._settings.max_queued_items
        if len(self.queue) >= bound:
            raise Refusal(
                "QUEUE_FULL",
                f"queue is full: {bound} items waiting; retry later",
                retry_after_ms=1000,
                waiting=str(bound),
            )
        item.accept(self.generation, len(self.queue) + (self.current is not None))
        self.lease.use(is_busy=True)
        self.queue.append(item)
        self._start_next()
        self._going_on.hand_ahead()
        if item is not self.current and item.queue_timeout_s is not None:
            item.queue_timer = self._loop.call_later(item.queue_timeout_s, self._on_queue_timeout, item)

    def interrupt(self, item_id: str, grace_s: float | None, kill: bool) -> Item:
        """Begins to stop what runs, or withdraws what waits; answers which it was. Raises Refusal."""
        self._hold()
        for waiting in self.queue:
            if waiting.id == item_id:
                self._withdraw(waiting, "it was withdrawn before it started")
                self._going_on.hand_ahead()
                return waiting
        current = self.current
        if current is None or (item_id and current.id != item_id):
            raise Refusal("NOTHING_RUNNING", f"nothing is running in session {self.identity.id}")
        self.stop(current, Cause.INTERRUPT, "interrupted", grace_s, kill)
        return current

    def give_input(self, execution: Execution, data: execute_pb2.InputData) -> None:
        """Input for what runs or waits. Raises Refusal."""
        execution.input.give(data)
        self.lease.use(is_busy=True)
        if execution is self.current and self.process is not None:
            self._listener.answer_ask(execution, self.process)

    def cancel(self, item: Item, message: str) -> None:
        """Its caller has gone."""
        self._hold()
        if item is self.current:
            self.stop(item, Cause.CANCEL, message)
        elif item in self.queue:
            self._withdraw(item, message)
            self._going_on.hand_ahead()

    def stop(self, item: Item, cause: Cause, message: str, grace_s: float | None = None, kill: bool = False) -> None:
        """Puts the running item on the ladder; the first cause counts."""
        self._hold()  # no signal hits the next one
        if item is not self.current or self.process is None:
            return
        if item.ladder is None:
            process = self.process
            item.ladder = Ladder(
                process,
                item.id,
                cause,
                message,
                lambda rung: self._on_rung(item, rung),
                lambda: self.stacks(process),
            )
        if self.state != execute_pb2.SESSION_STATE_CLOSING:
            self.state = execute_pb2.SESSION_STATE_STOPPING
        if kill:
            item.ladder.kill()
            return
        if grace_s is None:
            grace_s = self._settings.interrupt_grace_s if item.grace_s is None else item.grace_s
        item.ladder.climb(grace_s)

    def _start_next(self) -> None:
        process = self.process
        if process is None or self.current is not None or self.state != execute_pb2.SESSION_STATE_IDLE:
            return
        cpu_before = cpu_time(process.pid) if self.queue and self.queue[0].is_measured else None
        at_ns = time.monotonic_ns()
        item = self._going_on.hand_over_next(process)
        if item is not None:
            self.begin(item, process, cpu_before, at_ns)

    def _hold(self) -> None:
        """From here on `current` is what the session is at, and stays it."""
        if self.process is not None:
            self.process.hold()

    def go_on(self) -> Item:
        """The next item runs: it was handed over before."""
        self.current = item = self.queue.popleft()
        self.count += item.is_numbered
        return item

    def begin(self, item: Item, process: SessionProcess, cpu_before: CpuTime | None, at_ns: int) -> None:
        """The current item has begun, at a time of the monotonic clock."""
        self._began_ns = at_ns = min(max(at_ns, self._began_ns), time.monotonic_ns())
        item.start(process.pid, self.count, cpu_before, at_ns)
        if self.limits is not None and self.limits.cpu is not None:
            message = self.limits.cpu_message
            self.limits.cpu.watch(lambda: self.stop(item, Cause.CPU_LIMIT, message))
        self._listener.begin(item)
        process.resume_output()
        limits = self.identity.spec.limits
        seconds = item.timeout_s
        if seconds is None and limits.HasField("run_time"):
            seconds = limits.run_time.ToNanoseconds() / 1e9
        if seconds is not None:
            past_s = (time.monotonic_ns() - at_ns) / 1e9
            self._timeout = self._loop.call_later(seconds - past_s, self._on_timeout, item, seconds)

    def finish(self, item: Item, how: ending.Ending, used: Used = UNKNOWN, *, state_preserved: bool = True) -> None:
        """An item has ended, and is told to have."""
        item.finish(how, state_preserved=state_preserved, generation=self.generation, used=used)
        self._on_finished(item)

    def leave_current(self) -> None:
        """Nothing runs until the next item does."""
        self.current = None
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None
        if self.limits is not None and self.limits.cpu is not None:
            self.limits.cpu.unwatch()

    def refuse_if_spent(self, limits: SessionLimits) -> None:
        """Nothing is begun that would be stopped at once."""
        if limits.cpu is not None and limits.cpu.left_s <= 0:
            for waiting in list(self.queue):
                self._withdraw(waiting, limits.cpu_message, execute_pb2.OUTCOME_CPU_LIMIT)

    def _withdraw(
        self,
        item: Item,
        message: str,
        outcome: execute_pb2.Outcome = execute_pb2.OUTCOME_CANCELLED,
        state_preserved: bool = True,
    ) -> None:
        self.queue.remove(item)
        self.finish(item, ending.Ending(outcome, message), state_preserved=state_preserved)

    def _cancel_queue(self, message: str) -> None:
        self._hold()
        for waiting in list(self.queue):
            self._withdraw(waiting, message, state_preserved=False)

    def _on_timeout(self, item: Item, seconds: float) -> None:
        self.stop(item, Cause.TIMEOUT, f"timed out after {seconds:g} s")

    def _on_queue_timeout(self, item: Item) -> None:
        self._hold()
        if item in self.queue:
            self._withdraw(item, "it waited longer than its queue_timeout", execute_pb2.OUTCOME_TIMEOUT)
            self._going_on.hand_ahead()

    def _on_rung(self, item: Item, rung: int) -> None:
        assert item.ladder is not None
        if rung == execute_pb2.STOP_RUNG_INTERRUPT:
            is_timeout = item.ladder.cause is Cause.TIMEOUT
            kind = execute_pb2.NOTICE_KIND_TIMING_OUT if is_timeout else execute_pb2.NOTICE_KIND_INTERRUPTING
            item.notice(execute_pb2.Notice(kind=kind, message=item.ladder.message))

    # --- what the process has to tell ---

    def release(self) -> None:
        """Its one execution has ended: it closes, and another of its kind is made ready ahead."""
        self._templates.restock(self.identity.key)
        self.begin_close(execute_pb2.CLOSE_REASON_RELEASED, "its one execution has ended")

    def on_breach(self, what: str) -> None:
        """Its process broke its word."""
        self._breach = what
        if self.process is not None:
            log.warning("session %s is killed: %s", self.identity.id, what)
            self.process.kill()

    def on_exit(self, status: ExitStatus) -> None:
        """Its process has gone."""
        item, is_closing = self.current, self.is_closing
        is_restarting, self._is_restarting = self._is_restarting, False
        was_ours = self._breach != "" or (item is not None and _has_killed(item.ladder))
        text = self._breach or ending.describe(status)
        cause: ending.Ending | None = None
        if self.limits is not None:
            cause = self.limits.explain_death(status, was_ours=was_ours or is_closing or is_restarting)
            text = cause.message if cause is not None else text
        self.process, self._breach, self._going_on.is_free = None, "", False
        self._listener.reset()
        self._stop_leave_timer()
        self._stillborn = 0 if self.has_run or is_restarting else self._stillborn + 1
        if self._stillborn == MAX_STILLBORN:
            text = f"{MAX_STILLBORN} processes in a row died before any code ran in them: {text}"
        is_last = (
            is_closing
            or self.identity.is_ephemeral
            or (self.identity.spec.close_on_death and not is_restarting)
            or self._stillborn == MAX_STILLBORN
        )
        if not is_last:
            if not is_restarting:
                self.generation += 1
            self.state = execute_pb2.SESSION_STATE_RECOVERING
        self.leave_current()
        for ended in (*self._going_on.due, item):
            if ended is not None:
                self._finish_with_process(ended, status, cause or ending.of_death(status, ended.ladder, text))
        self._going_on.due.clear()
        if not is_restarting:
            self._cancel_queue(_LOST)
        self.death_message = "it was restarted" if is_restarting else text
        if not is_last:
            if not is_restarting:
                self._on_change(self, "DIED")
            self._is_starting = True
            self._recovery = self._loop.create_task(self._recover())
            return
        if not is_closing:
            is_memory = cause is not None and cause.outcome == execute_pb2.OUTCOME_OUT_OF_MEMORY
            died = execute_pb2.CLOSE_REASON_OUT_OF_MEMORY if is_memory else execute_pb2.CLOSE_REASON_PROCESS_DIED
            self.close_reason, self.close_message = died, text
        self._end()

    def _finish_with_process(self, item: Item, status: ExitStatus, how: ending.Ending) -> None:
        if self.is_closing:
            message = f"the session was closed: {self.close_message}"
            how = ending.Ending(execute_pb2.OUTCOME_CANCELLED, message, how.exit_code, how.signal)
        used = Used(CpuTime(status.user_cpu_s, status.system_cpu_s), status.peak_resident_bytes)
        self.finish(item, how, used, state_preserved=False)

    # --- what it is now ---

    @property
    def pid(self) -> int:
        """Of its process; 0 between two."""
        return self.process.pid if self.process else 0

    async def live_process(self) -> SessionProcess:
        """Its process; where that has ended, the next one as soon as it is there. Raises Refusal."""
        self._refuse_if_closing()
        while self.process is None or self.process.is_ending or self._is_restarting:
            await self._successors.wait()
            self._refuse_if_closing()
        return self.process

    def process_with(self, pid: int) -> SessionProcess:
        """Its process, if it is still this one. Raises Refusal."""
        self._refuse_if_closing()
        process = self.process
        if process is None or process.pid != pid or process.is_ending:
            raise Refusal("STALE_GENERATION", "the session's process has ended, and what it held is lost")
        return process

    def drop_transfer(self, name: str) -> None:
        """Nobody waits for it any more."""
        if self.process is not None and not self.process.is_ending:
            self.process.questions.drop(name)

    async def stacks(self, process: SessionProcess) -> list[error_pb2.ThreadStack]:
        """Where the threads of its process are, as C code there tells it; nothing where it does not."""
        return list(dump.to_messages(await process.questions.dump_stacks(), self.running_cell()))

    def running_cell(self) -> tuple[str, str] | None:
        """File name and source of the cell that runs, if one does."""
        if not isinstance(self.current, Execution) or not self.current.request.code:
            return None
        return f"<cell {self.count}>", self.current.request.code

    def to_message(self, with_usage: bool = False) -> execute_pb2.Session:
        """The public message."""
        message = describe_session(self, self._settings.worker_id)
        if with_usage and self.process is not None:
            message.usage.CopyFrom(usage_of(self.process.pid))
        return message


def _has_killed(ladder: Ladder | None) -> bool:
    return ladder is not None and ladder.has_killed


def _without_paths(error: Exception) -> str:
    """A caller is told what went wrong, and not where our files lie."""
    return (error.strerror or "the system refused it") if isinstance(error, OSError) else str(error)
