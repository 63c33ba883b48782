"""From a sealed agreement to a sealed ruling, through the real server."""

import asyncio
from datetime import timedelta

from comity.court_link.v1 import application_pb2

from services.common.signing.inspect import inspect
from services.common.signing.trust_settings import Knowledge
from tests.integration.court_link.world import XUANWU, World, deadline, digest, state
from tests.kit.events import last_published
from tests.kit.eventually import eventually


async def test_a_joint_application_ends_in_a_ruling_that_verifies_on_its_own(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.under_review(sealed, bench)
    assert deadline(application, "CONF.DECIDE.PM").due_date == "2026-09-16"
    ruling = await world.prepared(bench, application)
    draft = await world.download(bench.judge, ruling.name, "RULING_DRAFT")
    assert digest(draft) == ruling.frozen_digest
    await world.issue(bench.judge, ruling)
    decided = await world.in_state(sealed.claimant, application.name, "CONFIRMED")
    content = await world.download(sealed.respondent, decided.ruling, "RULING")
    assert content.startswith(draft)
    later = world.clock.now() + timedelta(minutes=1)
    report = await asyncio.to_thread(inspect, content, Knowledge(world.round.authorities.roots), later)
    assert report.failures == ()
    assert [each.slot for each in report.signatures] == ["judge", "seal"]
    issued = (await world.call(sealed.claimant, "GetRuling", name=decided.ruling)).ruling
    assert issued.state == application_pb2.RULING_STATE_ISSUED and issued.sealed_digest == digest(content)
    await eventually(lambda: last_published(world.nats, "court_link", "ruling.issued"))


async def test_both_present_the_court_accepts_hears_and_decides_at_once(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.under_review(sealed, bench)
    await world.issue(bench.judge, await world.prepared(bench, application))
    decided = await world.in_state(bench.clerk, application.name, "CONFIRMED")
    assert state(decided) == "CONFIRMED" and decided.accept_time == decided.file_time
