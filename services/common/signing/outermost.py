"""The newest signature against the raw bytes of the file, before any PDF reader looks at them.

It covers every byte but its own container, and nothing in its container is free. So whatever byte of a file is changed
or added, this refuses it in a millisecond or two, however the file would read. And whose certificate does not lead to a
trusted root is refused here: a reader, which can be kept busy by a file made for that, only ever sees files that a
trusted authority closed. What the file means, and whether the path of certificates really holds, is for what follows
(``verify``).
"""

import hashlib
from collections.abc import Sequence

from asn1crypto import cms, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509 import Certificate, load_der_x509_certificate
from pyhanko.sign.general import find_unique_cms_attribute

from services.common.signing import der
from services.common.signing.containers import Container, newest_container, require_canonical
from services.common.signing.report import Reason, Refused

SIZE_LIMIT = 16 * 1024 * 1024
"""Of a file to verify; a long agreement with all its signatures has some 300 KB."""
_LONGEST_PATH = 4


def require_outermost(pdf: bytes, roots: Sequence[bytes]) -> None:
    """Unless the newest signature is of exactly these bytes, up to the last, and leads to one of the roots (DER):
    TOO_LARGE, UNSIGNED, UNCOVERED_BYTES, SIGNATURE_BROKEN, CONTAINER_ALTERED, PADDING_NOT_ZERO, NOT_TRUSTED.
    """
    if len(pdf) > SIZE_LIMIT:
        raise Refused(Reason.TOO_LARGE)
    container = newest_container(pdf)
    if container is None:
        raise Refused(Reason.UNSIGNED)
    if container.end != len(pdf):
        raise Refused(Reason.UNCOVERED_BYTES, detail="bytes after the last signature")
    try:
        _require_fitting(pdf, container, roots)
    except Refused:
        raise
    except Exception as error:  # asn1crypto and cryptography raise many kinds for a broken container
        raise Refused(Reason.SIGNATURE_BROKEN, detail=type(error).__name__) from None


def _require_fitting(pdf: bytes, container: Container, roots: Sequence[bytes]) -> None:
    data = cms.ContentInfo.load(container.der, strict=True)["content"]
    information = data["signer_infos"][0]
    attributes = information["signed_attrs"]
    if find_unique_cms_attribute(attributes, "message_digest").native != _signed_digest(pdf, container, data):
        raise Refused(Reason.SIGNATURE_BROKEN, detail="digest")
    require_canonical(container, [choice.chosen.dump() for choice in data["certificates"]])
    signer = _signer(data, information)
    named = find_unique_cms_attribute(attributes, "signing_certificate_v2")["certs"][0]["cert_hash"].native
    if named != signer.sha256:
        raise Refused(Reason.CONTAINER_ALTERED, detail="certificate of the signer")
    key = load_der_public_key(signer.public_key.dump())
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Refused(Reason.SIGNATURE_BROKEN, detail="kind of key")
    key.verify(information["signature"].native, der.tagged(der.SET, attributes.contents), ec.ECDSA(SHA256()))
    _require_path(signer.dump(), [choice.chosen.dump() for choice in data["certificates"]], roots)


def _require_path(signer: bytes, others: Sequence[bytes], roots: Sequence[bytes]) -> None:
    """Each certificate issued by the next, the last a root. Names, times and uses are judged later."""
    known = [load_der_x509_certificate(each) for each in (*roots, *others)]
    trusted = set(roots)
    certificate = load_der_x509_certificate(signer)
    for _ in range(_LONGEST_PATH):
        if certificate.public_bytes(Encoding.DER) in trusted:
            return
        issuer = next((each for each in known if _issued(each, certificate)), None)
        if issuer is None:
            break
        certificate = issuer
    raise Refused(Reason.NOT_TRUSTED, detail="the newest signature leads to no trusted root")


def _issued(issuer: Certificate, certificate: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return issuer != certificate


def _signed_digest(pdf: bytes, container: Container, data: cms.SignedData) -> bytes:
    """The digest of what is signed: of the covered bytes, or of the time stamp that names theirs."""
    covered = hashlib.sha256(memoryview(pdf)[: container.gap_start])
    covered.update(memoryview(pdf)[container.gap_end : container.end])
    content = data["encap_content_info"]["content"]
    if data["encap_content_info"]["content_type"].native == "data":
        return covered.digest()
    if content.parsed["message_imprint"]["hashed_message"].native != covered.digest():
        raise Refused(Reason.SIGNATURE_BROKEN, detail="digest")
    return hashlib.sha256(content.contents).digest()


def _signer(data: cms.SignedData, information: cms.SignerInfo) -> x509.Certificate:
    wanted = information["sid"].chosen
    for choice in data["certificates"]:
        certificate: x509.Certificate = choice.chosen
        if (certificate.issuer.dump(), certificate.serial_number) == (
            wanted["issuer"].dump(),
            wanted["serial_number"].native,
        ):
            return certificate
    raise Refused(Reason.CONTAINER_ALTERED, detail="certificate of the signer")
