"""Nothing is kept of a party or drawn for a judge before right and state are known, and what is kept is bounded."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from comity.court_link.v1 import application_pb2, court_pb2

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.kernel.principal import Role
from tests.integration.court_link.world import SUZHOU, XUANWU, Person, World, state
from tests.integration.court_link.world import world as open_world
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres
from tests.kit.signing import Round


def stored(world: World) -> set[str]:
    """The objects of the service, by name."""
    return {each.name for each in world.objects.glob("*/*")}


def at(application: Any) -> dict[str, Any]:
    return {"name": application.name, "version": application.version}


async def test_what_is_refused_of_a_party_is_not_stored(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.filed(sealed, bench)
    before = stored(world)
    for number in range(80):
        fields = {**at(application), "title": "房产证"}
        refused = await world.refusal(sealed.claimant, "SupplyMaterial", **fields, content=b"%%PDF-%d" % number)
        assert refused.reason == "ILLEGAL_TRANSITION"
    assert stored(world) == before
    asked = {"materials": "财产权利证明", "due_date": "2026-09-10"}
    application = (await world.desk(bench.clerk, "RequireSupplement", application, **asked)).application
    fields = {**at(application), "title": "房产证"}
    for person, content, reason in (
        (sealed.claimant, b"MZ-a-program", "MATERIAL_TYPE"),
        (Person(), b"%PDF-of-a-stranger", "NOT_FOUND"),
        (bench.clerk, b"%PDF-of-the-court", "NOT_FOUND"),
    ):
        assert (await world.refusal(person, "SupplyMaterial", **fields, content=content)).reason == reason
    stale = {**fields, "version": application.version - 1}
    assert (await world.refusal(sealed.claimant, "SupplyMaterial", **stale, content=b"%PDF-")).reason == "STALE_VERSION"
    assert stored(world) == before


async def test_of_many_files_at_once_the_one_that_is_taken_is_stored(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.filed(sealed, bench)
    asked = {"materials": "财产权利证明", "due_date": "2026-09-10"}
    application = (await world.desk(bench.clerk, "RequireSupplement", application, **asked)).application
    before = stored(world)
    fields = {**at(application), "title": "房产证"}
    calls = [world.call(sealed.claimant, "SupplyMaterial", **fields, content=b"%%PDF-%d" % each) for each in range(12)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in answers) == 1
    assert len(stored(world) - before) == 1


async def test_materials_are_bounded_for_an_application_and_for_an_account_a_day(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path, agreement_round: Round
) -> None:
    quota = {"materials_of_application": 3, "material_bytes_of_account_a_day": 20}
    async with open_world(postgres, nats, tmp_path, agreement_round, **quota) as world:
        bench, sealed = await world.bench(XUANWU), await world.sealed()
        application = await world.filed(sealed, bench)
        asked = {"materials": "财产权利证明", "due_date": "2026-09-10"}

        async def supply(person: Person, content: bytes) -> str:
            nonlocal application
            if state(application) != "SUPPLEMENT_REQUIRED":
                application = (await world.desk(bench.clerk, "RequireSupplement", application, **asked)).application
            fields = {**at(application), "title": "证明", "content": content}
            try:
                application = (await world.call(person, "SupplyMaterial", **fields)).application
            except DomainError as refused:
                return f"{refused.reason} {refused.field}"
            return ""

        assert await supply(sealed.claimant, b"%PDF-0123456789") == ""
        before = stored(world)
        assert await supply(sealed.claimant, b"%PDF-9876543210") == "TOO_MANY_MATERIALS content"
        assert stored(world) == before
        assert await supply(sealed.respondent, b"%PDF-1") == ""
        world.clock.advance(timedelta(days=1))
        assert await supply(sealed.claimant, b"%PDF-9876543210") == ""
        assert await supply(sealed.respondent, b"%PDF-2") == "MATERIALS_FULL content"


async def test_a_ruling_that_cannot_be_prepared_is_not_drawn_and_a_repeat_is_drawn_once(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.filed(sealed, bench)
    before = stored(world)
    fields = {"outcome": application_pb2.RULING_OUTCOME_CONFIRMED, "reasons": "无异。"}
    refused = await world.refusal(bench.judge, "PrepareRuling", **at(application), **fields)
    assert (refused.kind, refused.reason) == (ErrorKind.FAILED_PRECONDITION, "ILLEGAL_TRANSITION")
    assert stored(world) == before
    application = (await world.desk(bench.clerk, "AcceptApplication", application, docket_number="民特9号")).application
    heard = (await world.desk(bench.judge, "HoldInquiry", application, minutes="双方到场。")).application
    long = {**fields, "reasons": "无\n" * 9_000}
    assert (await world.refusal(bench.judge, "PrepareRuling", **at(heard), **long)).reason == "REASONS_TOO_LONG"
    given_up = asyncio.ensure_future(world.desk(bench.judge, "PrepareRuling", heard, **fields))
    await asyncio.sleep(0)
    calls = [world.desk(bench.judge, "PrepareRuling", heard, **fields) for _ in range(4)]
    digests = {each.ruling.frozen_digest for each in await asyncio.gather(*calls)}
    await asyncio.wait([given_up])
    assert len(digests) == 1 and len(stored(world) - before) == 1


async def test_what_would_stand_in_a_ruling_and_cannot_is_refused_at_entry(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.filed(sealed, bench)
    refused = await world.refusal(bench.clerk, "AcceptApplication", **at(application), docket_number="民特\n1号")
    assert (refused.reason, refused.field) == ("UNPRINTABLE_CHARACTER", "docket_number")
    for text, reason in (("样本\n法院", "UNPRINTABLE_CHARACTER"), ("  ", "NAME_REQUIRED")):
        organisation = uuid4()
        administrator = Person(roles={organisation: [Role.ADMINISTRATOR]})
        fields = {"organisation": f"organisations/{organisation}", "display_name": text, "region_codes": [SUZHOU]}
        refused = await world.refusal(
            administrator, "CreateCourt", **fields, level=court_pb2.COURT_LEVEL_BASIC, sample=True
        )
        assert (refused.reason, refused.field) == (reason, "display_name")
