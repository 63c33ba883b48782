"""Whose events notify reacts to."""

from collections.abc import Mapping

from services.common.messaging.consumer import Reaction
from services.notify.messaging import from_court_link, from_identity, from_intake, from_mediation
from services.notify.messaging.dossiers import Ask, Pull
from services.notify.storage.transaction import NotifyTransaction as Tx


def reactions(
    intake_cards: Pull, account_cards: Pull, referral_cards: Pull, organisation: Ask
) -> Mapping[str, Mapping[str, Reaction[Tx]]]:
    """Publishing service to event type to reaction."""
    return {
        "intake": from_intake.reactions(intake_cards),
        "identity": from_identity.reactions(account_cards, organisation),
        "mediation": from_mediation.reactions(),
        "court_link": from_court_link.reactions(referral_cards),
    }
