"""How mediation names things in messages, shared by transport and messaging."""

from services.common.convert import Converter

REFERENCES = {
    "organisation": "organisations",
    "account": "accounts",
    "author": "accounts",
    "mediator": "mediators",
    "case": "cases",
    "session": "sessions",
    "session_record": "sessionRecords",
    "item": "items",
    "offer": "offers",
    "counters": "offers",
    "agreement": "agreements",
    "supersedes": "agreements",
    "signing_round": "signingRounds",
    "party": "parties",
    "parties": "parties",
    "caucus_party": "parties",
    "absent_party": "parties",
    "obligor": "parties",
    "obligee": "parties",
    "waived_by": "parties",
    "anew_wanted_by": "parties",
    "reopening_consents": "parties",
    "notice_acknowledged_by": "parties",
    "notice_waived_by": "parties",
}
NAMES = {
    "Mediator": "mediators",
    "Case": "cases",
    "CaseParty": "parties",
    "Session": "sessions",
    "SessionRecord": "sessionRecords",
    "Item": "items",
    "Offer": "offers",
    "Agreement": "agreements",
    "SigningRound": "signingRounds",
}
CONVERTER = Converter(REFERENCES, NAMES)
