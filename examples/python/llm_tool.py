"""A loop as language models have it with a tool that runs Python: each call in a fresh session, with limits.

The model here is a list of what one might send; put a real one in its place. What goes back to it is a short text in
every case: a value, the output, or what went wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from beep_python_client import BeepError, Client, Fresh

TOOL = {
    "name": "run_python",
    "description": "Runs Python code in a fresh interpreter without a memory of earlier calls. 5 seconds, 512 MiB.",
    "parameters": {"type": "object", "properties": {"code": {"type": "string"}}, "required": ["code"]},
}
MOST_CHARACTERS = 2000


def run_python(sessions: Fresh, code: str) -> str:
    """What the model is told of a call."""
    try:
        result = sessions.run(code, check=False, timeout=5, max_output_bytes=1_000_000)
    except BeepError as refused:
        return f"the code was not run: {refused}"
    parts = [result.stdout, result.stderr, result.text if result.ok else ""]
    if result.error is not None and result.outcome == "ERROR":
        parts.append(result.error.remote_traceback)
    elif not result.ok:
        parts.append(f"{result.outcome}: {result.ending.message}")
    said = "\n".join(part.strip() for part in parts if part.strip()) or "(no output)"
    return said if len(said) <= MOST_CHARACTERS else f"{said[:MOST_CHARACTERS]} ..."


def model() -> Iterator[str]:
    """The calls that a model makes; it would read the answer to one before it makes the next."""
    yield "import statistics\nstatistics.mean([3, 1, 4, 1, 5, 9, 2, 6])"
    yield "print(mean)"
    yield "while True: pass"
    yield "import os\nos._exit(1)"
    yield "print('x' * 10_000_000)"
    yield "sum(n * n for n in range(1000))"


def main() -> None:
    """One conversation."""
    with Client() as client:
        sessions = client.fresh(limits={"memory_bytes": 512 << 20, "cpu_time": 10, "open_files": 64, "file_bytes": 1 << 20})
        for code in model():
            print(f">>> {code.splitlines()[-1][:60]}")
            print(run_python(sessions, code).splitlines()[-1][:70])


if __name__ == "__main__":
    main()
