"""The newest signature against the raw bytes of the file, before any PDF reader looks at them.

It covers every byte but its own container, and nothing in its container is free. So whatever byte of a file is changed,
this refuses it in a millisecond or two, however the file would read; certificates beside the signer's are left to what
follows (``verify``), which decides what the file means and whom to trust.
"""

import hashlib

from asn1crypto import cms, x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pyhanko.sign.general import find_unique_cms_attribute

from services.common.signing import der
from services.common.signing.containers import Container, newest_container, require_canonical
from services.common.signing.report import Reason, Refused


def require_outermost(pdf: bytes) -> None:
    """SIGNATURE_BROKEN, CONTAINER_ALTERED or PADDING_NOT_ZERO unless the newest signature is of exactly these bytes.

    A file in which none can be made out passes: the reader finds out what it is instead.
    """
    container = newest_container(pdf)
    if container is None:
        return
    try:
        _require_fitting(pdf, container)
    except Refused:
        raise
    except Exception as error:  # asn1crypto and cryptography raise many kinds for a broken container
        raise Refused(Reason.SIGNATURE_BROKEN, detail=type(error).__name__) from None


def _require_fitting(pdf: bytes, container: Container) -> None:
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
