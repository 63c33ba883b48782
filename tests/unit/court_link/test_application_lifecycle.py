"""An application takes the listed steps and no other."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.common.kernel.errors import DomainError
from services.court_link.domain import events
from services.court_link.domain.application import (
    ENDED_WITHOUT_RULING,
    LIFECYCLE,
    Action,
    Application,
    ApplicationState,
    Consent,
    NotAcceptedGround,
    Supplement,
)
from services.court_link.domain.events import WindowLapsed
from services.court_link.domain.window import ApplicationWindow
from tests.kit.due import Day

NOW = datetime(2026, 9, 1, 4, tzinfo=UTC)
A, B = UUID(int=1), UUID(int=2)
DUE = date(2026, 9, 10)
ORIGIN = "matters/018f0000-0000-7000-8000-000000000001"


def application() -> Application:
    return Application.create(
        UUID(int=9),
        UUID(int=8),
        agreement=UUID(int=7),
        case=UUID(int=6),
        court=UUID(int=5),
        attempt=1,
        regime="PEOPLES@2024",
        parties=(A, B),
        origin=ORIGIN,
        sample=True,
        now=NOW,
    )


def consent(party: UUID) -> Consent:
    return Consent(party=party, account=party, service_address="样本路", electronic_service=True, consent_time=NOW)


def supplement() -> Supplement:
    return Supplement(party=A, title="证明", digest=bytes(32), supply_time=NOW)


def filed() -> Application:
    made = application()
    made.consent(consent(A))
    made.consent(consent(B))
    made.received("收字1号", NOW, Day(DUE))
    return made


def accepted() -> Application:
    made = filed()
    made.accept("民特1号", "样本书记员", NOW, Day(DUE))
    return made


def heard() -> Application:
    made = accepted()
    made.hear("双方到场")
    return made


def test_the_straight_way_leads_from_draft_to_confirmed() -> None:
    made = heard()
    made.require_ready_for_ruling()
    made.ruled(confirmed=True)
    assert made.state is ApplicationState.CONFIRMED
    assert [type(event) for event in made.events] == [
        events.ApplicationCreated,
        events.ApplicationConsented,
        events.ApplicationConsented,
        events.ApplicationFiled,
        events.ApplicationAccepted,
        events.ApplicationReviewed,
    ]


def test_only_the_last_consent_sends_it_on_its_way() -> None:
    made = application()
    made.consent(consent(B))
    assert made.state is ApplicationState.DRAFT
    made.consent(consent(A))
    assert made.state is ApplicationState.FILING


def test_nothing_leads_out_of_an_end_state() -> None:
    ends = ENDED_WITHOUT_RULING | {ApplicationState.CONFIRMED, ApplicationState.DISMISSED}
    assert not [step for step in LIFECYCLE.steps if step[0] in ends]
    assert {state for state in ApplicationState if not any(step[0] is state for step in LIFECYCLE.steps)} == ends


def test_a_step_that_is_not_listed_is_refused_and_changes_nothing() -> None:
    made = filed()
    before = len(made.events)
    for act in (lambda: made.hear("x"), lambda: made.supply(supplement()), made.lapse):
        with pytest.raises(DomainError, match="ILLEGAL_TRANSITION"):
            act()
    assert made.state is ApplicationState.FILED and len(made.events) == before


def test_what_is_on_its_way_to_the_court_cannot_be_withdrawn_halfway() -> None:
    assert not LIFECYCLE.allows(ApplicationState.FILING, Action.WITHDRAW)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (filed, ApplicationState.FILED),
        (accepted, ApplicationState.ACCEPTED),
        (heard, ApplicationState.UNDER_REVIEW),
    ],
)
def test_a_supplement_leads_back_to_where_it_was_asked(make: object, expected: ApplicationState) -> None:
    made: Application = make()  # type: ignore[operator]
    made.require_supplement("财产权利证明", DUE, NOW.date())
    made.supply(supplement())
    assert made.state is expected


def test_the_court_waits_for_its_own_date_before_it_treats_silence_as_withdrawal() -> None:
    made = filed()
    made.require_supplement("财产权利证明", DUE, NOW.date())
    with pytest.raises(DomainError, match="SUPPLEMENT_STILL_IN_TIME"):
        made.deem_withdrawn("逾期", DUE)
    made.deem_withdrawn("逾期", DUE + timedelta(days=1))
    assert made.state is ApplicationState.DEEMED_WITHDRAWN


def test_a_request_for_materials_sets_a_date_that_is_not_past() -> None:
    with pytest.raises(DomainError, match="DUE_DATE_MISSING"):
        filed().require_supplement("证明", None, NOW.date())
    with pytest.raises(DomainError, match="DUE_DATE_PAST"):
        filed().require_supplement("证明", NOW.date() - timedelta(days=1), NOW.date())


def test_once_the_judge_has_signed_nobody_interferes() -> None:
    made = heard()
    made.deciding = True
    for act in (
        made.withdraw,
        lambda: made.deem_withdrawn("x", DUE),
        lambda: made.require_supplement("x", DUE, NOW.date()),
        lambda: made.extend_review("x", Day(DUE)),
        made.require_ready_for_ruling,
    ):
        with pytest.raises(DomainError, match="RULING_BEING_ISSUED"):
            act()


def test_the_review_is_prolonged_once_and_only_in_time() -> None:
    made = accepted()
    made.extend_review("院长批准", Day(DUE))
    with pytest.raises(DomainError, match="ALREADY_EXTENDED"):
        made.extend_review("院长批准", Day(DUE))
    with pytest.raises(DomainError, match="REVIEW_TIME_OVER"):
        accepted().require_extensible(running=False)


def test_a_decline_keeps_its_ground_and_reasons() -> None:
    made = filed()
    made.decline(NotAcceptedGround.NO_JURISDICTION, "无管辖权")
    assert (made.state, made.not_accepted_ground) == (
        ApplicationState.NOT_ACCEPTED,
        NotAcceptedGround.NO_JURISDICTION,
    )


def test_an_end_without_a_ruling_names_where_the_case_came_from() -> None:
    lapsed, withdrawn, declined, silent = application(), application(), filed(), filed()
    lapsed.lapse()
    withdrawn.withdraw()
    declined.decline(NotAcceptedGround.NO_JURISDICTION, "无管辖权")
    silent.require_supplement("财产权利证明", DUE, NOW.date())
    silent.deem_withdrawn("逾期", DUE + timedelta(days=1))
    ends = [made.events[-1] for made in (lapsed, withdrawn, declined, silent)]
    assert [getattr(end, "origin", "") for end in ends] == [ORIGIN] * 4
    window = ApplicationWindow.open(UUID(int=7), UUID(int=6), ORIGIN, "PEOPLES@2024", NOW, Day(DUE))
    window.lapse()
    assert window.events[-1] == WindowLapsed(agreement=UUID(int=7), case=UUID(int=6), origin=ORIGIN, due_date=DUE)
