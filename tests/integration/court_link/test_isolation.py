"""P5 below the code: row-level security gives nobody what is not theirs, and nothing to who is nobody."""

from uuid import uuid4

from sqlalchemy import text

from services.common.kernel.principal import Principal, Role
from tests.integration.court_link.world import SUZHOU, XUANWU, World
from tests.kit.eventually import eventually

TABLES = ("application_windows", "agreements", "applications", "rulings", "referrals", "dossiers", "docket")


async def test_the_database_itself_shows_each_only_what_is_theirs(world: World) -> None:
    bench, other, sealed = await world.bench(XUANWU), await world.bench(SUZHOU), await world.sealed()
    application = await world.under_review(sealed, bench)
    await world.prepared(bench, application)
    court = Principal(account_id=uuid4(), roles={bench.organisation: frozenset({Role.COURT_CLERK})})
    elsewhere = Principal(account_id=uuid4(), roles={other.organisation: frozenset({Role.JUDGE})})
    assert await _seen(world, Principal(account_id=sealed.claimant.id)) == {
        "application_windows": 1,
        "agreements": 1,
        "applications": 1,
    }
    assert await _seen(world, court) == {"agreements": 1, "applications": 1, "rulings": 1}
    assert await _seen(world, elsewhere) == {}
    assert await _seen(world, Principal(account_id=uuid4())) == {}
    assert await _seen(world, Principal()) == {}


async def test_a_connection_without_a_viewer_sees_no_case_data(world: World) -> None:
    await world.filed(await world.sealed(), await world.bench(XUANWU))
    async with world.own_database() as database, database.engine.connect() as connection:
        for table in TABLES:
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar() == 0


async def _seen(world: World, person: Principal) -> dict[str, int]:
    async with world.own_database() as database, database.transaction(person) as tx:
        counts = {
            table: int((await tx.connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar() or 0)
            for table in TABLES
        }
    return {table: count for table, count in counts.items() if count}


async def test_the_logs_of_every_aggregate_hold_to_their_heads(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.under_review(sealed, bench)
    await world.issue(bench.judge, await world.prepared(bench, application))
    await world.in_state(sealed.claimant, application.name, "CONFIRMED")
    await eventually(lambda: _heads_match(world))


async def _heads_match(world: World) -> bool:
    query = (
        "SELECT count(*) FROM (SELECT id, version, head FROM applications UNION ALL SELECT id, version, head FROM "
        "rulings UNION ALL SELECT id, version, head FROM application_windows UNION ALL SELECT id, version, head FROM "
        "courts) a LEFT JOIN event_log e ON e.aggregate_id = a.id AND e.version = a.version AND e.hash = a.head "
        "WHERE e.event_id IS NULL"
    )
    return await world.count(query) == 0
