"""What one side does alone leaves every view of the other side as it was, byte for byte.

Not alone, and so not here: an application is joint, so its making, the joining of each party, its withdrawal and every step
that the court takes show to all of them. That material was supplied shows in the state of the application, which the court's
request had stopped for both; what was supplied, by whom and when is for the court and for who supplied it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from comity.court_link.v1 import court_link_service_pb2
from comity.identity.v1 import identity_events_pb2

from tests.integration.court_link.test_referring import referred
from tests.integration.court_link.world import XUANWU, Bench, Person, Sealed, World, state
from tests.kit.eventually import eventually
from tests.kit.tokens import bearer
from tests.kit.views import Views, unseen_by

_SERVICE = court_link_service_pb2.DESCRIPTOR.services_by_name["CourtLinkService"]


@dataclass
class Stage:
    """An application before a court that asked for material, with one that the claimant supplied, and a referral."""

    world: World
    bench: Bench
    sealed: Sealed
    application: Any
    referral: Any

    def seen_by(self, person: Person) -> Views:
        world = self.world
        url = world.database.superuser_url
        return Views(_SERVICE, world.stub, url, lambda: bearer(world.tokens.person(person.id, person.roles)))

    async def claim(self, person: Person, index: int) -> None:
        """The person claims a place of the referral."""

        async def invitation() -> str:
            return str((await self.as_the_court_sees_it()).parties[index].invitation)

        made = await eventually(invitation)
        party = self.referral.parties[index].name
        event = identity_events_pb2.InvitationAccepted(
            invitation=made, subject=self.referral.name, party=party, account=person.name
        )
        await self.world.publish("invitation.accepted", event, made, "identity")

        async def bound() -> str:
            return str((await self.as_the_court_sees_it()).parties[index].account)

        await eventually(bound)

    async def as_the_court_sees_it(self) -> Any:
        return (await self.world.call(self.bench.clerk, "GetReferral", name=self.referral.name)).referral


async def staged(world: World) -> Stage:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await asked_for_material(world, bench, await world.filed(sealed, bench))
    application = await supply(world, sealed.claimant, application, "样本甲的证明")
    stage = Stage(world, bench, sealed, application, await referred(world, bench.clerk, bench.court.name))
    await stage.claim(sealed.claimant, 0)
    return stage


async def asked_for_material(world: World, bench: Bench, application: Any) -> Any:
    asked = {"materials": "财产权利证明", "due_date": "2026-09-10"}
    return (await world.desk(bench.clerk, "RequireSupplement", application, **asked)).application


async def supply(world: World, person: Person, application: Any, title: str) -> Any:
    content = b"%PDF-" + title.encode()
    response = await world.desk(person, "SupplyMaterial", application, title=title, content=content)
    return response.application


async def reads_everything(stage: Stage) -> None:
    views = stage.seen_by(stage.sealed.respondent)
    await views.of([*await views.everything(), stage.sealed.name])


async def tells_the_court_of_pressure(stage: Stage) -> None:
    application, party = stage.application.name, stage.sealed.parties[1]
    await stage.world.call(stage.sealed.respondent, "ReportPressure", name=application, party=party, text="样本")


async def claims_its_place_in_a_referral(stage: Stage) -> None:
    await stage.claim(stage.sealed.respondent, 1)


async def is_refused(stage: Stage) -> None:
    world, person, application = stage.world, stage.sealed.respondent, stage.application
    of_this = {"name": application.name, "version": application.version}
    await world.refusal(person, "SupplyMaterial", title="无人要的", content=b"%PDF-", **of_this)
    await world.refusal(person, "WithdrawApplication", party=stage.sealed.parties[0], **of_this)
    await world.refusal(person, "CreateApplication", agreement=stage.sealed.name, court=stage.bench.court.name)


async def goes_to_court_about_another_agreement(stage: Stage) -> None:
    await stage.world.filed(await stage.world.sealed(), stage.bench)


@pytest.mark.parametrize(
    "act",
    [
        reads_everything,
        tells_the_court_of_pressure,
        claims_its_place_in_a_referral,
        is_refused,
        goes_to_court_about_another_agreement,
    ],
    ids=lambda act: act.__name__,
)
async def test_what_one_side_does_alone_shows_the_other_side_nothing(
    world: World, act: Callable[[Stage], Awaitable[None]]
) -> None:
    stage = await staged(world)
    async with unseen_by(stage.seen_by(stage.sealed.claimant), stage.sealed.name):
        await act(stage)


async def test_why_the_other_side_could_not_be_invited_is_for_the_court(world: World) -> None:
    bench, claimant = await world.bench(XUANWU), Person()
    world.identity.refuses_invitations_to = "+8613900000002"
    referral = await referred(world, bench.clerk, bench.court.name)
    stage = Stage(world, bench, await world.sealed(), None, referral)

    async def problem() -> str:
        return str((await stage.as_the_court_sees_it()).parties[1].invitation_problem)

    assert await eventually(problem)
    await stage.claim(claimant, 0)
    seen = (await world.call(claimant, "GetReferral", name=referral.name)).referral
    assert [each.invitation_problem for each in seen.parties] == ["", ""]


async def test_of_what_the_other_side_supplied_a_party_learns_no_title_and_no_time(world: World) -> None:
    stage = await staged(world)
    sealed = stage.sealed
    application = await asked_for_material(world, stage.bench, stage.application)
    application = await supply(world, sealed.respondent, application, "样本乙的证明")
    assert state(application) == "FILED"
    titles = {"claimant": ["样本甲的证明"], "respondent": ["样本乙的证明"], "clerk": ["样本甲的证明", "样本乙的证明"]}
    people = {"claimant": sealed.claimant, "respondent": sealed.respondent, "clerk": stage.bench.clerk}
    for role, person in people.items():
        seen = await world.get(person, application.name)
        assert [each.title for each in seen.supplements] == titles[role], role
        for index, title in enumerate(titles[role]):
            content = await world.download(person, application.name, "SUPPLEMENT", index)
            assert content == b"%PDF-" + title.encode()
    listed = (await world.call(sealed.claimant, "ListApplications")).applications
    assert [each.title for each in listed[0].supplements] == titles["claimant"]


async def test_joining_an_application_shows_to_the_other_side_else_nothing_was_proven_here(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    draft = await world.drafted(sealed, bench)
    stage = Stage(world, bench, sealed, draft, None)
    with pytest.raises(AssertionError, match="GetApplication"):
        async with unseen_by(stage.seen_by(sealed.respondent)):
            await world.consent(sealed, draft, 0)
