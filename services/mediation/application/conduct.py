"""The conduct of a case: representatives, opening, standing still, a longer limit, its end without an agreement."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.common.deadlines import Deadline, DeadlineMove, Extension
from services.common.kernel.errors import invalid, precondition
from services.common.regimes import BY_ITSELF, SessionRule
from services.mediation.application.ports import Work
from services.mediation.application.reach import as_mediator, as_member, as_organiser, as_party, limit_clock, regime_of
from services.mediation.domain import errors
from services.mediation.domain.case import Case
from services.mediation.domain.lifecycles import RoundAction
from services.mediation.domain.mediator import find_relations
from services.mediation.domain.parties import Representative
from services.mediation.domain.vocabulary import (
    AgreementState,
    Authority,
    Power,
    RecusalGround,
    RoundState,
    SessionResult,
    SessionState,
    SuspensionReason,
    TerminationReason,
)

EXTENSION_APPROVER = "ALL_PARTIES"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointRepresentative:
    id: UUID
    version: int
    party: UUID
    account: UUID
    display_name: str
    authority: Authority
    powers: tuple[Power, ...]
    start_date: date | None
    end_date: date | None
    employer: str
    duty: str


async def appoint_representative(tx: Work, command: AppointRepresentative) -> Case:
    """The party itself names an agent and the powers given (民事诉讼法第62条); an organisation also who holds its place.

    Raises PRINCIPAL_ONLY, PERIOD_MISSING, AUTHORITY_UNSUITABLE.
    """
    case = await tx.cases.get(command.id, command.version)
    party = as_member(tx, case, command.party)
    if tx.caller.account_id is not None:
        party.require_principal(tx.caller.account_id)
    if command.authority is Authority.AGENT_SPECIAL and (not command.powers or command.end_date is None):
        raise invalid(
            "PERIOD_MISSING", "特别授权须写明权限和期限", "special authority names its powers and its last day"
        )
    agent = Representative(
        account=command.account,
        display_name=command.display_name,
        authority=command.authority,
        powers=command.powers if command.authority is Authority.AGENT_SPECIAL else (),
        start_date=command.start_date,
        end_date=command.end_date,
        employer=command.employer,
        duty=command.duty,
    )
    case.represent(command.party, agent, await _relations(tx, case, command.party, agent))
    return await tx.cases.save(case)


async def _relations(tx: Work, case: Case, party_id: UUID, agent: Representative) -> tuple[RecusalGround, ...]:
    """The mediator's relations once the agent is there, found in what this caller may not see."""
    if case.mediator_id is None:
        return ()
    async with tx.elevated():
        mediator = await tx.mediators.get(case.mediator_id)
        parties = (await tx.cases.get(case.id)).parties
    joined = (each.with_representative(agent) if each.id == party_id else each for each in parties)
    return find_relations(mediator, joined)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCase:
    id: UUID
    version: int
    identities_checked: bool


async def start_case(tx: Work, command: StartCase) -> Case:
    """The mediator opens. Raises NOTICE_NOT_ACKNOWLEDGED, IDENTITIES_NOT_CHECKED (在线调解规则 17)."""
    case = await tx.cases.get(command.id, command.version)
    as_mediator(tx, case)
    if not command.identities_checked:
        raise precondition("IDENTITIES_NOT_CHECKED", "尚未核验身份", "identities were not checked")
    case.open(tx.now)
    return await tx.cases.save(case)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendCase:
    id: UUID
    version: int
    reason: SuspensionReason


async def suspend_case(tx: Work, command: SuspendCase) -> Case:
    """The case stands still; which clocks stand still with it, the rules say (appraisal: 在线调解规则 26)."""
    case = await tx.cases.get(command.id, command.version)
    as_organiser(tx, case)
    if command.reason is SuspensionReason.CHALLENGE:
        raise invalid(
            "CHALLENGE_BY_PARTY", "回避申请由当事人提出", "a challenge is the party's to make", field="reason"
        )
    case.suspend(command.reason)
    await adjourn_running(tx, case)
    await tx.deadlines.pause(case.id, command.reason.value)
    return await tx.cases.save(case)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeCase:
    id: UUID
    version: int


