"""No object identifier that we write has an arc beyond what relying parties must take (RFC 5280, appendix B: 2^28)."""

from collections.abc import Iterator

from asn1crypto import core, parser
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import CertificateSigningRequestBuilder, Name

from services.identity.authority.profiles import Subject
from tests.unit.authority.test_timestamps import AUTHORITY, CERTIFICATES, NOW, request

CONSTRUCTED, OCTET_STRING, IDENTIFIER = 1, 4, 6


def identifiers(der: bytes) -> Iterator[str]:
    """Every object identifier in a DER value, however deep, in octet strings too where they hold DER."""
    while der:
        try:
            class_, method, tag, header, content, trailer = parser.parse(der, strict=False)
        except ValueError:
            return
        whole = header + content + trailer
        if method == CONSTRUCTED or (class_ == 0 and tag == OCTET_STRING) or class_ == 2:
            yield from identifiers(content)
        elif class_ == 0 and tag == IDENTIFIER:
            yield core.ObjectIdentifier.load(whole).dotted
        der = der[len(whole) :]


def test_no_arc_is_too_large_for_a_relying_party() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    asked = CertificateSigningRequestBuilder().subject_name(Name([])).sign(key, hashes.SHA256())
    subject = Subject("周建国", "1", "样调字〔2026〕第0001号", "party-1", False, "样本家电有限公司", "法定代表人")
    chain = CERTIFICATES.issue(asked.public_bytes(serialization.Encoding.DER), subject, NOW)
    responses, lists = CERTIFICATES.statements(list(chain[:1]), NOW, [])
    found = [each for der in (*chain, *responses, *lists, AUTHORITY.respond(request())) for each in identifiers(der)]
    assert len(found) > 50 and "2.5.29.32.0" in found, "else nothing was looked at"
    assert [each for each in found if any(int(arc) >= 2**28 for arc in each.split("."))] == []
