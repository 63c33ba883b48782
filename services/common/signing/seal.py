"""The last signature and the archive: after it nothing may change, and the file alone proves itself for years (B-LTA).

The certificates and revocation statements of every signature go into the file, then one archive time stamp covers all
of it. pyHanko's own B-LTA leaves the last statements uncovered; here they are written before the time stamp.
"""

from collections.abc import Iterable
from datetime import datetime

from asn1crypto import cms, x509
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.signers.pdf_signer import TimestampDSSContentSettings
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError
from pyhanko_certvalidator.path import ValidationPath

from services.common.kernel.errors import precondition
from services.common.signing.keys import SigningIdentity
from services.common.signing.pdf_signer import RESERVED, PortTimeStamper, RevisionWriter, run
from services.common.signing.ports import RevocationSource, TimestampSource
from services.common.signing.sign import StampText, sign_slot
from services.common.signing.slots import ARCHIVE_FIELD, Slot
from services.common.signing.trust_settings import DIGEST, Knowledge, validation_context


def seal(
    pdf: bytes,
    slot: Slot,
    identity: SigningIdentity,
    stamp: StampText | None,
    timestamp_source: TimestampSource,
    revocation_source: RevocationSource,
    roots: tuple[bytes, ...],
    now: datetime,
    *,
    reason: str = "",
) -> bytes:
    """Signs the last slot and closes the document for the archive, two revisions in all.

    Raises what ``sign_slot`` raises, and CERTIFICATE_NOT_VALID (FAILED_PRECONDITION) when a signature's certificate
    does not lead to a trusted root or is revoked: such a document is never sealed.
    """
    signed = sign_slot(pdf, slot, identity, stamp, timestamp_source, now, reason=reason)
    return archive(signed, timestamp_source, revocation_source, roots, now)


def archive(
    pdf: bytes,
    timestamp_source: TimestampSource,
    revocation_source: RevocationSource,
    roots: tuple[bytes, ...],
    now: datetime,
) -> bytes:
    """Adds what proves every signature, and the archive time stamp over everything."""
    return run(_archive(pdf, PortTimeStamper(timestamp_source), revocation_source, roots, now))


async def _archive(
    pdf: bytes,
    timestamper: PortTimeStamper,
    revocation_source: RevocationSource,
    roots: tuple[bytes, ...],
    now: datetime,
) -> bytes:
    writer = RevisionWriter(pdf)
    signatures = writer.prev.embedded_signatures
    certificates = _certificates(signatures, roots)
    revocation = revocation_source.revocation([certificate.dump() for certificate in certificates])
    context = validation_context(Knowledge(roots, revocation), certificates, now)
    paths = [await _path(certificate, usage, context) for certificate, usage in _leaves(signatures)]
    output = await PdfTimeStamper(timestamper, field_name=ARCHIVE_FIELD).async_timestamp_pdf(
        writer,
        DIGEST,
        context,
        bytes_reserved=RESERVED,
        validation_paths=paths,
        dss_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
        embed_roots=False,
    )
    return bytes(output.getvalue())


def _leaves(signatures: Iterable[EmbeddedPdfSignature]) -> list[tuple[x509.Certificate, str]]:
    """Every certificate something was signed with, once, and what it has to be good for."""
    leaves: dict[bytes, tuple[x509.Certificate, str]] = {}
    for signature in signatures:
        leaves[signature.signer_cert.sha256] = (signature.signer_cert, "digital_signature")
        for token in _tokens(signature):
            certificate = _token_signer(token)
            leaves[certificate.sha256] = (certificate, "time_stamping")
    return list(leaves.values())


def _certificates(signatures: Iterable[EmbeddedPdfSignature], roots: tuple[bytes, ...]) -> list[x509.Certificate]:
    found: dict[bytes, x509.Certificate] = {}
    for signature in signatures:
        for data in (signature.signed_data, *_tokens(signature)):
            for choice in data["certificates"]:
                found[choice.chosen.sha256] = choice.chosen
    return [certificate for certificate in found.values() if certificate.dump() not in roots]


def _tokens(signature: EmbeddedPdfSignature) -> list[cms.SignedData]:
    return list(extract_tst_data_iter(signature.signer_info, signed=False))


def _token_signer(token: cms.SignedData) -> x509.Certificate:
    wanted = token["signer_infos"][0]["sid"].chosen["serial_number"].native
    return next(choice.chosen for choice in token["certificates"] if choice.chosen.serial_number == wanted)


async def _path(certificate: x509.Certificate, usage: str, context: ValidationContext) -> ValidationPath:
    validator = CertificateValidator(certificate, validation_context=context)
    extended = {"time_stamping"} if usage == "time_stamping" else None
    try:
        path: ValidationPath = await validator.async_validate_usage({"digital_signature"}, extended_key_usage=extended)
    except (PathBuildingError, PathValidationError) as error:
        raise precondition(
            "CERTIFICATE_NOT_VALID", "签名证书无效或已吊销", "a signature's certificate is not trusted or is revoked"
        ) from error
    return path
