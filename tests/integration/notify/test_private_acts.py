"""What one side does alone, or is told alone, leaves every view of the other side as it was, byte for byte.

Not alone, and so not here: what happens to the matter or the case itself is told to both.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from comity.common.v1 import dossier_pb2
from comity.court_link.v1 import court_link_events_pb2
from comity.identity.v1 import identity_events_pb2, identity_service_pb2
from comity.intake.v1 import intake_events_pb2
from comity.mediation.v1 import mediation_events_pb2
from comity.notify.v1 import notice_pb2
from comity.notify.v1 import notify_service_pb2 as pb

from tests.integration.notify.conftest import Notify
from tests.integration.notify.test_codes_and_calls import a_code, record
from tests.kit.eventually import eventually
from tests.kit.tokens import bearer
from tests.kit.views import Views, unseen_by

_SERVICE = pb.DESCRIPTOR.services_by_name["NotifyService"]
COMPLAINANT, RESPONDENT, MEDIATOR = "a@sample.example", "b@sample.example", "m@sample.example"


@dataclass
class Stage:
    """A case of two people who have accounts and have been told so far, with a mediator."""

    notify: Notify
    matter: str
    mine: str
    other: str
    case: str
    complainant: UUID
    respondent: UUID

    def seen_by(self, account: UUID) -> Views:
        notify = self.notify
        return Views(_SERVICE, notify.stub, notify.database.superuser_url, lambda: notify.as_person(account))

    async def call_back(self) -> notice_pb2.CallBack:
        concluded = intake_events_pb2.MatterConcluded(
            matter=self.matter, number="2026-000001", party=self.mine, regime="PEOPLES@2024"
        )
        await self.notify.hear("intake", "matter.concluded", concluded, self.matter, version=8)

        async def listed() -> list[notice_pb2.CallBack]:
            request = pb.ListCallBacksRequest()
            return list((await self.notify.call("ListCallBacks", request, self.notify.as_officer())).call_backs)

        return (await eventually(listed))[0]


async def staged(notify: Notify) -> Stage:
    await notify.officer_can_be_reached()
    people = {COMPLAINANT: uuid4(), RESPONDENT: uuid4(), MEDIATOR: uuid4()}
    accounts = [await notify.account(account, email=email) for email, account in people.items()]
    await eventually(lambda: known(notify, accounts))
    complainant, respondent, mediator = people.values()
    matter, mine, other = await notify.received(f"accounts/{complainant}", email=COMPLAINANT)
    await notify.mails(COMPLAINANT)
    joined = intake_events_pb2.MatterPartyJoined(matter=matter, party=other, account=f"accounts/{respondent}")
    await notify.hear("intake", "matter.party_joined", joined, matter, version=2)
    bound = "SELECT count(*) FROM cards WHERE recipient = $1 AND account = $2"
    await eventually(lambda: notify.count(bound, other, f"accounts/{respondent}"))
    case = await notify.case_opened(matter, mine, other, number="(2026)1")
    await notify.mails(RESPONDENT)
    appointed = mediation_events_pb2.MediatorAppointed(case=case, account=f"accounts/{mediator}")
    await notify.hear("mediation", "case.mediator_appointed", appointed, case, version=2)
    await notify.mails(MEDIATOR)
    await eventually(lambda: all_delivered(notify, 6))
    return Stage(notify, matter, mine, other, case, complainant, respondent)


async def known(notify: Notify, accounts: list[str]) -> bool:
    """An event about somebody not heard of is put off: what is told would come in whatever order."""
    return await notify.count("SELECT count(*) FROM cards WHERE recipient = ANY($1)", accounts) == len(accounts)


async def all_delivered(notify: Notify, number: int) -> bool:
    """Told of the matter, the case and the mediator: the complainant thrice, the respondent twice, the mediator once."""
    delivered = await notify.count("SELECT count(*) FROM notices WHERE state = 'DELIVERED'")
    jobs = await notify.count("SELECT count(*) FROM jobs WHERE state = 'QUEUED'")
    return delivered == number == await notify.count("SELECT count(*) FROM notices") and jobs == 0


async def chooses_how_to_be_told(stage: Stage) -> None:
    wanted = notice_pb2.Preferences(
        locale="en", channels=[notice_pb2.NOTICE_CHANNEL_TEXT_MESSAGE], quiet_start="20:00", quiet_end="08:00"
    )
    request = pb.SetPreferencesRequest(request_id=str(uuid4()), preferences=wanted)
    await stage.notify.call("SetPreferences", request, stage.notify.as_person(stage.complainant))


async def reads_everything(stage: Stage) -> None:
    views = stage.seen_by(stage.complainant)
    await views.of(await views.everything())


async def answers_a_call_back(stage: Stage) -> None:
    owed = await stage.call_back()
    missed = await record(stage.notify, owed, connected=False)
    await record(stage.notify, missed, connected=True, rating=1, remarks="样本", reopen_requested=True)


async def tells_the_mediator_of_pressure(stage: Stage) -> None:
    told = mediation_events_pb2.PressureReported(item=f"items/{uuid4()}", case=stage.case)
    await stage.notify.hear("mediation", "item.pressure_reported", told, told.item)
    await stage.notify.mails(MEDIATOR, 2)


async def tells_the_officers_of_pressure(stage: Stage) -> None:
    told = intake_events_pb2.PressureReported(report=f"pressureReports/{uuid4()}", matter=stage.matter)
    await stage.notify.hear("intake", "pressure_report.made", told, told.report)
    await stage.notify.mails("officer@sample.example")


async def tells_the_court_of_pressure(stage: Stage) -> None:
    told = court_link_events_pb2.PressureReported(
        report=f"pressureReports/{uuid4()}",
        application=f"applications/{uuid4()}",
        case=stage.case,
        organisation=f"organisations/{stage.notify.organisation}",
        before_court=True,
    )
    await stage.notify.officer_can_be_reached(identity_service_pb2.ROLE_JUDGE)
    await stage.notify.hear("court_link", "pressure_report.made", told, told.report)
    await stage.notify.mails("officer@sample.example")


async def meets_the_mediator_alone(stage: Stage) -> None:
    session = mediation_events_pb2.SessionScheduled(
        session=f"sessions/{uuid4()}", case=stage.case, caucus_party=stage.mine
    )
    for stamp in (session.start_time, session.end_time):
        stamp.FromDatetime(stage.notify.clock.now() + timedelta(days=5))
    await stage.notify.hear("mediation", "session.scheduled", session, session.session)
    await stage.notify.mails(COMPLAINANT, 4)


async def changes_its_contact(stage: Stage) -> None:
    notify, account = stage.notify, f"accounts/{stage.complainant}"
    new = dossier_pb2.ContactCard(recipient=account, account=account, locale="zh", email="new@sample.example")
    old = dossier_pb2.ContactCard(recipient="former/1", account=account, locale="zh", email=COMPLAINANT)
    digest = notify.others.keep(account, new, old)
    changed = identity_events_pb2.AccountContactVerified(account=account, contacts_digest=digest)
    await notify.hear("identity", "account.contact_verified", changed, account, version=2)
    await notify.mails(COMPLAINANT, 4)


async def is_sent_a_code(stage: Stage) -> None:
    caller = bearer(stage.notify.issuer.service("identity"))
    await stage.notify.call("SendOneTimeCode", a_code(stage.notify, COMPLAINANT), caller)


async def cannot_be_reached_and_is_told_by_a_person(stage: Stage) -> None:
    stage.notify.mail.answer = "550 no such person"
    await meets_the_mediator_alone_unheard(stage)
    (task,) = await eventually(stage.notify.tasks)
    request = pb.CompleteManualTaskRequest(request_id=str(uuid4()), name=task.name, remarks="样本")
    await stage.notify.call("CompleteManualTask", request, stage.notify.as_officer())


async def meets_the_mediator_alone_unheard(stage: Stage) -> None:
    session = mediation_events_pb2.SessionCancelled(
        session=f"sessions/{uuid4()}", case=stage.case, caucus_party=stage.mine
    )
    await stage.notify.hear("mediation", "session.cancelled", session, session.session)


async def gets_an_invitation_that_failed(stage: Stage) -> None:
    failed = intake_events_pb2.MatterInvitationFailed(
        matter=stage.matter, number="2026-000001", party=stage.mine, reason="MALFORMED"
    )
    await stage.notify.hear("intake", "matter.invitation_failed", failed, stage.matter, version=4)
    await stage.notify.mails("officer@sample.example")


@pytest.mark.parametrize(
    "act",
    [
        chooses_how_to_be_told,
        reads_everything,
        answers_a_call_back,
        tells_the_mediator_of_pressure,
        tells_the_officers_of_pressure,
        tells_the_court_of_pressure,
        meets_the_mediator_alone,
        changes_its_contact,
        is_sent_a_code,
        cannot_be_reached_and_is_told_by_a_person,
        gets_an_invitation_that_failed,
    ],
    ids=lambda act: act.__name__,
)
async def test_what_one_side_does_or_is_told_alone_shows_the_other_side_nothing(
    notify: Notify, act: Callable[[Stage], Awaitable[None]]
) -> None:
    stage = await staged(notify)
    mails = len(notify.mail.to(RESPONDENT))
    async with unseen_by(stage.seen_by(stage.respondent)):
        await act(stage)
    assert len(notify.mail.to(RESPONDENT)) == mails


async def test_what_happens_to_the_matter_is_told_to_both_else_nothing_was_proven_here(notify: Notify) -> None:
    stage = await staged(notify)
    mails = len(notify.mail.to(RESPONDENT))
    accepted = intake_events_pb2.MatterAccepted(matter=stage.matter, number="2026-000001")
    with pytest.raises(AssertionError, match="ListNotices"):
        async with unseen_by(stage.seen_by(stage.respondent)):
            await notify.hear("intake", "matter.accepted", accepted, stage.matter, version=4)
            await notify.mails(RESPONDENT, mails + 1)
