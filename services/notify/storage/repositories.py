"""Notices, manual tasks and call-backs in and out of the database."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from services.common.kernel.errors import not_found
from services.common.storage import aggregates
from services.common.storage.carrying import with_unknown
from services.common.storage.codec import from_json, to_json
from services.common.storage.content import Kind, Values
from services.common.storage.statement import Row, Statement, selecting
from services.notify.domain.call_back import CallBack, CallBackAttempt
from services.notify.domain.manual_task import ManualTask
from services.notify.domain.notice import Notice, Text
from services.notify.domain.values import Attempt, CallBackState, ManualTaskState, NoticeChannel, NoticeState
from services.notify.storage.kinds import CALL_BACKS, MANUAL_TASKS, NOTICES
from services.notify.storage.tables import call_back_attempts, call_backs, manual_tasks, notices

if TYPE_CHECKING:
    from services.notify.storage.transaction import NotifyTransaction

Key = tuple[datetime, UUID]
"""The sort key of a list: a time and an id."""


class _Repository:
    """What the repositories of notify have in common."""

    def __init__(self, tx: "NotifyTransaction", kind: Kind) -> None:
        self._tx = tx
        self._kind = kind

    async def _row(self, identifier: UUID) -> Row | None:
        return await selecting(self._kind.table).first(self._tx.driver, id=identifier)

    async def _page(self, query: Any, key: Sequence[Any], after: Key | None, size: int, descending: bool) -> Any:
        order = [column.desc() if descending else column for column in key]
        if after is not None:
            query = query.where(tuple_(*key) < after if descending else tuple_(*key) > after)
        return (await self._tx.connection.execute(query.order_by(*order).limit(size))).mappings().all()


class Notices(_Repository):
    """Notices with their attempts."""

    def __init__(self, tx: "NotifyTransaction") -> None:
        super().__init__(tx, NOTICES)

    async def add(self, told: Sequence[Notice]) -> list[Notice]:
        """Keeps the notices; gives those that were not queued before."""
        return [notice for notice in told if await self._is_new(notice)]

    async def _is_new(self, notice: Notice) -> bool:
        values = {**_lasting(notice), **_changing(notice), "attempts": []}
        return await aggregates.add_unless_there(self._tx, self._kind, notice, values)

    async def get(self, notice_id: UUID) -> Notice:
        """Raises NOT_FOUND."""
        row = await self._row(notice_id)
        if row is None:
            raise not_found()
        return _notice(row)

    async def save(self, notice: Notice) -> None:
        # The notice may have been loaded in another transaction: what is stored of its attempts is read here.
        stored = await _ATTEMPTS.value(self._tx.driver, id=notice.id)
        tries = with_unknown(_TRIES, stored, to_json(notice.attempts))
        values = {**_changing(notice), "attempts": tries}
        await aggregates.save(self._tx, self._kind, notice, values, lasting=_lasting(notice))

    async def page(self, account: str, after: Key | None, size: int) -> list[Notice]:
        """The account's notices, the newest first."""
        query = select(notices).where(notices.c.account == account, notices.c.account != "")
        rows = await self._page(query, (notices.c.create_time, notices.c.id), after, size, descending=True)
        return [_notice(row) for row in rows]


class ManualTasks(_Repository):
    """Tasks to tell somebody by hand."""

    def __init__(self, tx: "NotifyTransaction") -> None:
        super().__init__(tx, MANUAL_TASKS)

    async def add(self, task: ManualTask) -> bool:
        values = _lasting_task(task) | _changing_task(task)
        return await aggregates.add_unless_there(self._tx, self._kind, task, values)

    async def get(self, task_id: UUID) -> ManualTask:
        """Raises NOT_FOUND."""
        row = await self._row(task_id)
        if row is None:
            raise not_found()
        return _task(row)

    async def save(self, task: ManualTask) -> None:
        await aggregates.save(self._tx, self._kind, task, _changing_task(task), lasting=_lasting_task(task))

    async def page(self, organisations: Sequence[UUID], after: Key | None, size: int) -> list[ManualTask]:
        """Open tasks, the oldest first."""
        mine = manual_tasks.c.organisation_id.in_(organisations) & (manual_tasks.c.state == "OPEN")
        key = (manual_tasks.c.create_time, manual_tasks.c.id)
        rows = await self._page(select(manual_tasks).where(mine), key, after, size, descending=False)
        return [_task(row) for row in rows]


