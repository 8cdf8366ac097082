"""One session: a queue of executions, the process that runs them, and its successors."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import time
from collections import deque
from collections.abc import Callable

from beep.python.v1 import execute_pb2, host_pb2, value_pb2
from beep_worker import encode, ending
from beep_worker.environment import needs_own_process, session_environment
from beep_worker.execution import Execution
from beep_worker.frames import Frame, FrameError
from beep_worker.identity import SessionIdentity, SessionSettings
from beep_worker.ladder import Cause, Ladder
from beep_worker.lease import Lease
from beep_worker.log import duration, timestamp
from beep_worker.process import ProcessSpec, SessionProcess
from beep_worker.reaper import Reaper
from beep_worker.refusal import Refusal, session_closed
from beep_worker.spec import check_session, working_folder
from beep_worker.template import ExitStatus, TemplateError
from beep_worker.templates import Templates
from beep_worker.tree import descendants_of
from beep_worker.usage import CpuTime, cpu_time, exact_cpu_s, peak_resident_bytes, resident_bytes

log = logging.getLogger("beep_worker.session")

# A session that is asked to leave has so long for its `atexit` functions.
LEAVE_GRACE_S = 2.0

_RESULT_FORMS = {value_pb2.RESULT_FORM_VALUE: "value", value_pb2.RESULT_FORM_NONE: "none"}
_ISOLATION_DETAILS = ("own process group", "environment from an allow-list", "private work and temp folders")
_DEFAULT_INLINE_BYTES = 65536
_DISPLAY_BYTES = 8 * 1024 * 1024


class Session:
    """Runs one item at a time, first in, first out. A process that dies is replaced in the next generation."""

    def __init__(
        self,
        identity: SessionIdentity,
        templates: Templates,
        reaper: Reaper,
        settings: SessionSettings,
        on_change: Callable[[Session, str], None],
        on_finished: Callable[[Execution], None],
    ) -> None:
        self.identity = identity
        self.generation = identity.first_generation
        self.state: execute_pb2.SessionState = execute_pb2.SESSION_STATE_STARTING
        self.current: Execution | None = None
        self.queue: deque[Execution] = deque()
        self.acquire_ns = 0
        self.has_ended = False
        self._templates = templates
        self._reaper = reaper
        self._settings = settings
        self._on_change = on_change
        self._on_finished = on_finished
        self._loop = asyncio.get_running_loop()
        self._process: SessionProcess | None = None
        self._python_version = ""
        self._origin: execute_pb2.SessionOrigin = execute_pb2.SESSION_ORIGIN_FORKED
        self._count = 0
        self._lease = Lease(identity.spec, self.begin_close)
        self._close_reason: execute_pb2.CloseReason = execute_pb2.CLOSE_REASON_UNSPECIFIED
        self._close_message = ""
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._timeout: asyncio.TimerHandle | None = None
        self._leave_timer: asyncio.TimerHandle | None = None
        self._recovery: asyncio.Task[None] | None = None
        self._held: list[tuple[int, bytes]] = []
        self._breach = ""

    # --- life ---

    async def open(self) -> None:
        """Starts its first process. Raises Refusal."""
        check_session(self.identity.spec)
        started = time.monotonic_ns()
        try:
            await self._start_process()
        except (TemplateError, OSError) as error:
            self._fail(_without_paths(error))
            raise Refusal("START_FAILED", f"the session could not be started: {_without_paths(error)}") from error
        self.acquire_ns = time.monotonic_ns() - started
        self._lease.start()
        self._on_change(self, "OPENED")

    async def close(self, reason: execute_pb2.CloseReason, message: str) -> None:
        """Ends it and everything that it started; returns when that has gone."""
        self.begin_close(reason, message)
        await asyncio.shield(self._ended)

    def begin_close(self, reason: execute_pb2.CloseReason, message: str) -> None:
        """Begins to end it: at once when code runs, else as a Python program ends."""
        if self.has_ended or self.state == execute_pb2.SESSION_STATE_CLOSING:
            return
        self.state = execute_pb2.SESSION_STATE_CLOSING
        self._close_reason, self._close_message = reason, message
        self._cancel_queue("the session was closed before it started")
        if self._recovery is not None:
            return  # the process that it makes is told to leave as soon as it is there
        if self._process is None:
            self._end()
        elif self.current is not None:
            self._process.kill()
        else:
            self._leave(self._process)

    def _leave(self, process: SessionProcess) -> None:
        process.leave()
        self._leave_timer = self._loop.call_later(LEAVE_GRACE_S, process.kill)

    async def _start_process(self) -> None:
        identity = self.identity
        tmp = os.path.join(identity.workspace, "tmp")
        cwd = working_folder(identity.workspace, identity.spec.cwd)
        for folder in (tmp, cwd):
            os.makedirs(folder, mode=0o700, exist_ok=True)
        wanted = dict(identity.spec.env)
        environment = session_environment(identity.key.python_path, tmp, wanted)
        template = None if needs_own_process(wanted) else await self._templates.get(identity.key)
        if template is None or template.spawn_reason:
            template = await self._templates.get_own(identity.key, environment)
        self._python_version = template.python_version
        self._origin = (
            execute_pb2.SESSION_ORIGIN_SPAWNED if template.spawn_reason else execute_pb2.SESSION_ORIGIN_FORKED
        )
        self._process = await SessionProcess.start(template, ProcessSpec(environment, cwd, tmp), self, self._reaper)
        if self.state != execute_pb2.SESSION_STATE_CLOSING:
            self.state = execute_pb2.SESSION_STATE_IDLE

    async def _recover(self) -> None:
        try:
            await self._start_process()
        except (TemplateError, OSError) as error:
            self._recovery = None
            self._cancel_queue("the session could not be started again")
            self._fail(_without_paths(error))
            return
        self._recovery = None
        if self.state == execute_pb2.SESSION_STATE_CLOSING:
            assert self._process is not None
            self._leave(self._process)
            return
        self._on_change(self, "REPLACED")
        self._start_next()

    def _fail(self, message: str) -> None:
        self.state = execute_pb2.SESSION_STATE_FAILED
        self._close_reason, self._close_message = execute_pb2.CLOSE_REASON_START_FAILED, message
        self._end()

    def _end(self) -> None:
        self.has_ended = True
        if self.state != execute_pb2.SESSION_STATE_FAILED:
            self.state = execute_pb2.SESSION_STATE_CLOSED
        self._lease.cancel()
        if self._leave_timer is not None:
            self._leave_timer.cancel()
        self._remove_workspace()
        if not self._ended.done():
            self._ended.set_result(None)
        self._on_change(self, "ENDED")

    def _remove_workspace(self) -> None:
        """Out of the way at once, since a default session may be opened again under its id; then file by file."""
        gone = f"{self.identity.workspace}.{time.monotonic_ns()}"
        try:
            os.rename(self.identity.workspace, gone)
        except FileNotFoundError:
            return  # it was never made
        self._loop.run_in_executor(None, lambda: shutil.rmtree(gone, ignore_errors=True))

    # --- items ---

    def submit(self, execution: Execution) -> None:
        """Gives an execution its place. Raises Refusal."""
        if self.has_ended or self.state == execute_pb2.SESSION_STATE_CLOSING:
            raise session_closed(self.identity.id, self._close_message or "it was closed")
        request = execution.request
        if request.generation and request.generation != self.generation:
            raise Refusal(
                "STALE_GENERATION",
                f"the session is in generation {self.generation}, not {request.generation}: its earlier state is lost",
                generation=str(self.generation),
            )
        bound = self._settings.max_queued_items
        if len(self.queue) >= bound:
            raise Refusal("QUEUE_FULL", f"queue is full: {bound} executions waiting; retry later", retry_after_ms=1000)
        execution.accept(self.generation, len(self.queue) + (self.current is not None))
        self._lease.use(is_busy=True)
        self.queue.append(execution)
        self._start_next()
        if execution is not self.current and request.HasField("queue_timeout"):
            wait_s = request.queue_timeout.ToNanoseconds() / 1e9
            self._loop.call_later(wait_s, self._on_queue_timeout, execution)

    def interrupt(self, item_id: str, grace_s: float | None, kill: bool) -> Execution:
        """Begins to stop what runs, or withdraws what waits; answers which it was. Raises Refusal."""
        for waiting in self.queue:
            if waiting.id == item_id:
                self._withdraw(waiting, "it was withdrawn before it started")
                return waiting
        current = self.current
        if current is None or (item_id and current.id != item_id):
            raise Refusal("NOTHING_RUNNING", f"nothing is running in session {self.identity.id}")
        self.stop(current, Cause.INTERRUPT, "interrupted", grace_s, kill)
        return current

    def cancel(self, execution: Execution, message: str) -> None:
        """Its caller has gone."""
        if execution is self.current:
            self.stop(execution, Cause.CANCEL, message)
        elif execution in self.queue:
            self._withdraw(execution, message)

    def stop(
        self, execution: Execution, cause: Cause, message: str, grace_s: float | None = None, kill: bool = False
    ) -> None:
        """Puts the running execution on the ladder; the first cause counts."""
        if execution is not self.current or self._process is None:
            return
        if execution.ladder is None:
            execution.ladder = Ladder(
                self._process, execution.id, cause, message, lambda rung: self._on_rung(execution, rung)
            )
        if self.state != execute_pb2.SESSION_STATE_CLOSING:
            self.state = execute_pb2.SESSION_STATE_STOPPING
        if kill:
            execution.ladder.kill()
            return
        if grace_s is None and execution.request.HasField("interrupt_grace"):
            grace_s = execution.request.interrupt_grace.ToNanoseconds() / 1e9
        execution.ladder.climb(self._settings.interrupt_grace_s if grace_s is None else grace_s)

    def _start_next(self) -> None:
        process = self._process
        if process is None or self.current is not None or self.state != execute_pb2.SESSION_STATE_IDLE:
            return
        if not self.queue:
            self._lease.use(is_busy=False)
            return
        execution = self.queue.popleft()
        request, policy = execution.request, execution.request.result
        self.current = execution
        self.state = execute_pb2.SESSION_STATE_BUSY
        self._count += 1
        execution.start(process.pid, self._count, cpu_time(process.pid))
        process.send(
            {
                "op": "run",
                "id": execution.id,
                "count": self._count,
                "kind": "cell",
                "result": {
                    "form": _RESULT_FORMS.get(policy.form, "auto"),
                    "max_inline_bytes": policy.max_inline_bytes or _DEFAULT_INLINE_BYTES,
                    "mime": list(policy.mime_types),
                },
                "display_bytes": _DISPLAY_BYTES,
            },
            request.code.encode("utf-8"),
        )
        held, self._held = self._held, []
        for stream, data in held:
            execution.output(stream, data)
        process.resume_output()
        limits = self.identity.spec.limits
        limit = request.timeout if request.HasField("timeout") else limits.run_time
        if limit is not limits.run_time or limits.HasField("run_time"):
            seconds = limit.ToNanoseconds() / 1e9
            self._timeout = self._loop.call_later(seconds, self._on_timeout, execution, seconds)

    def _finish(
        self,
        execution: Execution,
        how: ending.Ending,
        *,
        state_preserved: bool,
        cpu: CpuTime | None,
        peak_resident_bytes: int,
    ) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None
        self.current = None
        execution.finish(
            how,
            state_preserved=state_preserved,
            generation=self.generation,
            cpu=cpu,
            peak_resident_bytes=peak_resident_bytes,
        )
        self._on_finished(execution)

    def _withdraw(
        self, execution: Execution, message: str, outcome: execute_pb2.Outcome = execute_pb2.OUTCOME_CANCELLED
    ) -> None:
        self.queue.remove(execution)
        execution.finish(ending.Ending(outcome, message), state_preserved=True, generation=self.generation)
        self._on_finished(execution)

    def _cancel_queue(self, message: str) -> None:
        for waiting in list(self.queue):
            self._withdraw(waiting, message)

    def _on_timeout(self, execution: Execution, seconds: float) -> None:
        self.stop(execution, Cause.TIMEOUT, f"timed out after {seconds:g} s")

    def _on_queue_timeout(self, execution: Execution) -> None:
        if execution in self.queue:
            self._withdraw(execution, "it waited longer than its queue_timeout", execute_pb2.OUTCOME_TIMEOUT)

    def _on_rung(self, execution: Execution, rung: int) -> None:
        assert execution.ladder is not None
        if rung == execute_pb2.STOP_RUNG_INTERRUPT:
            is_timeout = execution.ladder.cause is Cause.TIMEOUT
            kind = execute_pb2.NOTICE_KIND_TIMING_OUT if is_timeout else execute_pb2.NOTICE_KIND_INTERRUPTING
            execution.notice(execute_pb2.Notice(kind=kind, message=execution.ladder.message))

    # --- what the process has to tell ---

    def on_output(self, stream: int, data: bytes) -> None:
        execution, process = self.current, self._process
        if execution is None or process is None:
            # Between executions output stays in its pipe; this much was read already and opens the next one's.
            if process is not None:
                process.pause_output()
            self._held.append((stream, data))
            return
        execution.output(stream, data)
        if not execution.relieve():
            process.pause_output()
            execution.on_relief = process.resume_output
        bound = execution.request.max_output_bytes or self.identity.spec.limits.output_bytes
        bound = bound or self._settings.max_output_bytes
        if execution.output_bytes > bound and execution.ladder is None:
            message = f"wrote more than {bound} bytes; ask for a higher max_output_bytes"
            self.stop(execution, Cause.OUTPUT_LIMIT, message)

    def on_frame(self, frame: Frame) -> None:
        execution, process = self.current, self._process
        if execution is None or process is None:
            raise FrameError(f"{frame.op} while nothing runs")
        match frame.op:
            case "end":
                if frame.header["id"] != execution.id:
                    raise FrameError("the end of another execution")
                process.drain_output()
                self._on_end_frame(execution, process, frame)
            case "sync":
                process.drain_output()
                process.send({"op": "synced"})
            case "notice":
                execution.notice(encode.warning(frame.header["message"]))
            case "display":
                execution.display(encode.display(frame.header, frame.blobs))
            case "clear":
                execution.clear_output(bool(frame.header.get("wait")))
            case other:
                raise FrameError(f"unknown op {other!r}")

    def _on_end_frame(self, execution: Execution, process: SessionProcess, frame: Frame) -> None:
        words = ending.last_words(frame, execution.ladder)
        for notice in words.notices:
            execution.notice(notice)
        if words.error is not None:
            execution.error(words.error)
        if words.result is not None:
            execution.result(words.result)
        if self.state != execute_pb2.SESSION_STATE_CLOSING:
            self.state = execute_pb2.SESSION_STATE_IDLE
        self._finish(
            execution,
            words.ending,
            state_preserved=True,
            cpu=cpu_time(process.pid),
            peak_resident_bytes=peak_resident_bytes(process.pid),
        )
        if self.identity.is_ephemeral:
            self.begin_close(execute_pb2.CLOSE_REASON_RELEASED, "its one execution has ended")
        else:
            self._start_next()

    def on_breach(self, what: str) -> None:
        self._breach = what
        if self._process is not None:
            log.warning("session %s is killed: %s", self.identity.id, what)
            self._process.kill()

    def on_exit(self, status: ExitStatus) -> None:
        execution, is_closing = self.current, self.state == execute_pb2.SESSION_STATE_CLOSING
        text = self._breach or ending.describe(status)
        self._process, self._breach = None, ""
        self._held.clear()
        is_last = is_closing or self.identity.is_ephemeral or self.identity.spec.close_on_death
        if not is_last:
            self.generation += 1
            self.state = execute_pb2.SESSION_STATE_RECOVERING
        if execution is not None:
            how = ending.of_death(status, execution.ladder, text)
            if is_closing:
                message = f"the session was closed: {self._close_message}"
                how = ending.Ending(execute_pb2.OUTCOME_CANCELLED, message, how.exit_code, how.signal)
            self._finish(
                execution,
                how,
                state_preserved=False,
                cpu=CpuTime(status.user_cpu_s, status.system_cpu_s),
                peak_resident_bytes=status.peak_resident_bytes,
            )
        self._cancel_queue("the state it counted on was lost before it started")
        if not is_last:
            self._recovery = self._loop.create_task(self._recover())
            return
        if not is_closing:
            self._close_reason, self._close_message = execute_pb2.CLOSE_REASON_PROCESS_DIED, text
        self._end()

    # --- what it is now ---

    def to_message(self, with_usage: bool = False) -> execute_pb2.Session:
        """The public message."""
        identity, process, lease = self.identity, self._process, self._lease
        message = execute_pb2.Session(
            id=identity.id,
            generation=self.generation,
            state=self.state,
            venv=identity.key.venv,
            venv_generation=identity.key.venv_generation,
            python_version=self._python_version,
            created_at=timestamp(lease.created_ns),
            used_at=timestamp(lease.used_ns),
            close_reason=self._close_reason,
            close_message=self._close_message,
            origin=self._origin,
            acquire_time=duration(self.acquire_ns),
            isolation=identity.spec.isolation or host_pb2.ISOLATION_LEVEL_LIMITS,
            isolation_details=_ISOLATION_DETAILS,
            limits=identity.spec.limits,
            worker_id=self._settings.worker_id,
            pid=process.pid if process else 0,
            running_item_id=self.current.id if self.current else "",
            queued_items=len(self.queue),
            labels=identity.spec.labels,
            workspace=os.path.join(identity.workspace, "work"),
        )
        if lease.expires_ns is not None:
            message.expires_at.CopyFrom(timestamp(lease.expires_ns))
        if with_usage and process is not None:
            message.usage.CopyFrom(
                execute_pb2.SessionUsage(
                    resident_bytes=resident_bytes(process.pid),
                    cpu_time=duration(int(exact_cpu_s(process.pid) * 1e9)),
                    processes=1 + len(descendants_of(process.pid)),
                )
            )
        return message


def _without_paths(error: TemplateError | OSError) -> str:
    """A caller is told what went wrong, and not where our files lie."""
    return (error.strerror or "the system refused it") if isinstance(error, OSError) else str(error)
