"""The roster, the appointment with its conflict check, disclosure, waivers, challenges."""

from dataclasses import dataclass
from uuid import UUID

from services.common.kernel.errors import DomainError, ErrorKind, denied
from services.common.kernel.principal import Role
from services.common.regimes import ClockPurpose
from services.mediation.application.conduct import adjourn_running, cancel_sessions
from services.mediation.application.ports import Work
from services.mediation.application.reach import (
    as_administrator,
    as_member,
    as_party,
    meet_clock,
    regime_of,
    start_clock,
)
from services.mediation.domain import errors
from services.mediation.domain.case import Case
from services.mediation.domain.mediator import Mediator
from services.mediation.domain.vocabulary import RecusalGround


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateMediator:
    organisation: UUID
    account: UUID
    display_name: str
    employer: str
    languages: tuple[str, ...]
    phone: str
    identity_number: str


async def create_mediator(tx: Work, command: CreateMediator) -> Mediator:
    """Enters a person in the roster. Raises ROLE_REQUIRED, MEDIATOR_KNOWN."""
    if not tx.caller.holds(Role.CASE_ADMINISTRATOR, command.organisation):
        raise denied("ROLE_REQUIRED", "您没有此项职责", "that is not among your roles")
    known = await tx.mediators.find(organisation_id=command.organisation, account=command.account)
    if known is not None:
        raise DomainError(
            ErrorKind.ALREADY_EXISTS, "MEDIATOR_KNOWN", "该调解员已在名册中", "that person is on the roster already"
        )
    tx.authority = Role.CASE_ADMINISTRATOR.value
    mediator = Mediator(
        id=tx.new_id(),
        organisation_id=command.organisation,
        account=command.account,
        display_name=command.display_name,
        employer=command.employer,
        phone=command.phone,
        identity_number=command.identity_number,
        languages=command.languages,
    )
    mediator.enrol()
    return await tx.mediators.add(mediator)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointMediator:
    id: UUID
    version: int
    mediator: UUID


async def appoint_mediator(tx: Work, command: AppointMediator) -> Case:
    """Appoints; the mediator sees the people of the case and nothing more until the check is cleared."""
    case = await tx.cases.get(command.id, command.version)
    as_administrator(tx, case)
    case.appoint(await tx.mediators.get(command.mediator))
    await meet_clock(tx, case, ClockPurpose.DESIGNATE_MEDIATOR)
    return await tx.cases.save(case)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscloseConflict:
    id: UUID
    version: int
    grounds: tuple[RecusalGround, ...]
    statement: str


async def disclose_conflict(tx: Work, command: DiscloseConflict) -> Case:
    """The mediator declares every relation, or that there is none. Raises GROUND_UNSUITABLE."""
    case = await tx.cases.get(command.id, command.version)
    case.require_mediator(tx.caller.account_id)
    tx.authority = "MEDIATOR"
    rule = regime_of(tx, case).conflict
    if not set(command.grounds) <= set(rule.grounds):
        raise errors.ground_unsuitable(rule.source)
    case.disclose(command.grounds, command.statement, waivable=rule.waivable_by_all_parties)
    await _replace_mediator(tx, case)
    return await tx.cases.save(case)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveConflict:
    id: UUID
    version: int
    party: UUID


async def waive_conflict(tx: Work, command: WaiveConflict) -> Case:
    """A party lets the mediator go on in spite of what was disclosed."""
    case = await tx.cases.get(command.id, command.version)
    as_party(tx, case, command.party)
    case.waive_conflict(command.party)
    return await tx.cases.save(case)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeMediator:
    id: UUID
    version: int
    party: UUID
    reason: str


async def challenge_mediator(tx: Work, command: ChallengeMediator) -> Case:
    """Everything stands still, a running session too, until the organisation decides."""
    case = await tx.cases.get(command.id, command.version)
    as_member(tx, case, command.party)
    case.challenge(command.party, command.reason)
    await adjourn_running(tx, case)
    await tx.deadlines.pause(case.id, "CHALLENGE")
    return await tx.cases.save(case)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideChallenge:
    id: UUID
    version: int
    upheld: bool
    reason: str


async def decide_challenge(tx: Work, command: DecideChallenge) -> Case:
    """The organisation decides, never the mediator."""
    case = await tx.cases.get(command.id, command.version)
    as_administrator(tx, case)
    case.decide_challenge(upheld=command.upheld, decider=tx.caller.account_id)
    await tx.deadlines.resume(case.id)
    await _replace_mediator(tx, case)
    return await tx.cases.save(case)


async def _replace_mediator(tx: Work, case: Case) -> None:
    """What a mediator who withdrew had scheduled will not take place, and the organisation designates another."""
    if case.mediator_account is None:
        await start_clock(tx, case, ClockPurpose.DESIGNATE_MEDIATOR)
        async with tx.elevated():
            await cancel_sessions(tx, case, "MEDIATOR_WITHDREW")
