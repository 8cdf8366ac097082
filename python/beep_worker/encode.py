"""Public messages from what sessions send: values, errors, renderings.

A session's frames are claims of code that is not ours: every field is checked by the type that protobuf asks for, and
what does not fit raises (TypeError, ValueError, KeyError, IndexError), which ends that session.
"""

from __future__ import annotations

from typing import Any

from beep.python.v1 import error_pb2, execute_pb2, object_pb2, value_pb2
from beep_session.arrays import NoArray, check_tensor

MAX_CHAIN = 16
MAX_NOTICE_CHARS = 4096

_REASONS = {name.removeprefix("ERROR_REASON_"): number for name, number in error_pb2.ErrorReason.items()}

# Stands for a blob that was used: were it used again and again, a small frame would make a message without end.
_TAKEN = bytes(bytearray(b"taken"))


def python_value(header: dict[str, Any], blobs: list[bytes]) -> value_pb2.PythonValue:
    """A `value` of the session protocol."""
    kind = header["kind"]
    data = header.get("data")
    match kind:
        case "none":
            return value_pb2.PythonValue(none=value_pb2.NoneValue())
        case "boolean":
            return value_pb2.PythonValue(boolean=data)
        case "integer":
            return value_pb2.PythonValue(integer=data)
        case "big_integer":
            return value_pb2.PythonValue(big_integer=data)
        case "real":
            return value_pb2.PythonValue(real=float.fromhex(_string(data)))
        case "text":
            return value_pb2.PythonValue(text=_blob(data, blobs).decode("utf-8"))
        case "binary":
            return value_pb2.PythonValue(binary=_blob(data, blobs))
        case "json":
            return value_pb2.PythonValue(json=_blob(data, blobs).decode("utf-8"))
        case "scalar":
            fields = _object(data)
            return value_pb2.PythonValue(scalar=value_pb2.Scalar(type_name=fields["type_name"], text=fields["text"]))
        case "tensor":
            return value_pb2.PythonValue(tensor=_tensor(_object(data), blobs))
        case _:
            raise ValueError(f"unknown kind of value {kind!r}")


def _tensor(fields: dict[str, Any], blobs: list[bytes]) -> value_pb2.Tensor:
    dtype, shape, elements = _string(fields["dtype"]), fields["shape"], _blob(fields, blobs)
    try:
        check_tensor(dtype, shape, elements)
    except NoArray as reason:
        raise ValueError(str(reason)) from None
    return value_pb2.Tensor(dtype=dtype, shape=shape, data=elements)


def python_error(header: dict[str, Any], blobs: list[bytes], depth: int = 0) -> error_pb2.PythonError:
    """An `error` of the session protocol."""
    if depth > MAX_CHAIN:
        raise ValueError("a chain of errors longer than the bound")
    error = error_pb2.PythonError(
        type_name=header["type_name"],
        module=header["module"],
        mro=header.get("mro", ()),
        message=header["message"],
        args=[python_value(arg, blobs) for arg in header.get("args", ())],
        notes=header.get("notes", ()),
        frames=[stack_frame(frame) for frame in header.get("frames", ())],
        traceback=header.get("traceback", ""),
        truncated=bool(header.get("truncated")),
    )
    if header.get("cause"):
        error.cause.CopyFrom(python_error(header["cause"], blobs, depth + 1))
    if header.get("context"):
        error.context.CopyFrom(python_error(header["context"], blobs, depth + 1))
    for member in header.get("group", ()):
        error.group.append(python_error(member, blobs, depth + 1))
    return error


def stack_frame(header: dict[str, Any]) -> error_pb2.StackFrame:
    """A frame of a stack."""
    return error_pb2.StackFrame(
        file=header["file"], line=header["line"], function=header["function"], source=header.get("source", "")
    )


def mime_bundle(header: dict[str, Any], blobs: list[bytes]) -> value_pb2.MimeBundle:
    """A `bundle` of the session protocol."""
    bundle = value_pb2.MimeBundle(metadata_json=header.get("metadata") or "")
    for mime, part in header.items():
        if mime == "metadata":
            continue
        data = _blob(part, blobs)
        if part.get("text"):
            bundle.parts[mime].text = data.decode("utf-8")
        else:
            bundle.parts[mime].data = data
        bundle.parts[mime].size_bytes = part.get("size", len(data))
    return bundle


