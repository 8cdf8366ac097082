"""A hint for code that is no Python, but what people type into a notebook."""

from __future__ import annotations

from beep_session.own import BUILTINS as __builtins__  # noqa: F401


def hint_for(source: str) -> str:
    """One sentence for source that did not compile, or nothing."""
    for line in source.splitlines():
        line = line.strip()
        if line.startswith(("!pip", "%pip", "! pip", "!uv ", "%uv ", "%conda", "!conda")):
            return (
                "packages are installed into the environment, not from code: "
                "use the gateway's package operations (VenvService), then open a new session"
            )
        if line.startswith("!"):
            return f"shell commands are no Python: use subprocess.run({line[1:].strip()[:80]!r}, shell=True)"
        if line.startswith("%"):
            return "magic commands belong to IPython and are not known here: use Python instead"
    return ""
