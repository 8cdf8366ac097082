"""The contract's message classes, made of its descriptors when they are first imported.

They live in a pool of the client's own: neither another program's copy of the same contract nor another version of
what it uses ever meets them. Nothing here depends on which protoc made the descriptors, so any protobuf of the range
will do.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from typing import Any, Dict, Mapping

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, duration_pb2, message_factory, timestamp_pb2
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from beep_python_client.contract.descriptors import DESCRIPTORS

_pool = descriptor_pool.DescriptorPool()
_files: Dict[str, Any] = {}

if hasattr(message_factory, "GetMessageClass"):
    _class_of: Any = message_factory.GetMessageClass
else:  # protobuf before 4.22
    _class_of = message_factory.MessageFactory(_pool).GetPrototype  # type: ignore[attr-defined]


def _fill_pool() -> None:
    for known in (any_pb2, duration_pb2, timestamp_pb2):
        _pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
    contract = descriptor_pb2.FileDescriptorSet()
    contract.ParseFromString(base64.b85decode(DESCRIPTORS))
    for file in contract.file:
        _pool.AddSerializedFile(file.SerializeToString())
        _files[file.name] = file


_fill_pool()


def messages_of(name: str) -> Dict[str, Any]:
    """What a module of protoc's would have: the classes of a file's messages, its enums and their values."""
    file = _pool.FindFileByName(name)
    found: Dict[str, Any] = {key: _class_of(descriptor) for key, descriptor in file.message_types_by_name.items()}
    for key, enum in file.enum_types_by_name.items():
        found[key] = EnumTypeWrapper(enum)
        found.update({value.name: value.number for value in enum.values})
    return found


@cache
def enum_names(name: str) -> Mapping[int, str]:
    """An enum's values by number, without the prefix that they share."""
    prefix = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper() + "_"
    values = _pool.FindEnumTypeByName(f"beep.python.v1.{name}").values
    return {value.number: value.name[len(prefix) :] for value in values}


def name_of(names: Mapping[int, str], number: int) -> str:
    """An enum's value by its name; empty where it is unspecified, UNKNOWN where a newer gateway has more."""
    return names.get(number, "UNKNOWN") if number else ""


class Method:
    """One RPC: its path, which of its ends stream, and the classes of its messages."""

    def __init__(self, service: str, method: Any) -> None:
        self.path = f"/beep.python.v1.{service}/{method.name}"
        self.kind = f"{_number(method.client_streaming)}_{_number(method.server_streaming)}"
        self.serialize = _message(method.input_type).SerializeToString
        self.parse = _message(method.output_type).FromString


def methods() -> Dict[str, Method]:
    """Every RPC of the contract by its name; no two services have the same."""
    return {
        method.name: Method(service.name, method)
        for file in _files.values()
        for service in file.service
        for method in service.method
    }


def _number(is_stream: bool) -> str:
    return "stream" if is_stream else "unary"


def _message(name: str) -> Any:
    return _class_of(_pool.FindMessageTypeByName(name.lstrip(".")))
