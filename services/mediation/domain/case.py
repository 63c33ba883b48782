"""A mediation case (调解案件): who takes part, who mediates, where it stands. It decides before it changes."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.common.deadlines import DeadlineMove, DeadlineNotice, DueDay
from services.common.kernel.errors import not_found, precondition
from services.common.kernel.events import Aggregate
from services.common.kernel.money import Money
from services.mediation.domain import errors
from services.mediation.domain.case_facts import ExtensionConsent, OrganisationFacts
from services.mediation.domain.conflict import ConflictCheck
from services.mediation.domain.events import cases as events
from services.mediation.domain.lifecycles import CASE, CaseAction
from services.mediation.domain.mediator import Mediator, find_relations, is_party
from services.mediation.domain.parties import CaseParty, Representative
from services.mediation.domain.vocabulary import (
    CaseKind,
    CaseState,
    ConflictStatus,
    DeclineReason,
    RecusalGround,
    SuspensionReason,
    TerminationReason,
)

DISMISSED = "DISMISSED"
_RESUMED = {
    CaseState.DISCLOSURE: CaseAction.RESUME_DISCLOSURE,
    CaseState.READY: CaseAction.RESUME_READY,
    CaseState.OPEN: CaseAction.RESUME_OPEN,
}


BY_ITSELF_SAID = {
    TerminationReason.LIMIT_EXPIRED_NO_EXTENSION: "调解期限已过，各方没有一致同意延长。",
    TerminationReason.PARTY_UNWILLING: "一方当事人不愿意继续调解。",
    TerminationReason.REFUSED_TO_SIGN: "一方当事人拒绝签署调解协议。",
}
"""Why a case ended that nobody gave words for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """That a party has read the notice of rights and the warning; ``digest`` says which text, ``time`` is aware UTC."""

    party: UUID
    account: UUID
    digest: bytes
    time: datetime


