"""What code needs to speak for its session: it finds the sockets and sends frames of its own."""

from __future__ import annotations

PRELUDE = """
import json, os, socket, struct, time, threading
sockets = sorted(int(fd) for fd in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{fd}')
                 and os.readlink(f'/proc/self/fd/{fd}').startswith('socket:'))
ahead, work, control = sockets
def send(data, fd=work):
    data = memoryview(data)
    while data: data = data[os.write(fd, data):]
def frame(header, *blobs):
    if blobs: header['blobs'] = [len(blob) for blob in blobs]
    text = json.dumps(header).encode()
    return struct.pack('!II', 4 + len(text) + sum(map(len, blobs)), len(text)) + text + b''.join(blobs)
def say(header, *blobs): send(frame(header, *blobs))
def wait(): time.sleep(60)
me = 'ID'
def end(**fields): return {'op': 'end', 'id': me, 'outcome': 'ok', **fields}
def tensor(**data): return {'kind': 'tensor', 'data': {'dtype': '<f8', 'blob': 0, **data}}
"""
