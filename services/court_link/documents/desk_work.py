"""The slow part of what the servicer does, outside transactions: storing, freezing, verifying, reading proofs."""

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from services.common.documents.object_store import ObjectStore
from services.common.kernel.clock import Clock
from services.common.kernel.ids import resource_name
from services.common.kernel.proofs import Proof
from services.common.rpc.client import ServiceCredential
from services.common.rpc.proofs import read_proof
from services.common.rpc.tokens import TokenVerifier
from services.common.signing.authority_client import AuthorityAccess
from services.common.signing.drawings import Paper
from services.common.signing.pool import WorkerModule
from services.common.signing.workers import Workers
from services.court_link.application.rulings import RulingBasis
from services.court_link.documents.orders import Applicant, FreezeOrder, RulingText, does_not_verify
from services.court_link.domain.agreement import AgreementParty, SealedAgreement
from services.court_link.domain.errors import agreement_not_effective
from services.court_link.domain.ruling import Decision, FrozenText

if TYPE_CHECKING:
    from services.court_link.documents import signing
else:
    signing = WorkerModule("services.court_link.documents.signing")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Signatories:
    """Whom a ruling names: the judge who signs it, the clerk of the case, and the organisation whose seal it is."""

    judge: str
    clerk: str
    seal: str


class Authorities:
    """What a worker process needs to reach identity as this service."""

    def __init__(self, address: str, credential: ServiceCredential) -> None:
        self._address = address
        self._credential = credential

    async def access(self) -> AuthorityAccess:
        """Raises UNAVAILABLE when identity cannot be reached for a token."""
        return AuthorityAccess(self._address, await self._credential.metadata())


class DeskWork:
    """Documents in and out of the object store, and worker processes for what computes."""

    def __init__(
        self, objects: ObjectStore, workers: Workers, authorities: Authorities, tokens: TokenVerifier, clock: Clock
    ) -> None:
        self._objects = objects
        self._workers = workers
        self._authorities = authorities
        self._tokens = tokens
        self._clock = clock

    async def store(self, content: bytes) -> bytes:
        """The SHA-256 of the stored bytes."""
        return bytes.fromhex(await asyncio.to_thread(self._objects.put, content))

    async def read(self, digest: bytes) -> bytes:
        return await asyncio.to_thread(self._objects.get, digest.hex())

    async def read_proof(self, token: str) -> Proof | None:
        return await read_proof(self._tokens, token)

    async def freeze(self, basis: RulingBasis, decision: Decision, signatories: Signatories) -> FrozenText:
        """The ruling drawn, frozen and stored: once for the same text of the same day, however often it is asked for.

        Raises UNPRINTABLE_CHARACTER, PAPER_TOO_LARGE, DRAWINGS_BUSY, UNAVAILABLE.
        """
        now = self._clock.now()
        terms = await self.read(basis.agreement.terms_digest)
        order = FreezeOrder(
            subject=resource_name("rulings", basis.ruling), text=_text(basis, decision, signatories, terms, now)
        )

        async def draw() -> FrozenText:
            access = await self._authorities.access()
            content, text = await self._workers.drawing.run(signing.render_and_freeze, access, order, now)
            await self.store(content)
            return text

        async def still_there(text: FrozenText) -> bool:
            return await asyncio.to_thread(self._objects.renew, text.digest.hex())

        return await self._workers.drawings.drawn(_paper(order), draw, still_there)

    async def keep_agreement(self, agreement: SealedAgreement, sealed: bytes, terms: bytes) -> None:
        """Verifies the sealed file and stores it with its terms. Raises AGREEMENT_DOES_NOT_VERIFY, with an alarm."""
        access = await self._authorities.access()
        reasons = await self._workers.signing.run(
            signing.verify_agreement, access, sealed, agreement, self._clock.now()
        )
        if reasons:
            log.error("agreement_does_not_verify", agreement=str(agreement.agreement), reasons=reasons)
            raise does_not_verify(reasons)
        await self.store(sealed)
        await self.store(terms)


def _paper(order: FreezeOrder) -> Paper:
    """Made at another minute of the same day it is the same paper."""
    said = replace(order.text, made_time=order.text.made_time.replace(hour=0, minute=0, second=0, microsecond=0))
    key = hashlib.sha256(repr(said).encode()).hexdigest()
    return Paper(f"{order.subject} {key}", order.subject, len(order.text.reasons.encode()) + len(order.text.terms_file))


def _text(basis: RulingBasis, decision: Decision, signatories: Signatories, terms: bytes, now: datetime) -> RulingText:
    agreement, application = basis.agreement, basis.application
    if agreement.effective_time is None or application.accept_time is None:
        raise agreement_not_effective()
    return RulingText(
        court=basis.court.display_name,
        seal=signatories.seal,
        judge=signatories.judge,
        clerk=signatories.clerk,
        number=application.docket_number,
        organisation=agreement.organisation_display_name,
        subject_matter=agreement.subject_matter,
        applicants=tuple(_applicant(each) for each in agreement.parties),
        terms_file=terms,
        effective_time=agreement.effective_time,
        accept_time=application.accept_time,
        outcome=decision.outcome,
        ground=decision.ground,
        reasons=decision.reasons,
        made_time=now,
        zone=basis.zone,
        sample=application.sample,
    )


def _applicant(party: AgreementParty) -> Applicant:
    given = party.particulars
    return Applicant(name=given.name_on_paper, identity_number=given.identity_number, address=given.address)
