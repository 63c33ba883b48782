"""Deadlines as rows: started, met, extended, paused and resumed in the transaction that gives the reason.

The rules and their arithmetic are in ``services.common.deadlines``; here they are kept, shown and found when due.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID

import asyncpg
from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    Uuid,
    all_,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from services.common.deadlines.compute import Due, Extension, Suspension, due
from services.common.deadlines.kept import Deadline, DeadlineMove, DeadlineState, Owner
from services.common.deadlines.rule import ANY_REGIME, DeadlineRule
from services.common.deadlines.rulebook import RuleBook
from services.common.kernel.events import Aggregate
from services.common.kernel.ids import derived_id
from services.common.storage import flush
from services.common.storage.statement import Row, Statement
from services.common.storage.tables import TIME, deadlines


class Driven(Protocol):
    """What a transaction asks by."""

    driver: asyncpg.Connection

    @property
    def connection(self) -> AsyncConnection: ...


class Deadlines:
    """The deadlines of one transaction, at its instant."""

    def __init__(self, tx: "Driven", rulebook: RuleBook, now: datetime) -> None:
        self.waiting: list[dict[str, Any]] = []
        """Clocks that were started and are not written yet: they go with the rest of the transaction."""
        self._tx = tx
        self._rulebook = rulebook
        self._now = now

    async def start(
        self, rule_id: str, owner: Aggregate | Owner, aggregate_type: str, *, regime: str, anchor: datetime
    ) -> Deadline:
        """Starts a clock at ``anchor`` under the version in force that day. Starting it again changes nothing.

        ``regime`` is ``id`` or ``id@version``; ANY for a clock of no regime.
        """
        regime_id = regime.partition("@")[0] or ANY_REGIME
        rule = self._rulebook.rule(rule_id, _local_day(anchor, self._rulebook, rule_id, regime_id), regime_id)
        computed = self._rulebook.due(rule, anchor)
        row = {
            "id": derived_id(owner.id, rule_id, anchor.isoformat()),
            "organisation_id": owner.organisation_id,
            "aggregate_type": aggregate_type,
            "aggregate_id": owner.id,
            "rule": rule.id,
            "rule_version": rule.version,
            "regime": regime_id,
            "source": rule.source,
            "anchor_time": anchor,
            "state": DeadlineState.RUNNING.value,
            **_computed(computed),
            "remind_time": next_reminder(rule, computed.date, self._now),
        }
        self.waiting.append(row)
        return deadline_of(row)

    async def meet(self, aggregate_id: UUID, rule_id: str) -> None:
        """The act was done: the clock stops for good."""
        await self._resolve(aggregate_id, DeadlineState.MET, rule_id)

    async def cancel(self, aggregate_id: UUID, rule_id: str = "") -> None:
        """The clock is no longer needed; without a rule, every open one of the aggregate."""
        await self._resolve(aggregate_id, DeadlineState.CANCELLED, rule_id)

    async def reopen(self, aggregate_id: UUID, rule_id: str) -> Deadline | None:
        """The act that met the clock came to nothing: it runs on towards its old end, which may be past, by the calendar
        that is known now."""
        row = await _MET.first(await self._written(), aggregate=aggregate_id, of_rule=rule_id)
        if row is None:
            return None
        await self._change(deadlines.c.id == row["id"], {"resolve_time": None})
        return await self._recompute(dict(row))

    async def extend(self, aggregate_id: UUID, rule_id: str, extension: Extension) -> Deadline:
        """Prolongs an open clock. Raises what ``compute.due`` raises for an extension that the rule does not allow."""
        row = await self._open_row(aggregate_id, rule_id)
        granted = [*row["extensions"], _extension_data(extension)]
        return await self._recompute(row, extensions=granted)

    async def pause(self, aggregate_id: UUID, reason: str) -> None:
        """Stands still every clock of the aggregate that this reason suspends; the others run on."""
        for row in await self._open_rows(aggregate_id):
            rule = self._rule_of(row)
            if row["state"] == DeadlineState.RUNNING.value and reason in rule.suspend_on:
                values = {"state": DeadlineState.PAUSED.value, "pause_reason": reason, "pause_time": self._now}
                await self._change(deadlines.c.id == row["id"], values)

    async def resume(self, aggregate_id: UUID) -> None:
        """Lets every paused clock of the aggregate run again, without the days it stood still."""
        for row in await self._open_rows(aggregate_id):
            if row["state"] == DeadlineState.PAUSED.value:
                zone = self._rule_of(row).zone
                pause = Suspension.between(row["pause_reason"], row["pause_time"], self._now, zone)
                await self._recompute(row, suspensions=[*row["suspensions"], _suspension_data(pause)])

    async def of(self, aggregate_id: UUID) -> tuple[Deadline, ...]:
        """Every deadline of an aggregate, the earliest due first."""
        return (await self.of_many([aggregate_id])).get(aggregate_id, ())

    async def of_many(self, aggregate_ids: Sequence[UUID]) -> dict[UUID, tuple[Deadline, ...]]:
        """The deadlines of several aggregates in one query."""
        found: dict[UUID, tuple[Deadline, ...]] = {}
        for row in await _OF_MANY.rows(await self._written(), wanted=aggregate_ids):
            found[row["aggregate_id"]] = (*found.get(row["aggregate_id"], ()), deadline_of(row))
        return found

    async def open_deadline(self, aggregate_id: UUID, rule_id: str) -> Deadline | None:
        """The running or paused clock of this rule, if there is one."""
        rows = [row for row in await self._open_rows(aggregate_id) if row["rule"] == rule_id]
        return deadline_of(rows[0]) if rows else None

    async def lapse(self, deadline_id: UUID) -> None:
        """Marks a deadline as missed."""
        values = {"state": DeadlineState.LAPSED.value, "resolve_time": self._now}
        await self._change(deadlines.c.id == deadline_id, values)

    async def next_due(self, skip: Sequence[UUID]) -> Deadline | None:
        """One running deadline whose time is past, locked; those another replica holds are skipped, and those that would
        act by themselves on a day that no published calendar covers: see ``unsure``."""
        acting = self._rulebook.acting_by_themselves
        row = await _NEXT_DUE.first(await self._written(), now=self._now, skip=skip, acting=acting)
        return deadline_of(row) if row else None

    async def outdated(self, after: UUID, at_once: int) -> tuple[list[UUID], UUID | None]:
        """Clocks whose kept end is not what the calendars say now, among so many beyond ``after`` in the order of their
        ids; and the last that was looked at, None when none is left.

        Those that run, and alerts that were given on a provisional day. One that stands still is computed when it runs on.
        """
        rows = [dict(row) for row in await _COUNTED.rows(await self._written(), after=after, size=at_once)]
        return [row["id"] for row in rows if self._differs(row)], rows[-1]["id"] if rows else None

    async def recount(self, deadline_id: UUID) -> tuple[Deadline, DeadlineMove] | None:
        """Computes one again, if it still is outdated; None otherwise, and while somebody else holds it.

        An alert that was given on a provisional day is taken back when the day is still to come; None when it stands.
        """
        row = await _ONE.first(await self._written(), wanted=deadline_id)
        if row is None or not self._differs(dict(row)):
            return None
        before, rule = deadline_of(row), self._rule_of(dict(row))
        now = await self._recompute(dict(row))
        stands = before.state is DeadlineState.LAPSED and self._now >= now.due_time
        state, resolved = (before.state, row["resolve_time"]) if stands else (DeadlineState.RUNNING, None)
        await self._change(deadlines.c.id == deadline_id, {"state": state.value, "resolve_time": resolved})
        if stands and now.due_date == before.due_date:
            return None
        move = DeadlineMove(
            rule=now.rule,
            name_zh=rule.name_zh,
            name_en=rule.name_en,
            old_due_date=before.due_date,
            due_date=now.due_date,
            due_time=now.due_time,
            provisional=now.provisional,
        )
        return now, move

    def _differs(self, row: dict[str, Any]) -> bool:
        return any(row[key] != value for key, value in _computed(self._computed_again(row)).items())

    async def unsure(self) -> int:
        """How many have passed a provisional day and wait for its calendar, since nobody's right ends on such a day."""
        acting = self._rulebook.acting_by_themselves
        row = await _UNSURE.first(await self._written(), now=self._now, acting=acting)
        return int(row["count"]) if row else 0

    async def next_to_remind(self, rules: Sequence[str], skip: Sequence[UUID]) -> Deadline | None:
        """One running deadline of these rules that somebody is to be reminded of now, locked as in ``next_due``."""
        row = await _NEXT_TO_REMIND.first(await self._written(), now=self._now, skip=skip, rules=rules)
        return deadline_of(row) if row else None

    async def reminded(self, deadline: Deadline) -> None:
        """Somebody was; what was missed meanwhile is not said late."""
        row = await self._open_row(deadline.aggregate_id, deadline.rule_id)
        following = next_reminder(self._rule_of(row), deadline.due_date, self._now)
        await self._change(deadlines.c.id == deadline.id, {"remind_time": following})

    async def _written(self) -> asyncpg.Connection:
        """The driver, once every clock that was started here has its row."""
        waiting, self.waiting = self.waiting, []
        if waiting:
            text, values = flush.statement({"deadlines": waiting}, None, self._now)
            await self._tx.driver.execute(text, *values)
        return self._tx.driver

    async def _change(self, which: ColumnElement[bool], values: dict[str, Any]) -> None:
        await self._written()
        await self._tx.connection.execute(update(deadlines).where(which).values(**values))

    async def _resolve(self, aggregate_id: UUID, state: DeadlineState, rule_id: str) -> None:
        values = {"state": state.value, "resolve_time": self._now}
        await _RESOLVE.run(await self._written(), aggregate=aggregate_id, of_rule=rule_id, **values)

    async def _open_rows(self, aggregate_id: UUID) -> list[dict[str, Any]]:
        return [dict(row) for row in await _OPEN.rows(await self._written(), aggregate=aggregate_id)]

    async def _open_row(self, aggregate_id: UUID, rule_id: str) -> dict[str, Any]:
        for row in await self._open_rows(aggregate_id):
            if row["rule"] == rule_id:
                return row
        raise LookupError(f"no open deadline {rule_id} of {aggregate_id}")

    async def _recompute(self, row: dict[str, Any], **changes: list[dict[str, Any]]) -> Deadline:
        row = {**row, **changes, "state": DeadlineState.RUNNING.value, "pause_reason": "", "pause_time": None}
        computed = self._computed_again(row)
        row.update(_computed(computed), remind_time=next_reminder(self._rule_of(row), computed.date, self._now))
        kept = (
            "extensions",
            "suspensions",
            "state",
            "pause_reason",
            "pause_time",
            "due_date",
            "due_time",
            "provisional",
            "remind_time",
        )
        values = {key: row[key] for key in kept}
        await self._change(deadlines.c.id == row["id"], values)
        return deadline_of(row)

    def _computed_again(self, row: dict[str, Any]) -> Due:
        rule = self._rule_of(row)
        return due(
            rule,
            row["anchor_time"],
            self._rulebook.calendar_of(rule),
            [_extension(data) for data in row["extensions"]],
            [_suspension(data) for data in row["suspensions"]],
        )

    def _rule_of(self, row: dict[str, Any]) -> DeadlineRule:
        return self._rulebook.version(row["rule"], row["rule_version"], row["regime"])


