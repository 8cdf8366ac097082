"""Messages of which one field is long: what comes before its bytes is encoded, and the bytes stay where they are.

What is printed goes from the pipe to the gateway and to the disk without being copied from one message into the next.
"""

from __future__ import annotations

from google.protobuf.message import Message

# Shorter ones are not worth it.
LONG_BYTES = 16 * 1024

_LENGTH_DELIMITED = 2


def head(message: Message, field: str, size: int) -> bytes:
    """The encoding of a message up to the bytes of one more field, so many, that are to follow."""
    number: int = message.DESCRIPTOR.fields_by_name[field].number
    return message.SerializeToString() + _varint(number << 3 | _LENGTH_DELIMITED) + _varint(size)


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
