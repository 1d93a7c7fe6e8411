"""Bytes to bodies, whatever the pieces they come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.simulator.wire.framing import (
    API_SIGN,
    MAX_BODY,
    PREFIX,
    Frames,
    FramingError,
    client_hello,
    frame,
    parse_hello,
)


@given(st.lists(st.binary(max_size=60), max_size=8), st.lists(st.integers(1, 40), max_size=40))
def test_bodies_survive_any_cutting_of_the_stream(bodies: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(frame(body) for body in bodies)
    frames, found, at = Frames(hello=False), [], 0
    for size in [*cuts, len(stream) + 1]:
        found += frames.feed(stream[at : at + size])
        at += size
    assert found == bodies


def test_a_hello_is_understood_byte_by_byte() -> None:
    frames, found = Frames(hello=True), []
    for byte in client_hello(157, 176):
        found += frames.feed(bytes([byte]))
    assert [parse_hello(body) for body in found] == [(157, 176)]


def test_a_hello_may_carry_options() -> None:
    assert parse_hello(b"v100..178 +PACEAPI") == (100, 178)


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\n", b"A\0", b"APIX", b"\0\0\0\x09"])
def test_another_protocol_is_refused_at_its_first_bytes(start: bytes) -> None:
    with pytest.raises(FramingError, match="hello"):
        Frames(hello=True).feed(start)


@pytest.mark.parametrize(
    "body", [b"", b"v1", b"157..176", b"v157..176x", b"v1..-1", b"v9999999..1"]
)
def test_a_hello_that_names_no_range_is_refused(body: bytes) -> None:
    with pytest.raises(FramingError, match="hello"):
        parse_hello(body)


def test_a_frame_that_is_too_long_is_refused_before_it_is_stored() -> None:
    with pytest.raises(FramingError, match="the longest is"):
        Frames(hello=False).feed(PREFIX.pack(MAX_BODY + 1))


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(noise: bytes) -> None:
    frames = Frames(hello=True)
    if noise and not API_SIGN.startswith(noise[:4]):
        with pytest.raises(FramingError):
            frames.feed(noise)
    else:
        assert frames.feed(noise) == []
