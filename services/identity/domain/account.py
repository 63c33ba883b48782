"""A person's account: contacts, verified or not, and the roles that organisations gave."""

from dataclasses import dataclass, field
from uuid import UUID

from services.common.kernel.events import Aggregate
from services.common.kernel.principal import Role
from services.identity.domain import errors
from services.identity.domain.contact import Contact, ContactKind
from services.identity.domain.events import (
    AccountContactVerified,
    AccountRegistered,
    AccountRoleGranted,
    AccountRoleRevoked,
    AccountSignedIn,
)
from services.identity.domain.organisation import NO_ORGANISATION, Organisation
from services.identity.domain.organisation_kind import OrganisationKind


@dataclass(frozen=True, slots=True)
class Membership:
    """A role held in an organisation of a kind."""

    organisation: UUID
    role: Role
    kind: OrganisationKind


@dataclass(frozen=True, slots=True)
class ContactCard:
    """The verified contact points of an account, as notify is told; empty where there is none."""

    account: UUID
    display_name: str
    locale: str
    email: str
    phone: str


@dataclass(slots=True, kw_only=True)
class Account(Aggregate):
    """``identity_hash`` is a keyed hash of the identity number; the number itself is not kept."""

    display_name: str
    email: str
    phone: str
    locale: str
    identity_hash: bytes | None = None
    email_verified: bool = False
    phone_verified: bool = False
    memberships: tuple[Membership, ...] = field(default=())

    @classmethod
    def open(
        cls, id: UUID, display_name: str, email: str, phone: str, locale: str, identity_hash: bytes | None
    ) -> "Account":
        """A new account. Raises CONTACT_REQUIRED (INVALID) without any contact."""
        if not email and not phone:
            raise errors.contact_required()
        return cls(
            id=id,
            organisation_id=NO_ORGANISATION,
            display_name=display_name,
            email=email,
            phone=phone,
            locale=locale,
            identity_hash=identity_hash,
        )

    @property
    def card(self) -> ContactCard:
        return ContactCard(
            account=self.id,
            display_name=self.display_name,
            locale=self.locale,
            email=self.email if self.email_verified else "",
            phone=self.phone if self.phone_verified else "",
        )

    def registered(self, contacts_digest: bytes) -> None:
        """``contacts_digest`` is the SHA-256 of the dossier made from ``card``."""
        self.record(AccountRegistered(account=self.id, contacts_digest=contacts_digest))

    def has_verified(self, contact: Contact) -> bool:
        if contact.kind is ContactKind.EMAIL:
            return self.email_verified and self.email == contact.value
        return self.phone_verified and self.phone == contact.value

    def take_contact(self, contact: Contact) -> None:
        """The contact, proven by a code, becomes the verified one of its kind. Follow with ``contact_verified``."""
        if contact.kind is ContactKind.EMAIL:
            self.email, self.email_verified = contact.value, True
        else:
            self.phone, self.phone_verified = contact.value, True

    def contact_verified(self, contacts_digest: bytes) -> None:
        self.record(AccountContactVerified(account=self.id, contacts_digest=contacts_digest))

    def signed_in(self) -> None:
        self.record(AccountSignedIn(account=self.id))

    def signing_contact(self) -> Contact | None:
        """Where codes for signing go: the verified telephone, else the verified mail address."""
        if self.phone_verified:
            return Contact(ContactKind.PHONE, self.phone)
        return Contact(ContactKind.EMAIL, self.email) if self.email_verified else None

    def holds(self, role: Role, organisation_id: UUID) -> bool:
        return any(held.organisation == organisation_id and held.role is role for held in self.memberships)

    def grant(self, organisation: Organisation, role: Role) -> None:
        """Gives a role; again changes nothing.

        Raises ROLE_NOT_OF_THIS_KIND, or COURT_ROLE_SEPARATION (DENIED): a court's people hold no role elsewhere.
        """
        organisation.require_has(role)
        in_court = organisation.kind is OrganisationKind.COURT
        if any((held.kind is OrganisationKind.COURT) is not in_court for held in self.memberships):
            raise errors.court_role_separation()
        if not self.holds(role, organisation.id):
            self.memberships = (*self.memberships, Membership(organisation.id, role, organisation.kind))
            self.record(AccountRoleGranted(account=self.id, organisation=organisation.id, role=role))

    def administer_new(self, organisation: Organisation) -> None:
        """Becomes the first administrator. Of a court only somebody without any other role: COURT_ROLE_SEPARATION."""
        if organisation.kind is OrganisationKind.COURT and self.memberships:
            raise errors.court_role_separation()
        self.grant(organisation, Role.ADMINISTRATOR)

    def revoke(self, organisation_id: UUID, role: Role, *, administrators: int) -> None:
        """Takes a role away; one not held changes nothing. ``administrators`` is how many the organisation has.

        Raises LAST_ADMINISTRATOR.
        """
        if not self.holds(role, organisation_id):
            return
        if role is Role.ADMINISTRATOR and administrators <= 1:
            raise errors.last_administrator()
        self.memberships = tuple(
            held for held in self.memberships if (held.organisation, held.role) != (organisation_id, role)
        )
        self.record(AccountRoleRevoked(account=self.id, organisation=organisation_id, role=role))
