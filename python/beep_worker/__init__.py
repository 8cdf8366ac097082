"""The worker: a gRPC server that supervises templates and sessions and keeps every execution's event log.

Runs in the admin environment under a keeper (`keeper.py`); see `proto/beep/python/worker/v1/worker.proto` for what the
gateway asks of it and `docs/internals/session-protocol.md` for how it speaks with templates and sessions.
"""
