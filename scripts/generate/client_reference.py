"""Writes docs/reference/client-python.md from the docstrings of the client: `client_reference.py [--check]`."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

import beep_python_client as client  # noqa: E402

TARGET = ROOT / "docs" / "reference" / "client-python.md"

# What belongs together, in the order in which a reader needs it.
PARTS = {
    "Clients": ["Client", "AsyncClient"],
    "Sessions": ["Session", "AsyncSession", "Fresh", "AsyncFresh", "SessionOptions", "Limits", "SessionInfo"],
    "Executions": [
        *("Execution", "AsyncExecution", "ExecuteOptions", "Script", "Module", "Function"),
        *("Result", "Ending", "Usage", "Notice", "Mime", "Stopped"),
    ],
    "Events": [
        *("Event", "Accepted", "Started", "Output", "Display", "ClearOutput", "ResultValue", "InputRequest", "Raised"),
        *("Noticed", "Dropped", "Finished"),
    ],
    "Objects": ["Remote", "AsyncRemote", "Scope", "AsyncScope", "Described", "Tensor"],
    "Looking in": [
        "Completions",
        "Completion",
        "Completeness",
        "Inspection",
        "Variables",
        "Variable",
        "Stacks",
        "ThreadStack",
    ],
    "Environments": [
        *("Venvs", "AsyncVenvs", "VenvOptions", "IndexOptions", "Work", "AsyncWork", "Progress", "VenvInfo"),
        *("VenvGeneration", "VenvChange", "PackageChange", "PackageInfo", "Plan", "VenvProblem"),
    ],
    "Host": [
        *("Runtimes", "AsyncRuntimes", "RuntimeInfo", "Host", "AsyncHost", "HostInfo", "Endpoint", "IsolationSupport"),
        *("HostStats", "SessionKindStats", "WorkerStats", "WorkerInfo", "HostEvent"),
    ],
    "Exceptions": [
        *("RemoteError", "Frame", "BeepError", "ExecutionFailed", "ExecutionTimeout", "ExecutionOutOfMemory"),
        *("GatewayError", "ConnectionLost", "GatewayNotFound", "CallTimeout", "ClientClosed"),
    ],
}


def reference() -> str:
    """The whole file."""
    told = {name for names in PARTS.values() for name in names}
    untold = set(client.__all__) - told - {"errors"}
    if untold:
        raise SystemExit(f"in no part of the reference: {', '.join(sorted(untold))}; add it to {__file__}")
    parts = [
        "# The Python client: reference\n\n"
        "Made from the docstrings of `beep_python_client`; [the guide](../guides/client-python.md) shows how it is used.\n"
    ]
    for title, names in PARTS.items():
        parts.append(f"\n## {title}\n")
        parts.extend(of_class(name, getattr(client, name)) for name in names)
    parts.append("\n## Refusals\n\n`beep_python_client.errors`: a GatewayError for each reason.\n\n| | |\n|---|---|\n")
    for kind in client.errors.REASONS.values():
        parts.append(f"| `{kind.__name__}` | {in_cell(text_of(kind))} |\n")
    return "".join(parts)


def of_class(name: str, kind: Any) -> str:
    """One class: what it is, its fields, its methods."""
    lines = [f"\n### {name}\n\n{text_of(kind)}\n"]
    rows = [*fields(kind), *methods(kind)]
    if name.endswith("Client"):
        rows.insert(0, (f"{name}{signature(kind.__init__).removesuffix(' -> None')}", ""))
    if rows:
        lines.append("\n| | |\n|---|---|\n")
        lines.extend(f"| `{in_cell(what)}` | {in_cell(text)} |\n" for what, text in rows)
    return "".join(lines)


def fields(kind: Any) -> list[tuple[str, str]]:
    """Its fields by their annotations, with the comments that begin with `#:`."""
    comments: dict[str, str] = {}
    said: list[str] = []
    for line in inspect.getsource(kind).splitlines():
        text = line.strip()
        if text.startswith("#:"):
            said.append(text[2:].strip())
            continue
        name = text.removeprefix("self.").split(":")[0].split("=")[0].strip()
        if said and name.isidentifier():
            comments[name] = " ".join(said)
        said = []
    annotated = {} if hasattr(kind, "attribute_") else kind.__dict__.get("__annotations__", {})
    bases = [base for base in kind.__mro__[1:] if dataclasses.is_dataclass(base)]
    inherited = {field.name for base in bases for field in dataclasses.fields(base)}
    names = dict.fromkeys([*annotated, *comments])
    return [
        (f"{name}: {annotated[name]}" if name in annotated else name, comments.get(name, ""))
        for name in names
        if not name.startswith("_") and name not in inherited
    ]


def methods(kind: Any) -> list[tuple[str, str]]:
    """Its methods and properties that have a docstring, those that it inherits from a class of ours among them."""
    found: dict[str, tuple[str, str]] = {}
    for base in reversed(kind.__mro__):
        if not base.__module__.startswith("beep_python_client"):
            continue
        for name, member in vars(base).items():
            if name.startswith("_"):
                continue
            if isinstance(member, property):
                found[name] = (name, text_of(member))
            elif inspect.isfunction(member) and member.__doc__:
                before = "await " if inspect.iscoroutinefunction(member) else ""
                found[name] = (f"{before}{name}{signature(member)}", text_of(member))
    return list(found.values())


def signature(method: Any) -> str:
    """As it is called."""
    made = inspect.signature(method)
    parameters = [parameter for name, parameter in made.parameters.items() if name not in ("self", "cls")]
    # Annotations are texts here, and are shown without their quotes.
    return re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(made.replace(parameters=parameters)))


def text_of(member: Any) -> str:
    """Its docstring, paragraph by paragraph."""
    return inspect.cleandoc(member.__doc__ or "")


def in_cell(text: str) -> str:
    """A text in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Write it, or fail where it is stale."""
    wanted = reference()
    if "--check" in sys.argv[1:]:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != wanted:
            raise SystemExit(
                "docs/reference/client-python.md is stale; run: python scripts/generate/client_reference.py"
            )
        return
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main()
