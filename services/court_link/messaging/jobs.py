"""What happens after a commit, outside any transaction: filing, inviting, signing. Each may run twice, once in effect."""

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import UUID

from comity.identity.v1 import identity_service_pb2 as identity_pb

from services.common.documents.object_store import ObjectStore
from services.common.kernel.errors import DomainError
from services.common.kernel.ids import derived_id, parse_name, resource_name
from services.common.rpc.client import CALL_SECONDS, ServiceCredential, answered
from services.common.signing.pool import WorkerModule, WorkerPool
from services.common.storage.database import Database
from services.common.storage.jobs import Job, JobKind, Record
from services.common.storage.retry import Retry, retry_after
from services.common.storage.transaction import SYSTEM
from services.court_link.application import filing, referrals, rulings
from services.court_link.application.applications import FILE_APPLICATION
from services.court_link.application.eligibility import regime_of_agreement
from services.court_link.application.ports import CourtGateway
from services.court_link.documents.desk_work import Authorities
from services.court_link.documents.orders import SignOrder
from services.court_link.domain.ruling import RulingState
from services.court_link.storage.transaction import CourtLinkTransaction

if TYPE_CHECKING:
    from services.court_link.documents import signing
else:
    signing = WorkerModule("services.court_link.documents.signing")

Done = Record[CourtLinkTransaction] | None


class Jobs:
    """The handlers of this service's jobs."""

    def __init__(
        self,
        database: Database[CourtLinkTransaction],
        gateway: CourtGateway,
        objects: ObjectStore,
        signing_pool: WorkerPool,
        authorities: Authorities,
        identity: Any,
        credential: ServiceCredential,
    ) -> None:
        self._database = database
        self._gateway = gateway
        self._objects = objects
        self._signing = signing_pool
        self._authorities = authorities
        self._identity = identity
        self._credential = credential

    @property
    def kinds(self) -> dict[str, JobKind[CourtLinkTransaction]]:
        return {
            FILE_APPLICATION: JobKind(self.file_application, _filing_refused),
            referrals.INVITE_PARTY: JobKind(self.invite_party, _invitation_failed),
            rulings.SIGN_RULING: JobKind(self.sign_ruling, _signing_given_up),
        }

    async def file_application(self, job: Job) -> Done:
        """Files with the court and records its receipt."""
        application_id = UUID(job.payload["application"])
        async with self._database.transaction(SYSTEM) as tx:
            package = await filing.package_of(tx, application_id)
        if package is None:
            return None
        receipt = await self._gateway.file(package, filing.filing_key(package))

        async def record(tx: CourtLinkTransaction) -> None:
            await filing.record_receipt(tx, application_id, receipt)

        return record

    async def invite_party(self, job: Job) -> Done:
        """Has identity hold the place of one party open."""
        referral_id, party_id = UUID(job.payload["referral"]), UUID(job.payload["party"])
        async with self._database.transaction(SYSTEM) as tx:
            referral = await tx.referrals.get(referral_id)
        party = next(each for each in referral.parties if each.id == party_id)
        given = party.particulars
        request = identity_pb.CreateInvitationRequest(
            request_id=str(derived_id("invitation", party_id)),
            subject=resource_name("referrals", referral_id),
            party=resource_name("parties", party_id),
            display_name=given.display_name,
            identity_number=given.identity_number,
            email=given.email,
            phone=given.phone,
            locale=given.locale,
        )
        metadata = await self._credential.metadata()
        response = await answered(self._identity.CreateInvitation(request, metadata=metadata, timeout=CALL_SECONDS))
        invitation = parse_name("invitations", response.invitation.name)

        async def record(tx: CourtLinkTransaction) -> None:
            await referrals.record_invited(tx, referral_id, party_id, invitation)

        return record

    async def sign_ruling(self, job: Job) -> Done:
        """Signs, seals and stores a ruling; only then is it recorded as issued."""
        ruling_id = UUID(job.payload["ruling"])
        order = await self._order(ruling_id)
        if order is None:
            return None
        try:
            sealed = await self._signing.run(signing.sign_and_seal, await self._authorities.access(), order)
        except DomainError as refusal:
            if retry_after(refusal) is not Retry.FINAL:
                raise
            return _failed(ruling_id, refusal.reason)
        digest = bytes.fromhex(await asyncio.to_thread(self._objects.put, sealed))

        async def record(tx: CourtLinkTransaction) -> None:
            await rulings.record_issued(tx, ruling_id, digest)

        return record

    async def _order(self, ruling_id: UUID) -> SignOrder | None:
        async with self._database.transaction(SYSTEM) as tx:
            ruling = await tx.rulings.get(ruling_id)
            court = await tx.courts.of_organisation(ruling.organisation_id)
            zone = str(regime_of_agreement(tx, await tx.agreements.get(ruling.agreement)).zone)
            now = tx.now
        if ruling.state is not RulingState.SIGNING or court is None:
            return None
        frozen = await asyncio.to_thread(self._objects.get, ruling.text.digest.hex())
        return SignOrder(
            subject=resource_name("rulings", ruling.id),
            number=ruling.number,
            frozen=frozen,
            slots=ruling.text.slots,
            proof=ruling.proof,
            judge=ruling.text.judge,
            court=resource_name("organisations", ruling.organisation_id),
            court_name=court.display_name,
            zone=zone,
            sample=ruling.sample,
            now=now,
        )


def _failed(ruling_id: UUID, reason: str) -> Record[CourtLinkTransaction]:
    async def record(tx: CourtLinkTransaction) -> None:
        await rulings.record_signing_failed(tx, ruling_id, reason)

    return record


async def _filing_refused(tx: CourtLinkTransaction, job: Job, reason: str) -> None:
    await filing.record_refused(tx, UUID(job.payload["application"]), reason)


async def _invitation_failed(tx: CourtLinkTransaction, job: Job, reason: str) -> None:
    await referrals.record_invitation_failed(tx, UUID(job.payload["referral"]), UUID(job.payload["party"]), reason)


async def _signing_given_up(tx: CourtLinkTransaction, job: Job, reason: str) -> None:
    """The judge is asked again."""
    await rulings.record_signing_failed(tx, UUID(job.payload["ruling"]), reason)
