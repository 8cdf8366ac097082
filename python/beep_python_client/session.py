"""Sessions, for programs that block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, Iterator, List, Optional, Tuple

from beep_python_client import asking, lazy
from beep_python_client.calls import Calls
from beep_python_client.contract import execute_pb2, object_pb2
from beep_python_client.endings import Stopped
from beep_python_client.execution import Execution, interrupt_request, stop
from beep_python_client.held import Handles, ScopeOfHandles
from beep_python_client.large import Reading, Writing, form_of
from beep_python_client.nodes import UNKNOWN, Action, Batch, Node, evaluates, large_nodes
from beep_python_client.objects import Remote
from beep_python_client.options import Duration, Source, duration_of, execute_request, new_id, session_spec
from beep_python_client.refusals import BeepError, ConnectionLost
from beep_python_client.results import Result
from beep_python_client.standing import SessionInfo
from beep_python_client.values import from_message

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Unpack

    from beep_python_client.options import ExecuteOptions, SessionOptions


class Runner:
    """Where code can be run."""

    _calls: Calls

    def run(self, source: Source, *, check: bool = True, **options: Unpack[ExecuteOptions]) -> Result:
        """Run something to its end; over a connection that breaks, it still runs once.

        Raises what the code raised, and ExecutionFailed where it was stopped or exited, unless `check` is False.
        """
        request = self._request(source, options)
        try:
            result = Result.of(self._calls.again("Run", request), self._reference)
        except BaseException as error:
            if not isinstance(error, BeepError):  # a KeyboardInterrupt
                stop(self._calls, request.execution_id)
            raise
        return result.check() if check else result

    def execute(self, source: Source, **options: Unpack[ExecuteOptions]) -> Execution:
        """Begin to run something; what comes of it are events."""
        request = self._request(source, options)
        return Execution(self._calls, request.execution_id, request, 1, self._reference)

    def _request(self, source: Source, options: Any) -> execute_pb2.ExecuteRequest:
        raise NotImplementedError

    def _reference(self, handle_id: str, type_name: str, text: str) -> Any:
        raise NotImplementedError


class Fresh(Runner):
    """Sessions that live for one execution each."""

    def __init__(self, calls: Calls, options: SessionOptions) -> None:
        self._calls = calls
        self._spec = session_spec(options)

    def _request(self, source: Source, options: Any) -> execute_pb2.ExecuteRequest:
        request = execute_request(source, options)
        request.fresh.CopyFrom(self._spec)
        return request

    def _reference(self, handle_id: str, type_name: str, text: str) -> Any:
        """The object went with its session: what is left is its text."""
        return text or f"<{type_name}>"


class Session(Runner):
    """A Python process that keeps its variables."""

    def __init__(
        self, calls: Calls, session_id: str, info: Optional[SessionInfo] = None, is_ours: bool = False
    ) -> None:
        #: Empty: the default session.
        self.id = session_id
        #: As it stood when it was created, or got.
        self.info = info
        self._calls = calls
        self._is_ours = is_ours
        self._handles = Handles()
        # Whether any argument was too large to go with its batch.
        self._has_large = False

    def __repr__(self) -> str:
        return f"<Session {self.id or 'default'}>"

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: Any) -> None:
        """One that was created here is closed."""
        if self._is_ours:
            self._is_ours = False
            self.close()

    # --- the session itself ---

    def refresh(self) -> SessionInfo:
        """How it stands now."""
        return self._told("GetSession", execute_pb2.GetSessionRequest(session_id=self.id))

    def renew(self, idle_timeout: Optional[Duration] = None) -> SessionInfo:
        """Move its expiry; with a timeout, that is its idle timeout from now on."""
        request = execute_pb2.RenewSessionRequest(session_id=self.id)
        if idle_timeout is not None:
            request.idle_timeout.FromTimedelta(duration_of(idle_timeout))
        return self._told("RenewSession", request)

    def restart(self) -> SessionInfo:
        """A fresh interpreter under the same id, in the next generation."""
        return self._told("RestartSession", execute_pb2.RestartSessionRequest(session_id=self.id))

    def close(self) -> SessionInfo:
        """End it and everything that it started."""
        return self._told("CloseSession", execute_pb2.CloseSessionRequest(session_id=self.id))

    def interrupt(self, grace: Optional[Duration] = None, kill: bool = False) -> Stopped:
        """Stop what runs in it. Raises NothingRunning."""
        return Stopped.of(self._calls.call("Interrupt", interrupt_request("", grace, kill, self.id)))

    def _told(self, name: str, request: Any) -> SessionInfo:
        self.info = SessionInfo.of(self._calls.call(name, request))
        return self.info

    def _request(self, source: Source, options: Any) -> execute_pb2.ExecuteRequest:
        request = execute_request(source, options)
        request.session_id = self.id
        return request

    # --- its objects ---

    def import_(self, module: str) -> Remote:
        """A module, imported when it is first used."""
        return Remote(self, lazy.module(module))

    def variable(self, name: str) -> Remote:
        """A name of the session's, or a builtin."""
        return Remote(self, lazy.variable(name))

    def assign(self, name: str, value: Any) -> None:
        """Set a name of the session's."""
        self._do(Node(), *lazy.assign(self, name, value))

    def evaluate(self, expression: str, /, **variables: Any) -> Remote:
        """An expression, which sees these names besides the session's."""
        made, inputs = lazy.arguments(self, variables.items(), "variables")
        action = evaluates(expression, dict(zip(variables, made)))
        return Remote(self, Node(name=f"({expression})", action=action, inputs=tuple(inputs)))

    def values(self, *objects: Remote) -> Tuple[Any, ...]:
        """The values of several objects in one trip."""
        return tuple(self._values([lazy.own_node(self, remote) for remote in objects]))

    def put(self, value: Any, name: str = "") -> Remote:
        """An array or bytes of any size, sent in chunks; with a name, also as a variable of the session's."""
        writing = Writing(self.id, value, new_id(), name)
        response = self._calls.write(writing)
        return self._reference(response.object.id, response.object.type_name, response.object.text)

    def scope(self) -> Scope:
        """For `with`: what is held inside is released at its end."""
        return Scope(self)

    def handles(self) -> List[str]:
        """The ids of all objects that the session holds for its callers, once ours are released that are due."""
        self._release_now(self._handles.due())
        answer = self._calls.again("ListHandles", object_pb2.ListHandlesRequest(session_id=self.id))
        return [handle.object.id for handle in answer.handles]

    def _reference(self, handle_id: str, type_name: str, text: str) -> Remote:
        node = Node(name=text or type_name)
        node.held = self._handles.hold(handle_id)
        return Remote(self, node)

    def _apply(self, batch: Batch) -> Any:
        request = batch.request(self.id, new_id())
        try:
            return self._calls.call("Apply", request)
        except ConnectionLost:
            batch.unsent()
            raise
        except BaseException as error:
            if not isinstance(error, BeepError):  # a KeyboardInterrupt
                stop(self._calls, request.batch_id)
            raise

    def _value(self, node: Node, lenient: bool = False) -> Any:
        return self._values([node], lenient)[0]

    def _values(self, nodes: List[Node], lenient: bool = False) -> List[Any]:
        wanted = [node for node in nodes if node.known is UNKNOWN]
        values = {}
        if wanted:
            self._send_large(wanted)
            asked = asking.Asked(self._handles, self._reference)
            for node in wanted:
                asked.value(node, lenient)
            answers = asked.take(self._apply(asked.batch))
            for node, (is_value, answer) in zip(wanted, answers):
                values[id(node)] = answer if is_value else self._fetch(node, answer, lenient)
        return [values[id(node)] if id(node) in values else node.known for node in nodes]

    def _fetch(self, node: Node, type_name: str, lenient: bool) -> Any:
        """The value of what came by handle."""
        if node.held is None:
            self._hold(node)
        form = form_of(type_name)
        if form is not None and node.held is not None:
            return self._calls.read(Reading(self.id, node.held.id, type_name, form))
        batch = asking.exact_value(self._handles, node, lenient)
        results = batch.take(self._apply(batch))
        return from_message(results[-1].value, self._reference)

    def _hold(self, *nodes: Node) -> None:
        missing = [node for node in nodes if node.held is None]
        if missing:
            self._send_large(missing)
            asked = asking.Asked(self._handles, self._reference)
            for node in missing:
                asked.handle(node)
            asked.take(self._apply(asked.batch))

    def _release_now(self, ids: List[str]) -> None:
        if ids:
            request = object_pb2.ReleaseHandlesRequest(session_id=self.id, handle_ids=ids)
            self._calls.call("ReleaseHandles", request)

    def _release(self, node: Node) -> None:
        if node.held is not None and node.held.let_go():
            self._handles.release([node.held.id])

    def _do(self, node: Node, action: Action, inputs: Any = ()) -> Any:
        self._send_large((node, *inputs))
        batch = asking.does(self._handles, node, action, inputs)
        return batch.take(self._apply(batch))[-1]

    def _measure(self, node: Node) -> int:
        return int(self._do(node, asking.measures).value.integer)

    def _iterate(self, target: Remote, size: int) -> Iterator[Any]:
        iterating = asking.Iterating(self, self._handles, target, size, self._reference)
        try:
            while not iterating.is_over:
                batch = iterating.batch()
                yield from iterating.take(batch.take(self._apply(batch)))
            iterating.end()
        finally:
            iterating.close()

    def _send_large(self, wanted: Iterable[Node]) -> None:
        """Arguments that are too large to go with a batch go before it."""
        if self._has_large:
            for node in large_nodes(wanted):
                response = self._calls.write(Writing(self.id, node.large, new_id()))
                node.held = self._handles.hold(response.object.id)
                node.large = None


class Scope:
    """What is held inside of its `with` is released at its end, all in one trip."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._held = ScopeOfHandles(session._handles)

    def keep(self, remote: Remote) -> Remote:
        """An object that outlives the scope."""
        self._held.keep(remote.handle_()._node.held)
        return remote

    def __enter__(self) -> Scope:
        self._held.open()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Optional[TracebackType]) -> None:
        self._session._release_now(self._held.close())
