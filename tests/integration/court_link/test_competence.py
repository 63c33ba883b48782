"""Scenario 19: which courts may be asked to confirm (CPL 205), by places and level; nobody is told a false want of
jurisdiction."""

from typing import Any

from tests.integration.court_link.world import SUZHOU, WUXI, XUANWU, Bench, Sealed, World

NANTONG = "320602"
"""Where the thing is that they quarrel about: neither party lives there, and the organisation sits elsewhere."""
WUXI_CITY, SUZHOU_CITY, NANTONG_CITY, NANJING_CITY, XUZHOU_CITY = "320200", "320500", "320600", "320100", "320300"


async def offered(world: World, sealed: Sealed, **stated: Any) -> set[str]:
    response = await world.call(sealed.claimant, "CheckEligibility", agreement=sealed.name, **stated)
    return {each.name for each in response.eligibility.courts}


def names(*benches: Bench) -> set[str]:
    return {bench.court.name for bench in benches}


async def test_self_initiated_offers_the_courts_of_domiciles_subject_matter_and_seat_and_no_others(
    world: World,
) -> None:
    wuxi, suzhou, nantong, seat = [await world.bench(place) for place in (WUXI, SUZHOU, NANTONG, XUANWU)]
    upper = [
        await world.bench(city, level="INTERMEDIATE") for city in (WUXI_CITY, SUZHOU_CITY, NANTONG_CITY, NANJING_CITY)
    ]
    await world.bench(XUZHOU_CITY, level="INTERMEDIATE")
    await world.bench("320302")
    sealed = await world.sealed()
    assert await offered(world, sealed) == names(wuxi, suzhou, seat)
    assert await offered(world, sealed, subject_region_code=NANTONG) == names(wuxi, suzhou, nantong, seat)
    without = [bench for bench in upper if bench is not upper[2]]
    assert await offered(world, sealed, intermediate=True) == names(*without)
    assert await offered(world, sealed, intermediate=True, subject_region_code=NANTONG) == names(*upper)


async def test_the_court_of_the_subject_matter_takes_the_application_and_sees_what_was_stated(world: World) -> None:
    nantong, sealed = await world.bench(NANTONG), await world.sealed()
    fields = {"agreement": sealed.name, "court": nantong.court.name, "truthful": True}
    refused = await world.refusal(sealed.claimant, "CreateApplication", **fields)
    assert refused.reason == "COURT_NOT_COMPETENT"
    assert "没有管辖权" not in refused.zh and "标的物所在地" in refused.zh and "205" in refused.zh
    assert "state its place" in refused.en
    created = await world.call(sealed.claimant, "CreateApplication", **fields, subject_region_code=NANTONG)
    application = created.application
    for side in (0, 1):
        application = await world.consent(sealed, application, side)
    application = await world.in_state(sealed.claimant, application.name, "FILED")
    seen = await world.get(nantong.clerk, application.name)
    assert (seen.subject_region_code, seen.intermediate) == (NANTONG, False)


async def test_an_intermediate_court_takes_a_dispute_that_belongs_to_it(world: World) -> None:
    upper, sealed = await world.bench(WUXI_CITY, level="INTERMEDIATE"), await world.sealed()
    fields = {"agreement": sealed.name, "court": upper.court.name, "truthful": True}
    refused = await world.refusal(sealed.claimant, "CreateApplication", **fields)
    assert refused.reason == "COURT_NOT_COMPETENT" and "中级人民法院" in refused.zh
    created = await world.call(sealed.claimant, "CreateApplication", **fields, intermediate=True)
    assert created.application.court == upper.court.name and created.application.intermediate


async def test_what_an_intermediate_court_delegated_is_brought_to_that_court_whatever_is_stated(world: World) -> None:
    nanjing, seat = await world.bench(NANJING_CITY, level="INTERMEDIATE"), await world.bench(XUANWU)
    sealed = await world.sealed(kind="DELEGATED", regime="SPECIAL_INVITED_DELEGATED@2024", court=nanjing.court.name)
    for stated in ({}, {"subject_region_code": XUANWU}, {"intermediate": True}):
        assert await offered(world, sealed, **stated) == names(nanjing)
    refused = await world.refusal(
        sealed.claimant,
        "CreateApplication",
        agreement=sealed.name,
        court=seat.court.name,
        truthful=True,
        subject_region_code=XUANWU,
    )
    assert refused.reason == "COURT_NOT_COMPETENT" and "作出邀请的人民法院" in refused.zh
