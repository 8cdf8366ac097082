"""The client for asyncio: the text of both, of which scripts/generate/client_blocking.py makes the other."""
