"""Sign-ins that last. One that was ended has no row."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from services.common.storage.transaction import Transaction
from services.identity.domain.session import Session
from services.identity.storage.tables import sessions


class Sessions:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(self, session: Session) -> None:
        row = {
            "id": session.id,
            "account_id": session.account,
            "create_time": session.create_time,
            "expire_time": session.expire_time,
        }
        await self._tx.connection.execute(sessions.insert().values(row))

    async def lasting(self, session_id: UUID, account_id: UUID) -> Session | None:
        mine = (sessions.c.id == session_id) & (sessions.c.account_id == account_id)
        query = select(sessions).where(mine, sessions.c.expire_time > self._tx.now)
        row = (await self._tx.connection.execute(query)).mappings().first()
        return _session(row) if row else None

    async def of_account(self, account_id: UUID, before: UUID | None, size: int) -> list[Session]:
        """The newest first: ids rise with time."""
        mine = (sessions.c.account_id == account_id) & (sessions.c.expire_time > self._tx.now)
        if before is not None:
            mine &= sessions.c.id < before
        newest = select(sessions).where(mine).order_by(sessions.c.id.desc()).limit(size)
        return [_session(row) for row in (await self._tx.connection.execute(newest)).mappings()]

    async def end(self, account_id: UUID, session_id: UUID | None) -> int:
        """Ends one session of the account, or all of them; how many."""
        mine = sessions.c.account_id == account_id
        if session_id is not None:
            mine &= sessions.c.id == session_id
        return int((await self._tx.connection.execute(delete(sessions).where(mine))).rowcount)


def _session(row: Any) -> Session:
    return Session(
        id=row["id"], account=row["account_id"], create_time=row["create_time"], expire_time=row["expire_time"]
    )
