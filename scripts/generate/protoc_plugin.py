"""A plugin for buf that makes Python code with the protoc of grpcio-tools.

buf has no `grpc_python` of its own, and its other ways to get one need a network. It hands a plugin the descriptors of
every file as a CodeGeneratorRequest; this one passes them on to `grpc_tools.protoc` and hands back what that wrote.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from google.protobuf.compiler import plugin_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc


def generate(request: plugin_pb2.CodeGeneratorRequest) -> plugin_pb2.CodeGeneratorResponse:
    """Modules and type stubs of every file asked for, and gRPC stubs of those with services."""
    files = list(request.file_to_generate)
    asked_for = set(files)
    with_services = [file.name for file in request.proto_file if file.name in asked_for and file.service]
    response = plugin_pb2.CodeGeneratorResponse(
        supported_features=plugin_pb2.CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    )
    with tempfile.TemporaryDirectory() as folder:
        descriptors = Path(folder, "descriptors.binpb")
        descriptors.write_bytes(FileDescriptorSet(file=request.proto_file).SerializeToString())
        out = Path(folder, "out")
        out.mkdir()
        run_protoc(descriptors, ["--python_out", "--pyi_out"], out, files)
        run_protoc(descriptors, ["--grpc_python_out"], out, with_services)
        for path in sorted(out.rglob("*")):
            if path.is_file():
                response.file.add(name=path.relative_to(out).as_posix(), content=path.read_text(encoding="utf-8"))
    return response


def run_protoc(descriptors: Path, flags: list[str], out: Path, files: list[str]) -> None:
    """Run protoc in this process; what it complains about goes to stderr, which buf shows."""
    if not files:
        return
    arguments = ["protoc", f"--descriptor_set_in={descriptors}", *(f"{flag}={out}" for flag in flags), *files]
    if protoc.main(arguments) != 0:
        raise SystemExit(f"protoc failed on {', '.join(files)}")


def main() -> None:
    """Answer the request on stdin."""
    request = plugin_pb2.CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    sys.stdout.buffer.write(generate(request).SerializeToString())


if __name__ == "__main__":
    main()
