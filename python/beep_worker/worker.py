"""The worker's state: its sessions, templates and executions, and the calls on them that are not streams."""

from __future__ import annotations

import asyncio
import gc
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from google.protobuf.message import DecodeError

from beep.python.v1 import execute_pb2
from beep.python.worker.v1 import worker_pb2
from beep_worker.batch import Batch
from beep_worker.execution import Execution
from beep_worker.executions import Executions
from beep_worker.identity import SessionIdentity, SessionSettings
from beep_worker.item import Item
from beep_worker.limits import SessionLimits
from beep_worker.log_files import LogFiles
from beep_worker.machine import find_machine
from beep_worker.reaper import Reaper
from beep_worker.refusal import Refusal, session_closed, session_not_found
from beep_worker.session import Session
from beep_worker.spec import check_session
from beep_worker.template import TemplateError, TemplateKey, TemplateProcess
from beep_worker.templates import Templates
from beep_worker.tree import kill_descendants
from beep_worker.usage import exact_cpu_s, resident_bytes
from beep_worker.workspace import Workspaces

# How many sessions that have ended are still known by what became of them.
_ENDED_KNOWN = 1000

_ACQUIRE_SAMPLES = 1000

ChangeListener = Callable[[worker_pb2.WatchResponse], None]


@dataclass
class KindCount:
    """Sessions of one environment and preload list."""

    created: int = 0
    acquire_us: deque[int] = field(default_factory=lambda: deque(maxlen=_ACQUIRE_SAMPLES))


