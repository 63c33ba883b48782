"""What follows a commit: signatures, made one at a time for each round, and the documents of session records."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from services.common.kernel.errors import DomainError
from services.common.regimes import SlotRole
from services.common.storage.database import Database
from services.common.storage.jobs import Job, RetryLater
from services.common.storage.retry import Retry, retry_after
from services.common.storage.transaction import SYSTEM
from services.mediation.application.ports import Objects, Signatures, SigningTask
from services.mediation.application.reach import regime_of
from services.mediation.application.session_records import (
    RecordWriter,
    plan_seal,
    record_seal_failed,
    record_sealed,
)
from services.mediation.application.signing import SIGN_JOB, DossierWriter, record_signature, release_act
from services.mediation.domain.case import Case
from services.mediation.domain.signing_round import SigningRound, Slot
from services.mediation.storage.transaction import MediationTransaction

LEASE = timedelta(seconds=10)
"""Of a round's file. A signature that takes longer may be made twice; only the one on the newest revision is recorded."""
_AGAIN = timedelta(milliseconds=150)
Recorder = Callable[[MediationTransaction], Awaitable[None]]


class SignSlot:
    """Appends the signature of a recorded act to the round's file."""

    def __init__(
        self,
        database: Database[MediationTransaction],
        signatures: Signatures,
        objects: Objects,
        write_dossier: DossierWriter,
    ) -> None:
        self._database = database
        self._signatures = signatures
        self._objects = objects
        self._write_dossier = write_dossier

    async def __call__(self, job: Job) -> Recorder | None:
        round_id, slot = UUID(job.payload["round"]), str(job.payload["slot"])
        task = await self._take(job, round_id, slot)
        if task is None:
            return None
        try:
            signed = await self._signatures.sign(task)
            digest = await asyncio.to_thread(self._objects.put, signed.content)
        except DomainError as refusal:
            await self._give_up_lease(round_id, job.lease_token)
            if retry_after(refusal) is not Retry.FINAL:
                raise
            # A proof that identity no longer accepts: trying again would change nothing.
            return self._released(round_id, slot)
        except BaseException:
            await self._give_up_lease(round_id, job.lease_token)
            raise
        appended_to = hashlib.sha256(task.content).digest()

        async def record(tx: MediationTransaction) -> None:
            recorded = await record_signature(
                tx,
                round_id,
                slot,
                appended_to=appended_to,
                digest=bytes.fromhex(digest),
                fingerprint=signed.fingerprint,
                sign_time=signed.sign_time,
                write_dossier=self._write_dossier,
            )
            if not recorded:  # Another signature came between: this one is made again, on the newest revision.
                tx.enqueue(SIGN_JOB, job.payload, delay=_AGAIN)
            await tx.end_lease(round_id, job.lease_token)

        return record

    async def failed(self, tx: MediationTransaction, job: Job, _reason: str) -> None:
        """Given up: the person may act again."""
        await release_act(tx, UUID(job.payload["round"]), str(job.payload["slot"]))

    async def _take(self, job: Job, round_id: UUID, slot: str) -> SigningTask | None:
        async with self._database.transaction(SYSTEM) as tx:
            # Leased before it is read: who held the round until now may just have given it a newer revision.
            if not await tx.lease_round(round_id, job.lease_token, LEASE):
                raise RetryLater("ROUND_BUSY", _AGAIN)
            signing_round = await tx.rounds.get(round_id)
            if not signing_round.awaits(slot):
                await tx.end_lease(round_id, job.lease_token)
                return None
            case = await tx.cases.get(signing_round.case_id)
            proof = await tx.kept_proof(round_id, slot)
            zone = str(regime_of(tx, case).zone)
        content = await asyncio.to_thread(self._objects.get, signing_round.revision_digest.hex())
        return _task(case, signing_round, signing_round.slot(slot), proof, content, zone)

    async def _give_up_lease(self, round_id: UUID, token: UUID) -> None:
        async with self._database.transaction(SYSTEM) as tx:
            await tx.end_lease(round_id, token)

    def _released(self, round_id: UUID, slot: str) -> Recorder:
        async def record(tx: MediationTransaction) -> None:
            await release_act(tx, round_id, slot)

        return record


class SealRecord:
    """Makes and seals the document of a closed session record. What is made twice is recorded once."""

    def __init__(
        self,
        database: Database[MediationTransaction],
        signatures: Signatures,
        write_record: RecordWriter,
    ) -> None:
        self._database = database
        self._signatures = signatures
        self._write_record = write_record

    async def __call__(self, job: Job) -> Recorder | None:
        record_id = UUID(job.payload["record"])
        async with self._database.transaction(SYSTEM) as tx:
            task = await plan_seal(tx, record_id, self._write_record)
        if task is None:
            return None
        digest = await self._signatures.seal_record(task)

        async def record(tx: MediationTransaction) -> None:
            await record_sealed(tx, record_id, digest)

        return record

    async def failed(self, tx: MediationTransaction, job: Job, reason: str) -> None:
        """Nobody of the case can act: the record says why it has no sealed document, and the operator has it made again."""
        await record_seal_failed(tx, UUID(job.payload["record"]), reason)


def _task(case: Case, signing_round: SigningRound, slot: Slot, proof: str, content: bytes, zone: str) -> SigningTask:
    seal = slot.role is SlotRole.ORGANISATION_SEAL
    return SigningTask(
        content=content,
        subject=f"signingRounds/{signing_round.id}",
        slot=slot.slot,
        page=slot.page,
        box=slot.box,
        document_number=signing_round.number,
        proof=proof,
        signer=None if seal else slot.signer(slot.account),
        organisation=f"organisations/{case.organisation_id}" if seal else "",
        headline=slot.caption,
        lines=_lines(slot),
        zone=zone,
        seal=seal,
    )


def _lines(slot: Slot) -> tuple[str, ...]:
    """What the stamp says beside name and time: in what role, or who signed for the party and on what authority."""
    if slot.role is SlotRole.ORGANISATION_SEAL:
        return ("电子印章",)
    if slot.role is SlotRole.MEDIATOR:
        return ("调解员",)
    signer = slot.signer(slot.account)
    return (f"{signer.title} {signer.name}",) if signer.on_behalf_of else ("当事人",)
