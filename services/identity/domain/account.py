"""A person's account: contacts that were proven by a code, and the roles that organisations gave."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.common.kernel.contacts import Contact, ContactKind
from services.common.kernel.events import Aggregate
from services.common.kernel.principal import Role
from services.identity.domain import errors
from services.identity.domain.events import (
    AccountContactVerified,
    AccountRegistered,
    AccountRoleGranted,
    AccountRoleRevoked,
    AccountSignedIn,
    AccountTokensRevoked,
)
from services.identity.domain.organisation import NO_ORGANISATION, Organisation
from services.identity.domain.organisation_kind import OrganisationKind

SETTLING = timedelta(days=1)
"""How long a new contact is watched before codes for signing go there."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A role held in an organisation of a kind."""

    organisation: UUID
    role: Role
    kind: OrganisationKind


@dataclass(frozen=True, slots=True)
class ContactCard:
    """Contact points of an account, as notify is told; empty where there is none."""

    account: UUID
    display_name: str
    locale: str
    email: str
    phone: str


@dataclass(slots=True, kw_only=True)
class Account(Aggregate):
    """``identity_hash`` is a keyed hash of the identity number; the number itself is not kept.

    Contacts are proven or empty. Codes for signing go to one from its ``..._settle_time`` on (aware UTC). Tokens of a
    lower ``generation`` are revoked.
    """

    display_name: str
    email: str = ""
    phone: str = ""
    locale: str
    identity_hash: bytes | None = None
    email_settle_time: datetime | None = None
    phone_settle_time: datetime | None = None
    generation: int = 0
    memberships: tuple[Membership, ...] = field(default=())

    @classmethod
    def open(
        cls, id: UUID, display_name: str, contact: Contact, locale: str, identity_hash: bytes | None, now: datetime
    ) -> "Account":
        """A new account with its first contact, which serves at once. Follow with ``registered``."""
        account = cls(
            id=id,
            organisation_id=NO_ORGANISATION,
            display_name=display_name,
            locale=locale,
            identity_hash=identity_hash,
        )
        account._put(contact, now)
        return account

    @property
    def card(self) -> ContactCard:
        return ContactCard(self.id, self.display_name, self.locale, self.email, self.phone)

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """The telephone first."""
        phone = (Contact(ContactKind.PHONE, self.phone),) if self.phone else ()
        return (*phone, Contact(ContactKind.EMAIL, self.email)) if self.email else phone

    def registered(self, contacts_digest: bytes) -> None:
        """``contacts_digest`` is the SHA-256 of the dossier made from ``card``."""
        self.record(AccountRegistered(account=self.id, contacts_digest=contacts_digest))

    def take_contact(self, contact: Contact, now: datetime) -> tuple[ContactCard, ...]:
        """The contact, proven by a code, becomes the one of its kind. Follow with ``contact_verified``.

        A card for each contact that there was before: all of them are told.
        """
        before = tuple(
            ContactCard(
                self.id,
                self.display_name,
                self.locale,
                email=old.value if old.kind is ContactKind.EMAIL else "",
                phone=old.value if old.kind is ContactKind.PHONE else "",
            )
            for old in self.contacts
        )
        self._put(contact, now + SETTLING)
        return before

    def contact_verified(self, contacts_digest: bytes) -> None:
        self.record(AccountContactVerified(account=self.id, contacts_digest=contacts_digest))

    def signed_in(self) -> None:
        self.record(AccountSignedIn(account=self.id))

    def revoke_tokens(self, now: datetime) -> None:
        """Every token issued so far is no longer good."""
        self.generation += 1
        self.record(AccountTokensRevoked(account=self.id, session=None, generation=self.generation, revoke_time=now))

    def sign_out(self, session: UUID, now: datetime) -> None:
        """Every token of one session is no longer good."""
        self.record(AccountTokensRevoked(account=self.id, session=session, generation=0, revoke_time=now))

    def signing_contact(self, now: datetime) -> Contact:
        """Where codes for signing go: the telephone, else the mail address, of those that have settled.

        Raises CONTACT_TOO_NEW when none has.
        """
        return self._settled(self.contacts, now)

    def confirming_contact(self, new: Contact, by: ContactKind | None, now: datetime) -> Contact:
        """Where the code goes that agrees to a new contact: to one of the kind ``by``, by default of another kind than
        the new one where there is one.

        Raises NO_SUCH_CONTACT, CONTACT_TOO_NEW.
        """
        wanted = [old for old in self.contacts if by in (None, old.kind)]
        if not wanted:
            raise errors.no_such_contact()
        return self._settled(sorted(wanted, key=lambda old: old.kind is new.kind), now)

    def _settled(self, contacts: Sequence[Contact], now: datetime) -> Contact:
        times = [self._settle_time(contact.kind) for contact in contacts]
        for contact, settle_time in zip(contacts, times, strict=True):
            if settle_time <= now:
                return contact
        raise errors.contact_too_new(min(times))

    def _settle_time(self, kind: ContactKind) -> datetime:
        found = self.email_settle_time if kind is ContactKind.EMAIL else self.phone_settle_time
        if found is None:
            raise ValueError("a contact has its time")
        return found

    def _put(self, contact: Contact, settle_time: datetime) -> None:
        if contact.kind is ContactKind.EMAIL:
            self.email, self.email_settle_time = contact.value, settle_time
        else:
            self.phone, self.phone_settle_time = contact.value, settle_time

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

    def revoke(self, organisation_id: UUID, role: Role, *, administrators: int, now: datetime) -> None:
        """Takes a role away, with every token that says it is held; one not held changes nothing.

        ``administrators`` is how many the organisation has.

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
        self.revoke_tokens(now)