_IS_OPEN = or_(deadlines.c.state == "RUNNING", deadlines.c.state == "PAUSED")
_MINE = deadlines.c.aggregate_id == bindparam("aggregate", type_=Uuid)
_OPEN = Statement(select(deadlines).where(_MINE, _IS_OPEN).order_by(deadlines.c.due_time).with_for_update())
_OF_MANY = Statement(
    select(deadlines)
    .where(deadlines.c.aggregate_id == any_(bindparam("wanted", type_=ARRAY(Uuid))))
    .order_by(deadlines.c.due_time)
)
_RULE = bindparam("of_rule", type_=Text)
_RESOLVE = Statement(
    update(deadlines).where(_MINE, _IS_OPEN, or_(_RULE == "", deadlines.c.rule == _RULE)), ["state", "resolve_time"]
)
_MET = Statement(
    select(deadlines)
    .where(_MINE, deadlines.c.rule == _RULE, deadlines.c.state == literal_column("'MET'"))
    .order_by(deadlines.c.anchor_time.desc())
    .limit(1)
    .with_for_update()
)
_RUNS_OR_ALERTED = or_(
    deadlines.c.state == literal_column("'RUNNING'"),
    and_(deadlines.c.state == literal_column("'LAPSED'"), deadlines.c.provisional),
)
_COUNTED = Statement(
    select(deadlines)
    .where(_RUNS_OR_ALERTED, deadlines.c.id > bindparam("after", type_=Uuid))
    .order_by(deadlines.c.id)
    .limit(bindparam("size", type_=Integer))
)
_ONE = Statement(
    select(deadlines)
    .where(_RUNS_OR_ALERTED, deadlines.c.id == bindparam("wanted", type_=Uuid))
    .with_for_update(skip_locked=True)
)
_ACTING = bindparam("acting", type_=ARRAY(Text))
_UNSURE = Statement(
    select(func.count().label("count")).where(
        deadlines.c.state == literal_column("'RUNNING'"),
        deadlines.c.due_time <= bindparam("now", type_=TIME),
        deadlines.c.provisional,
        deadlines.c.rule == any_(_ACTING),
    )
)
_NEXT_DUE = Statement(
    select(deadlines)
    .where(
        # Said in the statement itself: by a parameter no plan that is kept could use the index of running clocks.
        deadlines.c.state == literal_column("'RUNNING'"),
        deadlines.c.due_time <= bindparam("now", type_=TIME),
        deadlines.c.id != all_(bindparam("skip", type_=ARRAY(Uuid))),
        or_(~deadlines.c.provisional, deadlines.c.rule != all_(_ACTING)),
    )
    .order_by(deadlines.c.due_time)
    .limit(1)
    .with_for_update(skip_locked=True)
)

