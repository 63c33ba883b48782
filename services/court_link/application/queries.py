"""Reading: applications, rulings, and the documents behind them."""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.kernel.errors import not_found
from services.court_link.application.access import courts_of, is_staff
from services.court_link.application.views import (
    ApplicationView,
    RulingView,
    all_viewed,
    ruling_viewed,
    supplements_for,
    viewed,
)
from services.court_link.domain.application import Application, ApplicationState
from services.court_link.domain.ruling import Ruling, RulingState

if TYPE_CHECKING:
    from services.court_link.storage.transaction import CourtLinkTransaction


class ApplicationDocument(Enum):
    """A document of an application."""

    AGREEMENT = "AGREEMENT"
    TERMS = "TERMS"
    SUPPLEMENT = "SUPPLEMENT"
    RULING = "RULING"
    RULING_DRAFT = "RULING_DRAFT"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentQuery:
    """``index`` says which of the supplements that the caller is shown, from 0."""

    document: ApplicationDocument
    index: int


async def get_application(tx: "CourtLinkTransaction", id: UUID) -> ApplicationView:
    return await viewed(tx, await reached(tx, id))


async def list_applications(
    tx: "CourtLinkTransaction", state: ApplicationState | None, size: int, before: UUID | None
) -> list[ApplicationView]:
    """So many, newest first: those before the caller's courts, and the caller's own."""
    found = await tx.applications.reachable(courts_of(tx.caller), tx.caller.account_id, state, size, before)
    return await all_viewed(tx, found)


async def get_ruling(tx: "CourtLinkTransaction", id: UUID) -> RulingView:
    """For the court always, for a party once it is issued."""
    return await ruling_viewed(tx, await _ruling(tx, id))


async def _ruling(tx: "CourtLinkTransaction", id: UUID) -> Ruling:
    ruling = await tx.rulings.get(id)
    if not is_staff(tx.caller, ruling.organisation_id):
        await _require_issued_to(tx, ruling)
    return ruling


async def document_of_application(tx: "CourtLinkTransaction", id: UUID, query: DocumentQuery) -> bytes:
    """The digest (SHA-256) of the document. NOT_FOUND for what the caller may not see or is not there yet."""
    application = await reached(tx, id)
    if query.document in (ApplicationDocument.AGREEMENT, ApplicationDocument.TERMS):
        agreement = await tx.agreements.get(application.agreement)
        sealed = query.document is ApplicationDocument.AGREEMENT
        return agreement.sealed_digest if sealed else agreement.terms_digest
    if query.document is ApplicationDocument.SUPPLEMENT:
        return await _supplement_digest(tx, application, query.index)
    ruling = await tx.rulings.of_application(application.id)
    if ruling is None:
        raise not_found("该文件", "that document")
    return await _ruling_digest(tx, ruling, query)


async def _supplement_digest(tx: "CourtLinkTransaction", application: Application, index: int) -> bytes:
    """What a party supplied is for the court and for itself."""
    shown = supplements_for(tx.caller, application, await tx.agreements.get(application.agreement))
    if 0 <= index < len(shown):
        return shown[index].digest
    raise not_found("该文件", "that document")


async def document_of_ruling(tx: "CourtLinkTransaction", id: UUID, query: DocumentQuery) -> bytes:
    return await _ruling_digest(tx, await _ruling(tx, id), query)


async def _ruling_digest(tx: "CourtLinkTransaction", ruling: Ruling, query: DocumentQuery) -> bytes:
    if query.document is ApplicationDocument.RULING_DRAFT and is_staff(tx.caller, ruling.organisation_id):
        return ruling.text.digest
    if query.document is ApplicationDocument.RULING and ruling.state is RulingState.ISSUED:
        return ruling.sealed_digest
    raise not_found("该文件", "that document")


async def reached(tx: "CourtLinkTransaction", id: UUID) -> Application:
    """An application before the caller's court, or one that the caller takes part in. Raises NOT_FOUND."""
    application = await tx.applications.get(id)
    if is_staff(tx.caller, application.organisation_id) and application.before_court:
        return application
    if not await tx.applications.is_member(id, tx.caller.account_id):
        raise not_found()
    return application


async def _require_issued_to(tx: "CourtLinkTransaction", ruling: Ruling) -> None:
    issued = ruling.state is RulingState.ISSUED
    if not issued or not await tx.applications.is_member(ruling.application, tx.caller.account_id):
        raise not_found()
