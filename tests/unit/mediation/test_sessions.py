"""Notice, quorum, absence and records of a session."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.common.kernel.errors import DomainError
from services.common.regimes import SessionRule
from services.mediation.domain.case import Case
from services.mediation.domain.session import Attendance, Session, require_slot
from services.mediation.domain.session_record import SessionRecord
from services.mediation.domain.vocabulary import (
    PartySide,
    RecordResponse,
    RecordState,
    SessionKind,
    SessionResult,
    SessionState,
)
from tests.unit.mediation.makers import NOW, ORGANISATION, a_party, an_open_case

A, B, MEDIATOR = uuid4(), uuid4(), uuid4()
NOTICE = timedelta(hours=72)
GRACE = timedelta(minutes=15)


def a_session(**changes: Any) -> Session:
    values: dict[str, Any] = {
        "id": uuid4(),
        "organisation_id": ORGANISATION,
        "case_id": uuid4(),
        "kind": SessionKind.JOINT,
        "caucus_party": None,
        "mediator_account": MEDIATOR,
        "necessary": (A, B),
        "start_time": NOW + timedelta(hours=80),
        "end_time": NOW + timedelta(hours=81),
        "notify_time": NOW,
        "notice": NOTICE,
    }
    return Session(**(values | changes))


RULE = SessionRule(
    notice=NOTICE, notice_waivable_by_all_parties=True, grace=GRACE, no_shows_to_terminate=2, source="样本 SAMPLE"
)


def planned(case: Case, *, room: str = "", rule: SessionRule = RULE, hours: float = 80) -> Session:
    start = NOW + timedelta(hours=hours)
    return Session.plan(
        uuid4(),
        case,
        rule,
        kind=SessionKind.JOINT,
        caucus_party=None,
        start=start,
        end=start + timedelta(hours=1),
        room=room,
        now=NOW,
    )


def test_online_only_with_everybody_s_consent_when_it_is_planned_as_when_it_is_moved() -> None:
    case = an_open_case(parties=(a_party(), a_party(PartySide.RESPONDENT, online_consent_time=None)))
    with pytest.raises(DomainError, match="ONLINE_NOT_CONSENTED"):
        planned(case, room="  ")
    session = planned(case, room="第一调解室")
    later = NOW + timedelta(hours=200)
    with pytest.raises(DomainError, match="ONLINE_NOT_CONSENTED"):
        session.reschedule(case, RULE, later, later + timedelta(hours=1), " ", "改期", NOW)
    assert (session.room, session.start_time) == ("第一调解室", NOW + timedelta(hours=80))


def test_a_notice_that_nobody_may_waive_holds_for_a_moved_session_too() -> None:
    case, strict = an_open_case(), replace(RULE, notice_waivable_by_all_parties=False)
    with pytest.raises(DomainError, match="NOTICE_TOO_SHORT"):
        planned(case, rule=strict, hours=71)
    session = planned(case, rule=strict)
    soon = NOW + timedelta(hours=71)
    with pytest.raises(DomainError, match="NOTICE_TOO_SHORT"):
        session.reschedule(case, strict, soon, soon + timedelta(hours=1), "", "改期", NOW)


def present(session: Session, party: UUID | None, account: UUID | None = None, when: datetime = NOW) -> None:
    session.check_in(
        Attendance(
            party=party, account=account or uuid4(), authority=None, identity_method="ID_CARD", check_in_time=when
        )
    )


@pytest.mark.parametrize(
    ("waived", "after", "starts"),
    [
        ((), NOTICE, True),
        ((), NOTICE - timedelta(microseconds=1), False),
        ((A,), timedelta(0), False),
        ((A, B), timedelta(0), True),
    ],
)
def test_it_starts_after_the_notice_or_once_all_have_waived(
    waived: tuple[UUID, ...], after: timedelta, starts: bool
) -> None:
    session = a_session()
    for party in waived:
        session.waive_notice(party)
    present(session, A)
    present(session, B)
    if starts:
        session.start(NOW + after)
        assert session.state is SessionState.IN_PROGRESS
    else:
        with pytest.raises(DomainError, match="NOTICE_RUNNING"):
            session.start(NOW + after)


def test_moving_it_asks_for_notice_and_presence_again() -> None:
    case = an_open_case()
    session = planned(case)
    for party in case.party_ids:
        session.waive_notice(party)
        present(session, party)
    later = NOW + timedelta(hours=200)
    session.reschedule(case, RULE, later, later + timedelta(hours=1), "", "改期", NOW + timedelta(hours=1))
    assert (session.notice_waived_by, session.attendances) == ((), ())
    with pytest.raises(DomainError, match="NOTICE_RUNNING"):
        session.start(NOW + timedelta(hours=2))


def test_the_mediator_counts_as_there_and_a_party_does_not() -> None:
    session = a_session()
    present(session, A)
    with pytest.raises(DomainError, match="NO_QUORUM"):
        session.start(NOW + NOTICE)
    present(session, B)
    session.start(NOW + NOTICE)
    assert [each.account for each in session.attendances if each.party is None] == [MEDIATOR]


def test_nobody_is_absent_before_the_grace_time_is_over() -> None:
    session = a_session()
    with pytest.raises(DomainError, match="GRACE_RUNNING"):
        session.end(SessionResult.NO_QUORUM, B, session.start_time + GRACE - timedelta(seconds=1), GRACE)
    session.end(SessionResult.NO_QUORUM, B, session.start_time + GRACE, GRACE)
    assert (session.state, session.absent_party) == (SessionState.NO_QUORUM, B)


def test_a_broken_connection_makes_nobody_absent() -> None:
    session = a_session()
    with pytest.raises(DomainError, match="NOBODY_ABSENT"):
        session.end(SessionResult.ABORTED, B, NOW, GRACE)


def test_an_asynchronous_session_books_nobody() -> None:
    assert a_session(kind=SessionKind.ASYNCHRONOUS).resources({A: uuid4()}) == ()
    booked = a_session(room=" 第一调解室 ").resources({A: MEDIATOR, B: None})
    assert f"account/{MEDIATOR}" in booked
    assert f"room/{ORGANISATION}/第一调解室" in booked


@pytest.mark.parametrize(
    ("start", "length", "reason"),
    [
        (timedelta(0), timedelta(hours=1), "SLOT_IN_PAST"),
        (timedelta(hours=1), timedelta(0), "SLOT_MALFORMED"),
        (timedelta(hours=1), timedelta(hours=13), "SLOT_MALFORMED"),
    ],
)
def test_a_slot_lies_ahead_and_is_not_endless(start: timedelta, length: timedelta, reason: str) -> None:
    with pytest.raises(DomainError, match=reason):
        require_slot(SessionKind.JOINT, NOW + start, NOW + start + length, NOW)


def a_record(*attendees: tuple[UUID | None, UUID]) -> SessionRecord:
    record = SessionRecord(
        id=uuid4(),
        organisation_id=ORGANISATION,
        session_id=uuid4(),
        case_id=uuid4(),
        number="1",
        caucus_party=None,
        mediator_account=MEDIATOR,
        attendees=tuple(
            Attendance(party=party, account=account, authority=None, identity_method="X", check_in_time=NOW)
            for party, account in attendees
        ),
        statements=(),
        undisputed_facts=(),
        result="样本",
    )
    record.draft(NOW)
    return record


def test_a_record_is_confirmed_once_everybody_has_answered() -> None:
    one, other = uuid4(), uuid4()
    record = a_record((None, MEDIATOR), (A, one), (B, other))
    record.answer(one, RecordResponse.CORRECT, "金额应为一百元", NOW)
    assert record.state is RecordState.DRAFT
    with pytest.raises(DomainError, match="ALREADY_ANSWERED"):
        record.answer(one, RecordResponse.CONFIRM, "", NOW)
    record.answer(other, RecordResponse.CONFIRM, "", NOW)
    assert record.state is RecordState.CONFIRMED
    with pytest.raises(DomainError, match="RECORD_CLOSED"):
        record.rewrite((), (), "别的", NOW)


def test_a_new_version_is_confirmed_anew() -> None:
    one = uuid4()
    record = a_record((None, MEDIATOR), (A, one), (B, uuid4()))
    record.answer(one, RecordResponse.CONFIRM, "", NOW)
    record.rewrite((), (), "更正", NOW)
    assert (record.revision, [each.account for each in record.confirmations]) == (2, [MEDIATOR])


def test_a_correction_says_what_and_a_stranger_says_nothing() -> None:
    one = uuid4()
    record = a_record((A, one))
    with pytest.raises(DomainError, match="REMARKS_MISSING"):
        record.answer(one, RecordResponse.CORRECT, " ", NOW)
    with pytest.raises(DomainError, match="NOT_AN_ATTENDEE"):
        record.answer(uuid4(), RecordResponse.CONFIRM, "", NOW)
