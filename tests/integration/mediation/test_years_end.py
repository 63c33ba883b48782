"""The clocks of a case and of its signing round at the turn of the year: a notice moves them and whatever copied them."""

from datetime import UTC, date, datetime
from uuid import uuid4

from comity.mediation.v1 import mediation_events_pb2

from services.common.kernel.principal import Role
from tests.integration.mediation.running import Mediation
from tests.kit.audit import audit, faults
from tests.kit.calendar_files import load_year, notice
from tests.kit.events import last_published
from tests.kit.eventually import eventually
from tests.kit.tokens import bearer

FROZEN = datetime(2026, 12, 21, 2, 0, tzinfo=UTC)
"""Fourteen days later is Monday 4 January 2027."""


async def test_a_notice_moves_a_signing_round_and_the_limit_of_its_case(mediation: Mediation) -> None:
    mediation.clock.set(FROZEN)
    name, _, signing_round = await mediation.frozen()
    assert signing_round.expire_time.ToDatetime(tzinfo=UTC) == datetime(2027, 1, 4, 16, tzinfo=UTC)
    assert signing_round.provisional
    frozen = await eventually(lambda: last_published(mediation.client, "mediation", "agreement.frozen"))
    assert mediation_events_pb2.AgreementFrozen.FromString(frozen).provisional
    (limit,) = [each for each in (await mediation.case(name)).deadlines if each.rule.startswith("MED.")]
    assert (limit.due_date, limit.provisional) == ("2027-01-21", True)

    operator = bearer(mediation.issuer.person(uuid4(), {mediation.identity.platform: [Role.ADMINISTRATOR]}))
    days = [date(2027, 1, 4), date(2027, 1, 21)]
    loaded = await load_year(mediation.channel, operator, notice(2027, also_off=days))
    assert loaded.deadlines_moved == 2
    found = (await mediation.call("GetSigningRound", mediation.complainant, name=signing_round.name)).signing_round
    assert found.expire_time.ToDatetime(tzinfo=UTC) == datetime(2027, 1, 5, 16, tzinfo=UTC)
    assert not found.provisional
    (limit,) = [each for each in (await mediation.case(name)).deadlines if each.rule.startswith("MED.")]
    assert (limit.due_date, limit.provisional) == ("2027-01-22", False)
    moved = await eventually(lambda: last_published(mediation.client, "mediation", "agreement.expiry_moved"))
    event = mediation_events_pb2.AgreementExpiryMoved.FromString(moved)
    assert (event.case, event.signing_round) == (name, signing_round.name)
    assert (event.move.old_due_date, event.move.due_date) == ("2027-01-04", "2027-01-05")
    moved = await eventually(lambda: last_published(mediation.client, "mediation", "case.deadline_moved"))
    assert mediation_events_pb2.CaseDeadlineMoved.FromString(moved).told_to_party
    assert faults(await audit("mediation", mediation.database.superuser_url)) == {}

    # The old day is over, the new one is not: it is still open to be signed.
    mediation.clock.set(datetime(2027, 1, 5, 2, tzinfo=UTC))
    await mediation.sign(found, mediation.complainant, "party-1")


async def test_what_stands_still_is_counted_by_the_calendar_of_the_day_it_runs_on(mediation: Mediation) -> None:
    mediation.clock.set(FROZEN)
    name = await mediation.opened()
    await mediation.on_case("SuspendCase", mediation.mediator, name, reason="SUSPENSION_REASON_APPRAISAL")
    operator = bearer(mediation.issuer.person(uuid4(), {mediation.identity.platform: [Role.ADMINISTRATOR]}))
    loaded = await load_year(mediation.channel, operator, notice(2027, also_off=[date(2027, 1, 21)]))
    assert (loaded.deadlines_moved, loaded.deadlines_confirmed) == (0, 0)
    await mediation.on_case("ResumeCase", mediation.mediator, name)
    (limit,) = [each for each in (await mediation.case(name)).deadlines if each.rule.startswith("MED.")]
    assert (limit.due_date, limit.provisional) == ("2027-01-22", False)
    resumed = await eventually(lambda: last_published(mediation.client, "mediation", "case.resumed"))
    event = mediation_events_pb2.CaseResumed.FromString(resumed)
    assert (event.limit_due_date, event.provisional) == ("2027-01-22", False)


async def test_an_offer_that_ends_on_a_provisional_day_is_still_answered_until_the_notice_says_when(
    mediation: Mediation,
) -> None:
    mediation.clock.set(datetime(2026, 12, 28, 2, 0, tzinfo=UTC))
    name = await mediation.opened()
    offer = await mediation.offer(name, expire_time=None)
    assert offer.expire_time.ToDatetime(tzinfo=UTC) == datetime(2027, 1, 4, 16, tzinfo=UTC) and offer.provisional
    mediation.clock.set(datetime(2027, 1, 6, 2, 0, tzinfo=UTC))
    operator = bearer(mediation.issuer.person(uuid4(), {mediation.identity.platform: [Role.ADMINISTRATOR]}))
    await load_year(mediation.channel, operator, notice(2027, also_off=[date(2027, 1, 4), date(2027, 1, 5)]))
    (found,) = (await mediation.call("ListOffers", mediation.complainant, case=name)).offers
    assert found.expire_time.ToDatetime(tzinfo=UTC) == datetime(2027, 1, 6, 16, tzinfo=UTC) and not found.provisional
    await mediation.respond(offer.name, mediation.respondent, accept=True)
    assert faults(await audit("mediation", mediation.database.superuser_url)) == {}


async def test_an_offer_is_not_dead_on_a_provisional_day(mediation: Mediation) -> None:
    mediation.clock.set(datetime(2026, 12, 28, 2, 0, tzinfo=UTC))
    offer = await mediation.offer(await mediation.opened(), expire_time=None)
    mediation.clock.set(datetime(2027, 1, 6, 2, 0, tzinfo=UTC))
    await mediation.respond(offer.name, mediation.respondent, accept=True)
