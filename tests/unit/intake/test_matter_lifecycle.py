"""Only the listed steps of a matter happen; every other leaves no trace."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.kernel.errors import DomainError
from services.intake.domain.lifecycle import MATTER_LIFECYCLE, MatterAction, MatterState
from services.intake.domain.matter import Matter
from services.intake.domain.values import (
    Channel,
    Contact,
    DeclineGround,
    MatterKind,
    NoMediationReason,
    Outcome,
    Party,
    PartyKind,
    PartySide,
    PrivateParticulars,
    Severity,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
COMPLAINANT, RESPONDENT = uuid4(), uuid4()


def a_party(party_id: UUID, side: PartySide) -> Party:
    return Party(
        id=party_id,
        side=side,
        display_name="样本 SAMPLE",
        kind=PartyKind.NATURAL_PERSON,
        particulars=PrivateParticulars(phone="+8613800000000"),
        mediation_consent_time=NOW,
    )


def a_matter(state: MatterState) -> Matter:
    return Matter(
        id=uuid4(),
        organisation_id=uuid4(),
        number="2026-000001",
        kind=MatterKind.COMPLAINT,
        channel=Channel.WEB,
        state=state,
        subject_matter="CONSUMER",
        facts="facts",
        request="request",
        amount=None,
        parties=(a_party(COMPLAINANT, PartySide.COMPLAINANT), a_party(RESPONDENT, PartySide.RESPONDENT)),
        receive_time=NOW,
        outcome=None,
    )


A_CONTACT = Contact(party=RESPONDENT, channel=Channel.HOTLINE, contact_time=NOW, reached=True)

DOING: dict[MatterAction, Callable[[Matter], object]] = {
    MatterAction.TRIAGE: lambda matter: matter.triage("PEOPLES@2024", Severity.ORDINARY),
    MatterAction.ACCEPT: lambda matter: matter.accept(),
    MatterAction.DECLINE: lambda matter: matter.decline(DeclineGround.OTHER, "elsewhere"),
    MatterAction.ASSIGN: lambda matter: matter.assign(uuid4()),
    MatterAction.RECORD_CONTACT: lambda matter: matter.record_contact(A_CONTACT, NOW),
    MatterAction.INVITE: lambda matter: matter.require_invitable(RESPONDENT),
    MatterAction.JOIN: lambda matter: matter.join(RESPONDENT, uuid4()),
    MatterAction.CONSENT: lambda matter: matter.consent(RESPONDENT, mediation=True, online=True, now=NOW),
    MatterAction.FORWARD: lambda matter: matter.forward(uuid4(), bytes(32)),
    MatterAction.END_WITHOUT_MEDIATION: lambda matter: matter.end_without_mediation(
        NoMediationReason.REFERRED_ELSEWHERE, "elsewhere"
    ),
    MatterAction.WITHDRAW: lambda matter: matter.withdraw(""),
    MatterAction.OPEN_CASE: lambda matter: matter.case_opened("cases/1"),
    MatterAction.SETTLE: lambda matter: matter.settle(),
    MatterAction.FAIL: lambda matter: matter.fail(),
    MatterAction.CONCLUDE: lambda matter: matter.conclude(Outcome.CONFIRMED),
    MatterAction.RECORD_OUTCOME: lambda matter: matter.record_outcome(Outcome.CONFIRMED),
    MatterAction.REQUEST_REOPENING: lambda matter: matter.request_reopening(),
    MatterAction.CLOSE: lambda matter: matter.close(NOW),
}


ENDING = (MatterAction.FAIL, MatterAction.END_WITHOUT_MEDIATION)


def test_every_action_can_be_done() -> None:
    assert set(DOING) == set(MatterAction)


@pytest.mark.parametrize(("state", "action"), list(product(MatterState, MatterAction)))
def test_a_step_happens_exactly_when_it_is_listed(state: MatterState, action: MatterAction) -> None:
    matter = a_matter(state)
    if MATTER_LIFECYCLE.allows(state, action):
        DOING[action](matter)
        expected = MATTER_LIFECYCLE.next(state, action)
        # A failed mediation is concluded in the same breath.
        assert matter.state is (MatterState.CALL_BACK_PENDING if action in ENDING else expected)
    else:
        with pytest.raises(DomainError) as refused:
            DOING[action](matter)
        assert refused.value.reason == "ILLEGAL_TRANSITION"
        assert matter.state is state
        assert matter.events == []


@given(st.lists(st.sampled_from(list(MatterAction)), max_size=30))
def test_no_walk_leaves_an_end_state_or_settles_without_mediation(actions: list[MatterAction]) -> None:
    matter = a_matter(MatterState.SUBMITTED)
    forwarded = False
    for action in actions:
        before = matter.state
        try:
            DOING[action](matter)
        except DomainError:
            assert matter.state is before
        if before in (MatterState.DECLINED, MatterState.WITHDRAWN, MatterState.CLOSED):
            assert matter.state is before
        forwarded = forwarded or matter.state is MatterState.IN_MEDIATION
        if matter.outcome in (Outcome.SETTLED, Outcome.CONFIRMED):
            assert forwarded or matter.no_mediation_reason is not None


def test_nobody_is_called_unreachable_before_a_contact_was_tried() -> None:
    matter = a_matter(MatterState.ASSIGNED)
    with pytest.raises(DomainError, match="NO_CONTACT_RECORDED"):
        matter.end_without_mediation(NoMediationReason.OTHER_SIDE_UNREACHABLE, "elsewhere")
    matter.record_contact(A_CONTACT, NOW)
    matter.end_without_mediation(NoMediationReason.OTHER_SIDE_UNREACHABLE, "elsewhere")
    assert matter.state is MatterState.CALL_BACK_PENDING


def test_a_matter_is_not_forwarded_while_one_side_has_not_agreed() -> None:
    matter = a_matter(MatterState.ASSIGNED)
    matter.consent(RESPONDENT, mediation=False, online=False, now=NOW)
    matter.events.clear()
    with pytest.raises(DomainError) as refused:
        matter.forward(uuid4(), bytes(32))
    assert refused.value.reason == "CONSENT_MISSING"
    assert matter.state is MatterState.ASSIGNED
    assert matter.events == []


def test_a_consent_given_twice_keeps_its_first_moment() -> None:
    matter = a_matter(MatterState.ASSIGNED)
    matter.consent(RESPONDENT, mediation=True, online=True, now=NOW.replace(hour=5))
    assert matter.party(RESPONDENT).mediation_consent_time == NOW
