"""Writes down what a plain Jupyter kernel offers at the places of a table: `completions.py <table.json>`.

Names of IPython's own, which are no Python (magics) or no names (files), are left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from jupyter_client import BlockingKernelClient, KernelManager

PATIENCE_S = 60

Place = dict[str, Any]


def offered(client: BlockingKernelClient, code: str, cursor: int) -> list[str]:
    """The code as it would be with each of the names; for keywords of a call, the same."""
    content = client.complete(code, cursor, reply=True, timeout=PATIENCE_S)["content"]
    names = []
    for known in content["metadata"].get("_jupyter_types_experimental", []):
        text, kind = known["text"], known["type"]
        if kind not in ("magic", "path") and not text.startswith("%"):
            names.append(code[: known["start"]] + text + code[known["end"] :])
    return sorted(set(names))


def main(path: str) -> None:
    with open(path) as file:
        table = json.load(file)
    manager = KernelManager()
    manager.start_kernel(stderr=subprocess.DEVNULL)  # it warns of TCP at every start
    client: BlockingKernelClient = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE_S)
        reply = client.execute("\n".join(table["setup"]), reply=True, timeout=PATIENCE_S)
        assert reply["content"]["status"] == "ok", reply
        for place in table["places"]:
            before, after = place["code"].split("|")
            place["offered"] = offered(client, before + after, len(before))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    with open(path, "w") as file:
        json.dump(table, file, indent=1, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
