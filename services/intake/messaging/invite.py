"""The job that makes an invitation at identity, outside any transaction, with a request id that repeats itself."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from services.common.kernel.principal import Principal
from services.common.storage.database import Database
from services.common.storage.jobs import Job
from services.intake.application.ports import CreateInvitation
from services.intake.application.reach_parties import (
    invitation_request,
    keep_invitation,
    record_invitation_failed,
)
from services.intake.storage.transaction import IntakeTransaction

_SYSTEM = Principal(service="system")


class InvitationJob:
    """A job handler: asks identity, then records what identity answered."""

    def __init__(self, database: Database[IntakeTransaction], create: CreateInvitation) -> None:
        self._database = database
        self._create = create

    async def __call__(self, job: Job) -> Callable[[IntakeTransaction], Awaitable[None]] | None:
        matter_id, party_id = UUID(job.payload["matter"]), UUID(job.payload["party"])
        async with self._database.transaction(_SYSTEM) as tx:
            request = await invitation_request(tx, matter_id, party_id)
        if request is None:
            return None
        invitation = await self._create(request)

        async def keep(tx: IntakeTransaction) -> None:
            await keep_invitation(tx, matter_id, party_id, invitation)

        return keep


async def invitation_failed(tx: IntakeTransaction, job: Job, reason: str) -> None:
    """Nobody could be invited: a person has to act."""
    await record_invitation_failed(tx, UUID(job.payload["matter"]), UUID(job.payload["party"]), reason)
