"""The libraries beneath signing, corrected: the same results, without the traps."""

import io

import pytest
from asn1crypto import core, x509
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError

from services.common.signing import corrections

_DEFINITE_0180 = b"\x30\x82\x01\x80"


class Counted(core.OctetString):
    """Counts how often it is encoded."""

    encoded = 0

    def dump(self, force: bool = False) -> bytes:
        Counted.encoded += 1
        return bytes(super().dump(force))


class Row(core.SequenceOf):  # type: ignore[misc] # asn1crypto has no types
    _child_spec = Counted


def test_a_length_that_ends_in_0x80_is_written_as_it_was_read_and_not_anew() -> None:
    content = b"\x04\x82\x01\x7c" + bytes(0x17C)
    read = Row.load(_DEFINITE_0180 + content)
    assert len(read) == 1
    assert read[0].native == bytes(0x17C)
    Counted.encoded = 0
    assert read.dump() == _DEFINITE_0180 + content
    assert Counted.encoded == 0


class Rows(core.SequenceOf):  # type: ignore[misc] # asn1crypto has no types
    _child_spec = Row


class Table(core.Sequence):  # type: ignore[misc] # asn1crypto has no types
    _fields = [("rows", Rows)]  # noqa: RUF012 - as asn1crypto wants it


def test_a_changed_value_is_encoded_once_however_deep_it_lies_and_again_when_it_is_changed_again() -> None:
    table = Table({"rows": [[b"one"]]})
    assert table.dump() == b"\x30\x09\x30\x07\x30\x05\x04\x03one"
    Counted.encoded = 0
    table["rows"][0].append(b"two")
    assert table.dump() == b"\x30\x0e\x30\x0c\x30\x0a\x04\x03one\x04\x03two"
    assert Counted.encoded == len([b"one", b"two"])
    table["rows"][0][0] = b"six"
    assert table.dump() == b"\x30\x0e\x30\x0c\x30\x0a\x04\x03six\x04\x03two"


def test_a_value_of_indefinite_length_is_still_written_with_a_definite_one() -> None:
    read = Row.load(b"\x30\x80\x04\x01\x07\x00\x00")
    assert read.dump() == b"\x30\x03\x04\x01\x07"


def test_a_value_of_indefinite_length_with_a_long_tag_is_told_from_one_of_definite_length() -> None:
    assert not corrections._is_definite(b"\xbf\x81\x23\x80")
    assert corrections._is_definite(b"\xbf\x81\x23\x81\x80")


def _read(text: bytes) -> object:
    return generic.read_hex_string_from_stream(io.BytesIO(text))


@given(st.binary(max_size=20_000), st.binary(max_size=8))
def test_a_hexadecimal_string_reads_as_pyhanko_reads_it_and_stops_behind_it(content: bytes, rest: bytes) -> None:
    stream = io.BytesIO(b"<" + content.hex().encode() + b">" + rest)
    by_octets = corrections._read_octet_by_octet(io.BytesIO(stream.getvalue()))
    assert generic.read_hex_string_from_stream(stream) == by_octets
    assert stream.read() == rest


@pytest.mark.parametrize("text", [b"<61 62\n63>x", b"<616>x", b"<61%comment>\n62>x"])
def test_an_unusual_hexadecimal_string_reads_as_pyhanko_reads_it(text: bytes) -> None:
    ours, theirs = io.BytesIO(text), io.BytesIO(text)
    assert generic.read_hex_string_from_stream(ours) == corrections._read_octet_by_octet(theirs)
    assert ours.read() == theirs.read()


@pytest.mark.parametrize("text", [b"<6162", b"<61zz>"])
def test_a_broken_hexadecimal_string_is_refused(text: bytes) -> None:
    with pytest.raises(PdfError):
        _read(text)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [("样本 Ａ", "样本 a", True), ("样本  a", " 样本 a", True), ("样本", "样木", False)],
)
def test_names_are_still_compared_as_prepared_strings(one: str, other: str, equal: bool) -> None:
    for _ in range(2):
        assert (_name(one) == _name(other)) is equal


def _name(text: str) -> x509.Name:
    return x509.Name.build({"common_name": text})
