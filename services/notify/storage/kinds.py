"""What notify logs."""

from services.common.storage.calendar_years import CALENDAR_YEARS
from services.common.storage.content import Kind, rows_of
from services.notify.storage import tables

NOTICES = Kind(
    "notices",
    tables.notices,
    beside={
        "account": "an account that joins as a party sees what the party was told before; no notice says so itself"
    },
)
MANUAL_TASKS = Kind("manualTasks", tables.manual_tasks)
CALL_BACKS = Kind(
    "callBacks",
    tables.call_backs,
    {"attempts": rows_of(tables.call_back_attempts.c.call_back_id, *tables.call_back_attempts.c)},
)

KINDS = (NOTICES, MANUAL_TASKS, CALL_BACKS, CALENDAR_YEARS)
