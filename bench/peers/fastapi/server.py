"""The numbers of an array, as a service that people write with FastAPI. Says its port, ends with stdin."""

import socket
import sys
import threading

import numpy
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
held = {"array": numpy.random.default_rng(1).random(1_000_000)}


class Request(BaseModel):
    """Whose numbers."""

    handleId: str


# Without a type of its answer, as the original has it: with one, FastAPI would not write it by `json`.
@app.post("/tofloatarray")
async def tofloatarray(request: Request):
    """All of them, flat."""
    return {"data": numpy.array(held[request.handleId]).flatten().tolist()}


def main() -> None:
    """Serve until stdin ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))

    def end() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=end, daemon=True).start()
    print(listening.getsockname()[1], flush=True)
    server.run(sockets=[listening])


main()
