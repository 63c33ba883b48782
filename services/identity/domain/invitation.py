"""An invitation: one named party's open place in a matter, claimed once, by whoever holds the contact on file."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from services.common.kernel.contacts import Contact, ContactKind
from services.common.kernel.errors import not_found
from services.common.kernel.events import Aggregate
from services.common.kernel.phones import takes_text_messages
from services.identity.domain import errors
from services.identity.domain.events import InvitationAccepted, InvitationCreated
from services.identity.domain.organisation import NO_ORGANISATION

MAX_MISMATCHES = 5

_COLLECTIONS = {"intake": "matters/", "court_link": "referrals/"}
"""To what each service invites: a service that is taken over opens no places of another."""


def require_own(service: str, subject: str) -> None:
    """Raises INVITATION_NOT_YOURS (DENIED) unless the subject is one of the service's own."""
    if not subject.startswith(_COLLECTIONS.get(service, "/")):
        raise errors.invitation_not_yours()


class InvitationState(Enum):
    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyOnFile:
    """What the inviting service has on file. ``identity_hash`` is a keyed hash, None when no number is on file."""

    display_name: str
    email: str
    phone: str
    locale: str
    identity_hash: bytes | None


@dataclass(slots=True, kw_only=True)
class Invitation(Aggregate):
    """``service`` invited. ``mismatches`` counts right codes with a wrong identity number, over all codes."""

    service: str
    subject: str
    party: str
    file: PartyOnFile
    expire_time: datetime
    state: InvitationState = InvitationState.OPEN
    account: UUID | None = None
    mismatches: int = 0

    @classmethod
    def create(
        cls, id: UUID, service: str, subject: str, party: str, file: PartyOnFile, expire_time: datetime
    ) -> "Invitation":
        """Raises CONTACT_REQUIRED (INVALID): a party without any contact that a code can be sent to cannot be invited.

        Raises INVITATION_NOT_YOURS (DENIED) for a subject of another service.
        """
        require_own(service, subject)
        if not file.email and not takes_text_messages(file.phone):
            raise errors.contact_required()
        invitation = cls(
            id=id,
            organisation_id=NO_ORGANISATION,
            service=service,
            subject=subject,
            party=party,
            file=file,
            expire_time=expire_time,
        )
        invitation._announce()
        return invitation

    @property
    def accepted(self) -> bool:
        return self.state is InvitationState.ACCEPTED

    @property
    def contact(self) -> Contact:
        """Where the code goes: the mail address on file, else the telephone."""
        if self.file.email:
            return Contact(ContactKind.EMAIL, self.file.email)
        return Contact(ContactKind.PHONE, self.file.phone)

    def invite_again(self, service: str, file: PartyOnFile, expire_time: datetime, now: datetime) -> None:
        """Inviting the same party again: nothing while the invitation stands unchanged, a new start otherwise.

        Raises INVITATION_NOT_YOURS (DENIED) unless it is the service that invited.
        """
        if service != self.service:
            raise errors.invitation_not_yours()
        if self.accepted or (self.expire_time > now and self.file == file):
            return
        self.file, self.expire_time, self.mismatches = file, expire_time, 0
        self._announce()

    def require_claimable(self, now: datetime) -> None:
        """Used, expired or worn out: NOT_FOUND, as for an id that never was."""
        if self.accepted or self.expire_time <= now or self.mismatches >= MAX_MISMATCHES:
            raise not_found()

    def accept(self, account: UUID, now: datetime) -> None:
        """Binds the party to the account, once. Raises NOT_FOUND when it cannot be claimed any more."""
        self.require_claimable(now)
        self.state, self.account = InvitationState.ACCEPTED, account
        self.record(InvitationAccepted(invitation=self.id, subject=self.subject, party=self.party, account=account))

    def _announce(self) -> None:
        self.record(
            InvitationCreated(invitation=self.id, subject=self.subject, party=self.party, expire_time=self.expire_time)
        )
