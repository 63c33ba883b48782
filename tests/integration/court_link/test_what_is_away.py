"""A court's system is away, or does not take an application; identity does not take an invitation."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from comity.court_link.v1 import court_link_events_pb2 as events_pb

from services.common.kernel.errors import DomainError, ErrorKind
from services.court_link.application.ports import FilingPackage, Receipt
from tests.integration.court_link.test_referring import referred
from tests.integration.court_link.world import XUANWU, World, state
from tests.integration.court_link.world import world as open_world
from tests.kit.events import last_published
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres
from tests.kit.signing import Round


class CourtsSystem:
    """A court's own system, as it stands."""

    def __init__(self) -> None:
        self.says: DomainError | None = None
        self.asked = 0

    async def file(self, package: FilingPackage, key: str) -> Receipt:
        self.asked += 1
        if self.says is not None:
            raise self.says
        return Receipt(receipt_number="样收1号", receive_time=package.application.create_time)


@pytest.fixture
def system() -> CourtsSystem:
    return CourtsSystem()


@pytest.fixture
async def world(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path, agreement_round: Round, system: CourtsSystem
) -> AsyncIterator[World]:
    async with open_world(postgres, nats, tmp_path, agreement_round, gateway=system) as running:
        yield running


async def test_a_courts_system_away_for_two_hours_gets_the_application_afterwards(
    world: World, system: CourtsSystem
) -> None:
    system.says = DomainError(ErrorKind.UNAVAILABLE, "COURT_AWAY", "样本", "sample")
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.consent(sealed, await world.consent(sealed, await world.drafted(sealed, bench), 0), 1)
    end, passed = world.clock.now() + timedelta(hours=2), 0
    while world.clock.now() < end:
        await eventually(lambda passed=passed: system.asked > passed)
        await eventually(lambda: _rests(world))
        passed = system.asked
        assert await world.count("SELECT count(*) FROM jobs WHERE kind = 'file_application' AND state = 'QUEUED'") == 1
        world.clock.advance(timedelta(minutes=3))
    system.says = None
    await world.in_state(sealed.claimant, application.name, "FILED")


async def test_what_a_courts_system_does_not_take_is_seen_by_both_sides_and_the_clerk_and_may_be_withdrawn(
    world: World, system: CourtsSystem
) -> None:
    system.says = DomainError(ErrorKind.FAILED_PRECONDITION, "SAMPLE_REFUSED", "样本", "sample")
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.consent(sealed, await world.consent(sealed, await world.drafted(sealed, bench), 0), 1)

    async def refused() -> bool:
        seen = await world.call(sealed.claimant, "GetApplication", name=application.name)
        return bool(seen.application.filing_problem == "SAMPLE_REFUSED")

    await eventually(refused)
    assert system.asked == 1
    for person in (sealed.respondent, bench.clerk):
        seen = (await world.call(person, "GetApplication", name=application.name)).application
        assert (state(seen), seen.filing_problem) == ("FILING", "SAMPLE_REFUSED")
    told = await eventually(lambda: last_published(world.nats, "court_link", "application.filing_refused"))
    event = events_pb.ApplicationFilingRefused.FromString(told)
    assert event.organisation == f"organisations/{bench.organisation}" and event.case == seen.case
    gone = await world.call(
        sealed.claimant,
        "WithdrawApplication",
        name=application.name,
        version=seen.version,
        party=sealed.parties[0],
    )
    assert state(gone.application) == "WITHDRAWN"
    assert state(await world.drafted(sealed, bench)) == "DRAFT", "the window runs on, and they may apply again"


async def test_an_application_on_its_way_is_not_withdrawn_under_the_hands_of_the_court(
    world: World, system: CourtsSystem
) -> None:
    system.says = DomainError(ErrorKind.UNAVAILABLE, "COURT_AWAY", "样本", "sample")
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.consent(sealed, await world.consent(sealed, await world.drafted(sealed, bench), 0), 1)
    fields = {"name": application.name, "version": application.version, "party": sealed.parties[0]}
    assert (await world.refusal(sealed.claimant, "WithdrawApplication", **fields)).reason == "ILLEGAL_TRANSITION"


async def test_a_referred_party_that_cannot_be_invited_shows_in_the_referral(world: World) -> None:
    bench = await world.bench(XUANWU)
    world.identity.refuses_invitations = True
    referral = await referred(world, bench.clerk, bench.court.name)

    async def problems() -> set[str]:
        seen = (await world.call(bench.clerk, "GetReferral", name=referral.name)).referral
        return {party.invitation_problem for party in seen.parties}

    await eventually(lambda: _are(problems, {"INVALID_ARGUMENT"}))
    told = await eventually(lambda: last_published(world.nats, "court_link", "referral.invitation_failed"))
    assert events_pb.ReferralInvitationFailed.FromString(told).organisation == f"organisations/{bench.organisation}"


async def _are(seen, wanted) -> bool:  # type: ignore[no-untyped-def]
    return bool(await seen() == wanted)


async def _rests(world: World) -> bool:
    return await world.count("SELECT count(*) FROM jobs WHERE lease_until IS NOT NULL") == 0
