"""Certificates for signatures: in the name that the asking service's own record knows, for one person's one proof.

What an account calls itself is never certified. A seal names the organisation as it is entered here. Verifiers compare
either with the document.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from services.common.kernel.principal import Role
from services.identity.application.ports import CertificateNames, Certified, Tx
from services.identity.domain import errors
from services.identity.domain.certificate import Certificate
from services.identity.domain.organisation import NO_ORGANISATION, Organisation
from services.identity.domain.organisation_kind import OrganisationKind

RECORD_SEAL = "record-seal"
_RECORDS = "sessionRecords/"
_MEDIATION = "mediation"
_ATTESTED = (OrganisationKind.MEDIATION, OrganisationKind.INTAKE)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a verified proof says."""

    account: UUID
    subject: str
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A person who signs, for whom if not for itself, and on what authority."""

    display_name: str
    on_behalf_of: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCertificate:
    """``certificate_request`` is PKCS #10 in DER; ``organisation`` is set for a seal, ``signer`` for a person's slot.

    Without a proof a document can only be frozen (``freezing``) or, when it is a session record, sealed to attest the
    acts in the log that it prints (``attesting``).
    """

    subject: str
    slot: str
    document_number: str
    certificate_request: bytes
    organisation: UUID | None
    freezing: bool
    attesting: bool
    signer: Signer | None
    proof: Proof | None


async def names_for(tx: Tx, command: IssueCertificate) -> CertificateNames:
    """Whom the certificate will name. Raises PROOF_REFUSED (DENIED), SIGNER_MISSING (INVALID)."""
    if command.freezing:
        return _names(command, "文本固化 Document freeze", "freezing")
    if command.attesting:
        return await _attesting(tx, command)
    if command.proof is None or command.proof.subject != command.subject:
        raise errors.proof_refused()
    account = await tx.accounts.get(command.proof.account)
    if command.organisation is None:
        return _of_person(command, account.id)
    organisation = await tx.organisations.get(command.organisation)
    if not account.holds(_keeper_of_seal(organisation), organisation.id):
        raise errors.proof_refused()
    return _names(command, organisation.display_name, str(organisation.id))


async def _attesting(tx: Tx, command: IssueCertificate) -> CertificateNames:
    """A slot of its own, so that this certificate is refused wherever the seal a keeper answers for is expected."""
    of_a_record = command.subject.startswith(_RECORDS) and command.slot == RECORD_SEAL
    if tx.caller.service != _MEDIATION or not of_a_record or command.organisation is None:
        raise errors.proof_refused()
    organisation = await tx.organisations.get(command.organisation)
    if organisation.kind not in _ATTESTED or not await tx.accounts.any_holds(Role.MEDIATOR, organisation.id):
        raise errors.proof_refused()
    return _names(command, organisation.display_name, str(organisation.id))


def _of_person(command: IssueCertificate, account: UUID) -> CertificateNames:
    signer = command.signer
    if signer is None:
        raise errors.signer_missing()
    names = _names(command, signer.display_name, str(account))
    return replace(names, on_behalf_of=signer.on_behalf_of, title=signer.title)


async def _require_own_number(tx: Tx, command: IssueCertificate) -> None:
    """A subject has one number for good, and the number of one kind of document is never that of another kind.

    Within a kind: rounds that follow each other sign one agreement, and a court gives its docket numbers by hand. A
    session record's seal rests on no proof, so its number is that one record's.
    """
    collection = command.subject.partition("/")[0]
    for subject, number in await tx.certificates.numbered(command.subject, command.document_number):
        other = subject != command.subject and (command.attesting or subject.partition("/")[0] != collection)
        if number != command.document_number or other:
            raise errors.number_of_another()


def _keeper_of_seal(organisation: Organisation) -> Role:
    """A court's seal is used by the judge who decides."""
    return Role.JUDGE if organisation.kind is OrganisationKind.COURT else Role.SEAL_KEEPER


def _names(command: IssueCertificate, display_name: str, serial_number: str) -> CertificateNames:
    return CertificateNames(display_name, serial_number, command.document_number, command.slot, command.freezing)


async def keep_certificate(tx: Tx, command: IssueCertificate, certified: Certified) -> Certificate:
    """Keeps what was issued, or gives what the same key got before in this slot.

    A new key takes the slot over, which is logged. Raises CERTIFICATE_OF_ANOTHER, NUMBER_OF_ANOTHER (DENIED).
    """
    await _require_own_number(tx, command)
    account = command.proof.account if command.proof else None
    known = await tx.certificates.of_key(command.subject, command.slot, certified.key_digest)
    if known is not None:
        if known.account != account:
            raise errors.certificate_of_another()
        return known
    earlier = await tx.certificates.current(command.subject, command.slot)
    if earlier is not None:
        earlier.supersede()
        await tx.certificates.save(earlier)
    certificate = Certificate(
        id=tx.new_id(),
        organisation_id=command.organisation or NO_ORGANISATION,
        subject=command.subject,
        slot=command.slot,
        document_number=command.document_number,
        account=account,
        key_digest=certified.key_digest,
        fingerprint=certified.fingerprint,
        chain=certified.chain,
    )
    certificate.issued()
    await tx.certificates.save(certificate)
    return certificate
