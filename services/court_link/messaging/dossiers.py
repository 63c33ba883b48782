"""The snapshots that mediation and notify pull. Serialised deterministically: the same facts have the same digest."""

from comity.common.v1 import dossier_pb2
from comity.court_link.v1 import court_pb2

from services.common.kernel.ids import resource_name
from services.court_link.domain.referral import Referral, ReferralParty
from services.court_link.wire import CONVERTER


class ProtobufSnapshots:
    """Implements ``application.referrals.ReferralSnapshots``."""

    def dossier(self, referral: Referral) -> bytes:
        message = CONVERTER.write(referral, court_pb2.ReferralDossier)
        message.referral = resource_name("referrals", referral.id)
        return message.SerializeToString(deterministic=True)

    def contacts(self, referral: Referral) -> bytes:
        message = dossier_pb2.ContactDossier(subject=resource_name("referrals", referral.id))
        message.cards.extend(_card(party) for party in referral.parties)
        return message.SerializeToString(deterministic=True)


def _card(party: ReferralParty) -> dossier_pb2.ContactCard:
    particulars = party.particulars
    return dossier_pb2.ContactCard(
        recipient=resource_name("parties", party.id),
        display_name=particulars.display_name,
        locale=particulars.locale,
        email=particulars.email,
        phone=particulars.phone,
    )
