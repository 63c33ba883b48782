"""What happens in identity. Field names are those of ``identity_events.proto``."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.kernel.events import DomainEvent
from services.common.kernel.principal import Role
from services.identity.domain.organisation_kind import OrganisationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRegistered(DomainEvent):
    account: UUID
    contacts_digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountContactVerified(DomainEvent):
    account: UUID
    contacts_digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSignedIn(DomainEvent):
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTokensRevoked(DomainEvent):
    """Of one session, or without one all of the account with a lower ``generation``. The time is aware UTC."""

    account: UUID
    session: UUID | None
    generation: int
    revoke_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRoleGranted(DomainEvent):
    account: UUID
    organisation: UUID
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRoleRevoked(DomainEvent):
    account: UUID
    organisation: UUID
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationCreated(DomainEvent):
    organisation: UUID
    kind: OrganisationKind
    region_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationTelephoneChanged(DomainEvent):
    organisation: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationCreated(DomainEvent):
    """``subject`` and ``party`` are resource names of the inviting service; the time is aware UTC."""

    invitation: UUID
    subject: str
    party: str
    expire_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationAccepted(DomainEvent):
    invitation: UUID
    subject: str
    party: str
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateIssued(DomainEvent):
    """``fingerprint`` is the SHA-256 of the certificate in DER; ``account`` is nobody for a freezing or attesting key."""

    subject: str
    slot: str
    fingerprint: bytes
    account: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSuperseded(DomainEvent):
    subject: str
    slot: str
    fingerprint: bytes
