"""Who may do what with one case. Foreign and absent answer alike; a role counts in the case's own organisation only."""

from datetime import date
from uuid import UUID

from services.common.kernel.errors import denied, not_found
from services.common.kernel.principal import Role
from services.common.regimes import ClockPurpose, Regime
from services.mediation.application.ports import Clock, Work
from services.mediation.domain import errors
from services.mediation.domain.case import Case
from services.mediation.domain.parties import CaseParty
from services.mediation.domain.vocabulary import Authority, ConflictStatus, Power

CASES = "cases"
"""The type of a case, as its clocks and its log name it."""
_CLEARED = (ConflictStatus.CLEAR, ConflictStatus.WAIVED)


def regime_of(tx: Work, case: Case) -> Regime:
    """The version the case runs under for good."""
    id, _, version = case.regime.partition("@")
    return tx.regimes.version(id, version)


def today(tx: Work, regime: Regime) -> date:
    """The local day of the regime's zone."""
    return regime.local_day(tx.now)


def limit_clock(tx: Work, case: Case) -> str:
    """The rule by which the mediation of this case ends."""
    return regime_of(tx, case).limit_clock(summary=case.summary_procedure)


async def start_limit(tx: Work, case: Case) -> Clock:
    """Starts the limit of the mediation, now."""
    return await tx.deadlines.start(limit_clock(tx, case), case, CASES, regime=case.regime, anchor=tx.now)


async def start_clock(tx: Work, case: Case, purpose: ClockPurpose) -> Clock | None:
    """Starts the clock that the regime has for this, now; None where there is none."""
    regime = regime_of(tx, case)
    if not regime.has_clock(purpose):
        return None
    return await tx.deadlines.start(regime.clock(purpose), case, CASES, regime=case.regime, anchor=tx.now)


async def meet_clock(tx: Work, case: Case, purpose: ClockPurpose) -> None:
    """What the clock was for is done."""
    regime = regime_of(tx, case)
    if regime.has_clock(purpose):
        await tx.deadlines.meet(case.id, regime.clock(purpose))


def as_mediator(tx: Work, case: Case) -> None:
    """The case's own mediator, cleared of conflicts. Raises MEDIATOR_ONLY, CONFLICT_NOT_CLEARED."""
    case.require_mediator(tx.caller.account_id)
    if case.conflict_check is None or case.conflict_check.status not in _CLEARED:
        raise denied("CONFLICT_NOT_CLEARED", "利益冲突尚未澄清", "the conflict check is not finished")
    tx.authority = "MEDIATOR"


def as_administrator(tx: Work, case: Case, role: Role = Role.CASE_ADMINISTRATOR) -> None:
    """Staff of the case's organisation; NOT_FOUND for staff of another, ROLE_REQUIRED for another role."""
    if case.organisation_id not in tx.caller.roles:
        raise not_found()
    if not tx.caller.holds(role, case.organisation_id):
        raise denied("ROLE_REQUIRED", "您没有此项职责", "that is not among your roles")
    tx.authority = role.value


def as_organiser(tx: Work, case: Case) -> None:
    """The case's mediator or its organisation's case administrator."""
    if tx.caller.account_id is not None and tx.caller.account_id == case.mediator_account:
        as_mediator(tx, case)
    else:
        as_administrator(tx, case)


def as_party(tx: Work, case: Case, party_id: UUID, power: Power | None = None) -> CaseParty:
    """The party for which the caller acts today, with the power that the act needs.

    Raises NOT_FOUND, AUTHORITY_EXPIRED, ACTING_PERSON_MISSING, SPECIAL_AUTHORITY_MISSING; DOUBLE_AGENCY for one account
    on both sides.
    """
    party, account = _member(tx, case, party_id)
    tx.authority = f"{authority(tx, case, party, account, power).name} {party.id}"
    return party


def as_member(tx: Work, case: Case, party_id: UUID) -> CaseParty:
    """As ``as_party``, but who holds an organisation's place need not have said yet on what authority: to stop, to
    object, to write for itself, to name who acts for it.
    """
    party, account = _member(tx, case, party_id)
    if account != party.account or party.in_person:
        return as_party(tx, case, party_id)
    tx.authority = f"HOLDER_OF_PLACE {party.id}"
    return party


def _member(tx: Work, case: Case, party_id: UUID) -> tuple[CaseParty, UUID]:
    account = tx.caller.account_id
    party = case.party_for(party_id, account)
    if account is None:
        raise not_found()
    if len({each.side for each in case.parties_of(account)}) > 1:
        raise errors.double_agency()
    return party, account


def authority(tx: Work, case: Case, party: CaseParty, account: UUID, power: Power | None) -> Authority:
    """The authority on which this account acts for the party today."""
    day = today(tx, regime_of(tx, case))
    return party.authority_of(account, day) if power is None else party.require_power(account, power, day)