@dataclass(slots=True, kw_only=True)
class Case(Aggregate):
    """``regime`` is ``id@version``, kept for good."""

    number: str
    regime: str
    kind: CaseKind
    state: CaseState
    origin: str
    organisation_facts: OrganisationFacts
    parties: tuple[CaseParty, ...]
    court: str = ""
    subject_matter: str = ""
    facts: str = ""
    request: str = ""
    amount: Money | None = None
    mediator_id: UUID | None = None
    mediator_account: UUID | None = None
    mediator_name: str = ""
    mediator_employer: str = ""
    conflict_check: ConflictCheck | None = None
    recused_accounts: tuple[UUID, ...] = ()
    suspension_reason: SuspensionReason | None = None
    suspended_state: CaseState | None = None
    challenge_reason: str = ""
    termination_reason: TerminationReason | None = None
    termination_statement: str = ""
    remedies: str = ""
    other_ways_zh: str = ""
    other_ways_en: str = ""
    extension_consents: tuple[ExtensionConsent, ...] = ()
    agreement: UUID | None = None
    agreed_offer: UUID | None = None
    open_time: datetime | None = None
    end_time: datetime | None = None
    sample: bool = False
    confirmation_available: bool = True
    ruling_outcome: str = ""
    summary_procedure: bool = False
    anew_wanted_by: tuple[UUID, ...] = ()
    """Who asked, after a dismissal, to mediate again."""
    reopening_consents: tuple[UUID, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()

    # What the messages name it by.

    @property
    def organisation(self) -> UUID:
        return self.organisation_id

    @property
    def party_ids(self) -> tuple[UUID, ...]:
        return tuple(party.id for party in self.parties)

    # Who is who.

    def party(self, party_id: UUID | None) -> CaseParty:
        """Raises UNKNOWN_PARTY."""
        for party in self.parties:
            if party.id == party_id:
                return party
        raise errors.unknown_party()

    def party_for(self, party_id: UUID | None, account: UUID | None) -> CaseParty:
        """The party for which this person acts; NOT_FOUND for somebody else's."""
        party = self.party(party_id)
        if not party.acts(account):
            raise not_found("该当事人", "that party")
        return party

    def parties_of(self, account: UUID | None) -> tuple[CaseParty, ...]:
        return tuple(party for party in self.parties if party.acts(account))

    def require_mediator(self, account: UUID | None) -> None:
        """Raises MEDIATOR_ONLY."""
        if account is None or account != self.mediator_account:
            raise errors.mediator_only()

    def require_open(self) -> None:
        """Raises CASE_NOT_OPEN."""
        if self.state is not CaseState.OPEN:
            raise errors.case_not_open(self.state)

    # Opening.

    def announce(self) -> None:
        self.record(
            events.CaseOpened(
                case=self.id,
                number=self.number,
                origin=self.origin,
                kind=self.kind,
                state=self.state,
                organisation=self.organisation_id,
                regime=self.regime,
                parties=self.party_ids,
            )
        )

    def accept_referral(self, limit: DueDay | None) -> None:
        """The organisation takes the case over (接收材料)."""
        self.state = CASE.next(self.state, CaseAction.ACCEPT_REFERRAL)
        accepted = events.CaseReferralAccepted(case=self.id, origin=self.origin, state=self.state, **_until(limit))
        self.record(accepted)

    def decline(self, reason: DeclineReason, now: datetime) -> None:
        self.state = CASE.next(self.state, CaseAction.DECLINE)
        self.end_time = now
        self.record(events.CaseDeclined(case=self.id, origin=self.origin, state=self.state, reason=reason))

    def consent(self, party_id: UUID, *, online: bool, now: datetime) -> None:
        """A party agrees to mediation, and separately to taking part online."""
        state = CASE.next(self.state, CaseAction.CONSENT)
        party = self.party(party_id)
        consented = replace(
            party,
            mediation_consent_time=party.mediation_consent_time or now,
            online_consent_time=(party.online_consent_time or now) if online else party.online_consent_time,
        )
        self._replace_party(consented)
        self.state = state
        if all(each.consented for each in self.parties):
            self.state = CASE.next(state, CaseAction.COMPLETE_CONSENT)
        self.record(events.CaseConsented(case=self.id, party=party_id, state=self.state))

    def bind(self, party_id: UUID, account: UUID) -> bool:
        """An account has proven to be this party; False when it is known already or no such party exists."""
        found = [party for party in self.parties if party.id == party_id]
        if not found or found[0].account == account:
            return False
        self._replace_party(replace(found[0], account=account))
        self.record(events.PartyBound(case=self.id, party=party_id, account=account))
        return True

    # The mediator.

    def appoint(self, mediator: Mediator) -> None:
        """Raises MEDIATOR_IS_PARTY, MEDIATOR_RECUSED. The check stays PENDING until the mediator has declared."""
        state = CASE.next(self.state, CaseAction.APPOINT)
        if mediator.organisation_id != self.organisation_id:
            raise not_found("该调解员", "that mediator")
        if is_party(mediator, self.parties):
            raise errors.mediator_is_party()
        if mediator.account in self.recused_accounts:
            raise errors.mediator_recused()
        self.state = state
        self.mediator_id, self.mediator_account = mediator.id, mediator.account
        self.mediator_name, self.mediator_employer = mediator.display_name, mediator.employer
        self.conflict_check = ConflictCheck(mediator=mediator.id, detected=find_relations(mediator, self.parties))
        self.record(
            events.MediatorAppointed(case=self.id, mediator=mediator.id, account=mediator.account, state=self.state)
        )

    def disclose(self, grounds: tuple[RecusalGround, ...], statement: str, *, waivable: bool) -> None:
        """The mediator's declaration. A relation ends the appointment unless the regime lets all parties waive it."""
        check = self._check()
        CASE.next(self.state, CaseAction.DISCLOSE)
        self.conflict_check = check.declare(grounds, statement, waivable=waivable)
        if self.conflict_check.status is ConflictStatus.CLEAR:
            self.state = CASE.next(self.state, CaseAction.CLEAR)
        elif self.conflict_check.status is ConflictStatus.RECUSED:
            self._recuse()
        self.record(events.ConflictDisclosed(case=self.id, status=self._check().status, state=self.state))

    def waive_conflict(self, party_id: UUID) -> None:
        """One party lets the mediator go on; it holds when all have (法释〔2016〕14号第15条)."""
        CASE.next(self.state, CaseAction.WAIVE_CONFLICT)
        self.conflict_check = self._check().waive(party_id, self.party_ids)
        status = self.conflict_check.status
        complete = status is ConflictStatus.WAIVED
        if complete and self.state is CaseState.DISCLOSURE:
            self.state = CASE.next(self.state, CaseAction.CLEAR)
        elif complete:
            self._resume()
        self.record(events.ConflictWaived(case=self.id, party=party_id, status=status, state=self.state))

    def challenge(self, party_id: UUID, reason: str) -> None:
        """A party asks for another mediator; everything stands still until the organisation decides."""
        if self.mediator_id is None:
            raise precondition("NO_MEDIATOR", "尚未指定调解员", "no mediator is appointed")
        self._suspend(CaseAction.CHALLENGE, SuspensionReason.CHALLENGE)
        self.challenge_reason = reason
        self.record(events.MediatorChallenged(case=self.id, party=party_id, state=self.state))

    def decide_challenge(self, *, upheld: bool, decider: UUID | None) -> None:
        """The organisation's decision, never the mediator's. Raises NO_CHALLENGE, OWN_CHALLENGE."""
        if self.state is not CaseState.SUSPENDED or self.suspension_reason is not SuspensionReason.CHALLENGE:
            raise precondition("NO_CHALLENGE", "没有待决定的回避申请", "no challenge waits for a decision")
        if decider == self.mediator_account:
            raise precondition(
                "OWN_CHALLENGE", "调解员不得决定对自己的回避申请", "a mediator never decides on their own challenge"
            )
        if upheld:
            self._recuse()
        elif self._check().status is ConflictStatus.DISCLOSED and self.suspended_state is not CaseState.DISCLOSURE:
            raise precondition(
                "WAIVER_MISSING", "新披露的关系尚未经各方同意", "a relation that came up is not waived by all"
            )
        else:
            self._resume()
        self.record(events.ChallengeDecided(case=self.id, upheld=upheld, state=self.state))

    # Representatives.

    def represent(
        self, party_id: UUID, representative: Representative, detected: tuple[RecusalGround, ...] = ()
    ) -> None:
        """Names an agent; ``detected`` are the mediator's relations now. Raises DOUBLE_AGENCY, MEDIATOR_IS_PARTY."""
        state = CASE.next(self.state, CaseAction.REPRESENT)
        party = self.party(party_id)
        if representative.account == self.mediator_account:
            raise errors.mediator_is_party()
        if any(other.acts(representative.account) for other in self.parties if other.side is not party.side):
            raise errors.double_agency()
        self.state = state
        self._replace_party(party.with_representative(representative))
        self.record(events.RepresentativeAppointed(case=self.id, party=party_id, account=representative.account))
        self._check_again(detected)

    # Conduct.

    def acknowledge(self, party_id: UUID, account: UUID, digest: bytes, now: datetime) -> None:
        """A party has read its rights and duties and the warning; the first time counts. Raises ILLEGAL_TRANSITION."""
        CASE.next(self.state, CaseAction.ACKNOWLEDGE)
        party = self.party(party_id)
        if party.id in self.notice_acknowledged_by:
            return
        read = Acknowledgement(party=party.id, account=account, digest=digest, time=now)
        self.acknowledgements = (*self.acknowledgements, read)
        self.record(events.CaseNoticeAcknowledged(case=self.id, party=party.id, account=account, digest=digest))

    @property
    def notice_acknowledged_by(self) -> tuple[UUID, ...]:
        return tuple(each.party for each in self.acknowledgements)

    def open(self, now: datetime) -> None:
        """Every party knows its rights, duties and the warning (在线调解规则 17). Raises NOTICE_NOT_ACKNOWLEDGED."""
        state = CASE.next(self.state, CaseAction.OPEN)
        if missing := [party.name for party in self.parties if party.id not in self.notice_acknowledged_by]:
            raise errors.notice_not_acknowledged(missing)
        self.state = state
        self.open_time = self.open_time or now
        self.record(events.CaseStarted(case=self.id, state=self.state))

    def suspend(self, reason: SuspensionReason) -> None:
        self._suspend(CaseAction.SUSPEND, reason)
        self.record(events.CaseSuspended(case=self.id, reason=reason, state=self.state))

    def require_resumable(self) -> None:
        """Raises ILLEGAL_TRANSITION when it does not stand still, CHALLENGE_PENDING when a decision is due."""
        CASE.next(self.state, CaseAction.RESUME_OPEN)
        if self.suspension_reason is SuspensionReason.CHALLENGE:
            raise precondition("CHALLENGE_PENDING", "回避申请尚未决定", "a challenge waits for a decision")

    def resume(self, limit: DueDay | None) -> None:
        self.require_resumable()
        self._resume()
        self.record(events.CaseResumed(case=self.id, state=self.state, **_until(limit)))

    def consent_to_extension(self, party_id: UUID, days: int, now: datetime) -> bool:
        """A party agrees to a longer limit; True once all agree to the same number of days."""
        CASE.next(self.state, CaseAction.EXTEND)
        others = tuple(each for each in self.extension_consents if each.party != party_id)
        self.extension_consents = (*others, ExtensionConsent(party=party_id, days=days, consent_time=now))
        self.record(events.ExtensionConsented(case=self.id, party=party_id, days=days))
        agreed = {each.party for each in self.extension_consents if each.days == days}
        return agreed >= set(self.party_ids)

    def extended(self, days: int, limit: DueDay | None) -> None:
        self.extension_consents = ()
        self.record(events.CaseExtended(case=self.id, days=days, **_until(limit)))

    def deadline_moved(self, move: DeadlineMove, *, told_to_party: bool) -> None:
        """The calendar of a time limit changed."""
        self.record(events.CaseDeadlineMoved(case=self.id, move=move, told_to_party=told_to_party))

    def deadline_near(self, notice: DeadlineNotice) -> None:
        """The limit of the mediation is about to end."""
        self.record(events.CaseDeadlineNear(case=self.id, notice=notice))

    def agree(self, offer_id: UUID, total: Money | None) -> None:
        """Every necessary party accepted the same terms; there is no agreement yet."""
        self.state = CASE.next(self.state, CaseAction.AGREE)
        self.agreed_offer = offer_id
        self.record(events.CaseAgreed(case=self.id, state=self.state))
        self.record(events.SettlementRecorded(case=self.id, offer=offer_id, total=total))

    def consent_to_reopening(self, party_id: UUID) -> bool:
        """A party would rather negotiate again than have the settlement put on paper; True once all would.

        What one consents to is seen by the others: without them it means nothing.
        """
        CASE.next(self.state, CaseAction.REOPEN)
        if party_id not in self.reopening_consents:
            self.reopening_consents = (*self.reopening_consents, self.party(party_id).id)
            self.record(events.ReopeningConsented(case=self.id, party=party_id))
        return set(self.reopening_consents) >= set(self.party_ids)

    def reopen_negotiation(self, *, drafted: bool) -> None:
        """Nothing is settled any more. ``drafted``: there was a draft, which has been voided before."""
        self.state = CASE.next(self.state, CaseAction.REOPEN)
        self.agreed_offer = None
        self.agreement = None if drafted else self.agreement
        self.reopening_consents = ()
        self.record(events.NegotiationReopened(case=self.id, state=self.state))

    def draft(self, agreement_id: UUID) -> None:
        self.state = CASE.next(self.state, CaseAction.DRAFT)
        self.agreement = agreement_id
        self._moved()

    def freeze(self) -> None:
        self.state = CASE.next(self.state, CaseAction.FREEZE)
        self.reopening_consents = ()
        self._moved()

    def void_round(self) -> None:
        self.state = CASE.next(self.state, CaseAction.VOID_ROUND)
        self._moved()

    def terminate(
        self,
        reason: TerminationReason,
        now: datetime,
        statement: str = "",
        remedies: str = "",
        other_ways: tuple[str, str] = ("", ""),
    ) -> None:
        """Ends without an agreement, with a reason that is kept and told, and with the ways that are open instead."""
        self.state = CASE.next(self.state, CaseAction.TERMINATE)
        self.termination_reason, self.remedies = reason, remedies
        self.termination_statement = statement or BY_ITSELF_SAID.get(reason, "")
        self.other_ways_zh, self.other_ways_en = other_ways
        self.suspension_reason = self.suspended_state = None
        self.end_time = now
        self.record(
            events.CaseTerminated(
                case=self.id,
                number=self.number,
                origin=self.origin,
                state=self.state,
                reason=reason,
                end_time=now,
                kind=self.kind,
            )
        )

    def conclude(self, agreement_id: UUID, now: datetime) -> None:
        self.state = CASE.next(self.state, CaseAction.CONCLUDE)
        self.end_time = now
        self.record(
            events.CaseConcluded(
                case=self.id,
                number=self.number,
                origin=self.origin,
                state=self.state,
                agreement=agreement_id,
                end_time=now,
            )
        )

    def note_ruling(self, agreement_id: UUID, outcome: str) -> None:
        if agreement_id == self.agreement:
            self.ruling_outcome = outcome
        self.record(events.RulingNoted(case=self.id, agreement=agreement_id, outcome=outcome))

    @property
    def dismissed(self) -> bool:
        """Whether a court dismissed what it was concluded with."""
        return self.state is CaseState.CONCLUDED and self.ruling_outcome == DISMISSED

    def ask_for_mediation_anew(self, party_id: UUID) -> bool:
        """A party wants to change the dismissed agreement by mediating again (民事诉讼法第206条), which takes all of them.

        True when it was the last one, and the case is open again.
        """
        state = CASE.next(self.state, CaseAction.REMEDIATE)
        self.party(party_id)
        if party_id not in self.anew_wanted_by:
            self.anew_wanted_by = (*self.anew_wanted_by, party_id)
        self.record(events.CaseConsented(case=self.id, party=party_id, state=self.state))
        if set(self.anew_wanted_by) != set(self.party_ids):
            return False
        dismissed, self.state = self.agreement, state
        self.agreed_offer = self.end_time = None
        self.anew_wanted_by, self.ruling_outcome = (), ""
        if dismissed is not None:
            self.record(events.CaseReopened(case=self.id, state=self.state, agreement=dismissed))
        return True

    # Inside.

    def _moved(self) -> None:
        self.record(events.CaseMoved(case=self.id, state=self.state, agreement=self.agreement))

    def _check(self) -> ConflictCheck:
        if self.conflict_check is None:
            raise precondition("NO_MEDIATOR", "尚未指定调解员", "no mediator is appointed")
        return self.conflict_check

    def _check_again(self, detected: tuple[RecusalGround, ...]) -> None:
        """Somebody joined: a relation that comes up later is disclosed like one that was there before."""
        check = self.conflict_check
        if check is None or self.mediator_id is None or not check.finds_more(detected):
            return
        self.conflict_check = check.with_found(detected)
        if check.status is ConflictStatus.PENDING:
            return
        if self.state in (CaseState.READY, CaseState.OPEN):
            self._suspend(CaseAction.CHALLENGE, SuspensionReason.CHALLENGE)
        self.record(events.ConflictDisclosed(case=self.id, status=ConflictStatus.DISCLOSED, state=self.state))

    def _recuse(self) -> None:
        """The mediator withdraws and loses access at once; what was written stays, for nobody new to read."""
        self.state = CASE.next(self.state, CaseAction.RECUSE)
        if self.mediator_account is not None:
            self.recused_accounts = (*self.recused_accounts, self.mediator_account)
        self.conflict_check = replace(self._check(), status=ConflictStatus.RECUSED)
        self.mediator_id = self.mediator_account = None
        self.mediator_name = self.mediator_employer = ""
        self.suspension_reason = self.suspended_state = None

    def _suspend(self, action: CaseAction, reason: SuspensionReason) -> None:
        before = self.state
        self.state = CASE.next(before, action)
        self.suspension_reason, self.suspended_state = reason, before

    def _resume(self) -> None:
        before = self.suspended_state or CaseState.OPEN
        if before is CaseState.DISCLOSURE and self._check().status is ConflictStatus.WAIVED:
            before = CaseState.READY
        self.state = CASE.next(self.state, _RESUMED[before])
        self.suspension_reason = self.suspended_state = None

    def _replace_party(self, party: CaseParty) -> None:
        self.parties = tuple(party if each.id == party.id else each for each in self.parties)


def _until(limit: DueDay | None) -> dict[str, Any]:
    return {
        "limit_due_date": limit.due_date if limit else None,
        "provisional": bool(limit and limit.provisional),
    }
