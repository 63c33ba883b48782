"""Reports of pressure in and out of their table, the same in every service that has one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    literal,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.common.kernel.pressure import PressureReport
from services.common.storage import aggregates
from services.common.storage.content import Kind
from services.common.storage.row_security import SYSTEM, VIEWER, guarded
from services.common.storage.statement import Statement, paging
from services.common.storage.tables import TIME
from services.common.storage.transaction import Transaction

_TABLE = Table(
    "pressure_reports",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid),
    Column("version", BigInteger),
    Column("head", LargeBinary),
    Column("subject_id", Uuid),
    Column("party_id", Uuid),
    Column("account_id", Uuid),
    Column("text", Text),
    Column("create_time", TIME),
)

PRESSURE_REPORTS = Kind("pressureReports", _TABLE)
_NOBODY, _LAST = UUID(int=0), UUID(int=2**128 - 1)


def schema(staff: str) -> list[str]:
    """The statements that make the table. ``staff``: the condition under which those who look after the party see a row,
    beside who wrote it."""
    return [
        "CREATE TABLE pressure_reports (id uuid PRIMARY KEY, organisation_id uuid NOT NULL, version bigint NOT NULL,"
        " head bytea NOT NULL, subject_id uuid NOT NULL, party_id uuid NOT NULL, account_id uuid NOT NULL,"
        " text text NOT NULL, create_time timestamptz NOT NULL)",
        "CREATE INDEX pressure_reports_of_account ON pressure_reports (subject_id, account_id, id)",
        *guarded("pressure_reports", f"{SYSTEM} OR 'accounts/' || account_id = {VIEWER} OR {staff}"),
    ]


class PressureReports:
    """The reports that the transaction's viewer may see.

    Who is not staff asks for its own (``account``): row-level security would pass over those of the other side one by one,
    and the time of the answer count them.
    """

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(self, report: PressureReport) -> None:
        """A new one with its events."""
        await aggregates.add(self._tx, PRESSURE_REPORTS, report, _values(report))

    async def save(self, report: PressureReport) -> None:
        """What is said of it anew."""
        await aggregates.save(self._tx, PRESSURE_REPORTS, report, _values(report))

    async def page(
        self, subject: UUID, after: UUID | None, size: int, account: UUID | None = None
    ) -> list[PressureReport]:
        """So many about the subject, or of the account's own, after the one with this id, in the order they came."""
        values = {"subject_id": subject, "page_after": after or _NOBODY, "page_size": size}
        query = OWN_PAGE if account else paging(_TABLE, ("subject_id",))
        values |= {"account": account} if account else {}
        return [
            PressureReport(
                id=row["id"],
                organisation_id=row["organisation_id"],
                version=row["version"],
                head=bytes(row["head"]),
                subject=row["subject_id"],
                party=row["party_id"],
                account=row["account_id"],
                text=row["text"],
                create_time=row["create_time"],
            )
            for row in await query.rows(self._tx.driver, **values)
        ]

    async def among(self, subjects: Sequence[UUID], account: UUID | None = None) -> frozenset[UUID]:
        """Those of the subjects that there is a report about, or one of the account's own."""
        if not subjects:
            return frozenset()
        values = {"wanted": list(subjects), **({"account": account} if account else {})}
        found = await (OWN_AMONG if account else _AMONG).rows(self._tx.driver, **values)
        return frozenset(row["subject_id"] for row in found)


def _values(report: PressureReport) -> dict[str, Any]:
    return {
        "organisation_id": report.organisation_id,
        "subject_id": report.subject,
        "party_id": report.party,
        "account_id": report.account,
        "text": report.text,
        "create_time": report.create_time,
    }


_PLACE = (_TABLE.c.subject_id, _TABLE.c.account_id, _TABLE.c.id)
_AMONG = Statement(
    select(_TABLE.c.subject_id).where(_TABLE.c.subject_id == any_(bindparam("wanted", type_=ARRAY(Uuid)))).distinct()
)


def _own(subject: ColumnElement[UUID], after: ColumnElement[UUID]) -> Select[Any]:
    """The account's own: a stretch of the index ``pressure_reports_of_account``, in its order, whatever the planner
    believes; no other index may begin with the subject, or it would be taken at times, past those of others."""
    account = bindparam("account", type_=Uuid)
    first, last = tuple_(subject, account, after), tuple_(subject, account, literal(_LAST, Uuid))
    return select(_TABLE).where(tuple_(*_PLACE) > first, tuple_(*_PLACE) <= last).order_by(*_PLACE)


def _own_among() -> Statement:
    wanted = func.unnest(bindparam("wanted", type_=ARRAY(Uuid))).table_valued("id").render_derived("wanted")
    one = _own(wanted.c.id, literal(_NOBODY, Uuid)).limit(1).lateral("one")
    return Statement(select(one.c.subject_id).select_from(wanted.join(one, true())))


OWN_AMONG = _own_among()
OWN_PAGE = Statement(
    _own(bindparam("subject_id", type_=Uuid), bindparam("page_after", type_=Uuid)).limit(
        bindparam("page_size", type_=Integer)
    )
)
