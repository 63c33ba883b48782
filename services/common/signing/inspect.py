"""Verifying with nothing but the file and a trusted root: what a court or a party can do years later, offline.

The file says itself what is expected of it: its attached ``terms.json`` names document number, slots and signers under
``document`` (``manifest.py``), and every certificate is bound by its issuer to one slot of one document
(``slots.binding_uri``). So another enrolled person's certificate, one in another name than the document's, or the right
person's certificate from another document, is refused without asking anybody.

Proven: the issuer of the root vouched for exactly these signers in these slots; text and attached terms are unchanged
since they were frozen; when each signature existed. Not proven: that the round was not voided later, that the service
knows this document (compare ``Report.frozen_sha256`` with its record), who held a key, and, without fresh revocation
statements, that the timestamp authority was not revoked since (``Report.assumptions`` says so).
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from services.common.signing import structure
from services.common.signing.certified_names import binding_uris_of
from services.common.signing.containers import read_container
from services.common.signing.expectation import Expectation, ExpectedSlot
from services.common.signing.manifest import read_manifest
from services.common.signing.outermost import require_outermost
from services.common.signing.report import Failure, Reason, Refused, Report
from services.common.signing.slots import ARCHIVE_FIELD, FREEZE_FIELD, binding_uri
from services.common.signing.trust_settings import Knowledge
from services.common.signing.verify import embedded_signatures, open_file, verify


def inspect(
    pdf: bytes,
    knowledge: Knowledge,
    now: datetime,
    *,
    horizon: timedelta = timedelta(0),
    render_again: Callable[[bytes], bytes] | None = None,
) -> Report:
    """Whether the file is whole and sealed by its own account and vouched for by a trusted root. Never raises.

    It is judged as of ``now``: a genuine file does not become less so because its time stamp will end some day.
    ``horizon`` asks beside that whether it will still hold so much later (NOT_DURABLE).
    """
    try:
        expectation = _expectation(pdf, knowledge, now, horizon, render_again)
    except Refused as refused:
        return _refusal(pdf, refused.failure)
    except Exception as error:  # a file that breaks the inspection is refused like any other
        return _refusal(pdf, Failure(Reason.VERIFICATION_FAILED, detail=type(error).__name__))
    return verify(pdf, expectation)


def _expectation(
    pdf: bytes,
    knowledge: Knowledge,
    now: datetime,
    horizon: timedelta,
    render_again: Callable[[bytes], bytes] | None,
) -> Expectation:
    require_outermost(pdf, knowledge.roots)
    reader = open_file(pdf)
    terms = structure.attached_terms(reader)
    manifest = read_manifest(terms)
    structure.require_few_fields(reader, len({*manifest.slots, FREEZE_FIELD, ARCHIVE_FIELD}))
    signatures = _by_field(reader)
    for name in (FREEZE_FIELD, *manifest.slots):
        if name not in signatures:
            raise Refused(Reason.MISSING_SIGNATURE, name)
        _require_bound(signatures[name].signer_cert, manifest.number, name)
    freezing = read_container(pdf, signatures[FREEZE_FIELD])
    return Expectation(
        slots=tuple(ExpectedSlot(name, signatures[name].signer_cert.sha256.hex()) for name in manifest.slots),
        frozen_sha256=hashlib.sha256(pdf[: freezing.end]).hexdigest(),
        terms_sha256=hashlib.sha256(terms).hexdigest(),
        knowledge=knowledge,
        now=now,
        freeze_certificate_sha256=signatures[FREEZE_FIELD].signer_cert.sha256.hex(),
        horizon=horizon,
        render_again=render_again,
    )


def _by_field(reader: PdfFileReader) -> dict[str, EmbeddedPdfSignature]:
    signatures = {signature.field_name: signature for signature in embedded_signatures(reader)}
    if not signatures.keys() - {ARCHIVE_FIELD}:
        raise Refused(Reason.UNSIGNED)
    return signatures


def _require_bound(certificate: x509.Certificate, number: str, slot: str) -> None:
    if binding_uris_of(certificate) != [binding_uri(number, slot)]:
        raise Refused(Reason.WRONG_CERTIFICATE, slot, "not issued for this slot of this document")


def _refusal(pdf: bytes, failure: Failure) -> Report:
    return Report(failures=(failure,), file_sha256=hashlib.sha256(pdf).hexdigest())
