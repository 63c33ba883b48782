"""What court_link logs."""

from sqlalchemy import select

from services.common.storage.calendar_years import CALENDAR_YEARS
from services.common.storage.content import Kind, Part, rows_of
from services.common.storage.pressure_reports import PRESSURE_REPORTS
from services.court_link.storage import tables

COURTS = Kind("courts", tables.courts)
APPLICATION_WINDOWS = Kind("applicationWindows", tables.application_windows)
APPLICATIONS = Kind(
    "applications",
    tables.applications,
    {
        "members": Part(
            tables.application_members.c.application_id, select(tables.application_members), kept_in="members_digest"
        )
    },
)
RULINGS = Kind("rulings", tables.rulings)
REFERRALS = Kind(
    "referrals",
    tables.referrals,
    {"members": rows_of(tables.referral_members.c.referral_id, *tables.referral_members.c)},
)

KINDS = (COURTS, APPLICATION_WINDOWS, APPLICATIONS, RULINGS, REFERRALS, PRESSURE_REPORTS, CALENDAR_YEARS)
