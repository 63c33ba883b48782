"""A session (调解会议). A caucus belongs to one party and the mediator; nobody else learns of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.common.kernel.errors import invalid, precondition
from services.common.kernel.events import Aggregate
from services.common.regimes import SessionRule
from services.mediation.domain import errors
from services.mediation.domain.case import Case
from services.mediation.domain.events import sessions as events
from services.mediation.domain.lifecycles import SESSION, SessionAction
from services.mediation.domain.vocabulary import (
    Authority,
    SessionKind,
    SessionResult,
    SessionState,
)

LONGEST = timedelta(hours=12)
LONGEST_ASYNCHRONOUS = timedelta(days=31)
_ENDED = {
    SessionResult.HELD: SessionAction.HOLD,
    SessionResult.ADJOURNED: SessionAction.ADJOURN,
    SessionResult.NO_QUORUM: SessionAction.FIND_NO_QUORUM,
    SessionResult.ABORTED: SessionAction.ABORT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """Somebody who was there; without a party it is the mediator."""

    party: UUID | None
    account: UUID
    authority: Authority | None
    identity_method: str
    check_in_time: datetime


@dataclass(slots=True, kw_only=True)
class Session(Aggregate):
    """``necessary`` are the parties without whom it cannot start; ``notify_time`` is when its time was last set.

    ``no_shows`` are the parties that were missing at one of its times, once for each; another time changes nothing of it.
    ``begun_time`` and ``ended_time`` are when it was really held, ``start_time`` and ``end_time`` what was appointed.
    """

    case_id: UUID
    kind: SessionKind
    caucus_party: UUID | None
    mediator_account: UUID
    necessary: tuple[UUID, ...]
    start_time: datetime
    end_time: datetime
    notify_time: datetime
    notice: timedelta
    state: SessionState = SessionState.SCHEDULED
    room: str = ""
    attendances: tuple[Attendance, ...] = ()
    notice_waived_by: tuple[UUID, ...] = ()
    absent_party: UUID | None = None
    no_shows: tuple[UUID, ...] = ()
    reason: str = ""
    begun_time: datetime | None = None
    ended_time: datetime | None = None

    @property
    def case(self) -> UUID:
        return self.case_id

    @classmethod
    def plan(
        cls,
        id: UUID,
        case: Case,
        rule: SessionRule,
        *,
        kind: SessionKind,
        caucus_party: UUID | None,
        start: datetime,
        end: datetime,
        room: str,
        now: datetime,
    ) -> "Session":
        """A session of an open case. Raises CASE_NOT_OPEN, PARTY_MISSING, NOT_A_CAUCUS and what ``require_plan`` raises."""
        case.require_open()
        if case.mediator_account is None:
            raise errors.mediator_only()
        necessary = _necessary(case, kind, caucus_party)
        require_plan(case, rule, kind, necessary, start, end, room, now)
        session = cls(
            id=id,
            organisation_id=case.organisation_id,
            case_id=case.id,
            kind=kind,
            caucus_party=caucus_party,
            mediator_account=case.mediator_account,
            necessary=necessary,
            start_time=start,
            end_time=end,
            notify_time=now,
            notice=rule.notice,
            room=room,
        )
        session.record(events.SessionScheduled(**session._facts(), start_time=start, end_time=end, room=room))
        return session

    def reschedule(
        self, case: Case, rule: SessionRule, start: datetime, end: datetime, room: str, reason: str, now: datetime
    ) -> None:
        """Another time or place; everybody has the notice period again and checks in again. Raises as ``plan`` does."""
        case.require_open()
        state = SESSION.next(self.state, SessionAction.RESCHEDULE)
        require_plan(case, rule, self.kind, self.necessary, start, end, room, now)
        self.state = state
        self.start_time, self.end_time, self.room, self.reason = start, end, room, reason
        self.notify_time, self.notice_waived_by, self.attendances, self.absent_party = now, (), (), None
        self.record(events.SessionRescheduled(**self._facts(), start_time=start, end_time=end, room=room))

    def cancel(self, reason: str) -> None:
        self.state = SESSION.next(self.state, SessionAction.CANCEL)
        self.reason = reason
        self.record(events.SessionCancelled(**self._facts()))

    def waive_notice(self, party: UUID) -> None:
        """On the record, for this time of this session only."""
        state = SESSION.next(self.state, SessionAction.WAIVE_NOTICE)
        if party not in self.necessary:
            raise errors.unknown_party()
        self.state = state
        self.notice_waived_by = tuple(dict.fromkeys((*self.notice_waived_by, party)))
        self.record(events.SessionNoticeWaived(session=self.id, party=party))

    def check_in(self, attendance: Attendance) -> None:
        state = SESSION.next(self.state, SessionAction.CHECK_IN)
        if attendance.party is not None and attendance.party not in self.necessary:
            raise errors.unknown_party()
        self.state = state
        others = tuple(each for each in self.attendances if each.account != attendance.account)
        self.attendances = (*others, attendance)
        self.record(events.SessionCheckedIn(session=self.id, party=attendance.party, account=attendance.account))

    def start(self, now: datetime) -> None:
        """Raises NOTICE_RUNNING unless the notice has passed or all waived it, NO_QUORUM unless everybody is there."""
        state = SESSION.next(self.state, SessionAction.START)
        if not self.notice_satisfied(now):
            raise errors.notice_running(self.notify_time + self.notice)
        present = {each.party for each in self.attendances}
        if self.kind is not SessionKind.ASYNCHRONOUS and not present >= set(self.necessary):
            raise errors.no_quorum()
        self.state, self.begun_time, self.ended_time = state, now, None
        if all(each.account != self.mediator_account for each in self.attendances):
            mediator = Attendance(
                party=None, account=self.mediator_account, authority=None, identity_method="ACCOUNT", check_in_time=now
            )
            self.attendances = (*self.attendances, mediator)
        self.record(events.SessionStarted(session=self.id, state=self.state))

    def notice_satisfied(self, now: datetime) -> bool:
        return now >= self.notify_time + self.notice or set(self.notice_waived_by) >= set(self.necessary)

    def end(self, result: SessionResult, absent_party: UUID | None, now: datetime, grace: timedelta) -> None:
        """A technical failure (ABORTED) counts nobody as absent; nobody is absent before the grace time is over."""
        state = SESSION.next(self.state, _ENDED[result])
        if result is SessionResult.NO_QUORUM:
            if absent_party not in self.necessary:
                raise errors.unknown_party("absent_party")
            if now < self.start_time + grace:
                raise precondition("GRACE_RUNNING", "尚在等候时间内", "the grace time is not over")
        elif absent_party is not None:
            raise invalid(
                "NOBODY_ABSENT", "只有未到齐时才记录缺席", "absence belongs to NO_QUORUM only", field="absent_party"
            )
        self.state, self.absent_party, self.ended_time = state, absent_party, now
        if absent_party is not None:
            self.no_shows = (*self.no_shows, absent_party)
        self.record(events.SessionEnded(session=self.id, state=state, absent_party=absent_party))

    def require_recordable(self) -> None:
        """Raises ILLEGAL_TRANSITION unless it was held or adjourned."""
        SESSION.next(self.state, SessionAction.RECORD)

    def resources(self, accounts: dict[UUID, UUID | None]) -> tuple[str, ...]:
        """What cannot be in two places: people, parties, the room. An asynchronous session books nobody."""
        if self.kind is SessionKind.ASYNCHRONOUS:
            return ()
        found = {f"account/{self.mediator_account}"}
        for party in self.necessary:
            account = accounts.get(party)
            found |= {f"party/{party}"} | ({f"account/{account}"} if account else set())
        if self.room:
            found.add(f"room/{self.organisation_id}/{self.room.strip().casefold()}")
        return tuple(sorted(found))

    def _facts(self) -> dict[str, Any]:
        return {
            "session": self.id,
            "case": self.case_id,
            "kind": self.kind,
            "caucus_party": self.caucus_party,
            "state": self.state,
        }


def require_plan(
    case: Case,
    rule: SessionRule,
    kind: SessionKind,
    necessary: tuple[UUID, ...],
    start: datetime,
    end: datetime,
    room: str,
    now: datetime,
) -> None:
    """What every plan must meet, the first as any later one.

    Raises SLOT_IN_PAST, SLOT_MALFORMED, NOTICE_TOO_SHORT where the regime allows no waiver, and ONLINE_NOT_CONSENTED
    without a room while a party of the session has not agreed to meet online (在线调解规则 5).
    """
    require_slot(kind, start, end, now)
    if start < now + rule.notice and not rule.notice_waivable_by_all_parties:
        raise errors.notice_too_short(rule.source)
    if not room.strip() and any(case.party(each).online_consent_time is None for each in necessary):
        raise errors.online_not_consented()


def _necessary(case: Case, kind: SessionKind, caucus_party: UUID | None) -> tuple[UUID, ...]:
    if kind is not SessionKind.CAUCUS:
        if caucus_party is not None:
            raise invalid("NOT_A_CAUCUS", "仅单独会谈指定一方", "only a caucus is with one party", field="caucus_party")
        return case.party_ids
    if caucus_party is None:
        raise invalid("PARTY_MISSING", "单独会谈须指定一方", "a caucus names its party", field="caucus_party")
    return (case.party(caucus_party).id,)


def require_slot(kind: SessionKind, start: datetime, end: datetime, now: datetime) -> None:
    """Raises SLOT_IN_PAST, SLOT_MALFORMED (INVALID)."""
    if start <= now:
        raise invalid("SLOT_IN_PAST", "开始时间应晚于现在", "the session would begin in the past", field="start_time")
    longest = LONGEST_ASYNCHRONOUS if kind is SessionKind.ASYNCHRONOUS else LONGEST
    if not start < end <= start + longest:
        raise invalid(
            "SLOT_MALFORMED", "结束时间应晚于开始时间且不过长", "the end does not fit the start", field="end_time"
        )