async def resume_case(tx: Work, command: ResumeCase) -> Case:
    """The case goes on, without the days that do not count."""
    case = await tx.cases.get(command.id, command.version)
    as_organiser(tx, case)
    case.require_resumable()
    await tx.deadlines.resume(case.id)
    limit = await tx.deadlines.open_deadline(case.id, limit_clock(tx, case))
    case.resume(limit)
    return await tx.cases.save(case)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentToExtension:
    id: UUID
    version: int
    party: UUID
    days: int


async def consent_to_extension(tx: Work, command: ConsentToExtension) -> Case:
    """It holds once every party agreed to the same days, all before the limit. Raises EXTENSION_TOO_LATE."""
    case = await tx.cases.get(command.id, command.version)
    as_party(tx, case, command.party)
    rule = limit_clock(tx, case)
    limit = await tx.deadlines.open_deadline(case.id, rule)
    if limit is None or limit.ended(tx.now):
        raise errors.extension_late()
    if case.consent_to_extension(command.party, command.days, tx.now):
        extension = Extension(count=command.days, approver=EXTENSION_APPROVER, granted_at=tx.now)
        longer = await tx.deadlines.extend(case.id, rule, extension)
        case.extended(command.days, longer)
    return await tx.cases.save(case)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentToReopening:
    id: UUID
    version: int
    party: UUID


async def consent_to_reopening(tx: Work, command: ConsentToReopening) -> Case:
    """From a settlement back to negotiating, once every party agrees, each by somebody who may settle for it.

    A draft of the agreement is void then. Raises ILLEGAL_TRANSITION once it is frozen for signing: that ends first.
    """
    case = await tx.cases.get(command.id, command.version, lock=True)
    as_party(tx, case, command.party, Power.SETTLE)
    if case.consent_to_reopening(command.party):
        case.reopen_negotiation(drafted=await _void_draft(tx, case))
    return await tx.cases.save(case)


async def _void_draft(tx: Work, case: Case) -> bool:
    agreement = await tx.agreements.get(case.agreement, lock=True) if case.agreement else None
    if agreement is None or agreement.state is not AgreementState.DRAFTED:
        return False  # none, or one of before that a court dismissed
    agreement.void()
    await tx.agreements.save(agreement)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminateCase:
    id: UUID
    version: int
    reason: TerminationReason
    statement: str
    remedies: str


async def terminate_case(tx: Work, command: TerminateCase) -> Case:
    """The mediator ends the case with a reason.

    Raises REASON_UNSUITABLE for one that only an event can give or that the regime does not know, TOO_FEW_NO_SHOWS.
    """
    case = await tx.cases.get(command.id, command.version)
    as_organiser(tx, case)
    if command.reason in BY_ITSELF:
        raise invalid("REASON_UNSUITABLE", "该事由不由人工选择", "nobody chooses that reason", field="reason")
    regime = regime_of(tx, case)
    if command.reason.name not in regime.end_reasons:
        raise invalid("REASON_UNSUITABLE", "该制度下没有此终止事由", "the regime has no such reason", field="reason")
    if command.reason is TerminationReason.UNJUSTIFIED_ABSENCE:
        await _require_no_shows(tx, case, regime.session)
    await end_without_agreement(tx, case, command.reason, command.statement, command.remedies)
    return case


