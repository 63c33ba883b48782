"""The snapshots that mediation and notify pull. Serialised deterministically: the same facts have the same digest."""

from comity.common.v1 import dossier_pb2, party_pb2
from comity.intake.v1 import matter_pb2

from services.common.convert import enum_number
from services.common.kernel.ids import resource_name
from services.intake.application.ports import Dossier, DossierKind
from services.intake.domain.matter import Matter
from services.intake.domain.values import Party, PrivateParticulars
from services.intake.wire import particulars

_SIDE = party_pb2.PartySide.DESCRIPTOR


class ProtobufDossiers:
    """Implements ``application.ports.DossierEncoder``. Needs a matter seen in full."""

    def matter(self, matter: Matter) -> Dossier:
        message = matter_pb2.MatterDossier(
            matter=resource_name("matters", matter.id),
            number=matter.number,
            regime=matter.regime,
            subject_matter=matter.subject_matter,
            facts=matter.facts,
            request=matter.request,
            parties=[_dossier_party(party) for party in matter.parties],
            sample=matter.sample,
        )
        if matter.amount is not None:
            message.amount.currency = matter.amount.currency
            message.amount.minor_units = matter.amount.minor_units
        return Dossier(DossierKind.MATTER, message.SerializeToString(deterministic=True))

    def contacts(self, matter: Matter) -> Dossier:
        message = dossier_pb2.ContactDossier(
            subject=resource_name("matters", matter.id), cards=[_card(party) for party in matter.parties]
        )
        return Dossier(DossierKind.CONTACTS, message.SerializeToString(deterministic=True))


def _dossier_party(party: Party) -> matter_pb2.DossierParty:
    message = matter_pb2.DossierParty(
        party=resource_name("parties", party.id),
        side=enum_number(_SIDE, party.side),  # type: ignore[arg-type]
        particulars=particulars(party.kind, party.display_name, _private(party)),
        account=_account(party),
        authority=party_pb2.AUTHORITY_SELF,
    )
    if party.mediation_consent_time is not None:
        message.mediation_consent_time.FromDatetime(party.mediation_consent_time)
    if party.online_consent_time is not None:
        message.online_consent_time.FromDatetime(party.online_consent_time)
    return message


def _card(party: Party) -> dossier_pb2.ContactCard:
    private = _private(party)
    return dossier_pb2.ContactCard(
        recipient=resource_name("parties", party.id),
        account=_account(party),
        display_name=party.display_name,
        locale=private.locale,
        email=private.email,
        phone=private.phone,
    )


def _private(party: Party) -> PrivateParticulars:
    if party.particulars is None:
        raise ValueError("a snapshot needs a matter seen in full")
    return party.particulars


def _account(party: Party) -> str:
    return resource_name("accounts", party.account) if party.account else ""
