"""What intake logs."""

from sqlalchemy import select

from services.common.storage.calendar_years import CALENDAR_YEARS
from services.common.storage.content import Kind, Part, rows_of
from services.common.storage.pressure_reports import PRESSURE_REPORTS
from services.intake.storage import tables

_PARTIES = select(tables.parties, tables.particulars.c.account_id.label("seen_by")).outerjoin(
    tables.particulars, tables.particulars.c.party_id == tables.parties.c.id
)
_PRIVATE = [column for column in tables.particulars.c if column.name != "account_id"]
_CONTACTS = [column for column in tables.contacts.c if column.name != "id"]

MATTERS = Kind(
    "matters",
    tables.matters,
    {
        "parties": Part(tables.parties.c.matter_id, _PARTIES),
        "viewers": rows_of(tables.matter_viewers.c.matter_id, *tables.matter_viewers.c),
        "particulars": Part(tables.particulars.c.matter_id, select(*_PRIVATE), kept_in="particulars_digest"),
        "contacts": Part(tables.contacts.c.matter_id, select(*_CONTACTS), kept_in="contacts_digest"),
    },
)

KINDS = (MATTERS, PRESSURE_REPORTS, CALENDAR_YEARS)
