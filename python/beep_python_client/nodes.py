"""What is to be done in a session, before it is done: a graph of operations, and the batch that does it in one trip."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

from beep_python_client.contract import object_pb2, value_pb2
from beep_python_client.endings import Ending, ending_error
from beep_python_client.faults import failure_of
from beep_python_client.held import Handles, Held
from beep_python_client.json_text import NoValue, write_json, write_parts
from beep_python_client.raised import remote_error
from beep_python_client.values import conversion_failed, to_message

# What a later operation may put in place of an object: it cannot change.
_LASTING = (type(None), bool, int, float, str, bytes, complex)
UNKNOWN: Any = object()


class Node:
    """An object of the session: a root, an attribute of another node, or what an operation gives."""

    __slots__ = ("root", "parent", "name", "action", "inputs", "held", "known", "large", "wrapper", "__weakref__")

    def __init__(
        self,
        root: Optional[object_pb2.Target] = None,
        parent: Optional[Node] = None,
        name: str = "",
        action: Optional[Action] = None,
        inputs: Tuple[Node, ...] = (),
    ) -> None:
        self.root = root
        self.parent = parent
        # Of an attribute.
        self.name = name
        # Of an operation on `parent`.
        self.action = action
        # Whose objects the operation needs beside its parent's.
        self.inputs = inputs
        self.held: Optional[Held] = None
        self.known = UNKNOWN
        # What is to be sent by itself, before it can be an argument.
        self.large: Any = None
        # The object that a program has of it; dead once that has nothing more to ask.
        self.wrapper: Callable[[], Any] = lambda: None

    @property
    def is_there(self) -> bool:
        """Whether nothing has to be done to have it."""
        return self.held is not None or self.known is not UNKNOWN

    def needs(self) -> Tuple[Node, ...]:
        """The nodes that come before it in a batch."""
        if self.is_there or self.root is not None:
            return ()
        return self.inputs if self.parent is None else (self.parent, *self.inputs)

    def describe(self) -> str:
        """What it is, for people."""
        if self.parent is None:
            return self.name or "session"
        before = self.parent.describe()
        return f"{before}.{self.name}" if self.action is None else f"{before}{self.name}"


# Completes an operation with what it does; the batch knows where its inputs stand.
Action = Callable[[object_pb2.Operation, "Batch"], None]


class Argument:
    """An argument as it was when the operation was made: a value, a node, or JSON with nodes inside."""

    __slots__ = ("value", "parts", "node")

    def __init__(self, value: Any, path: str, node_of: Callable[[Any], Optional[Node]]) -> None:
        self.node = node_of(value)
        self.value: Optional[value_pb2.PythonValue] = None
        self.parts: Sequence[Union[str, Node]] = ()
        if self.node is not None:
            return
        if type(value) in (list, tuple, dict):
            try:
                self.parts = write_parts(value, node_of)
            except NoValue as error:
                raise conversion_failed(error, path) from None
        else:
            self.value = to_message(value, path)

    def inputs(self) -> List[Node]:
        """The nodes in it."""
        return [self.node] if self.node is not None else [part for part in self.parts if isinstance(part, Node)]

    def message(self, batch: Batch) -> object_pb2.Argument:
        """What the batch says of it."""
        if self.value is not None:
            return object_pb2.Argument(value=self.value)
        if self.node is not None:
            return batch.argument(self.node)
        text = "".join(part if isinstance(part, str) else batch.tag(part) for part in self.parts)
        return object_pb2.Argument(value=value_pb2.PythonValue(json=text))


def large_nodes(wanted: Iterable[Node]) -> List[Node]:
    """Those that have to be sent before a batch for these can be."""
    found: Dict[int, Node] = {}
    seen: Dict[int, Node] = {}
    stack = list(wanted)
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen[id(node)] = node
        if node.large is not None and not node.is_there:
            found[id(node)] = node
        stack.extend(node.needs())
    return list(found.values())


class Batch:
    """The operations that some nodes need, each once, in an order that works."""

    def __init__(self, handles: Handles) -> None:
        self._handles = handles
        self.operations: List[object_pb2.Operation] = []
        self._nodes: List[Optional[Node]] = []
        self._index: Dict[int, int] = {}
        self._released: List[str] = []

    def add(self, wanted: Node) -> int:
        """The index of the operation that gives this node."""
        stack = [wanted]
        while stack:
            node = stack[-1]
            missing = [need for need in node.needs() if not self._has(need)]
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            if node.action is not None and not self._has(node):
                self._append(node, node.action)
        if wanted.action is None or wanted.is_there:
            self.plain(wanted)
            return len(self.operations) - 1
        return self._index[id(wanted)]

    def plain(self, node: Node, action: Optional[Action] = None) -> object_pb2.Operation:
        """A further operation on a node whose own are there, which is nobody's node."""
        operation = object_pb2.Operation()
        self.point(operation, node)
        if action is not None:
            action(operation, self)
        self.operations.append(operation)
        self._nodes.append(None)
        return operation

    def _has(self, node: Node) -> bool:
        if node.held is not None and node.held.is_released:
            raise ValueError(f"{node.describe()} was released, and is used again; obtain the object again")
        if node.action is None and node.parent is not None and not node.is_there:
            return self._has(node.parent)
        return node.is_there or node.action is None or id(node) in self._index

    def _append(self, node: Node, action: Action) -> None:
        operation = object_pb2.Operation()
        if node.parent is not None:
            self.point(operation, node.parent)
        action(operation, self)
        # What a program still has a name for is kept, so that it is not made again; nothing else is.
        form = value_pb2.RESULT_FORM_HANDLE if node.wrapper() is not None else value_pb2.RESULT_FORM_NONE
        operation.result.form = form
        self._index[id(node)] = len(self.operations)
        self.operations.append(operation)
        self._nodes.append(node)

    def point(self, operation: object_pb2.Operation, node: Node) -> None:
        """Target and path of a node."""
        path: List[str] = []
        while not node.is_there and node.action is None and node.parent is not None:
            path.append(node.name)
            node = node.parent
        if node.held is not None:
            operation.target.handle_id = node.held.id
        elif node.known is not UNKNOWN:
            operation.target.value.CopyFrom(to_message(node.known, "target"))
        elif node.root is not None:
            operation.target.CopyFrom(node.root)
        elif node.action is not None:
            operation.target.result = self._index[id(node)]
        operation.path.extend(reversed(path))

    def argument(self, node: Node) -> object_pb2.Argument:
        """A node as an argument."""
        if node.held is not None:
            return object_pb2.Argument(handle_id=node.held.id)
        if node.known is not UNKNOWN:
            return object_pb2.Argument(value=to_message(node.known, "argument"))
        return object_pb2.Argument(result=self._result(node))

    def tag(self, node: Node) -> str:
        """A node inside of JSON."""
        if node.held is not None:
            return f'{{"$ref":"{node.held.id}"}}'
        if node.known is not UNKNOWN:
            return write_json(node.known)
        return f'{{"$result":{self._result(node)}}}'

    def _result(self, node: Node) -> int:
        index = self._index.get(id(node))
        if index is None:  # an attribute or a root: it takes an operation of its own to be there
            index = len(self.operations)
            self.plain(node).result.form = value_pb2.RESULT_FORM_NONE
            self._index[id(node)] = index
            self._nodes[index] = node
        return index

    def request(self, session_id: str, batch_id: str) -> object_pb2.ApplyRequest:
        """The whole batch; handles that nobody here has any more go with it."""
        self._released = self._handles.due()
        # Each operation says whether its result is kept; without `keep_intermediates` those that are used are not.
        return object_pb2.ApplyRequest(
            session_id=session_id,
            batch_id=batch_id,
            operations=self.operations,
            release=self._released,
            keep_intermediates=True,
        )

    def unsent(self) -> None:
        """It never arrived, as far as we know: what should go with it goes with the next."""
        self._handles.release(self._released)

    def take(self, response: object_pb2.ApplyResponse) -> Sequence[object_pb2.OperationResult]:
        """The results. What is kept of them is noted; raises what went wrong first."""
        wrong: Optional[Exception] = None
        for node, result in zip(self._nodes, response.results):
            if result.HasField("handle") and node is not None:
                node.held = self._handles.hold(result.handle.id)
            if wrong is None and result.HasField("error"):
                wrong = remote_error(result.error)
            elif wrong is None and result.HasField("failure"):
                wrong = failure_of(result.failure)
        # How it was stopped says more than what was skipped for it.
        if response.HasField("finished"):
            ending = Ending.of(response.finished)
            if ending.outcome not in ("OK", "ERROR"):
                wrong = ending_error(ending)
        if wrong is not None:
            # Those of results that nobody will see.
            lost = [result.handle.id for node, result in zip(self._nodes, response.results) if node is None]
            self._handles.release(filter(None, lost))
            raise wrong
        return response.results


