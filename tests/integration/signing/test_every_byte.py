"""No single byte of a sealed file can change unnoticed; and no input makes the verifier raise."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.signing.inspect import inspect
from services.common.signing.trust_settings import Knowledge
from services.common.signing.verify import verify
from tests.kit.signing import sealed_round

SAMPLE = 160


def flipped(pdf: bytes, offset: int, bit: int) -> bytes:
    return pdf[:offset] + bytes([pdf[offset] ^ 1 << bit]) + pdf[offset + 1 :]


def last_container(pdf: bytes) -> range:
    start = pdf.rindex(b"/Contents <")
    return range(start, pdf.index(b">", start) + 1)


def structural_offsets(pdf: bytes) -> list[int]:
    """Where the structure of the file is said: around every keyword of its skeleton."""
    keywords = (
        b"%PDF",
        b"/ByteRange",
        b"/Contents <",
        b"startxref",
        b"%%EOF",
        b"xref",
        b"trailer",
        b"/DSS",
        b"/AcroForm",
    )
    return [position + 3 for keyword in keywords for position in _positions(pdf, keyword)]


def _positions(pdf: bytes, keyword: bytes) -> list[int]:
    found, position = [], pdf.find(keyword)
    while position >= 0:
        found.append(position)
        position = pdf.find(keyword, position + 1)
    return found


def assert_refused(offsets: list[int], source: random.Random) -> None:
    signed = sealed_round()
    expectation = signed.expectation()
    accepted = [
        (offset, bit)
        for offset in offsets
        for bit in [source.randrange(8)]
        if verify(flipped(signed.sealed, offset, bit), expectation).valid
    ]
    assert accepted == []


def test_a_flipped_bit_in_the_structure_is_refused() -> None:
    source = random.Random(1)
    offsets = structural_offsets(sealed_round().sealed)
    assert_refused(source.sample(offsets, min(SAMPLE, len(offsets))), source)


def test_a_flipped_bit_in_the_last_signatures_container_is_refused() -> None:
    source = random.Random(2)
    pdf = sealed_round().sealed
    container = last_container(pdf)
    used = range(container.start, container.start + len(pdf[container.start : container.stop].rstrip(b"0>")))
    assert_refused(source.sample(used, SAMPLE), source)


def test_a_flipped_bit_anywhere_is_refused() -> None:
    source = random.Random(3)
    assert_refused(source.sample(range(len(sealed_round().sealed)), SAMPLE), source)


@pytest.mark.exhaustive
@pytest.mark.timeout(0)
def test_every_bit_of_the_last_container_is_refused() -> None:
    signed = sealed_round()
    expectation = signed.expectation()
    accepted = [
        (offset, bit)
        for offset in last_container(signed.sealed)
        for bit in range(8)
        if verify(flipped(signed.sealed, offset, bit), expectation).valid
    ]
    assert accepted == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400))
def test_garbage_is_refused_and_never_raises(garbage: bytes) -> None:
    for pdf in (garbage, b"%PDF-1.7\n" + garbage + b"\nstartxref\n0\n%%EOF"):
        assert not verify(pdf, sealed_round().expectation()).valid
        assert not inspect(pdf, Knowledge(sealed_round().authorities.roots), sealed_round().expectation().now).valid


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_cut_or_spliced_file_is_refused_and_never_raises(data: st.DataObject) -> None:
    pdf = sealed_round().sealed
    start = data.draw(st.integers(0, len(pdf) - 1))
    end = data.draw(st.integers(start + 1, len(pdf)))
    insert = data.draw(st.binary(max_size=40))
    spliced = pdf[:start] + insert + pdf[end:]
    assert spliced == pdf or not verify(spliced, sealed_round().expectation()).valid
