"""What the parties do: apply jointly, supply what the court asks for, withdraw."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.kernel.errors import not_found
from services.common.regimes.regime import ClockPurpose
from services.court_link.application.eligibility import assessment, regime_of_agreement
from services.court_link.application.views import ApplicationView, viewed
from services.court_link.application.windows import meet_window, run_on, window_deadline
from services.court_link.domain import errors
from services.court_link.domain.agreement import AgreementParty, SealedAgreement
from services.court_link.domain.application import Application, ApplicationState, Consent, Supplement
from services.court_link.domain.eligibility import NOT_SEALED, Venue, window_lapsed
from services.court_link.domain.material import DAY, MaterialQuota, Supplied, require_material

if TYPE_CHECKING:
    from services.court_link.storage.transaction import CourtLinkTransaction

Store = Callable[[bytes], Awaitable[bytes]]
"""Stores the bytes durably and gives their SHA-256."""
FILE_APPLICATION = "file_application"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateApplication:
    agreement: UUID
    court: UUID
    truthful: bool
    subject_region_code: str = ""
    intermediate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentToApplication:
    id: UUID
    version: int
    party: UUID
    truthful: bool
    service_address: str
    electronic_service: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawApplication:
    id: UUID
    version: int
    party: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyMaterial:
    id: UUID
    version: int
    title: str
    content: bytes


async def create_application(tx: "CourtLinkTransaction", command: CreateApplication) -> ApplicationView:
    """A party of the agreement starts it; it consents like every other. Raises every obstacle as its reason."""
    if not command.truthful:
        raise errors.not_truthful()
    agreement = await tx.agreements.find(command.agreement, lock=True)
    if agreement is None or tx.caller.account_id not in agreement.accounts:
        raise NOT_SEALED.refusal()
    venue = Venue(subject_region_code=command.subject_region_code, intermediate=command.intermediate)
    assessed, _ = await assessment(tx, agreement, command.court, venue)
    if assessed.obstacles:
        raise assessed.obstacles[0].refusal()
    court = next(court for court in assessed.courts if court.id == command.court)
    regime = regime_of_agreement(tx, agreement)
    window = await window_deadline(tx, agreement.agreement)
    application = Application.create(
        tx.new_id(),
        court.organisation_id,
        agreement=agreement.agreement,
        case=agreement.case,
        court=court.id,
        attempt=len(await tx.applications.states_of(agreement.agreement)) + 1,
        regime=f"{regime.id}@{regime.version}",
        parties=tuple(party.party for party in agreement.parties),
        origin=agreement.origin,
        sample=court.sample or agreement.sample,
        subject_region_code=command.subject_region_code,
        intermediate=command.intermediate,
        now=tx.now,
        due_date=window.due_date if window else None,
        provisional=bool(window and window.provisional),
    )
    await tx.applications.admit(application.id, agreement.accounts)
    await tx.applications.save(application)
    return await viewed(tx, application)


async def consent_to_application(tx: "CourtLinkTransaction", command: ConsentToApplication) -> ApplicationView:
    """A party joins and confirms its service address; with the last one the application is filed, once.

    Raises WINDOW_LAPSED when the thirty days are over: applying jointly means all of them in time.
    """
    if not command.truthful:
        raise errors.not_truthful()
    application, agreement = await _own(tx, command.id, command.version)
    party = _acting(tx, agreement, command.party)
    deadline = await window_deadline(tx, agreement.agreement)
    if deadline is not None and deadline.ended(tx.now):
        raise window_lapsed(deadline.due_date).refusal()
    tx.authority = party.authority.value
    consent = Consent(
        party=party.party,
        account=_person(tx),
        service_address=command.service_address,
        electronic_service=command.electronic_service,
        consent_time=tx.now,
    )
    application.consent(consent)
    if application.state is ApplicationState.FILING:
        await meet_window(tx, agreement.agreement, regime_of_agreement(tx, agreement))
        tx.enqueue(FILE_APPLICATION, {"application": str(application.id)}, key=str(application.id))
    await tx.applications.save(application)
    return await viewed(tx, application)


async def withdraw_application(tx: "CourtLinkTransaction", command: WithdrawApplication) -> ApplicationView:
    """One applicant withdraws before the ruling; what is left of the window runs on."""
    application, agreement = await _own(tx, command.id, command.version)
    tx.authority = _acting(tx, agreement, command.party).authority.value
    application.withdraw()
    await tx.deadlines.cancel(application.id)
    await run_on(tx, agreement.agreement, regime_of_agreement(tx, agreement))
    await tx.applications.save(application)
    return await viewed(tx, application)


async def supply_material(
    tx: "CourtLinkTransaction", command: SupplyMaterial, quota: MaterialQuota, store: Store
) -> ApplicationView:
    """A party answers the court's request; the application goes back to where it was.

    The content is stored when nothing refuses it any more, while the application is locked: of many calls at once one
    stores. Raises MATERIAL_TYPE, MATERIALS_FULL, TOO_MANY_MATERIALS.
    """
    application, agreement = await _own(tx, command.id, command.version)
    account, size = _person(tx), len(command.content)
    application.require_awaiting_material()
    require_material(command.content)
    so_far = Supplied.of(each.size for each in application.supplements)
    quota.require_room(size, so_far, await tx.applications.supplied_by(account, tx.now - DAY), tx.now)
    party = next(each for each in agreement.parties if each.account == tx.caller.account_id)
    tx.authority = party.authority.value
    supplement = Supplement(
        party=party.party,
        title=command.title,
        digest=await store(command.content),
        supply_time=tx.now,
        size=size,
        account=account,
    )
    application.supply(supplement)
    if application.state is ApplicationState.FILED:
        await _decide_anew(tx, application, agreement)
    await tx.applications.save(application)
    return await viewed(tx, application)


async def _decide_anew(tx: "CourtLinkTransaction", application: Application, agreement: SealedAgreement) -> None:
    """The court's days to decide on acceptance run anew from the day after the correction reached it (CPL Interp. 126)."""
    regime = regime_of_agreement(tx, agreement)
    clock = regime.clock(ClockPurpose.COURT_ACCEPT)
    await tx.deadlines.cancel(application.id, clock)
    await tx.deadlines.start(clock, application, "applications", regime=regime.id, anchor=tx.now)


async def _own(tx: "CourtLinkTransaction", id: UUID, version: int) -> tuple[Application, SealedAgreement]:
    """The application at the version read, for a party of it. Court staff act through the desk, not as a party."""
    if not await tx.applications.is_member(id, tx.caller.account_id):
        raise not_found()
    application = await tx.applications.of(version, id)
    return application, await tx.agreements.get(application.agreement)


def _acting(tx: "CourtLinkTransaction", agreement: SealedAgreement, party: UUID) -> AgreementParty:
    found = agreement.party_of(party, tx.caller.account_id)
    if found is None:
        raise errors.not_this_party()
    return found


def _person(tx: "CourtLinkTransaction") -> UUID:
    if tx.caller.account_id is None:
        raise not_found()
    return tx.caller.account_id
