"""Verifying in a closed world: a file is exactly what was expected of it, or it is refused with the reasons.

pyHanko's default verdict and most viewers accept edits of metadata, extra fields, a file cut back to an earlier
revision, or another person's genuine certificate in a slot. Here everything that was not expected is a failure, and so
is every exception.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import PdfSignatureValidationSpec
from pyhanko_certvalidator.policy_decl import NonRevokedStatusAssertion

from services.common.kernel.errors import DomainError
from services.common.signing import structure
from services.common.signing.certified_names import signer_of
from services.common.signing.containers import Container, read_container, require_canonical
from services.common.signing.expectation import Expectation
from services.common.signing.file_memory import FileReader
from services.common.signing.judgement import Moment, judge_archive, judge_signature, proven_time, require_digest
from services.common.signing.manifest import read_manifest
from services.common.signing.outermost import require_outermost
from services.common.signing.pdf_signer import run
from services.common.signing.report import Failure, Reason, Refused, Report, SignatureFact
from services.common.signing.same_content import same_content
from services.common.signing.slots import ARCHIVE_FIELD, FREEZE_FIELD
from services.common.signing.trust_settings import validation_specification

ARCHIVE_REVOCATION_ASSUMED = "ARCHIVE_TIMESTAMP_NOT_REVOKED"
# The rendered file and the revision that lays out the fields and certifies.
_FROZEN_REVISIONS = 2


def verify(pdf: bytes, expectation: Expectation) -> Report:
    """Whether the file is what was expected. Never raises; run it in a worker process, it costs tens of milliseconds.

    Proves, with a trusted root: the frozen text is unchanged; every slot carries a signature by the enrolled
    certificate over it; when each was made; that nothing else is in the file; that this can still be shown at the
    horizon. It does not prove that the round was not voided afterwards, nor who held a certificate's key: those the
    services know.
    """
    checking = _Verification(pdf, expectation)
    try:
        checking.perform()
    except Refused as refused:
        checking.failures.append(refused.failure)
    except Exception as error:  # a file that breaks the verifier is refused like any other
        checking.failures.append(Failure(Reason.VERIFICATION_FAILED, detail=type(error).__name__))
    return checking.report()


def open_file(pdf: bytes) -> FileReader:
    """A strict reader. UNREADABLE."""
    try:
        reader = FileReader(pdf)
        reader.root["/Pages"]["/Count"]
    except Exception as error:  # the reader raises many kinds for a broken file
        raise Refused(Reason.UNREADABLE, detail=type(error).__name__) from None
    if reader.encrypted:
        raise Refused(Reason.UNREADABLE, detail="encrypted")
    return reader


def embedded_signatures(reader: PdfFileReader) -> list[EmbeddedPdfSignature]:
    """Every signature and time stamp in the form. CONTAINER_ALTERED when one cannot even be read."""
    try:
        return list(reader.embedded_signatures)
    except Exception as error:  # asn1crypto and the reader raise many kinds
        raise Refused(Reason.CONTAINER_ALTERED, detail=type(error).__name__) from None


class _Verification:
    """One file against one expectation. Structure first: signatures are judged only in a file of the right shape."""

    def __init__(self, pdf: bytes, expectation: Expectation) -> None:
        self._pdf = pdf
        self._expected = expectation
        self.failures: list[Failure] = []
        self._facts: list[SignatureFact] = []
        self._good: set[str] = set()
        self._frozen_sha256 = ""
        self._terms = b""
        self._assumptions: list[str] = []

    def report(self) -> Report:
        return Report(
            failures=tuple(dict.fromkeys(self.failures)),
            signatures=tuple(each if each.slot in self._good else replace(each, signer="") for each in self._facts),
            file_sha256=hashlib.sha256(self._pdf).hexdigest(),
            frozen_sha256=self._frozen_sha256,
            terms=self._terms,
            assumptions=tuple(self._assumptions),
        )

    def perform(self) -> None:
        if self._expected.final_sha256 not in (None, hashlib.sha256(self._pdf).hexdigest()):
            raise Refused(Reason.FINAL_DIGEST_DIFFERS)
        require_outermost(self._pdf, self._expected.knowledge.roots)
        reader = open_file(self._pdf)
        structure.require_few_fields(reader, len(self._expected.slots) + len((FREEZE_FIELD, ARCHIVE_FIELD)))
        signatures = self._signatures(reader)
        containers = [read_container(self._pdf, signature) for signature in signatures]
        for signature in signatures:
            require_digest(signature)
        self._require_slots({signature.field_name for signature in signatures})
        structure.require_fields(reader, self._field_names())
        self._require_coverage(reader, signatures, containers)
        self._require_frozen(containers[0])
        structure.require_inert(reader)
        self._terms = structure.attached_terms(reader)
        structure.require_terms(self._terms, self._expected.terms_sha256)
        self._require_certificates(signatures)
        self._require_signers(signatures)
        known = self._known_certificates(reader, signatures)
        for container in containers:
            require_canonical(container, known)
        self._judge(signatures)
        if not self.failures:  # What nobody vouches for is not drawn.
            self._require_printed_terms(containers[0])

    def _signatures(self, reader: PdfFileReader) -> list[EmbeddedPdfSignature]:
        """All signatures and time stamps in the order of their revisions."""
        signatures = sorted(embedded_signatures(reader), key=lambda signature: int(signature.byte_range[2]))
        if not signatures:
            raise Refused(Reason.UNSIGNED)
        for signature in signatures:
            if signature.field_name not in (FREEZE_FIELD, ARCHIVE_FIELD):
                self._facts.append(_fact(signature))
        return signatures

    def _field_names(self) -> frozenset[str]:
        slots = {slot.name for slot in self._expected.slots}
        return frozenset(slots | {FREEZE_FIELD} | ({ARCHIVE_FIELD} if self._expected.sealed else set()))

    def _require_slots(self, signed: set[str]) -> None:
        wanted = {slot.name for slot in self._expected.slots if slot.certificate_sha256 is not None} | {FREEZE_FIELD}
        order = [FREEZE_FIELD, *(slot.name for slot in self._expected.slots)]
        if missing := [name for name in order if name in wanted - signed]:
            raise Refused(Reason.MISSING_SIGNATURE, missing[0])
        if self._expected.sealed and ARCHIVE_FIELD not in signed:
            raise Refused(Reason.NOT_SEALED)
        if surplus := sorted(signed - wanted - ({ARCHIVE_FIELD} if self._expected.sealed else set())):
            raise Refused(Reason.UNEXPECTED_FIELD, surplus[0])

    def _require_coverage(
        self, reader: PdfFileReader, signatures: Sequence[EmbeddedPdfSignature], containers: Sequence[Container]
    ) -> None:
        """Every revision after the rendering ends in one signature over everything before; the last covers the file."""
        order = [signature.field_name for signature in signatures]
        last = [self._expected.slots[-1].name, ARCHIVE_FIELD] if self._expected.sealed else order[-1:]
        if order[0] != FREEZE_FIELD or order[-len(last) :] != last:
            raise Refused(Reason.UNEXPECTED_REVISION, detail="order of signatures")
        if containers[-1].end != len(self._pdf):
            raise Refused(Reason.UNCOVERED_BYTES, containers[-1].slot, "bytes after the last signature")
        if reader.xrefs.total_revisions != _FROZEN_REVISIONS + len(signatures) - 1:
            raise Refused(Reason.UNEXPECTED_REVISION, detail=f"{reader.xrefs.total_revisions} revisions")
        for index, signature in enumerate(signatures):
            if signature.signed_revision != _FROZEN_REVISIONS - 1 + index:
                raise Refused(Reason.UNEXPECTED_REVISION, signature.field_name)

    def _require_frozen(self, freezing: Container) -> None:
        self._frozen_sha256 = hashlib.sha256(self._pdf[: freezing.end]).hexdigest()
        if self._frozen_sha256 != self._expected.frozen_sha256:
            raise Refused(Reason.FROZEN_TEXT_DIFFERS)

    def _require_certificates(self, signatures: Sequence[EmbeddedPdfSignature]) -> None:
        enrolled = {slot.name: slot.certificate_sha256 for slot in self._expected.slots}
        enrolled[FREEZE_FIELD] = self._expected.freeze_certificate_sha256
        for signature in signatures:
            wanted = enrolled.get(signature.field_name)
            if wanted is not None and signature.signer_cert.sha256.hex() != wanted:
                raise Refused(Reason.WRONG_CERTIFICATE, signature.field_name)

    def _require_signers(self, signatures: Sequence[EmbeddedPdfSignature]) -> None:
        """The certificate in each slot names whom the text names there. MANIFEST_MISSING, WRONG_SIGNER."""
        allowed = read_manifest(self._terms).signers
        for signature in signatures:
            if signature.field_name in (FREEZE_FIELD, ARCHIVE_FIELD):
                continue
            if signer_of(signature.signer_cert) not in allowed.get(signature.field_name, ()):
                raise Refused(Reason.WRONG_SIGNER, signature.field_name, "not named in the document")

    def _known_certificates(self, reader: PdfFileReader, signatures: Sequence[EmbeddedPdfSignature]) -> list[bytes]:
        """Certificates pinned by the archive, which its time stamp covers.

        Before there is an archive each signature brings its own, which path validation judges.
        """
        known = [*self._expected.knowledge.roots]
        if self._expected.sealed:
            known += [certificate.dump() for certificate in DocumentSecurityStore.read_dss(reader).load_certs()]
        else:
            for signature in signatures:
                known += [signature.signer_cert.dump(), *(each.dump() for each in signature.other_embedded_certs)]
        return known

    def _judge(self, signatures: Sequence[EmbeddedPdfSignature]) -> None:
        expected = self._expected
        assumed = list(self._assumed_good(signatures[-1])) if expected.sealed else []
        specification = validation_specification(expected.knowledge, assumed)
        moment = Moment(expected.now, expected.horizon if expected.sealed else None)
        run(self._judge_each(signatures, specification, moment))

    async def _judge_each(
        self, signatures: Sequence[EmbeddedPdfSignature], specification: PdfSignatureValidationSpec, moment: Moment
    ) -> None:
        """Goes on after a refusal, so that the report names every signature that is not good."""
        for signature in signatures:
            judge = judge_archive if signature.field_name == ARCHIVE_FIELD else judge_signature
            try:
                await judge(signature, specification, moment)
            except Refused as refused:
                self.failures.append(refused.failure)
            else:
                self._good.add(signature.field_name)

    def _assumed_good(self, archive: EmbeddedPdfSignature) -> Iterator[NonRevokedStatusAssertion]:
        """Without current statements the authority of the archive time stamp is taken as unrevoked, and reported so."""
        if self._expected.knowledge.revocation.revocation_lists or self._expected.knowledge.revocation.ocsp_responses:
            return
        self._assumptions.append(ARCHIVE_REVOCATION_ASSUMED)
        for certificate in (archive.signer_cert, *archive.other_embedded_certs):
            yield NonRevokedStatusAssertion(certificate.sha256, at=self._expected.now)

    def _require_printed_terms(self, freezing: Container) -> None:
        if self._expected.render_again is None:
            return
        try:
            drawn = self._expected.render_again(self._terms)
        except DomainError as refusal:  # A paper of a later version of the program, or not of this program at all.
            raise Refused(Reason.TEMPLATE_UNKNOWN, detail=refusal.reason) from None
        if not same_content(self._pdf[: freezing.end], drawn):
            raise Refused(Reason.TERMS_DIFFER)


def _fact(signature: EmbeddedPdfSignature) -> SignatureFact:
    certificate: x509.Certificate = signature.signer_cert
    signer = signer_of(certificate)
    return SignatureFact(
        signature.field_name, signer.name if signer else "", certificate.sha256.hex(), proven_time(signature)
    )