# --- what operations do ---


def calls(args: Sequence[Argument], kwargs: Mapping[str, Argument]) -> Action:
    """A call."""

    def action(operation: object_pb2.Operation, batch: Batch) -> None:
        messages = [argument.message(batch) for argument in args]
        named = {name: argument.message(batch) for name, argument in kwargs.items()}
        operation.call.CopyFrom(object_pb2.CallOp(args=messages, kwargs=named))

    return action


def with_field(name: str, **arguments: Argument) -> Action:
    """An operation whose fields are arguments, such as `get_item`."""

    def action(operation: object_pb2.Operation, batch: Batch) -> None:
        body = getattr(operation, name)
        body.SetInParent()
        for field, argument in arguments.items():
            getattr(body, field).CopyFrom(argument.message(batch))

    return action


def evaluates(expression: str, variables: Mapping[str, Argument]) -> Action:
    """An expression."""

    def action(operation: object_pb2.Operation, batch: Batch) -> None:
        messages = {name: argument.message(batch) for name, argument in variables.items()}
        operation.ClearField("target")
        operation.evaluate.CopyFrom(object_pb2.EvaluateOp(expression=expression, locals=messages))

    return action


def is_lasting(value: Any) -> bool:
    """Whether a value may stand for the object that it was."""
    return type(value) in _LASTING
