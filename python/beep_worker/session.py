"""One session: a queue of items, the process that runs them, and its successors."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable

from beep.python.v1 import execute_pb2
from beep_worker import encode, ending
from beep_worker.backpressure import Backpressure
from beep_worker.description import describe_session, usage_of
from beep_worker.execution import Execution
from beep_worker.exit_status import ExitStatus
from beep_worker.frames import Frame, FrameError
from beep_worker.going_on import GoingOn
from beep_worker.identity import SessionIdentity, SessionSettings
from beep_worker.item import Item
from beep_worker.ladder import Cause, Ladder
from beep_worker.launch import launch
from beep_worker.lease import Lease
from beep_worker.limits import SessionLimits
from beep_worker.process import SessionProcess
from beep_worker.reaper import Reaper
from beep_worker.refusal import Refusal, session_closed
from beep_worker.successors import Successors
from beep_worker.template import TemplateError
from beep_worker.templates import Templates
from beep_worker.usage import CpuTime, cpu_time
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
        self._process: SessionProcess | None = None
        # Of its executions that were numbered, those that have begun.
        self.count = 0
        # A process is on its way: who closes the session meanwhile leaves it to whoever waits for that.
        self._is_starting = True
        # Its process goes for a restart: what counts on it has been cancelled, and the next generation has begun.
        self._is_restarting = False
        self._successors = Successors()
        self._has_run = False
        self._stillborn = 0
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._timeout: asyncio.TimerHandle | None = None
        self._leave_timer: asyncio.TimerHandle | None = None
        self._recovery: asyncio.Task[None] | None = None
        self._held: list[tuple[int, bytes]] = []
        self._going_on = GoingOn(self, settings.max_event_bytes)
        # When the newest item began, by the monotonic clock.
        self._began_ns = 0
        self._breach = ""
        self._backpressure = Backpressure()

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
        if self._process is None:
            self._end()
        elif self.current is not None:
            self._process.kill()
        else:
            self._leave(self._process)

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
        process = self._process
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
                self,
            )
        finally:
            self._is_starting = False
        self._process, self._has_run = launched.process, False
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
        self._going_on.hand_ahead(self._process)
        if item is not self.current and item.queue_timeout_s is not None:
            item.queue_timer = self._loop.call_later(item.queue_timeout_s, self._on_queue_timeout, item)

    def interrupt(self, item_id: str, grace_s: float | None, kill: bool) -> Item:
        """Begins to stop what runs, or withdraws what waits; answers which it was. Raises Refusal."""
        self._hold()
        for waiting in self.queue:
            if waiting.id == item_id:
                self._withdraw(waiting, "it was withdrawn before it started")
                self._going_on.hand_ahead(self._process)
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
        if execution is self.current and self._process is not None:
            self._answer_ask(execution, self._process)

    def cancel(self, item: Item, message: str) -> None:
        """Its caller has gone."""
        self._hold()
        if item is self.current:
            self.stop(item, Cause.CANCEL, message)
        elif item in self.queue:
            self._withdraw(item, message)
            self._going_on.hand_ahead(self._process)

    def stop(self, item: Item, cause: Cause, message: str, grace_s: float | None = None, kill: bool = False) -> None:
        """Puts the running item on the ladder; the first cause counts."""
        self._hold()  # no signal hits the next one
        if item is not self.current or self._process is None:
            return
        if item.ladder is None:
            item.ladder = Ladder(self._process, item.id, cause, message, lambda rung: self._on_rung(item, rung))
        if self.state != execute_pb2.SESSION_STATE_CLOSING:
            self.state = execute_pb2.SESSION_STATE_STOPPING
        if kill:
            item.ladder.kill()
            return
        if grace_s is None:
            grace_s = self._settings.interrupt_grace_s if item.grace_s is None else item.grace_s
        item.ladder.climb(grace_s)

    def _start_next(self) -> None:
        process = self._process
        if process is None or self.current is not None or self.state != execute_pb2.SESSION_STATE_IDLE:
            return
        cpu_before = cpu_time(process.pid) if self.queue and self.queue[0].is_measured else None
        at_ns = time.monotonic_ns()
        item = self._hand_over_next(process)
        if item is not None:
            self.begin(item, process, cpu_before, at_ns)

    def _hold(self) -> None:
        """From here on `current` is what the session is at, and stays it."""
        if self._process is not None:
            self._process.hold()

    def on_caught_up(self) -> None:
        self._going_on.hand_ahead(self._process)

    def on_next(self) -> None:
        self._going_on.on_next(self._process)

    def go_on(self) -> Item:
        """The next item runs: it was handed over before."""
        self.current = item = self.queue.popleft()
        self.count += item.is_numbered
        return item

    def _hand_over_next(self, process: SessionProcess, first_ahead: bytes = b"") -> Item | None:
        """The next item is on its way to the process; what there is to note of it is noted while it runs."""
        if process.is_ending:
            return None  # what waits counts on it, and is cancelled when it has gone
        if self.limits is not None and self.queue:
            self.limits.forget_strikes()
            self._refuse_if_spent(self.limits)
        if not self.queue:
            self.lease.use(is_busy=False)
            return None
        item = self.go_on()
        self.state = execute_pb2.SESSION_STATE_BUSY
        self._has_run = True
        if first_ahead:
            process.send_bytes(first_ahead)
            process.ahead.pass_on(item)
        else:
            process.ahead.leave()
            self._going_on.hand_ahead(process)  # before it wakes up
            header, blobs = item.hand_over(self.count, self._settings.max_event_bytes)
            process.send(header, *blobs)
        return item

    def begin(self, item: Item, process: SessionProcess, cpu_before: CpuTime | None, at_ns: int) -> None:
        """The current item has begun, at a time of the monotonic clock."""
        self._began_ns = at_ns = min(max(at_ns, self._began_ns), time.monotonic_ns())
        item.start(process.pid, self.count, cpu_before, at_ns)
        if self.limits is not None and self.limits.cpu is not None:
            message = self.limits.cpu_message
            self.limits.cpu.watch(lambda: self.stop(item, Cause.CPU_LIMIT, message))
        held, self._held = self._held, []
        for stream, data in held:
            item.output(stream, data)
        process.resume_output()
        limits = self.identity.spec.limits
        seconds = item.timeout_s
        if seconds is None and limits.HasField("run_time"):
            seconds = limits.run_time.ToNanoseconds() / 1e9
        if seconds is not None:
            past_s = (time.monotonic_ns() - at_ns) / 1e9
            self._timeout = self._loop.call_later(seconds - past_s, self._on_timeout, item, seconds)

    def finish(
        self,
        item: Item,
        how: ending.Ending,
        *,
        state_preserved: bool,
        cpu: CpuTime | None,
        peak_resident_bytes: int,
        at_ns: int = 0,
    ) -> None:
        """An item has ended, and is told to have."""
        item.finish(
            how,
            state_preserved=state_preserved,
            generation=self.generation,
            cpu=cpu,
            peak_resident_bytes=peak_resident_bytes,
            at_ns=at_ns,
        )
        self._on_finished(item)

    def leave_current(self) -> None:
        """Nothing runs until the next item does."""
        self.current = None
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None
        if self.limits is not None and self.limits.cpu is not None:
            self.limits.cpu.unwatch()

    def _refuse_if_spent(self, limits: SessionLimits) -> None:
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
        item.finish(ending.Ending(outcome, message), state_preserved=state_preserved, generation=self.generation)
        self._on_finished(item)

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
            self._going_on.hand_ahead(self._process)

    def _on_rung(self, item: Item, rung: int) -> None:
        assert item.ladder is not None
        if rung == execute_pb2.STOP_RUNG_INTERRUPT:
            is_timeout = item.ladder.cause is Cause.TIMEOUT
            kind = execute_pb2.NOTICE_KIND_TIMING_OUT if is_timeout else execute_pb2.NOTICE_KIND_INTERRUPTING
            item.notice(execute_pb2.Notice(kind=kind, message=item.ladder.message))

    # --- what the process has to tell ---

    def on_output(self, stream: int, data: bytes) -> None:
        item, process = self.current, self._process
        if item is None or process is None:
            # Between executions output stays in its pipe; this much was read already and opens the next one's.
            if process is not None:
                process.pause_output()
            self._held.append((stream, data))
            return
        self._going_on.is_free = False
        bound = item.max_output_bytes or self.identity.spec.limits.output_bytes or self._settings.max_output_bytes
        room = bound - item.output_bytes
        if room > 0:
            item.output(stream, data if len(data) <= room else data[:room])
            self._backpressure.hold_back(item, process)
        if len(data) > room and item.ladder is None:
            message = f"wrote more than {bound} bytes; ask for a higher max_output_bytes"
            self.stop(item, Cause.OUTPUT_LIMIT, message)

    def on_frame(self, frame: Frame) -> None:
        item, process = self._going_on.due[0] if self._going_on.due else self.current, self._process
        if item is None or process is None:
            raise FrameError(f"{frame.op} while nothing runs")
        is_waiting = frame.op == "sync" or frame.header.get("sync") is True
        if is_waiting or frame.op == "ask":
            if self._going_on.due:
                raise FrameError(f"{frame.op} of an item that has ended")
            process.drain_output()  # what was written before it comes before it
        match frame.op:
            case "end":
                if frame.header["id"] != item.id:
                    raise FrameError("the end of another item")
                if item.ladder is not None and item.ladder.has_killed:
                    return  # too late: its state goes with its process, and its end is told with that
                self._on_end_frame(item, process, frame)
                is_waiting = False
            case "sync":
                pass
            case "ask" if isinstance(item, Execution):
                self._on_ask(item, process, frame)
            case "notice":
                item.notice(encode.warning(frame.header["message"]))
            case "display":
                self._on_display(item, encode.display(frame.header, frame.blobs))
            case "clear":
                item.clear_output(bool(frame.header.get("wait")))
            case other:
                raise FrameError(f"unknown op {other!r}")
        if is_waiting:
            self._backpressure.on_sync(item, process)
        else:
            self._backpressure.on_frame(item, process)

    def _on_ask(self, execution: Execution, process: SessionProcess, frame: Frame) -> None:
        if process.has_unsent:
            raise FrameError("it asks faster than it reads the answers")
        request = encode.input_request(frame.header, execution.input.ask())
        if not self._answer_ask(execution, process):
            execution.input.open()
            execution.input_request(request)

    def _answer_ask(self, execution: Execution, process: SessionProcess) -> bool:
        answer = execution.input.answer()
        if answer is not None:
            process.send({"op": "input", "eof": answer.is_last}, answer.data)
        return answer is not None

    def _on_display(self, item: Item, display: execute_pb2.Display) -> None:
        size, bound = display.ByteSize(), self._settings.max_event_bytes
        if size > bound:
            item.notice(encode.warning(f"a display of {size} bytes was left out: at most {bound} are sent"))
        else:
            item.display(display)

    def _on_end_frame(self, item: Item, process: SessionProcess, frame: Frame) -> None:
        if frame.header.get("next") is True:
            self._going_on.on_end_and_next(item, process, frame)
            return
        process.settle_output()
        if self._going_on.due:
            raise FrameError("it waits, and has gone on")
        first_ahead = process.ahead.take_first() if process.ahead.count and not process.is_ending else b""
        self._going_on.is_free = "next" in frame.header and not item.output_bytes
        words = item.read_end(frame, self._settings.max_event_bytes)
        self._backpressure.answer(process)
        cpu = cpu_time(process.pid) if item.is_measured else None
        peak_resident_bytes = process.peak_resident_bytes() if item.is_measured else 0
        how: ending.Ending = words.ending
        if self.limits is not None:
            how = self.limits.explain_end(how, getattr(words, "error", None))
        self.leave_current()
        if self.state != execute_pb2.SESSION_STATE_CLOSING:
            self.state = execute_pb2.SESSION_STATE_IDLE
        is_last = self.identity.is_ephemeral or self.state == execute_pb2.SESSION_STATE_CLOSING
        # The process need not wait until the one that has ended is accounted for.
        at_ns = time.monotonic_ns()
        successor = None if is_last else self._hand_over_next(process, first_ahead)
        item.tell(words)
        self.finish(item, how, state_preserved=True, cpu=cpu, peak_resident_bytes=peak_resident_bytes, at_ns=at_ns)
        if successor is not None:
            if cpu is None and successor.is_measured:
                cpu = cpu_time(process.pid)
            self.begin(successor, process, cpu, at_ns)
        elif self.identity.is_ephemeral:
            self._templates.restock(self.identity.key)
            self.begin_close(execute_pb2.CLOSE_REASON_RELEASED, "its one execution has ended")

    def on_breach(self, what: str) -> None:
        self._breach = what
        if self._process is not None:
            log.warning("session %s is killed: %s", self.identity.id, what)
            self._process.kill()

    def on_exit(self, status: ExitStatus) -> None:
        item, is_closing = self.current, self.is_closing
        is_restarting, self._is_restarting = self._is_restarting, False
        was_ours = self._breach != "" or (item is not None and _has_killed(item.ladder))
        text = self._breach or ending.describe(status)
        cause: ending.Ending | None = None
        if self.limits is not None:
            cause = self.limits.explain_death(status, was_ours=was_ours or is_closing or is_restarting)
            text = cause.message if cause is not None else text
        self._process, self._breach, self._going_on.is_free = None, "", False
        self._held.clear()
        self._backpressure.reset()
        self._stop_leave_timer()
        self._stillborn = 0 if self._has_run or is_restarting else self._stillborn + 1
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
            if ended is None:
                continue
            how = cause or ending.of_death(status, ended.ladder, text)
            if is_closing:
                message = f"the session was closed: {self.close_message}"
                how = ending.Ending(execute_pb2.OUTCOME_CANCELLED, message, how.exit_code, how.signal)
            self.finish(
                ended,
                how,
                state_preserved=False,
                cpu=CpuTime(status.user_cpu_s, status.system_cpu_s),
                peak_resident_bytes=status.peak_resident_bytes,
            )
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

    # --- what it is now ---

    @property
    def pid(self) -> int:
        """Of its process; 0 between two."""
        return self._process.pid if self._process else 0

    async def live_process(self) -> SessionProcess:
        """Its process; where that has ended, the next one as soon as it is there. Raises Refusal."""
        self._refuse_if_closing()
        while self._process is None or self._process.is_ending or self._is_restarting:
            await self._successors.wait()
            self._refuse_if_closing()
        return self._process

    def process_with(self, pid: int) -> SessionProcess:
        """Its process, if it is still this one. Raises Refusal."""
        self._refuse_if_closing()
        process = self._process
        if process is None or process.pid != pid or process.is_ending:
            raise Refusal("STALE_GENERATION", "the session's process has ended, and what it held is lost")
        return process

    def drop_transfer(self, name: str) -> None:
        """Nobody waits for it any more."""
        if self._process is not None and not self._process.is_ending:
            self._process.questions.drop(name)

    def running_cell(self) -> tuple[str, str] | None:
        """File name and source of the cell that runs, if one does."""
        if not isinstance(self.current, Execution) or not self.current.request.code:
            return None
        return f"<cell {self.count}>", self.current.request.code

    def to_message(self, with_usage: bool = False) -> execute_pb2.Session:
        """The public message."""
        message = describe_session(self, self._settings.worker_id)
        if with_usage and self._process is not None:
            message.usage.CopyFrom(usage_of(self._process.pid))
        return message


def _has_killed(ladder: Ladder | None) -> bool:
    return ladder is not None and ladder.has_killed


def _without_paths(error: Exception) -> str:
    """A caller is told what went wrong, and not where our files lie."""
    return (error.strerror or "the system refused it") if isinstance(error, OSError) else str(error)
