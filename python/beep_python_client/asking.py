"""What both clients ask of objects: batches to send, and what their answers mean."""

from __future__ import annotations

import builtins
from typing import Any, Callable, List, Optional, Sequence, Tuple

from beep_python_client.contract import object_pb2, value_pb2
from beep_python_client.held import Handles
from beep_python_client.json_text import Reference, read_json
from beep_python_client.large import INLINE_BYTES, form_of
from beep_python_client.lazy import argument_of, function_of, node_of
from beep_python_client.nodes import Action, Batch, Node, evaluates, is_lasting
from beep_python_client.raised import remote_error
from beep_python_client.requests import result_policy
from beep_python_client.values import from_message

_ITERATE = "__beep_x.__aiter__() if hasattr(type(__beep_x), '__aiter__') else iter(__beep_x)"
_FETCH_BYTES = 8 << 20


class Asked:
    """One trip: some nodes' values, or the nodes themselves."""

    def __init__(self, handles: Handles, reference: Reference) -> None:
        self.batch = Batch(handles)
        self._handles = handles
        self._reference = reference
        self._places: List[Tuple[Node, int]] = []

    def value(self, node: Node, lenient: bool = False) -> None:
        """Ask for its value; of what an operation gives also for the object, so that it is done once."""
        is_made = node.action is not None and not node.is_there
        self._add(node, form="both" if is_made else "auto", max_inline_bytes=INLINE_BYTES, lenient=lenient)

    def handle(self, node: Node) -> None:
        """Ask for the object itself."""
        self._add(node, form="handle")

    def _add(self, node: Node, **policy: Any) -> None:
        index = self.batch.add(node)
        self.batch.operations[index].result.CopyFrom(result_policy(policy))
        self._places.append((node, index))

    def take(self, response: object_pb2.ApplyResponse) -> List[Tuple[bool, Any]]:
        """For each: whether it came by value, and the value, or else its type's name; then its node is held."""
        results = self.batch.take(response)
        return [self._taken(node, results[index]) for node, index in self._places]

    def _taken(self, node: Node, result: object_pb2.OperationResult) -> Tuple[bool, Any]:
        if not result.HasField("value"):
            if node.held is None and result.HasField("handle"):
                node.held = self._handles.hold(result.handle.id)
            return False, result.handle.type_name
        value = from_message(result.value, self._reference)
        if is_lasting(value) and not result.notes:
            if node.held is not None and node.held.let_go():
                self._handles.release([node.held.id])
            node.known, node.held = value, None
        return True, value


def exact_value(handles: Handles, node: Node, lenient: bool) -> Batch:
    """A batch that asks for a held object by value, and is told why there is none."""
    batch = Batch(handles)
    operation = batch.plain(node)
    policy = {"form": "value", "max_inline_bytes": _FETCH_BYTES, "lenient": lenient}
    operation.result.CopyFrom(result_policy(policy))
    return batch


def is_read(type_name: str) -> bool:
    """Whether an object of this type comes in chunks."""
    return form_of(type_name) is not None


def does(handles: Handles, node: Node, action: Action, inputs: Sequence[Node] = ()) -> Batch:
    """A batch of one thing that is done to an object at once, such as setting an attribute."""
    batch = Batch(handles)
    for needed in (node, *inputs):
        if needed.action is not None and not needed.is_there:
            batch.add(needed)
    batch.plain(node, action).result.form = value_pb2.RESULT_FORM_AUTO
    return batch


class Iterating:
    """One way through an object's items, some at a time."""

    def __init__(self, session: Any, handles: Handles, target: Any, size: int, reference: Reference) -> None:
        self._handles = handles
        self._reference = reference
        self._size = size
        self._iterator = Node(
            name="iter(...)",
            action=_evaluates_iter(session, target),
            inputs=(node_of(session, target),),  # type: ignore[arg-type]
        )
        # So that the batch keeps it.
        self._iterator.wrapper = lambda: self
        self.is_over = False
        self._error: Optional[Exception] = None

    def batch(self) -> Batch:
        """Asks for the next items."""
        batch = Batch(self._handles)
        if not self._iterator.is_there:
            batch.add(self._iterator)
        batch.plain(self._iterator, self._next)
        return batch

    def _next(self, operation: object_pb2.Operation, _: Batch) -> None:
        operation.next_items.max_items = self._size
        operation.result.CopyFrom(result_policy({}))

    def take(self, results: Sequence[object_pb2.OperationResult]) -> List[Any]:
        """The items that came."""
        items = results[-1].items
        if items.exhausted or items.HasField("error"):
            self.close()
        if items.HasField("error"):
            self._error = remote_error(items.error)
        if items.json:
            return read_json(items.json, self._reference)  # type: ignore[no-any-return]
        return [from_message(value, self._reference) for value in items.values]

    def end(self) -> None:
        """Raises what the iterator raised, once its items have been told."""
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Let the iterator go."""
        self.is_over = True
        held, self._iterator = self._iterator.held, Node()  # which refers to us
        if held is not None and held.let_go():
            self._handles.release([held.id])


def _evaluates_iter(session: Any, target: Any) -> Action:
    return evaluates(_ITERATE, {"__beep_x": argument_of(session, target, "target")})


def enters(operation: object_pb2.Operation, _: Any) -> None:
    """with target"""
    operation.enter_context.SetInParent()


def leaves(error: Optional[Node]) -> Callable[[object_pb2.Operation, Any], None]:
    """The end of a `with`, by an exception or without."""

    def action(operation: object_pb2.Operation, _: Any) -> None:
        operation.exit_context.SetInParent()
        if error is not None and error.held is not None:
            operation.exit_context.error_handle_id = error.held.id

    return action


def describes(operation: object_pb2.Operation, _: Any) -> None:
    """What an object is."""
    operation.describe.attributes = True


def measures(operation: object_pb2.Operation, _: Any) -> None:
    """len()"""
    operation.measure.SetInParent()


def exception_like(session: Any, error: BaseException) -> Node:
    """An exception of the session's, such as the one that ends a `with` here."""
    kind = next(base for base in type(error).__mro__ if getattr(builtins, base.__name__, None) is base)
    name = kind.__name__ if issubclass(kind, Exception) and kind is not Exception else "RuntimeError"
    text = str(error) if name == kind.__name__ else f"{type(error).__name__}: {error}"
    if issubclass(kind, UnicodeError):  # which takes more than a text
        name = "ValueError"
    return function_of("builtins", name, session, (text,))
