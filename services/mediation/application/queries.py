"""What can be read. Row-level security has the last word; here is only who asks for what, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from services.common.kernel.errors import not_found, precondition
from services.common.kernel.events import Aggregate
from services.mediation.application.offers import OfferView
from services.mediation.application.ports import Store, Work
from services.mediation.application.signing import DOSSIER, SEALED_DOCUMENT
from services.mediation.domain.case import Case
from services.mediation.domain.mediator import Mediator
from services.mediation.domain.vocabulary import AgreementState, CaseState

A = TypeVar("A", bound=Aggregate)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case with its clocks."""

    case: Case
    deadlines: Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """How many, after (in a list that begins with the newest: before) which."""

    size: int
    after: UUID | None


async def view_case(tx: Work, case: Case) -> CaseView:
    return CaseView(case=case, deadlines=await tx.deadlines.of(case.id))


async def get_case(tx: Work, id: UUID) -> CaseView:
    return await view_case(tx, await tx.cases.get(id))


async def list_cases(tx: Work, page: Page, state: CaseState | None) -> list[CaseView]:
    """The caller's own, newest first."""
    cases = await tx.list_cases(state=state.name if state else "", limit=page.size, before=page.after)
    deadlines = await tx.deadlines.of_many([case.id for case in cases])
    return [CaseView(case=case, deadlines=deadlines.get(case.id, ())) for case in cases]


async def list_mediators(tx: Work, page: Page, organisation: UUID) -> list[Mediator]:
    """The roster of an organisation; everybody may know it (法释〔2016〕14号: published rosters)."""
    async with tx.elevated():
        return await tx.mediators.page(limit=page.size, after=page.after, organisation_id=organisation)


async def list_of_case(tx: Work, store: Store[A], page: Page, case_id: UUID) -> list[A]:
    """What of one kind the caller may see in a case. Raises NOT_FOUND for a foreign case."""
    await tx.cases.get(case_id)
    return await store.page(limit=page.size, after=page.after, case_id=case_id)


async def view_offers(tx: Work, offers: Sequence[Any]) -> list[OfferView]:
    responses = await tx.responses([offer.id for offer in offers])
    return [OfferView(offer=offer, responses=responses.get(offer.id, ())) for offer in offers]


async def document_digest(tx: Work, collection: str, id: UUID, form: str) -> str:
    """The digest (hexadecimal) of a document the caller may read, in FROZEN or SIGNED form.

    Raises NOT_FOUND, NOT_FROZEN, NOT_RELEASED: signed files and session records are given out once they are sealed.
    """
    if collection == "sessionRecords":
        record = await tx.records.get(id)
        if not record.document_digest:
            raise precondition("NOT_RELEASED", "笔录盖章后方可下载", "the record is given out once it is sealed")
        return record.document_digest.hex()
    agreement = await tx.agreements.get(id)
    if form == "FROZEN":
        if not agreement.frozen_digest:
            raise precondition("NOT_FROZEN", "协议尚未固化", "the agreement is not frozen")
        return agreement.frozen_digest.hex()
    if agreement.state not in (AgreementState.SEALED, AgreementState.SUPERSEDED):
        raise precondition("NOT_RELEASED", "全部签署完成后方可下载", "the signed file is given out once it is sealed")
    return agreement.sealed_digest.hex()


async def agreement_dossier(tx: Work, agreement_id: UUID, digest: bytes) -> bytes:
    """Raises NOT_FOUND unless this digest is a dossier of this agreement."""
    found = await tx.dossier(digest, DOSSIER, agreement_id)
    if found is None:
        raise not_found()
    return found


async def require_sealed_document(tx: Work, digest: bytes) -> None:
    """A digest is no permission: only sealed agreements are given to a court by digest."""
    if await tx.document_kind(digest) != SEALED_DOCUMENT:
        raise not_found()