_NEXT_TO_REMIND = Statement(
    select(deadlines)
    .where(
        deadlines.c.state == literal_column("'RUNNING'"),
        deadlines.c.remind_time <= bindparam("now", type_=TIME),
        deadlines.c.due_time > bindparam("now", type_=TIME),
        deadlines.c.rule == any_(bindparam("rules", type_=ARRAY(Text))),
        deadlines.c.id != all_(bindparam("skip", type_=ARRAY(Uuid))),
    )
    .order_by(deadlines.c.remind_time)
    .limit(1)
    .with_for_update(skip_locked=True)
)
MORNING = time(9)
"""When people are reminded, local time."""


def next_reminder(rule: DeadlineRule, due_date: date, now: datetime) -> datetime | None:
    """The next morning on which somebody is to be reminded of the date (UTC); None when there is none left."""
    days = (due_date - timedelta(days=before) for before in rule.remind_days_before)
    mornings = (datetime.combine(day, MORNING, rule.zone).astimezone(UTC) for day in days)
    return min((morning for morning in mornings if morning > now), default=None)


def _local_day(anchor: datetime, rulebook: RuleBook, rule_id: str, regime: str) -> date:
    zone = (rulebook.versions(rule_id, regime) or rulebook.versions(rule_id))[-1].zone
    return anchor.astimezone(zone).date()


