"""Objects of a session as paths of attributes, calls, items and operators: nothing is done until it is asked for."""

from __future__ import annotations

import weakref
from typing import Any, List, Optional, Tuple, TypeVar

from beep_python_client.contract import object_pb2
from beep_python_client.large import is_large
from beep_python_client.nodes import UNKNOWN, Action, Argument, Node, calls, with_field
from beep_python_client.operators import Operators

L = TypeVar("L", bound="Lazy")

# What notebooks and debuggers look for: a path that answers to every name would seem to have them all.
_PROBED = ("_repr_", "_ipython_")


class Lazy(Operators):
    """An object of a session.

    Attributes, calls, items and operators of it are such objects again. Nothing is done for them until one is asked
    for its value or held; then all that it takes is one trip. What a variable still names is kept in the session once
    it was made, so it is made once. Names that end with an underscore are this class's, all others the object's;
    `attribute_` reaches those that neither Python nor this class leaves to it.
    """

    __slots__ = ("_session", "_node", "__weakref__")
    _session: Any
    _node: Node

    def __init__(self, session: Any, node: Node) -> None:
        object.__setattr__(self, "_session", session)
        object.__setattr__(self, "_node", node)
        node.wrapper = weakref.ref(self)

    def __repr__(self) -> str:
        node = self._node
        if node.known is not UNKNOWN:
            return f"<remote {node.known!r}>"
        return f"<{'remote' if node.held else 'lazy'} {node.describe()}>"

    def __getattr__(self: L, name: str) -> L:
        if (name.startswith("__") and name.endswith("__")) or name.startswith(_PROBED):
            raise AttributeError(f"{name}; `attribute_({name!r})` reaches the remote one")
        return self.attribute_(name)

    def attribute_(self: L, name: str) -> L:
        """An attribute by its name, whatever it is called."""
        return type(self)(self._session, Node(parent=self._node, name=name))

    def __call__(self: L, /, *args: Any, **kwargs: Any) -> L:
        positional, inputs = arguments(self._session, enumerate(args), "args")
        named, more = arguments(self._session, kwargs.items(), "kwargs")
        return self._then(calls(positional, dict(zip(kwargs, named))), "(...)", inputs + more)

    def __getitem__(self: L, key: Any) -> L:
        argument = argument_of(self._session, key, "key")
        return self._then(with_field("get_item", key=argument), "[...]", argument.inputs())

    def await_(self: L) -> L:
        """What a coroutine or other awaitable gives, awaited in the session."""
        return self._then(_awaits, ".await_()", [])

    def _then(self: L, action: Action, name: str, inputs: List[Node]) -> L:
        return type(self)(self._session, Node(parent=self._node, name=name, action=action, inputs=tuple(inputs)))

    def __reduce_ex__(self, _: Any) -> Any:
        raise TypeError(f"{self!r} cannot be copied or pickled: it lives in its session; take its value")

    # An array of numpy leaves operators with it to it.
    __array_ufunc__ = None

    def _operation(self, name: str, operands: Tuple[Any, ...]) -> Node:
        return function_of("operator", name, self._session, operands)

    def __dir__(self) -> List[str]:
        return [name for name in object.__dir__(self) if name.endswith("_") and not name.startswith("_")]


def node_of(session: Any, value: Any) -> Optional[Node]:
    """The node of an object of this session; None for anything else. Raises ValueError for another session's."""
    if not isinstance(value, Lazy):
        return None
    if value._session.id != session.id:
        raise ValueError(
            f"{value!r} is an object of session {value._session.id!r} and not of {session.id!r}; "
            "send its value, or make it in this session"
        )
    return value._node


def argument_of(session: Any, value: Any, path: str) -> Argument:
    """A value as an argument; one that is large is sent by itself first."""
    if is_large(value):
        node = Node(name=type(value).__name__)
        node.large = value
        session._has_large = True
        return Argument(node, path, lambda part: node)
    return Argument(value, path, lambda part: node_of(session, part))


def own_node(session: Any, remote: Any) -> Node:
    """The node of an object of this session. Raises TypeError for anything else."""
    node = node_of(session, remote)
    if node is None:
        raise TypeError(f"no object of a session: {type(remote).__name__}")
    return node


def arguments(session: Any, values: Any, name: str) -> Tuple[List[Argument], List[Node]]:
    """Values as arguments of an operation, and the nodes in them."""
    made = [argument_of(session, value, f"{name}{_step_to(key)}") for key, value in values]
    return made, [node for argument in made for node in argument.inputs()]


def _step_to(key: Any) -> str:
    return f"[{key}]" if isinstance(key, int) else f'["{key}"]'


def _awaits(operation: object_pb2.Operation, _: Any) -> None:
    operation.await_result.SetInParent()


def set_attribute(session: Any, name: str, value: Any) -> Tuple[Action, List[Node]]:
    """target.name = value."""
    argument = argument_of(session, value, "value")

    def action(operation: object_pb2.Operation, batch: Any) -> None:
        operation.path.append(name)
        operation.set_attribute.value.CopyFrom(argument.message(batch))

    return action, argument.inputs()


def delete_attribute(name: str) -> Tuple[Action, List[Node]]:
    """del target.name."""

    def action(operation: object_pb2.Operation, _: Any) -> None:
        operation.path.append(name)
        operation.delete_attribute.SetInParent()

    return action, []


def set_item(session: Any, key: Any, value: Any) -> Tuple[Action, List[Node]]:
    """target[key] = value."""
    at, to = argument_of(session, key, "key"), argument_of(session, value, "value")
    return with_field("set_item", key=at, value=to), at.inputs() + to.inputs()


def delete_item(session: Any, key: Any) -> Tuple[Action, List[Node]]:
    """del target[key]."""
    at = argument_of(session, key, "key")
    return with_field("delete_item", key=at), at.inputs()


def assign(session: Any, name: str, value: Any) -> Tuple[Action, List[Node]]:
    """name = value, in the session."""
    argument = argument_of(session, value, "value")

    def action(operation: object_pb2.Operation, batch: Any) -> None:
        operation.ClearField("target")
        operation.assign.name = name
        operation.assign.value.CopyFrom(argument.message(batch))

    return action, argument.inputs()


def module(name: str) -> Node:
    """A module, imported on first use."""
    return Node(root=object_pb2.Target(module=name), name=name)


def variable(name: str) -> Node:
    """A name in the session, or a builtin."""
    return Node(root=object_pb2.Target(name=name), name=name)


def function_of(module_name: str, name: str, session: Any, args: Tuple[Any, ...]) -> Node:
    """The call of a function of a module."""
    made, inputs = arguments(session, enumerate(args), "args")
    function = Node(parent=module(module_name), name=name)
    return Node(parent=function, name="(...)", action=calls(made, {}), inputs=tuple(inputs))
