"""What can be read. Row-level security has the last word; here is only who asks for what, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from services.common.kernel.errors import not_found, precondition
from services.common.kernel.events import Aggregate
from services.common.rpc.pages import decode_token, encode_token, page_size
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
    """Asked-for size and token."""

    size: int
    token: str


async def view_case(tx: Work, case: Case) -> CaseView:
    return CaseView(case=case, deadlines=await tx.deadlines.of(case.id))


async def get_case(tx: Work, id: UUID) -> CaseView:
    return await view_case(tx, await tx.cases.get(id))


async def list_cases(tx: Work, page: Page, state: CaseState | None) -> tuple[list[CaseView], str]:
    """The caller's own, newest first."""
    size = page_size(page.size)
    before = _after(page)
    cases = await tx.list_cases(state=state.name if state else "", limit=size, before=before)
    deadlines = await tx.deadlines.of_many([case.id for case in cases])
    views = [CaseView(case=case, deadlines=deadlines.get(case.id, ())) for case in cases]
    return views, encode_token(str(cases[-1].id)) if len(cases) == size else ""


async def list_mediators(tx: Work, page: Page, organisation: UUID) -> tuple[list[Mediator], str]:
    """The roster of an organisation; everybody may know it (法释〔2016〕14号: published rosters)."""
    return await _page(tx.mediators, page, tx.mediators.table.c.organisation_id == organisation)


async def list_of_case(tx: Work, store: Store[A], page: Page, case_id: UUID) -> tuple[list[A], str]:
    """What of one kind the caller may see in a case. Raises NOT_FOUND for a foreign case."""
    await tx.cases.get(case_id)
    return await _page(store, page, store.table.c.case_id == case_id)


async def view_offers(tx: Work, offers: Sequence[Any]) -> list[OfferView]:
    responses = await tx.responses([offer.id for offer in offers])
    return [OfferView(offer=offer, responses=responses.get(offer.id, ())) for offer in offers]


async def document_digest(tx: Work, collection: str, id: UUID, form: str) -> str:
    """The digest (hexadecimal) of a document the caller may read, in FROZEN or SIGNED form.

    Raises NOT_FOUND, NOT_FROZEN, NOT_RELEASED: signed files are given out once the round is sealed.
    """
    if collection == "sessionRecords":
        record = await tx.records.get(id)
        if not record.document_digest:
            raise precondition("NOT_RELEASED", "笔录文件尚未生成", "the record's document does not exist yet")
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


async def _page(store: Store[A], page: Page, *conditions: Any) -> tuple[list[A], str]:
    size = page_size(page.size)
    found = await store.all(*conditions, limit=size, after=_after(page))
    return found, encode_token(str(found[-1].id)) if len(found) == size else ""


def _after(page: Page) -> UUID | None:
    key = decode_token(page.token, 1)
    return UUID(key[0]) if key else None
