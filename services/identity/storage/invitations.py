"""Invitations. Row-level security shows one only to services and to whoever names it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from services.common.kernel.errors import not_found
from services.common.storage.transaction import Transaction
from services.identity.domain.invitation import Invitation, InvitationState, PartyOnFile
from services.identity.domain.organisation import NO_ORGANISATION
from services.identity.storage.kinds import INVITATIONS
from services.identity.storage.rows import save
from services.identity.storage.tables import invitations

_FILE = ("display_name", "email", "phone", "locale", "identity_hash")


class Invitations:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def named(self, invitation_id: UUID) -> Invitation:
        """The invitation of this name, locked. Raises NOT_FOUND."""
        await self._tx.connection.execute(
            text("SELECT set_config('comity.invitation', :name, true)"), {"name": str(invitation_id)}
        )
        found = await self._first(invitations.c.id == invitation_id)
        if found is None:
            raise not_found()
        return found

    async def of_party(self, subject: str, party: str) -> Invitation | None:
        """The invitation of a party; two that ask at once for the same party wait for each other."""
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
        await self._tx.connection.execute(lock, {"key": f"{subject}\x1f{party}"})
        return await self._first((invitations.c.subject == subject) & (invitations.c.party == party))

    async def save(self, invitation: Invitation) -> None:
        values = {name: getattr(invitation.file, name) for name in _FILE}
        values |= {
            "service": invitation.service,
            "subject": invitation.subject,
            "party": invitation.party,
            "expire_time": invitation.expire_time,
            "state": invitation.state.value,
            "account_id": invitation.account,
            "mismatches": invitation.mismatches,
        }
        await save(self._tx, invitation, INVITATIONS, values)

    async def count_mismatch(self, invitation_id: UUID) -> None:
        """A right code with a wrong identity number: counted beside the aggregate, as tries are."""
        await self._tx.connection.execute(
            invitations.update()
            .where(invitations.c.id == invitation_id)
            .values(mismatches=invitations.c.mismatches + 1)
        )

    async def _first(self, condition: Any) -> Invitation | None:
        query = select(invitations).where(condition).with_for_update()
        row = (await self._tx.connection.execute(query)).mappings().first()
        return _invitation(row) if row else None


def _invitation(row: Any) -> Invitation:
    return Invitation(
        id=row["id"],
        organisation_id=NO_ORGANISATION,
        version=row["version"],
        head=row["head"],
        service=row["service"],
        subject=row["subject"],
        party=row["party"],
        file=PartyOnFile(**{name: row[name] for name in _FILE}),
        expire_time=row["expire_time"],
        state=InvitationState(row["state"]),
        account=row["account_id"],
        mismatches=row["mismatches"],
    )
