"""Frames, from bytes in any portions."""

from __future__ import annotations

import random

import pytest

from beep_worker import frames
from beep_worker.frames import Frame, FrameError, FrameReader, encode

SEEDS = range(30)


def some_frames(rng: random.Random) -> list[Frame]:
    def frame() -> Frame:
        header = {
            "op": "x" * rng.randint(1, 20),
            "number": rng.randint(-(1 << 60), 1 << 60),
            "text": "é\u2028\U0001f40d",
        }
        return Frame(header, [rng.randbytes(rng.choice((0, 1, 7, 1000, 70_000))) for _ in range(rng.randint(0, 3))])

    return [frame() for _ in range(rng.randint(1, 8))]


def portions(rng: random.Random, data: bytes) -> list[bytes]:
    cuts = sorted(rng.randint(0, len(data)) for _ in range(rng.randint(0, 12)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


@pytest.mark.parametrize("seed", SEEDS)
def test_frames_come_out_as_they_went_in_however_they_are_cut(seed: int) -> None:
    rng = random.Random(seed)
    sent = some_frames(rng)
    data = b"".join(encode(dict(frame.header), *frame.blobs) for frame in sent)
    reader = FrameReader()
    received = [frame for portion in portions(rng, data) for frame in reader.feed(portion)]
    assert [frame.blobs for frame in received] == [frame.blobs for frame in sent]
    for was, now in zip(sent, received, strict=True):
        assert {**now.header, "blobs": None} == {**was.header, "blobs": None}


@pytest.mark.parametrize("seed", SEEDS)
def test_bytes_that_were_changed_give_frames_or_an_error_and_nothing_else(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(50):
        data = bytearray(b"".join(encode(dict(frame.header), *frame.blobs) for frame in some_frames(rng)))
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(min(len(data), 200))] = rng.randrange(256)
        reader = FrameReader()
        try:
            for portion in portions(rng, bytes(data)):
                for frame in reader.feed(portion):
                    assert isinstance(frame.header, dict)
        except FrameError:
            continue


@pytest.mark.parametrize("seed", SEEDS)
def test_noise_gives_an_error_or_waits_for_more(seed: int) -> None:
    rng = random.Random(seed)
    reader = FrameReader()
    try:
        for _ in range(20):
            for frame in reader.feed(rng.randbytes(rng.randint(0, 100))):
                assert isinstance(frame, Frame)
    except FrameError:
        pass


def test_a_length_beyond_the_bound_is_refused_before_its_bytes_have_come() -> None:
    with pytest.raises(FrameError):
        FrameReader().feed((frames.MAX_FRAME_BYTES + 1).to_bytes(4, "big") + bytes(4))
    with pytest.raises(FrameError):
        FrameReader().feed((1 << 20).to_bytes(4, "big") + (1 << 20).to_bytes(4, "big"))
    large = frames.MAX_HEADER_BYTES + 1
    with pytest.raises(FrameError):
        FrameReader().feed((large + 100).to_bytes(4, "big") + large.to_bytes(4, "big"))


def test_an_op_is_a_text() -> None:
    for header in ({}, {"op": 7}, {"op": None}):
        with pytest.raises(FrameError):
            _ = Frame(header, []).op