def _computed(computed: Due) -> dict[str, Any]:
    return {"due_date": computed.date, "due_time": computed.at, "provisional": computed.provisional}


def deadline_of(row: Row) -> Deadline:
    """A deadline from a row with its columns."""
    return Deadline(
        id=row["id"],
        organisation_id=row["organisation_id"],
        aggregate_type=row["aggregate_type"],
        aggregate_id=row["aggregate_id"],
        rule_id=row["rule"],
        rule=f"{row['rule']}@{row['rule_version']}",
        source=row["source"],
        anchor_time=row["anchor_time"],
        due_date=row["due_date"],
        due_time=row["due_time"],
        provisional=row["provisional"],
        state=DeadlineState(row["state"]),
        regime=row["regime"],
    )


def _extension_data(extension: Extension) -> dict[str, Any]:
    return {
        "count": extension.count,
        "approver": extension.approver,
        "granted_at": extension.granted_at.isoformat(),
    }


def _extension(data: dict[str, Any]) -> Extension:
    granted = datetime.fromisoformat(data["granted_at"])
    return Extension(count=data["count"], approver=data["approver"], granted_at=granted)


def _suspension_data(suspension: Suspension) -> dict[str, Any]:
    return {
        "reason": suspension.reason,
        "began": suspension.began.isoformat(),
        "ended": suspension.ended.isoformat(),
    }


def _suspension(data: dict[str, Any]) -> Suspension:
    began, ended = date.fromisoformat(data["began"]), date.fromisoformat(data["ended"])
    return Suspension(reason=data["reason"], began=began, ended=ended)
