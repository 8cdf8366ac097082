"""What an object of a session is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

from beep_python_client.contract import object_pb2
from beep_python_client.records import record_of


@dataclass(frozen=True)
class Described:
    """What an object is."""

    #: Qualified name of its type, such as "numpy.ndarray".
    type_name: str
    #: Its repr, bounded.
    text: str
    documentation: str
    #: Such as "(a, b=1)"; empty: not known, or it cannot be called.
    signature: str
    callable: bool
    iterable: bool
    awaitable: bool
    #: Its attributes' names.
    attributes: Tuple[str, ...]

    @staticmethod
    def of(message: object_pb2.DescriptionResult) -> Described:
        """The record of a message."""
        attributes = tuple(attribute.name for attribute in message.attributes)
        return record_of(Described, message, attributes=attributes)
