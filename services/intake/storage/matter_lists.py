"""Which matters stand on a page, and which clocks are due: ids and lines, never whole matters."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    literal_column,
    not_,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.common.storage.deadlines import deadline_of
from services.common.storage.statement import Statement
from services.common.storage.tables import TIME, deadlines
from services.intake.application.clocks import DueFilter, DueMatter
from services.intake.application.ports import MatterFilter
from services.intake.domain.lifecycle import MatterState
from services.intake.storage.tables import matters

if TYPE_CHECKING:
    from services.intake.storage.transaction import IntakeTransaction


class MatterLists:
    """What the transaction's viewer may see, a page at a time."""

    def __init__(self, tx: "IntakeTransaction") -> None:
        self._tx = tx

    async def page(self, wanted: MatterFilter, viewer: str, after: UUID | None, size: int) -> list[UUID]:
        """The ids of one page, the newest first; each branch reads one index from where the last page ended."""
        values = {
            "organisations": wanted.organisations,
            "viewer": viewer if wanted.own else None,
            "state": wanted.state.value if wanted.state else None,
            "officer": wanted.officer,
            "after": after or _LAST,
            "size": size,
        }
        statement = _PAGES[wanted.state is not None, wanted.officer is not None]
        return list((await self._tx.connection.execute(statement, values)).scalars())

    async def due(self, wanted: DueFilter, size: int) -> list[DueMatter]:
        """Clocks by which something is still to be done, the earliest first: a decision while there is none, and the end
        of whatever has not ended."""
        after_time, after_id = wanted.after or (datetime.min.replace(tzinfo=UTC), UUID(int=0))
        values = {
            "organisations": wanted.organisations,
            "officer": wanted.officer,
            "until": wanted.until,
            "deciding": sorted(wanted.deciding),
            "after_time": after_time,
            "after_id": after_id,
            "size": size,
        }
        found = await _DUE.rows(self._tx.driver, **values)
        return [
            DueMatter(
                matter=row["aggregate_id"],
                number=row["number"],
                state=MatterState(row["matter_state"]),
                officer=row["officer_id"],
                deadline=deadline_of(row),
            )
            for row in found
        ]


_LAST = UUID(int=2**128 - 1)
_UNDECIDED = ("SUBMITTED", "TRIAGED")
_ENDED = ("DECLINED", "CLOSED", "WITHDRAWN")
_DECIDES = deadlines.c.rule == any_(bindparam("deciding", type_=ARRAY(Text)))
_OFFICER = bindparam("officer", type_=Uuid)
_DUE = Statement(
    select(deadlines, matters.c.number, matters.c.state.label("matter_state"), matters.c.officer_id)
    .join(matters, matters.c.id == deadlines.c.aggregate_id)
    .where(
        deadlines.c.organisation_id == any_(bindparam("organisations", type_=ARRAY(Uuid))),
        literal_column("deadlines.state IN ('RUNNING', 'LAPSED')", Boolean),  # As its index says it.
        deadlines.c.due_time <= bindparam("until", type_=TIME),
        tuple_(deadlines.c.due_time, deadlines.c.id)
        > tuple_(bindparam("after_time", type_=TIME), bindparam("after_id", type_=Uuid)),
        or_(_OFFICER.is_(None), matters.c.officer_id == _OFFICER),
        or_(
            and_(_DECIDES, or_(*(matters.c.state == state for state in _UNDECIDED))),
            and_(not_(_DECIDES), *(matters.c.state != state for state in _ENDED)),
        ),
    )
    .order_by(deadlines.c.due_time, deadlines.c.id)
    .limit(bindparam("size", type_=Integer))
)


def _page(with_state: bool, with_officer: bool) -> Any:
    state = "AND m.state = :state" if with_state else "AND CAST(:state AS text) IS NULL"
    officer = "AND m.officer_id = :officer" if with_officer else "AND CAST(:officer AS uuid) IS NULL"
    return text(
        f"""
        SELECT id FROM (
            SELECT mine.id
            FROM unnest(CAST(:organisations AS uuid[])) AS o (id)
            CROSS JOIN LATERAL (
                SELECT m.id FROM matters AS m
                WHERE m.organisation_id = o.id AND m.id < CAST(:after AS uuid) {state} {officer}
                ORDER BY m.id DESC LIMIT CAST(:size AS integer)
            ) AS mine
            UNION
            (
                SELECT m.id FROM matter_viewers AS v JOIN matters AS m ON m.id = v.matter_id
                WHERE v.viewer = CAST(:viewer AS text) AND v.matter_id < CAST(:after AS uuid) {state} {officer}
                ORDER BY v.matter_id DESC LIMIT CAST(:size AS integer)
            )
        ) AS found
        ORDER BY id DESC LIMIT CAST(:size AS integer)
        """  # noqa: S608 - composed of constants
    )


_PAGES = {
    (with_state, with_officer): _page(with_state, with_officer)
    for with_state in (False, True)
    for with_officer in (False, True)
}
