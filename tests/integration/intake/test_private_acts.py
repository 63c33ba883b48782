"""What one side does alone, or what is done about it alone, leaves every view of the other side as it was, byte for byte.

Not alone, and so not here: a consent is said to the other side too (it is why the matter can be forwarded), and so is
every step of the matter itself: triage, acceptance, forwarding, withdrawal, closing.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from comity.identity.v1 import identity_events_pb2
from comity.intake.v1 import intake_service_pb2, matter_pb2
from comity.mediation.v1 import mediation_events_pb2
from comity.notify.v1 import notice_pb2

from tests.integration.intake.conftest import Intake
from tests.integration.intake.test_filing import refused
from tests.integration.intake.test_the_way_of_a_matter import accepted, complete_call_back
from tests.kit.eventually import eventually
from tests.kit.views import Views, unseen_by

_SERVICE = intake_service_pb2.DESCRIPTOR.services_by_name["IntakeService"]
REACHED = {"channel": matter_pb2.CHANNEL_HOTLINE, "reached": True, "remarks": "样本 SAMPLE"}


@dataclass
class Stage:
    """A matter that both sides may be reading."""

    intake: Intake
    matter: str
    complainant: str
    respondent: str

    async def party(self, name: str) -> matter_pb2.Party:
        matter = await self.intake.get(self.matter, self.intake.as_officer())
        return next(each for each in matter.parties if each.name == name)

    def seen_by(self, account: UUID) -> Views:
        intake = self.intake
        return Views(_SERVICE, intake.stub, intake.database.superuser_url, lambda: intake.as_person(account))

    async def invite(self) -> str:
        await self.intake.act("InviteParty", self.matter, party=self.respondent)

        async def invitation() -> str:
            return (await self.party(self.respondent)).invitation

        return await eventually(invitation)

    async def join(self) -> None:
        invitation = await self.invite()
        accepted = identity_events_pb2.InvitationAccepted(
            invitation=invitation,
            subject=self.matter,
            party=self.respondent,
            account=f"accounts/{self.intake.respondent}",
        )
        await self.intake.hear("identity", "invitation.accepted", accepted, invitation)

        async def bound() -> str:
            return (await self.party(self.respondent)).account

        await eventually(bound)


async def staged(intake: Intake) -> Stage:
    matter = await accepted(intake)
    return Stage(intake, matter.name, *(each.name for each in matter.parties))


async def an_officer_telephones_one_side(stage: Stage) -> None:
    for party in (stage.complainant, stage.respondent):
        contact = {**REACHED, "contact_time": stage.intake.clock.now()}
        await stage.intake.act("RecordContact", stage.matter, party=party, **contact)


async def the_other_side_is_invited_and_reminded(stage: Stage) -> None:
    await stage.invite()
    await stage.invite()


async def the_other_side_cannot_be_invited(stage: Stage) -> None:
    stage.intake.identity.refuses = True
    await stage.intake.act("InviteParty", stage.matter, party=stage.respondent)

    async def told() -> str:
        return (await stage.party(stage.respondent)).invitation_problem

    await eventually(told)


async def the_other_side_claims_its_place_and_reads(stage: Stage) -> None:
    await stage.join()
    views = stage.seen_by(stage.intake.respondent)
    await views.of(await views.everything())


async def the_other_side_tells_of_pressure(stage: Stage) -> None:
    await stage.join()
    await pressed(stage, stage.respondent, stage.intake.respondent)


async def pressed(stage: Stage, party: str, account: UUID) -> None:
    request = intake_service_pb2.ReportPressureRequest(
        request_id=str(uuid4()), name=stage.matter, party=party, text="样本 SAMPLE"
    )
    await stage.intake.call("ReportPressure", request, stage.intake.as_person(account))


async def another_matter_is_filed(stage: Stage) -> None:
    await stage.intake.file(stage.intake.as_officer())


@pytest.mark.parametrize(
    "act",
    [
        an_officer_telephones_one_side,
        the_other_side_is_invited_and_reminded,
        the_other_side_cannot_be_invited,
        the_other_side_claims_its_place_and_reads,
        the_other_side_tells_of_pressure,
        another_matter_is_filed,
    ],
    ids=lambda act: act.__name__,
)
async def test_what_is_done_about_the_other_side_alone_shows_the_complainant_nothing(
    intake: Intake, act: Callable[[Stage], Awaitable[None]]
) -> None:
    stage = await staged(intake)
    async with unseen_by(stage.seen_by(intake.complainant)):
        await act(stage)


async def the_complainant_reads(stage: Stage) -> None:
    views = stage.seen_by(stage.intake.complainant)
    await views.of(await views.everything())


async def the_complainant_tells_of_pressure(stage: Stage) -> None:
    await pressed(stage, stage.complainant, stage.intake.complainant)


async def the_complainant_files_another_matter(stage: Stage) -> None:
    await stage.intake.file(stage.intake.as_person(stage.intake.complainant))


async def the_complainant_is_refused(stage: Stage) -> None:
    intake = stage.intake
    await refused(
        intake.act("RecordConsent", stage.matter, intake.as_person(intake.complainant), party=stage.respondent)
    )


@pytest.mark.parametrize(
    "act",
    [
        an_officer_telephones_one_side,
        the_complainant_reads,
        the_complainant_tells_of_pressure,
        the_complainant_files_another_matter,
        the_complainant_is_refused,
    ],
    ids=lambda act: act.__name__,
)
async def test_what_the_complainant_does_alone_shows_the_other_side_nothing(
    intake: Intake, act: Callable[[Stage], Awaitable[None]]
) -> None:
    stage = await staged(intake)
    await stage.join()
    async with unseen_by(stage.seen_by(intake.respondent)):
        await act(stage)


async def test_that_the_complainant_asks_to_reopen_is_for_the_officers(intake: Intake) -> None:
    stage = await staged(intake)
    await stage.join()
    for party in (stage.complainant, stage.respondent):
        contact = {**REACHED, "contact_time": intake.clock.now()}
        await intake.act("RecordContact", stage.matter, party=party, **contact)
        await intake.act("RecordConsent", stage.matter, party=party, mediation=True)
    await intake.act("Forward", stage.matter, organisation=f"organisations/{intake.mediation}")
    case = f"cases/{uuid4()}"
    terminated = mediation_events_pb2.CaseTerminated(case=case, origin=stage.matter)
    await intake.hear("mediation", "case.terminated", terminated, case)
    await intake.reaches(stage.matter, matter_pb2.MATTER_STATE_CALL_BACK_PENDING)

    async def flagged() -> bool:
        return (await intake.get(stage.matter, intake.as_officer())).reopen_requested

    async with unseen_by(stage.seen_by(intake.respondent)):
        await complete_call_back(intake, stage.matter, notice_pb2.CALL_BACK_STATE_REOPEN_REQUESTED)
        await eventually(flagged)


async def test_a_party_acts_at_the_version_that_it_reads_whatever_officers_did_meanwhile(intake: Intake) -> None:
    stage = await staged(intake)
    mine = intake.as_person(intake.complainant)
    read = await intake.get(stage.matter, mine)
    await an_officer_telephones_one_side(stage)
    await stage.join()
    consent = intake_service_pb2.RecordConsentRequest(
        request_id=str(uuid4()), name=stage.matter, version=read.version, party=stage.complainant, mediation=True
    )
    consented = (await intake.call("RecordConsent", consent, mine)).matter
    assert consented.version == read.version + 1
    consent.request_id = str(uuid4())
    assert await refused(intake.call("RecordConsent", consent, mine)) == "STALE_VERSION"
    withdrawn = await intake.act("Withdraw", stage.matter, mine)
    assert withdrawn.state == matter_pb2.MATTER_STATE_WITHDRAWN


async def test_a_consent_is_said_to_the_other_side_else_nothing_was_proven_here(intake: Intake) -> None:
    stage = await staged(intake)
    await stage.join()
    mine = intake.as_person(intake.complainant)
    with pytest.raises(AssertionError, match="GetMatter"):
        async with unseen_by(stage.seen_by(intake.respondent)):
            await intake.act("RecordConsent", stage.matter, mine, party=stage.complainant, mediation=True)
