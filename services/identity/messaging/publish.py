"""Which event is which message, and the contact dossier that account events name."""

from collections.abc import Sequence
from hashlib import sha256

from comity.common.v1 import dossier_pb2
from comity.identity.v1 import identity_events_pb2 as pb

from services.common.convert import Converter
from services.common.kernel.ids import resource_name
from services.common.messaging.catalogue import EventCatalogue, EventKind
from services.identity.domain import events
from services.identity.domain.account import ContactCard

REFERENCES = {
    "account": "accounts",
    "administrator": "accounts",
    "organisation": "organisations",
    "invitation": "invitations",
    "challenge": "challenges",
    "session": "signIns",
}

CATALOGUE = EventCatalogue(
    "identity",
    Converter(REFERENCES, {}),
    {
        events.AccountRegistered: EventKind("account.registered", pb.AccountRegistered),
        events.AccountContactVerified: EventKind("account.contact_verified", pb.AccountContactVerified),
        events.AccountSignedIn: EventKind("account.signed_in", pb.AccountSignedIn, published=False),
        events.AccountTokensRevoked: EventKind("account.tokens_revoked", pb.AccountTokensRevoked),
        events.AccountRoleGranted: EventKind("account.role_granted", pb.AccountRoleGranted),
        events.AccountRoleRevoked: EventKind("account.role_revoked", pb.AccountRoleRevoked),
        events.OrganisationCreated: EventKind("organisation.created", pb.OrganisationCreated),
        events.OrganisationTelephoneChanged: EventKind(
            "organisation.telephone_changed", pb.OrganisationTelephoneChanged
        ),
        events.InvitationCreated: EventKind("invitation.created", pb.InvitationCreated),
        events.InvitationAccepted: EventKind("invitation.accepted", pb.InvitationAccepted),
        events.CertificateIssued: EventKind("certificate.issued", pb.CertificateIssued, published=False),
        events.CertificateSuperseded: EventKind("certificate.superseded", pb.CertificateSuperseded, published=False),
    },
)


def encode_cards(card: ContactCard, former: Sequence[ContactCard]) -> bytes:
    """The contact dossier of an account: its contact points, and one card for each contact that is to be told of a
    change, under a recipient of its own."""
    name = resource_name("accounts", card.account)
    told = [_entry(each, f"{name}/formerContacts/{_mark(each.email or each.phone)}") for each in former]
    return dossier_pb2.ContactDossier(subject=name, cards=[_entry(card, name), *told]).SerializeToString(
        deterministic=True
    )


def _mark(contact: str) -> str:
    return sha256(contact.encode()).hexdigest()[:16]


def _entry(card: ContactCard, recipient: str) -> dossier_pb2.ContactCard:
    return dossier_pb2.ContactCard(
        recipient=recipient,
        account=resource_name("accounts", card.account),
        display_name=card.display_name,
        locale=card.locale,
        email=card.email,
        phone=card.phone,
    )
