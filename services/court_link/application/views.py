"""An application as its caller may see it: a party its own side, the court everything it was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.deadlines import Deadline
from services.common.kernel.principal import Principal
from services.court_link.application.access import is_staff
from services.court_link.domain.agreement import SealedAgreement
from services.court_link.domain.application import (
    Application,
    ApplicationState,
    Consent,
    NotAcceptedGround,
    Supplement,
)
from services.court_link.domain.ruling import Ruling

if TYPE_CHECKING:
    from services.court_link.storage.transaction import CourtLinkTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationView:
    """``file`` is set for staff of the court. ``own``: the caller's parties, whose addresses are shown in full."""

    id: UUID
    agreement: UUID
    case: UUID
    court: UUID
    state: ApplicationState
    consents: tuple[Consent, ...]
    filing_problem: str
    receipt_number: str
    docket_number: str
    supplement_asked: str
    supplement_due_date: date | None
    supplements: tuple[Supplement, ...]
    not_accepted_ground: NotAcceptedGround | None
    reasons: str
    ruling: UUID | None
    deadlines: tuple[Deadline, ...]
    file_time: datetime | None
    accept_time: datetime | None
    sample: bool
    subject_region_code: str
    intermediate: bool
    version: int
    parties: tuple[UUID, ...]
    file: SealedAgreement | None
    own: frozenset[UUID]
    pressure_reported: bool


@dataclass(frozen=True, slots=True)
class RulingView:
    """A ruling, and whether a party of its application is pressed, as far as the caller may know."""

    ruling: Ruling
    pressure_reported: bool


async def ruling_viewed(tx: "CourtLinkTransaction", ruling: Ruling) -> RulingView:
    return RulingView(ruling, bool(await _pressed(tx, {ruling.application: ruling.organisation_id})))


async def _pressed(tx: "CourtLinkTransaction", courts: Mapping[UUID, UUID]) -> frozenset[UUID]:
    """Of which applications the caller knows that a party is pressed: as staff of their courts, or because it said so."""
    before = [application for application, court in courts.items() if is_staff(tx.caller, court)]
    own = [application for application in courts if application not in before]
    said = await tx.pressure_reports.among(own, tx.caller.account_id) if tx.caller.account_id else frozenset()
    return await tx.pressure_reports.among(before) | said


async def viewed(tx: "CourtLinkTransaction", application: Application) -> ApplicationView:
    """One application as the caller may see it."""
    return (await all_viewed(tx, [application]))[0]


async def all_viewed(tx: "CourtLinkTransaction", applications: list[Application]) -> list[ApplicationView]:
    """Several, with a fixed number of queries."""
    agreements = await _agreements(tx, applications)
    ids = [each.id for each in applications] + [each.agreement for each in applications]
    deadlines = await tx.deadlines.of_many(ids)
    reported = await _pressed(tx, {each.id: each.organisation_id for each in applications})
    return [_view(tx, each, agreements.get(each.agreement), deadlines, reported) for each in applications]


async def _agreements(tx: "CourtLinkTransaction", applications: list[Application]) -> dict[UUID, SealedAgreement]:
    return await tx.agreements.of_many(sorted({each.agreement for each in applications}))


def supplements_for(
    caller: Principal, application: Application, agreement: SealedAgreement | None
) -> tuple[Supplement, ...]:
    """All for staff of the court; a party is told of its own only."""
    if is_staff(caller, application.organisation_id):
        return application.supplements
    own = _own_parties(caller, agreement)
    return tuple(each for each in application.supplements if each.party in own)


def _own_parties(caller: Principal, agreement: SealedAgreement | None) -> frozenset[UUID]:
    if agreement is None or caller.account_id is None:
        return frozenset()
    return frozenset(each.party for each in agreement.parties if each.account == caller.account_id)


def _view(
    tx: "CourtLinkTransaction",
    application: Application,
    agreement: SealedAgreement | None,
    deadlines: dict[UUID, tuple[Deadline, ...]],
    reported: frozenset[UUID],
) -> ApplicationView:
    staff = is_staff(tx.caller, application.organisation_id)
    issued = application.state in (ApplicationState.CONFIRMED, ApplicationState.DISMISSED)
    return ApplicationView(
        id=application.id,
        agreement=application.agreement,
        case=application.case,
        court=application.court,
        state=application.state,
        consents=application.consents,
        filing_problem=application.filing_problem,
        receipt_number=application.receipt_number,
        docket_number=application.docket_number,
        supplement_asked=application.supplement_asked,
        supplement_due_date=application.supplement_due_date,
        supplements=supplements_for(tx.caller, application, agreement),
        not_accepted_ground=application.not_accepted_ground,
        reasons=application.reasons,
        ruling=application.ruling if staff or issued else None,
        deadlines=(*deadlines.get(application.agreement, ()), *deadlines.get(application.id, ())),
        file_time=application.file_time,
        accept_time=application.accept_time,
        sample=application.sample,
        subject_region_code=application.subject_region_code,
        intermediate=application.intermediate,
        version=application.version,
        pressure_reported=application.id in reported,
        parties=application.parties,
        file=agreement if staff else None,
        own=frozenset(application.parties) if staff else _own_parties(tx.caller, agreement),
    )