class Worker:
    """One for each process."""

    def __init__(self, settings: SessionSettings, max_sessions: int, files: LogFiles) -> None:
        self.executions = Executions(files)
        self.batches: dict[tuple[str, str], Batch] = {}  # that run or wait
        self.sessions: dict[str, Session] = {}
        self.ended: dict[str, tuple[execute_pb2.Session, str]] = {}  # with the principal
        self.listeners: set[ChangeListener] = set()
        self.machine = find_machine()
        self._settings = settings
        self._max_sessions = max_sessions
        self._reaper = Reaper(asyncio.get_running_loop())
        self._templates = Templates(self._reaper, self._on_template)
        self._workspaces = Workspaces()
        self._kinds: dict[tuple[str, tuple[str, ...]], KindCount] = {}

    def start(self) -> None:
        """Begins to look after its children."""
        self._reaper.start()
        # Kept logs are many small objects that live long: collecting them over and over costs milliseconds.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)

    def kill_everything(self) -> None:
        """At the end: no session, no template and nothing that they started stays, whether a keeper is there or not."""
        kill_descendants(os.getpid())
        self.machine.leave()

    async def prepare_template(self, request: worker_pb2.PrepareTemplateRequest) -> worker_pb2.PrepareTemplateResponse:
        """Starts a template and keeps it. Raises Refusal."""
        key = _template_key(request.principal, request.environment, request.preload)
        self._templates.keep(key)
        try:
            template = await self._templates.get(key)
        except TemplateError as error:
            raise Refusal("START_FAILED", str(error)) from error
        self._templates.restock(key)
        return worker_pb2.PrepareTemplateResponse(pid=template.pid, spawn_reason=template.spawn_reason)

    def release_templates(self, venv: str, kept_generation: int) -> None:
        """Ends the templates of an environment's other generations."""
        self._templates.release(venv, kept_generation)

    async def open_session(self, request: worker_pb2.OpenSessionRequest) -> Session:
        """A new session, ready. Raises Refusal."""
        if len(self.sessions) >= self._max_sessions:
            raise Refusal(
                "QUOTA_EXCEEDED",
                f"no more sessions fit: {self._max_sessions} are open on this worker; close some or retry later",
                retry_after_ms=1000,
                quota="sessions",
                limit=str(self._max_sessions),
            )
        if request.session_id in self.sessions:
            raise Refusal("INTERNAL", f"session {request.session_id} is open already")
        try:
            spec = execute_pb2.SessionSpec.FromString(request.spec)
        except DecodeError:
            raise Refusal("INVALID_ARGUMENT", "the request is no SessionSpec") from None
        check_session(spec, self.machine)
        identity = SessionIdentity(
            id=request.session_id,
            key=_template_key(request.principal, request.environment, spec.preload),
            spec=spec,
            workspace=request.workspace,
            is_ephemeral=request.ephemeral,
            first_generation=request.generation or 1,
        )
        session = Session(
            identity,
            self._templates,
            self._workspaces,
            self._reaper,
            self._settings,
            SessionLimits.of(spec.limits, self.machine, request.session_id),
            self._on_change,
            self._on_finished,
        )
        self.sessions[identity.id] = session
        self.ended.pop(identity.id, None)  # a default session takes up its id again
        await session.open()
        kind = self._kinds.setdefault((identity.key.venv, identity.key.preload), KindCount())
        kind.created += 1
        kind.acquire_us.append(session.acquire_ns // 1000)
        return session

    def session(self, session_id: str) -> Session:
        """One that is open. Raises Refusal."""
        session = self.sessions.get(session_id)
        if session is None:
            ended = self.ended.get(session_id)
            if ended is not None:
                raise session_closed(session_id, ended[0].close_message, ended[0].close_reason)
            raise session_not_found(session_id)
        return session

    def renew_session(self, request: bytes) -> Session:
        """The session that a RenewSessionRequest names, with its expiry moved. Raises Refusal."""
        try:
            renewal = execute_pb2.RenewSessionRequest.FromString(request)
        except DecodeError:
            raise Refusal("INVALID_ARGUMENT", "the request is no RenewSessionRequest") from None
        session = self.session(renewal.session_id)
        session.renew(renewal.idle_timeout.ToNanoseconds() if renewal.HasField("idle_timeout") else None)
        return session

    def describe_session(self, session_id: str) -> execute_pb2.Session:
        """One that is open or ended a short while ago. Raises Refusal."""
        ended = self.ended.get(session_id)
        return ended[0] if ended is not None else self.session(session_id).to_message(with_usage=True)

    async def interrupt(self, principal: str, request: execute_pb2.InterruptRequest) -> execute_pb2.InterruptResponse:
        """Stops what runs and answers once it has settled. Raises Refusal."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        session_id = request.session_id
        if not session_id:
            batch = self.batches.get((principal, request.item_id))
            session_id = (batch or self.executions.get(principal, request.item_id)).session_id
        grace_s = request.grace.ToTimedelta().total_seconds() if request.HasField("grace") else None
        session = self.session(session_id)
        item = session.interrupt(request.item_id, grace_s, request.kill)
        await item.wait()
        response = execute_pb2.InterruptResponse(
            stopped_by=item.finished.stopped_by,
            state_preserved=item.finished.state_preserved,
            session=session.to_message(),
        )
        response.took.FromNanoseconds(int((loop.time() - started) * 1e9))
        return response

    async def send_input(
        self, principal: str, request: execute_pb2.SendInputRequest, waits: bool
    ) -> execute_pb2.SendInputResponse:
        """Gives input to an execution; may wait until there is room for it. Raises Refusal."""
        execution = self.executions.get(principal, request.execution_id)
        execution.input.check_open()
        if waits and not request.input.request_id:
            await execution.input.room(len(request.input.data))
            execution.input.check_open()
        self.session(execution.session_id).give_input(execution, request.input)
        return execute_pb2.SendInputResponse()

    def stats(self) -> worker_pb2.StatsResponse:
        """The worker's figures."""
        sessions = list(self.sessions.values())
        response = worker_pb2.StatsResponse(
            sessions_open=len(sessions),
            sessions_busy=sum(session.current is not None for session in sessions),
            items_queued=sum(len(session.queue) for session in sessions),
            executions_total=self.executions.total,
            resident_bytes=resident_bytes(os.getpid()),
            cpu_seconds=exact_cpu_s(os.getpid()),
        )
        response.templates.extend(map(_describe_template, self._templates))
        for (venv, preload), kind in self._kinds.items():
            is_open = sum(s.identity.key.venv == venv and s.identity.key.preload == preload for s in sessions)
            response.kinds.add(
                venv=venv, preload=preload, open=is_open, created_total=kind.created, acquire_us=kind.acquire_us
            )
        return response

    def _on_finished(self, item: Item) -> None:
        if isinstance(item, Execution):
            self.executions.on_finished(item)

    def _on_change(self, session: Session, change: str) -> None:
        if change == "ENDED":
            self.sessions.pop(session.identity.id, None)
            self.ended[session.identity.id] = (session.to_message(), session.identity.key.principal)
            while len(self.ended) > _ENDED_KNOWN:
                del self.ended[next(iter(self.ended))]
            self._templates.close_unused()
        elif session.identity.is_ephemeral:
            return  # whoever opened it knows
        if not self.listeners:
            return
        response = worker_pb2.WatchResponse(
            change=f"SESSION_CHANGE_{change}", session_id=session.identity.id, generation=session.generation
        )
        if change == "ENDED":
            response.close_reason = execute_pb2.CloseReason.Name(session.close_reason).removeprefix("CLOSE_REASON_")
            response.message = session.close_message
        else:
            response.message = session.death_message
        self._tell(response)

    def _on_template(self, template: TemplateProcess) -> None:
        change = worker_pb2.TemplateChange(template=_describe_template(template), has_ended=template.end != "")
        self._tell(worker_pb2.WatchResponse(template=change, message=template.end))

    def _tell(self, response: worker_pb2.WatchResponse) -> None:
        for listener in list(self.listeners):
            listener(response)


def _describe_template(template: TemplateProcess) -> worker_pb2.TemplateStats:
    return worker_pb2.TemplateStats(
        venv=template.key.venv,
        preload=template.key.preload,
        pid=template.pid,
        resident_bytes=resident_bytes(template.pid),
        spawn_reason=template.spawn_reason,
    )


def _template_key(principal: str, environment: worker_pb2.Environment, preload: object) -> TemplateKey:
    return TemplateKey(
        principal=principal,
        venv=environment.name,
        venv_generation=environment.generation,
        python_path=environment.python_path,
        preload=tuple(preload),  # type: ignore[arg-type]
    )
