"""No single byte of a sealed file can change unnoticed; and no input makes the verifier raise.

The proof has two parts, because the last container is the only part of a file that nothing covers. Outside of it every
byte is under one digest, which is checked before any reader sees the file: each byte is changed once, and in the
skeleton of the file in three ways. Inside of it each byte is changed into everything else it could be read as. Here a
fair sample; ``-m exhaustive -s`` does all of it (some 370,000 changes, seven minutes of one core) and counts aloud.
"""

import random
import re
from collections.abc import Iterable, Iterator
from functools import cache

import pytest
from asn1crypto import cms
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.sign.validation.dss import DocumentSecurityStore

from services.common.signing.containers import Container, newest_container, require_canonical
from services.common.signing.inspect import inspect
from services.common.signing.outermost import require_outermost
from services.common.signing.report import Refused
from services.common.signing.trust_settings import Knowledge
from services.common.signing.verify import open_file, verify
from tests.kit.signing import sealed_round

HEXADECIMAL = b"0123456789ABCDEF"
SLICES = 6
STEP = 67
"""A prime, so that the sample meets every column of tables and every place in repeated structures."""

Change = tuple[int, int]
"""An offset and the byte that is put there."""


def in_three_ways(offset: int) -> Iterator[Change]:
    """One more, the other letter case (which hexadecimal reads alike), and nothing."""
    old = sealed_round().sealed[offset]
    return ((offset, new) for new in {(old + 1) % 256, old ^ 0x20, 0} - {old})


def in_one_way(offset: int) -> Change:
    """One of the three, another one at the next offset."""
    ways = sorted(in_three_ways(offset))
    return ways[offset % len(ways)]


def as_other_digits(offset: int) -> Iterator[Change]:
    return ((offset, digit) for digit in HEXADECIMAL if digit != sealed_round().sealed[offset])


def changed(change: Change) -> bytes:
    offset, new = change
    pdf = sealed_round().sealed
    return pdf[:offset] + bytes([new]) + pdf[offset + 1 :]


@cache
def container() -> Container:
    found = newest_container(sealed_round().sealed)
    assert found is not None
    return found


def digits() -> range:
    """Where the last CMS is written, two hexadecimal digits a byte."""
    start = container().gap_start + 1
    return range(start, start + 2 * len(container().der))


def padding() -> list[int]:
    """The rest of the gap: its delimiters and the zeros after the CMS."""
    return [container().gap_start, *range(digits().stop, container().gap_end)]


def covered() -> list[int]:
    return [*range(container().gap_start), *range(container().gap_end, len(sealed_round().sealed))]


def skeleton() -> list[int]:
    """Every covered byte outside of streams and of the other signatures' containers: objects, tables, trailers."""
    pdf = sealed_round().sealed
    inner = re.compile(rb"(?<=[^d]stream\n).*?(?=endstream)|(?<=/Contents <)[^>]*", re.DOTALL)
    filling = {offset for found in inner.finditer(pdf) for offset in range(*found.span())}
    return [offset for offset in covered() if offset not in filling]


def of_the_authority() -> range:
    """The digits of the issuing certificate, the one part of the last CMS that its own signature does not bind."""
    data = cms.ContentInfo.load(container().der)["content"]
    (issuing,) = (choice.chosen.dump() for choice in data["certificates"] if choice.chosen.ca)
    start = digits().start + 2 * container().der.index(issuing)
    return range(start, start + 2 * len(issuing))


def accepted(changes: Iterable[Change]) -> list[Change]:
    """Those that the verifier takes for the sealed file."""
    expectation = sealed_round().expectation()
    return [change for change in changes if verify(changed(change), expectation).valid]


def let_pass(changes: Iterable[Change]) -> list[Change]:
    """Those that pass the two checks of a container, which the verifier makes of every last one.

    The certificates it knows lie in covered bytes, so they are read once, from the unchanged file.
    """
    archived = DocumentSecurityStore.read_dss(open_file(sealed_round().sealed)).load_certs()
    known = [*sealed_round().authorities.roots, *(certificate.dump() for certificate in archived)]
    return [change for change in changes if not _refused(changed(change), known)]