def cell_result(
    header: dict[str, Any], blobs: list[bytes], session_id: str, generation: int
) -> execute_pb2.CellResult | None:
    """The result in an `end` frame; None where it has none."""
    text = header.get("text")
    if text is None and "value" not in header and "handle" not in header:
        return None
    result = execute_pb2.CellResult(text=text or "")
    if "value" in header:
        result.value.CopyFrom(python_value(header["value"], blobs))
    if "handle" in header:
        place = result.handle if "value" in header else result.value.object
        place.CopyFrom(object_ref(header["handle"], session_id, generation))
    if header.get("bundle"):
        result.bundle.CopyFrom(mime_bundle(header["bundle"], blobs))
    return result


def error_reason(name: str) -> error_pb2.ErrorReason:
    """The number of a reason by its name. Raises ValueError."""
    reason: Any = _REASONS.get(name)
    if reason is None:
        raise ValueError(f"there is no reason {name!r}")
    return reason  # type: ignore[no-any-return]


def object_ref(header: dict[str, Any], session_id: str, generation: int) -> value_pb2.ObjectRef:
    """A `handle` of the session protocol."""
    return value_pb2.ObjectRef(
        id=header["id"],
        session_id=session_id,
        generation=generation,
        type_name=header["type"],
        text=header["text"],
        shape=header.get("shape", ()),
    )


def operation_result(
    header: dict[str, Any], blobs: list[bytes], session_id: str, generation: int
) -> object_pb2.OperationResult:
    """What is told of one operation in the `end` of a batch."""
    result = object_pb2.OperationResult(notes=header.get("notes", ()))
    if "value" in header:
        result.value.CopyFrom(python_value(header["value"], blobs))
    if "handle" in header:
        result.handle.CopyFrom(object_ref(header["handle"], session_id, generation))
    if "error" in header:
        result.error.CopyFrom(python_error(header["error"], blobs))
    if "failure" in header:
        failure = header["failure"]
        result.failure.reason = error_reason(failure["reason"])
        result.failure.message = failure["message"]
        result.failure.path = failure.get("path", "")
    if "items" in header:
        _add_items(result.items, header["items"], blobs, session_id, generation)
    if "description" in header:
        _add_description(result.description, header["description"])
    return result


def _add_items(
    items: object_pb2.ItemsResult, header: dict[str, Any], blobs: list[bytes], session_id: str, generation: int
) -> None:
    if "json" in header:
        items.json = _blob(header["json"], blobs).decode("utf-8")
    items.exhausted = bool(header["exhausted"])
    for item in header.get("values", ()):
        if "handle" in item:
            items.values.add(object=object_ref(item["handle"], session_id, generation))
        else:
            items.values.append(python_value(item["value"], blobs))
    if "error" in header:
        items.error.CopyFrom(python_error(header["error"], blobs))


def _add_description(description: object_pb2.DescriptionResult, header: dict[str, Any]) -> None:
    description.type_name = header["type"]
    for name in ("text", "documentation", "signature"):
        setattr(description, name, header[name])
    for name in ("callable", "iterable", "awaitable"):
        setattr(description, name, bool(header[name]))
    for attribute in header.get("attributes", ()):
        description.attributes.add(
            name=attribute["name"], type_name=attribute["type"], callable=bool(attribute["callable"])
        )


def display(header: dict[str, Any], blobs: list[bytes]) -> execute_pb2.Display:
    """A `display` frame."""
    return execute_pb2.Display(
        bundle=mime_bundle(header["bundle"], blobs),
        display_id=header.get("display_id") or "",
        update=bool(header.get("update")),
    )


def input_request(header: dict[str, Any], request_id: int) -> execute_pb2.InputRequest:
    """An `ask` frame."""
    prompt = _string(header["prompt"])[:MAX_NOTICE_CHARS]
    return execute_pb2.InputRequest(request_id=request_id, prompt=prompt, password=bool(header.get("password")))


def warning(message: Any) -> execute_pb2.Notice:
    """A notice that something was not as it should be."""
    return execute_pb2.Notice(kind=execute_pb2.NOTICE_KIND_WARNING, message=_string(message)[:MAX_NOTICE_CHARS])


def _blob(reference: Any, blobs: list[bytes]) -> bytes:
    index = _object(reference)["blob"]
    if type(index) is not int or index < 0 or blobs[index] is _TAKEN:
        raise ValueError("a blob that is not there")
    blob, blobs[index] = blobs[index], _TAKEN
    return blob


def _object(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise TypeError("an object was expected")
    return data


def _string(data: Any) -> str:
    if not isinstance(data, str):
        raise TypeError("a text was expected")
    return data