async def _require_no_shows(tx: Work, case: Case, rule: SessionRule) -> None:
    """Of one party, in all sessions: a caucus counts too, though who ends the case may not know of it."""
    async with tx.elevated():
        missed = Counter(party for each in await tx.sessions.all(case_id=case.id) for party in each.no_shows)
    if max(missed.values(), default=0) < rule.no_shows_to_terminate:
        raise errors.too_few_no_shows(rule.no_shows_to_terminate, rule.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveMediation:
    id: UUID
    version: int
    party: UUID


async def leave_mediation(tx: Work, command: LeaveMediation) -> Case:
    """A party ends the mediation; nobody asks why (人民调解法 23)."""
    case = await tx.cases.get(command.id, command.version)
    as_member(tx, case, command.party)
    await end_without_agreement(tx, case, TerminationReason.PARTY_UNWILLING)
    return case


async def limit_lapsed(tx: Work, case_id: UUID) -> None:
    """The mediation limit is over and nobody extended it. A case that has settled meanwhile goes on to its signing."""
    case = await tx.cases.get(case_id, lock=True)
    if case.end_time is None and case.agreed_offer is None:
        await end_without_agreement(tx, case, TerminationReason.LIMIT_EXPIRED_NO_EXTENSION)


async def deadline_near(tx: Work, deadline: Deadline) -> None:
    """The limit of the mediation is about to end: parties and mediator are told, who may prolong it in time.

    What has settled goes on to its signing, whatever the limit.
    """
    case = await tx.cases.get(deadline.aggregate_id, lock=True)
    if case.end_time is None and case.agreed_offer is None:
        case.deadline_near(tx.rulebook.notice_of(deadline))
        await tx.cases.save(case)


async def deadline_moved(tx: Work, deadline: Deadline, move: DeadlineMove) -> None:
    """The calendar of a time limit of the case changed; the parties see that of the mediation alone."""
    case = await tx.cases.get(deadline.aggregate_id, lock=True)
    case.deadline_moved(move, told_to_party=deadline.rule_id == limit_clock(tx, case))
    await tx.cases.save(case)


async def end_without_agreement(
    tx: Work, case: Case, reason: TerminationReason, statement: str = "", remedies: str = ""
) -> None:
    """Ends the case with everything that hangs on it: round, draft, sessions, clocks.

    Raises AGREEMENT_BINDS once an agreement is effective: only the court or the parties together undo that.
    """
    await _void_agreement(tx, case, reason)
    regime = regime_of(tx, case)
    other_ways = (regime.other_ways_zh, regime.other_ways_en)
    case.terminate(reason, tx.now, statement, remedies, other_ways)
    await tx.deadlines.cancel(case.id)
    # A caucus of another party ends with the case, though this caller may not know of it.
    async with tx.elevated():
        await cancel_sessions(tx, case, "CASE_ENDED")
    await tx.cases.save(case)


async def adjourn_running(tx: Work, case: Case) -> None:
    """A session under way ends for today when its case comes to stand still."""
    async with tx.elevated():
        for session in await tx.sessions.all(case_id=case.id):
            if session.state is SessionState.IN_PROGRESS:
                regime = regime_of(tx, case)
                session.end(SessionResult.ADJOURNED, None, tx.now, regime.session.grace)
                await tx.sessions.save(session)


async def cancel_sessions(tx: Work, case: Case, reason: str) -> None:
    """Every session that is to come; one under way is adjourned. Needs to see all of them."""
    for session in await tx.sessions.all(case_id=case.id):
        if session.state is SessionState.SCHEDULED:
            session.cancel(reason)
            await tx.sessions.save(session)
            await tx.unbook(session.id)
        elif session.state is SessionState.IN_PROGRESS:
            session.end(SessionResult.ADJOURNED, None, tx.now, regime_of(tx, case).session.grace)
            await tx.sessions.save(session)


async def _void_agreement(tx: Work, case: Case, reason: TerminationReason) -> None:
    if case.agreement is None:
        return
    agreement = await tx.agreements.get(case.agreement, lock=True)
    if agreement.state is AgreementState.EFFECTIVE:
        raise precondition("AGREEMENT_BINDS", "调解协议已生效", "the agreement is effective already")
    if agreement.state not in (AgreementState.DRAFTED, AgreementState.FROZEN):
        return
    if agreement.signing_round is not None:
        signing_round = await tx.rounds.get(agreement.signing_round, lock=True)
        refused = reason is TerminationReason.REFUSED_TO_SIGN and signing_round.state is RoundState.OPEN
        signing_round.end(RoundAction.REFUSE if refused else RoundAction.VOID, AgreementState.VOID, reason.name)
        await tx.rounds.save(signing_round)
        await tx.deadlines.cancel(signing_round.id)
    agreement.void()
    await tx.agreements.save(agreement)
