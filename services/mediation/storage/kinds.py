"""What mediation logs."""

from sqlalchemy import select

from services.common.storage.calendar_years import CALENDAR_YEARS
from services.common.storage.content import Kind, Part, rows_of
from services.mediation.storage import tables

MEDIATORS = Kind("mediators", tables.mediators)
CASES = Kind(
    "cases",
    tables.cases,
    {
        "members": rows_of(tables.case_members.c.case_id, *tables.case_members.c),
        "particulars": Part(
            tables.party_particulars.c.case_id, select(tables.party_particulars), kept_in="particulars_digest"
        ),
    },
)
SESSIONS = Kind("sessions", tables.sessions)
SESSION_RECORDS = Kind("sessionRecords", tables.session_records)
ITEMS = Kind("items", tables.items)
OFFERS = Kind("offers", tables.offers)
OFFER_RESPONSES = Kind(
    "offerResponses",
    tables.offer_responses,
    beside={
        "revealed": "all answers to an offer are shown at once, by the last of them; the offer's own log says when"
    },
)
AGREEMENTS = Kind("agreements", tables.agreements)
SIGNING_ROUNDS = Kind("signingRounds", tables.signing_rounds)

KINDS = (
    CALENDAR_YEARS,
    MEDIATORS,
    CASES,
    SESSIONS,
    SESSION_RECORDS,
    ITEMS,
    OFFERS,
    OFFER_RESPONSES,
    AGREEMENTS,
    SIGNING_ROUNDS,
)
