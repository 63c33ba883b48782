"""What identity logs."""

from services.common.storage.calendar_years import CALENDAR_YEARS
from services.common.storage.content import Kind, rows_of
from services.identity.storage import tables

_MEMBERSHIPS = rows_of(
    tables.memberships.c.account_id,
    tables.memberships.c.account_id,
    tables.memberships.c.organisation_id,
    tables.memberships.c.role,
)
ORGANISATIONS = Kind("organisations", tables.organisations)
ACCOUNTS = Kind("accounts", tables.accounts, {"memberships": _MEMBERSHIPS})
INVITATIONS = Kind(
    "invitations",
    tables.invitations,
    beside={"mismatches": "a right code with a wrong identity number is counted as tries are, beside the aggregate"},
)
CERTIFICATES = Kind("certificates", tables.certificates)

KINDS = (ORGANISATIONS, ACCOUNTS, INVITATIONS, CERTIFICATES, CALENDAR_YEARS)