def _refused(pdf: bytes, known: list[bytes]) -> bool:
    try:
        require_outermost(pdf, sealed_round().authorities.roots)
        found = newest_container(pdf)
        assert found is not None
        require_canonical(found, known)
    except Refused:
        return True
    return False


def test_the_last_container_is_all_that_is_not_covered() -> None:
    pdf = sealed_round().sealed
    assert container().end == len(pdf)
    assert len(covered()) + len(digits()) + len(padding()) == len(pdf)
    require_outermost(pdf, sealed_round().authorities.roots)


def test_a_covered_byte_changed_is_refused() -> None:
    assert accepted(map(in_one_way, covered()[::STEP])) == []


def test_a_byte_of_the_skeleton_changed_is_refused() -> None:
    assert accepted(change for offset in skeleton()[::STEP] for change in in_three_ways(offset)) == []


def test_a_byte_of_the_padding_changed_is_refused() -> None:
    assert accepted(change for offset in padding()[::STEP] for change in in_three_ways(offset)) == []
    ends = (container().gap_start, container().gap_end - 1)
    assert accepted((end, new) for end in ends for new in range(256) if new != sealed_round().sealed[end]) == []


def test_a_digit_of_the_last_signature_changed_is_refused() -> None:
    source = random.Random(1)
    assert let_pass(source.choice(list(as_other_digits(offset))) for offset in digits()[::2]) == []
    assert accepted(in_one_way(offset) for offset in of_the_authority()[::STEP]) == []


def test_a_file_inspected_offline_is_held_to_the_same() -> None:
    knowledge, now = Knowledge(sealed_round().authorities.roots), sealed_round().expectation().now
    offsets = random.Random(4).sample(range(len(sealed_round().sealed)), 60)
    assert [each for each in offsets if inspect(changed(in_one_way(each)), knowledge, now).valid] == []


@pytest.mark.exhaustive
@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", range(SLICES))
def test_every_covered_byte_is_refused(part: int) -> None:
    changes = {in_one_way(offset) for offset in covered()[part::SLICES]}
    changes |= {change for offset in skeleton()[part::SLICES] for change in in_three_ways(offset)}
    print(f"\n{len(covered()[part::SLICES])} covered bytes, {len(changes)} changes")
    assert accepted(changes) == []


@pytest.mark.exhaustive
@pytest.mark.timeout(0)
def test_every_byte_of_the_last_container_is_refused_whatever_it_becomes() -> None:
    spelled = {change for offset in [*digits(), *padding()] for change in in_three_ways(offset)}
    digit_for_digit = {change for offset in digits() for change in as_other_digits(offset)}
    print(f"\n{len(digits()) + len(padding())} bytes of the last container, {len(spelled | digit_for_digit)} changes")
    assert let_pass(digit_for_digit) == []
    assert accepted(spelled) == []


@settings(max_examples=60)
@given(st.binary(max_size=400))
def test_garbage_is_refused_and_never_raises(garbage: bytes) -> None:
    for pdf in (garbage, b"%PDF-1.7\n" + garbage + b"\nstartxref\n0\n%%EOF"):
        assert not verify(pdf, sealed_round().expectation()).valid
        assert not inspect(pdf, Knowledge(sealed_round().authorities.roots), sealed_round().expectation().now).valid


@settings(max_examples=40)
@given(st.data())
def test_a_cut_or_spliced_file_is_refused_and_never_raises(data: st.DataObject) -> None:
    pdf = sealed_round().sealed
    start = data.draw(st.integers(0, len(pdf) - 1))
    end = data.draw(st.integers(start + 1, len(pdf)))
    insert = data.draw(st.binary(max_size=40))
    spliced = pdf[:start] + insert + pdf[end:]
    assert spliced == pdf or not verify(spliced, sealed_round().expectation()).valid