class CallBacks(_Repository):
    """Call-backs with their calls."""

    def __init__(self, tx: "NotifyTransaction") -> None:
        super().__init__(tx, CALL_BACKS)

    async def add(self, call_back: CallBack) -> bool:
        values = {**_lasting_call_back(call_back), **_changing_call_back(call_back)}
        return await aggregates.add_unless_there(self._tx, self._kind, call_back, values, {"attempts": ()})

    async def get(self, call_back_id: UUID) -> CallBack:
        """Raises NOT_FOUND."""
        row = await self._row(call_back_id)
        if row is None:
            raise not_found()
        return _call_back(row, (await self._attempts([call_back_id]))[call_back_id])

    async def save(self, call_back: CallBack) -> None:
        calls = [_call(call_back.id, *each) for each in enumerate(call_back.attempts)]
        lasting = _lasting_call_back(call_back)
        values = _changing_call_back(call_back)
        await aggregates.save(self._tx, self._kind, call_back, values, {"attempts": calls}, lasting=lasting)
        for row in calls:
            await self._tx.connection.execute(insert(call_back_attempts).values(row).on_conflict_do_nothing())

    async def page(
        self, organisations: Sequence[UUID], state: CallBackState | None, after: Key | None, size: int
    ) -> list[CallBack]:
        """Call-backs, the earliest due first."""
        query = select(call_backs).where(call_backs.c.organisation_id.in_(organisations))
        if state is not None:
            query = query.where(call_backs.c.state == state.value)
        rows = await self._page(query, (call_backs.c.due_time, call_backs.c.id), after, size, descending=False)
        calls = await self._attempts([row["id"] for row in rows])
        return [_call_back(row, calls[row["id"]]) for row in rows]

    async def _attempts(self, ids: list[UUID]) -> dict[UUID, list[CallBackAttempt]]:
        found: dict[UUID, list[CallBackAttempt]] = defaultdict(list)
        mine = call_back_attempts.c.call_back_id.in_(ids)
        query = select(call_back_attempts).where(mine).order_by(call_back_attempts.c.ordinal)
        for row in (await self._tx.connection.execute(query)).mappings():
            found[row["call_back_id"]].append(
                CallBackAttempt(
                    connected=row["connected"],
                    rating=row["rating"],
                    remarks=row["remarks"],
                    attempt_time=row["attempt_time"],
                )
            )
        return found


def _notice(row: Row) -> Notice:
    return Notice(
        id=row["id"],
        organisation_id=row["organisation_id"],
        version=row["version"],
        head=bytes(row["head"]),
        subject=row["subject"],
        recipient=row["recipient"],
        account=row["account"],
        template=row["template"],
        locale=row["locale"],
        text=Text(row["title"], row["body"], row["short"]),
        urgent=row["urgent"],
        channels=tuple(NoticeChannel(channel) for channel in row["channels"]),
        channel_index=row["channel_index"],
        state=NoticeState(row["state"]),
        create_time=row["create_time"],
        attempts=from_json(_TRIES, row["attempts"]),
    )


def _lasting(notice: Notice) -> Values:
    return {
        "subject": notice.subject,
        "recipient": notice.recipient,
        "account": notice.account,
        "template": notice.template,
        "locale": notice.locale,
        "title": notice.text.title,
        "body": notice.text.body,
        "short": notice.text.short,
        "urgent": notice.urgent,
        "channels": [channel.value for channel in notice.channels],
        "create_time": notice.create_time,
    }


def _changing(notice: Notice) -> Values:
    return {"state": notice.state.value, "channel_index": notice.channel_index}


_TRIES = tuple[Attempt, ...]
_ATTEMPTS = Statement(select(notices.c.attempts).where(notices.c.id == bindparam("id", type_=Uuid)))


def _task(row: Row) -> ManualTask:
    return ManualTask(
        id=row["id"],
        organisation_id=row["organisation_id"],
        version=row["version"],
        head=bytes(row["head"]),
        notice=row["notice"],
        recipient=row["recipient"],
        subject=row["subject"],
        state=ManualTaskState(row["state"]),
        remarks=row["remarks"],
        create_time=row["create_time"],
    )


def _lasting_task(task: ManualTask) -> dict[str, Any]:
    return {
        "notice": task.notice,
        "recipient": task.recipient,
        "subject": task.subject,
        "create_time": task.create_time,
    }


def _changing_task(task: ManualTask) -> dict[str, Any]:
    return {"state": task.state.value, "remarks": task.remarks}


def _lasting_call_back(call_back: CallBack) -> Values:
    return {"subject": call_back.subject, "recipient": call_back.recipient}


def _changing_call_back(call_back: CallBack) -> Values:
    return {
        "state": call_back.state.value,
        "due_time": call_back.due_time,
        "provisional": call_back.provisional,
    }


def _call(call_back: UUID, ordinal: int, attempt: CallBackAttempt) -> Values:
    return {
        "call_back_id": call_back,
        "ordinal": ordinal,
        "connected": attempt.connected,
        "rating": attempt.rating,
        "remarks": attempt.remarks,
        "attempt_time": attempt.attempt_time,
    }


def _call_back(row: Row, calls: Sequence[CallBackAttempt]) -> CallBack:
    return CallBack(
        id=row["id"],
        organisation_id=row["organisation_id"],
        version=row["version"],
        head=bytes(row["head"]),
        subject=row["subject"],
        recipient=row["recipient"],
        state=CallBackState(row["state"]),
        due_time=row["due_time"],
        provisional=row["provisional"],
        attempts=tuple(calls),
    )
