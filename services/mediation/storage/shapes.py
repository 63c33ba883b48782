"""What mediation keeps as JSON. ``make shapes`` records its shape in ``shapes.json``."""

from services.common.storage.shapes import renew
from services.mediation.domain.agreement import Agreement
from services.mediation.domain.case import Case
from services.mediation.domain.item import Item
from services.mediation.domain.mediator import Mediator
from services.mediation.domain.offer import Offer, OfferResponse
from services.mediation.domain.parties import Particulars
from services.mediation.domain.session import Session
from services.mediation.domain.session_record import SessionRecord
from services.mediation.domain.signing_round import SigningRound

KEPT: tuple[type, ...] = (
    Mediator,
    Case,
    Particulars,
    Session,
    SessionRecord,
    Item,
    Offer,
    OfferResponse,
    Agreement,
    SigningRound,
)

if __name__ == "__main__":
    renew("mediation", KEPT)
