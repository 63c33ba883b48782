"""The bytes of a signature that no signature covers: the placeholder in the file and the CMS around signed attributes.

A later signature covers them, but the last one's are covered by nothing. So nothing in them may vary: hexadecimal in
one case, zero padding, and a CMS (RFC 5652) that equals the one we would build from its signed parts and known
certificates.
"""

import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from asn1crypto import algos, cms, core
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from services.common.signing import der
from services.common.signing.report import Reason, Refused

_DIGITS = b"0123456789ABCDEF"
_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
_STAMP_ATTRIBUTE = "signature_time_stamp_token"
_BYTE_RANGE_PARTS = 4
_LENGTH_OCTETS = 4
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_ECDSA_WITH_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
# SHA-256 without parameters and with an explicit NULL (RFC 5754, 2): both are in use and mean the same, nothing else
# does.
_DIGEST_ENCODINGS = frozenset(
    {bytes.fromhex("300b0609608648016503040201"), bytes.fromhex("300d06096086480165030402010500")}
)


@dataclass(frozen=True, slots=True)
class Container:
    """A signature's place in the file: where its gap starts and ends, where its revision ends, and its CMS in DER."""

    slot: str
    gap_start: int
    gap_end: int
    end: int
    der: bytes


def read_container(pdf: bytes, signature: EmbeddedPdfSignature) -> Container:
    """The container of a signature. UNCOVERED_BYTES, PADDING_NOT_ZERO, CONTAINER_ALTERED."""
    slot = signature.field_name
    values = [int(value) for value in signature.byte_range]
    if len(values) != _BYTE_RANGE_PARTS or values[0] != 0 or min(values) < 0:
        raise Refused(Reason.UNCOVERED_BYTES, slot, "byte range")
    start, resume, end = values[1], values[2], values[2] + values[3]
    if not 0 < start < resume <= end <= len(pdf):
        raise Refused(Reason.UNCOVERED_BYTES, slot, "byte range")
    content = _gap_content(pdf[start:resume], slot)
    if content != signature.pkcs7_content:
        raise Refused(Reason.CONTAINER_ALTERED, slot, "another string is read than lies in the gap")
    return Container(slot, start, resume, end, _without_padding(content, slot))


def newest_container(pdf: bytes) -> Container | None:
    """The last container of the file, found in its raw bytes without a PDF reader; None when none can be made out.

    PADDING_NOT_ZERO, CONTAINER_ALTERED.
    """
    found = _BYTE_RANGE.match(pdf, max(pdf.rfind(b"/ByteRange"), 0))
    if found is None:
        return None
    start, resume = int(found[1]), int(found[2])
    end = resume + int(found[3])
    if not 0 < start < resume <= end <= len(pdf):
        return None
    return Container("", start, resume, end, _without_padding(_gap_content(pdf[start:resume], ""), ""))


def require_canonical(container: Container, known_certificates: Sequence[bytes]) -> None:
    """CONTAINER_ALTERED unless every byte of the CMS is signed, known or without alternative."""
    data = cms.ContentInfo.load(container.der, strict=True)["content"]
    if len(data["signer_infos"]) != 1 or len(data["digest_algorithms"]) != 1 or data["crls"].native:
        raise Refused(Reason.CONTAINER_ALTERED, container.slot, "number of parts")
    version = 1 if data["encap_content_info"]["content_type"].native == "data" else 3
    signed_data = der.sequence(
        der.integer(version),
        der.tagged(der.SET, _digest_algorithm(container.slot, data["digest_algorithms"][0])),
        data["encap_content_info"].dump(),
        der.tagged(der.CONTEXT_0, *_certificates(container.slot, data, known_certificates)),
        der.tagged(der.SET, _signer_info(container.slot, data["signer_infos"][0])),
    )
    if der.sequence(_SIGNED_DATA, der.tagged(der.CONTEXT_0, signed_data)) != container.der:
        raise Refused(Reason.CONTAINER_ALTERED, container.slot, "encoding")


def _gap_content(gap: bytes, slot: str) -> bytes:
    digits = gap[1:-1]
    if gap[:1] != b"<" or gap[-1:] != b">" or not digits or len(digits) % 2 or digits.translate(None, _DIGITS):
        raise Refused(Reason.CONTAINER_ALTERED, slot, "placeholder")
    return binascii.unhexlify(digits)


def _without_padding(content: bytes, slot: str) -> bytes:
    length = _der_length(content, slot)
    if content[length:].strip(b"\0"):
        raise Refused(Reason.PADDING_NOT_ZERO, slot)
    return content[:length]


def _signer_info(slot: str, information: cms.SignerInfo) -> bytes:
    if information["sid"].name != "issuer_and_serial_number":
        raise Refused(Reason.CONTAINER_ALTERED, slot, "signer identifier")
    return der.sequence(
        der.integer(1),
        information["sid"].dump(),
        _digest_algorithm(slot, information["digest_algorithm"]),
        information["signed_attrs"].dump(),
        _ECDSA_WITH_SHA256,
        der.tagged(der.OCTET_STRING, information["signature"].native),
        _unsigned_attributes(slot, information),
    )


def _unsigned_attributes(slot: str, information: cms.SignerInfo) -> bytes:
    """None, or the one time stamp of the signature."""
    attributes = information["unsigned_attrs"]
    if isinstance(attributes, core.Void):
        return b""
    if [attribute["type"].native for attribute in attributes] != [_STAMP_ATTRIBUTE] or len(
        attributes[0]["values"]
    ) != 1:
        raise Refused(Reason.CONTAINER_ALTERED, slot, "unsigned attributes")
    return bytes(attributes.dump())


def _digest_algorithm(slot: str, algorithm: algos.DigestAlgorithm) -> bytes:
    if algorithm.dump() not in _DIGEST_ENCODINGS:
        raise Refused(Reason.CONTAINER_ALTERED, slot, "digest algorithm")
    return bytes(algorithm.dump())


def _certificates(slot: str, data: cms.SignedData, known: Sequence[bytes]) -> list[bytes]:
    found = [bytes(choice.chosen.dump()) for choice in data["certificates"]]
    if len(set(found)) != len(found) or not set(found) <= set(known):
        raise Refused(Reason.CONTAINER_ALTERED, slot, "certificates")
    return found


def _der_length(content: bytes, slot: str) -> int:
    """The length of the one DER value at the start; definite lengths only."""
    if not content[1:] or content[0] != der.SEQUENCE:
        raise Refused(Reason.CONTAINER_ALTERED, slot, "not a sequence")
    first = content[1]
    if first < der.LONG_FORM:
        return 2 + first
    octets = first & 0x7F
    length = 2 + octets + int.from_bytes(content[2 : 2 + octets], "big")
    if not 1 <= octets <= _LENGTH_OCTETS or length > len(content):
        raise Refused(Reason.CONTAINER_ALTERED, slot, "length")
    return length
