"""In whose name people are written to, and until when they are invited: what identity says of both."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.storage.statement import selecting
from services.notify.application.ports import Sender
from services.notify.storage.tables import invitations, organisations

if TYPE_CHECKING:
    from services.notify.storage.transaction import NotifyTransaction


INVITATIONS_KEPT = timedelta(days=30)
"""After they have expired."""
_ON_ITS_WAY = timedelta(hours=1)


class Senders:
    """Organisations as identity last told them."""

    def __init__(self, tx: "NotifyTransaction") -> None:
        self._tx = tx

    async def keep(self, organisation_id: UUID, sender: Sender, version: int) -> None:
        """An older version comes too late."""
        told = {"display_name": sender.display_name, "telephone": sender.telephone, "version": version}
        statement = insert(organisations).values(id=organisation_id, **told)
        upsert = statement.on_conflict_do_update(
            index_elements=["id"], set_=told, where=organisations.c.version <= version
        )
        await self._tx.connection.execute(upsert)

    async def of(self, organisation_id: UUID) -> Sender:
        """Who writes in the name of an organisation; nobody in particular while nothing was heard of it."""
        row = await selecting(organisations).first(self._tx.driver, id=organisation_id)
        return Sender(display_name=row["display_name"], telephone=row["telephone"]) if row else Sender()

    async def keep_invitation(self, name: str, expire_time: datetime) -> None:
        statement = insert(invitations).values(name=name, expire_time=expire_time)
        await self._tx.connection.execute(statement.on_conflict_do_nothing())

    async def invited_until(self, name: str, told: datetime) -> datetime | None:
        """Until when an invitation is good that somebody told of at ``told``; None of one from long ago.

        Raises INVITATION_UNKNOWN (UNAVAILABLE) while its event may still be on its way.
        """
        row = await selecting(invitations, ("name",)).first(self._tx.driver, name=name)
        if row is not None:
            found: datetime = row["expire_time"]
            return found
        if self._tx.now - told < _ON_ITS_WAY:
            zh, en = "尚未收到该邀请的信息", "nothing was heard of this invitation yet"
            raise DomainError(ErrorKind.UNAVAILABLE, "INVITATION_UNKNOWN", zh, en)
        return None
