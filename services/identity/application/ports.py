"""What the use cases of identity need from outside: repositories in a transaction, and keepers of secrets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.common.kernel.principal import Principal, Role
from services.identity.domain.account import Account, ContactCard
from services.identity.domain.certificate import Certificate
from services.identity.domain.challenge import Challenge, Purpose, SendLimit, Try
from services.identity.domain.contact import Contact
from services.identity.domain.invitation import Invitation
from services.identity.domain.organisation import Organisation
from services.identity.domain.organisation_kind import OrganisationKind


class Accounts(Protocol):
    async def get(self, account_id: UUID, *, for_update: bool = False) -> Account: ...
    async def by_contact(self, contact: Contact, meant: UUID | None = None) -> Account | None: ...
    async def administrators(self, organisation_id: UUID) -> int: ...
    async def any_holds(self, role: Role, organisation_id: UUID) -> bool: ...
    async def save(self, account: Account) -> None: ...


class Organisations(Protocol):
    async def get(self, organisation_id: UUID, *, for_update: bool = False) -> Organisation: ...
    async def platform(self) -> Organisation | None: ...
    async def page(
        self, kind: OrganisationKind | None, after: tuple[str, UUID] | None, size: int
    ) -> tuple[Organisation, ...]: ...
    async def save(self, organisation: Organisation) -> None: ...


class Challenges(Protocol):
    async def add(self, challenge: Challenge, code_hash: bytes) -> None: ...
    async def take_try(self, challenge_id: UUID, purpose: Purpose, account: UUID | None) -> Try: ...
    async def consume(self, challenge_id: UUID) -> None: ...
    async def count_sending(self, sending_id: UUID, key: bytes, limits: tuple[SendLimit, ...]) -> None: ...


class Invitations(Protocol):
    async def named(self, invitation_id: UUID) -> Invitation: ...
    async def of_party(self, subject: str, party: str) -> Invitation | None: ...
    async def save(self, invitation: Invitation) -> None: ...
    async def count_mismatch(self, invitation_id: UUID) -> None: ...


class Certificates(Protocol):
    async def of_key(self, subject: str, slot: str, key_digest: bytes) -> Certificate | None: ...
    async def current(self, subject: str, slot: str) -> Certificate | None: ...
    async def numbered(self, subject: str, document_number: str) -> list[tuple[str, str]]: ...
    async def save(self, certificate: Certificate) -> None: ...


class Dossiers(Protocol):
    async def keep(self, card: ContactCard) -> bytes: ...
    async def read(self, account_id: UUID, digest: bytes) -> bytes: ...


class SetupCodes(Protocol):
    async def add(self, code_hash: bytes) -> None: ...
    async def use(self, code_hash: bytes) -> None: ...


class Tx(Protocol):
    """The transaction of identity as use cases see it."""

    now: datetime
    caller: Principal
    authority: str

    @property
    def accounts(self) -> Accounts: ...
    @property
    def organisations(self) -> Organisations: ...
    @property
    def challenges(self) -> Challenges: ...
    @property
    def invitations(self) -> Invitations: ...
    @property
    def certificates(self) -> Certificates: ...
    @property
    def dossiers(self) -> Dossiers: ...
    @property
    def setup_codes(self) -> SetupCodes: ...
    def new_id(self) -> UUID: ...


class CodeKeeper(Protocol):
    """Makes codes and keyed hashes; the key never leaves it."""

    def new_code(self) -> str:
        """Six digits."""
        ...

    def hash_code(self, challenge_id: UUID, code: str) -> bytes: ...

    def fingerprint(self, kind: str, text: str) -> bytes:
        """The same text of the same kind gives the same 32 bytes, and nobody without the key can try texts."""
        ...


@dataclass(frozen=True, slots=True)
class AccessToken:
    """``expire_time`` is aware UTC."""

    token: str
    expire_time: datetime


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate as issued: chain in DER, SHA-256 of its public key and of itself."""

    chain: tuple[bytes, ...]
    key_digest: bytes
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class CertificateNames:
    """What a certificate says: whom, by an opaque number, for which slot of which document."""

    display_name: str
    serial_number: str
    document_number: str
    slot: str
    freezing: bool
    on_behalf_of: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class RevocationData:
    ocsp_responses: Sequence[bytes]
    revocation_lists: Sequence[bytes]


class Authority(Protocol):
    """The certificate and timestamp authority. Everything is DER."""

    @property
    def trust_anchors(self) -> tuple[bytes, ...]: ...

    async def certify(self, request: bytes, names: CertificateNames) -> Certified: ...
    async def ocsp_response(self, certificate: bytes) -> bytes: ...
    async def revocation(self, certificates: Sequence[bytes]) -> RevocationData: ...
    async def timestamp(self, request: bytes) -> bytes: ...
