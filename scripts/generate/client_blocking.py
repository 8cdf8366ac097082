"""Makes the Python client that blocks out of the one for asyncio: `client_blocking.py [<folder to write to>]`.

Both are one text but for `async` and `await`, the names of classes, and what `waiting.py` has in two forms. Needs the
ruff of the environment that it runs in.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "python" / "beep_python_client" / "awaited"
TARGET = Path("python", "beep_python_client", "blocking")

RULES = (
    (r"\basync (?=def|for|with)", ""),
    (r"\bawait ", ""),
    (r"\bStopAsyncIteration\b", "StopIteration"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\basync_(?=[a-z])", ""),
    (r"\b__a(enter|exit|iter|next)__", r"__\1__"),
    (r"\bbeep_python_client\.awaited\b", "beep_python_client.blocking"),
)


def blocking(source: str, name: str) -> str:
    """The text of a file of the client that blocks."""
    for pattern, replacement in RULES:
        source = re.sub(pattern, replacement, source)
    return f"# Made from awaited/{name} by scripts/generate/client_blocking.py; edit that one.\n{tidy(source, name)}"


def tidy(text: str, name: str) -> str:
    """Lines that became shorter are broken elsewhere, and names that changed are sorted elsewhere."""
    for command in (("check", "--quiet", "--select", "I", "--fix"), ("format", "--quiet")):
        run = [sys.executable, "-m", "ruff", *command, "--no-cache", "--stdin-filename", str(ROOT / TARGET / name), "-"]
        text = subprocess.run(run, input=text, capture_output=True, text=True, check=True).stdout
    return text


def main() -> None:
    """Write every file."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT) / TARGET
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").write_text('"""The client for programs that block."""\n', encoding="utf-8")
    for path in sorted(SOURCE.glob("*.py")):
        if path.name != "__init__.py":
            made = blocking(path.read_text(encoding="utf-8"), path.name)
            (folder / path.name).write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
