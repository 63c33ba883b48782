"""Whatever keeps intake from its database: it says which and what to do, refuses in words, and begins by itself."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import grpc
import pytest
from prometheus_client import REGISTRY

from services.common.rpc.errors import refusal_of
from services.common.storage import database, migrations
from services.intake import main
from tests.integration.surroundings.standing import Place
from tests.kit.eventually import eventually

Trouble = Callable[[Place], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def unreachable(place: Place) -> AsyncIterator[None]:
    await place.way.close()
    yield
    await place.way.open()


@asynccontextmanager
async def another_password(place: Place) -> AsyncIterator[None]:
    (kept,) = await place.sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'intake'")
    async with place.without_sessions():
        await place.elsewhere("ALTER ROLE intake PASSWORD 'another'")
    yield
    await place.elsewhere(f"ALTER ROLE intake PASSWORD '{kept['rolpassword']}'")


@asynccontextmanager
async def no_such_database(place: Place) -> AsyncIterator[None]:
    name = place.database.name
    async with place.without_sessions():
        await place.elsewhere(f'ALTER DATABASE "{name}" RENAME TO "{name}_away"')
    yield
    await place.elsewhere(f'ALTER DATABASE "{name}_away" RENAME TO "{name}"')


@asynccontextmanager
async def closed_for_maintenance(place: Place) -> AsyncIterator[None]:
    async with place.without_sessions():
        await place.elsewhere(f'ALTER DATABASE "{place.database.name}" ALLOW_CONNECTIONS false')
    yield
    await place.elsewhere(f'ALTER DATABASE "{place.database.name}" ALLOW_CONNECTIONS true')


@asynccontextmanager
async def may_not_connect(place: Place) -> AsyncIterator[None]:
    async with place.without_sessions():
        await place.elsewhere(f'REVOKE CONNECT ON DATABASE "{place.database.name}" FROM intake')
    yield
    await place.elsewhere(f'GRANT CONNECT ON DATABASE "{place.database.name}" TO intake')


@asynccontextmanager
async def may_not_use_the_schema(place: Place) -> AsyncIterator[None]:
    await place.sql("REVOKE USAGE ON SCHEMA public FROM intake")
    yield
    await place.sql("GRANT USAGE ON SCHEMA public TO intake")


@asynccontextmanager
async def may_not_write_a_table(place: Place) -> AsyncIterator[None]:
    await place.sql("REVOKE INSERT ON matters FROM intake")
    yield
    await place.sql("GRANT INSERT ON matters TO intake")


@asynccontextmanager
async def may_not_number_the_outbox(place: Place) -> AsyncIterator[None]:
    await place.sql("REVOKE USAGE ON SEQUENCE outbox_position_seq FROM intake")
    yield
    await place.sql("GRANT USAGE ON SEQUENCE outbox_position_seq TO intake")


@asynccontextmanager
async def may_not_log_in(place: Place) -> AsyncIterator[None]:
    async with place.without_sessions():
        await place.elsewhere("ALTER ROLE intake NOLOGIN")
    yield
    await place.elsewhere("ALTER ROLE intake LOGIN")


@asynccontextmanager
async def no_connection_left(place: Place) -> AsyncIterator[None]:
    async with place.without_sessions():
        await place.elsewhere("ALTER ROLE intake CONNECTION LIMIT 0")
    yield
    await place.elsewhere("ALTER ROLE intake CONNECTION LIMIT -1")


@asynccontextmanager
async def read_only(place: Place) -> AsyncIterator[None]:
    name = place.database.name
    async with place.without_sessions():
        await place.elsewhere(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    yield
    async with place.without_sessions():
        await place.elsewhere(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')


@asynccontextmanager
async def no_tables(place: Place) -> AsyncIterator[None]:
    """As a database that nothing was migrated in looks."""
    await place.sql(
        "ALTER SCHEMA public RENAME TO away", "CREATE SCHEMA public", "GRANT USAGE ON SCHEMA public TO intake"
    )
    yield
    async with place.without_sessions():
        await place.sql("DROP SCHEMA public", "ALTER SCHEMA away RENAME TO public")


TROUBLES: list[tuple[Trouble, str]] = [
    (unreachable, "DATABASE_UNREACHABLE"),
    (another_password, "DATABASE_PASSWORD_WRONG"),
    (no_such_database, "DATABASE_MISSING"),
    (closed_for_maintenance, "DATABASE_CLOSED"),
    (may_not_connect, "DATABASE_RIGHT_MISSING"),
    (may_not_use_the_schema, "DATABASE_RIGHT_MISSING"),
    (may_not_write_a_table, "DATABASE_RIGHT_MISSING"),
    (may_not_number_the_outbox, "DATABASE_RIGHT_MISSING"),
    (may_not_log_in, "DATABASE_ACCESS_REFUSED"),
    (no_connection_left, "DATABASE_CONNECTIONS_EXHAUSTED"),
    (read_only, "DATABASE_READ_ONLY"),
    (no_tables, "SCHEMA_MISSING"),
]
every_trouble = pytest.mark.parametrize(("trouble", "reason"), TROUBLES, ids=[each.__name__ for each, _ in TROUBLES])


@every_trouble
async def test_a_start_without_its_database_waits_and_begins_by_itself(
    trouble: Trouble, reason: str, place: Place
) -> None:
    async with place.ends_in(trouble(place)) as put_right, place.service() as intake:
        await intake.becomes("database", reason)
        assert not intake.application.surroundings.begun.is_set()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await intake.file()
        _require_words(caught.value)
        await put_right()
        await intake.becomes_ready()
        await intake.file()
        await intake.published(1)
    assert place.told("database") == [reason]


@every_trouble
async def test_a_database_lost_and_found_costs_no_restart_and_no_event(
    trouble: Trouble, reason: str, place: Place
) -> None:
    async with place.service() as intake:
        await intake.becomes_ready()
        await intake.file()
        async with trouble(place):
            await intake.becomes("database", reason)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await intake.file()
            _require_words(caught.value)
        await intake.becomes_ready()
        await intake.file()
        await intake.published(2)
    assert place.told("database") == [reason]


async def test_a_relay_that_may_not_empty_the_outbox_is_said_so(place: Place) -> None:
    async with place.service() as intake:
        await intake.becomes_ready()
        await place.sql("REVOKE DELETE ON outbox FROM intake")
        await intake.becomes("database", "DATABASE_RIGHT_MISSING")
        await intake.file()
        await place.sql("GRANT DELETE ON outbox TO intake")
        await intake.becomes_ready()
        await intake.published(1)
    assert place.told("database") == ["DATABASE_RIGHT_MISSING"]


async def test_tables_that_somebody_else_made_there_are_nobodys_trouble(place: Place) -> None:
    await place.sql("CREATE TABLE spatial_ref_sys (srid bigserial PRIMARY KEY)", "CREATE TABLE an_administrators ()")
    async with place.service() as intake:
        await intake.becomes_ready()
        await intake.file()
        await intake.published(1)
    assert place.told("database") == []


async def test_connections_that_never_answer_again_are_given_up(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "ANSWER_SECONDS", 2.0)
    async with place.service() as intake:
        await intake.file()
        await intake.published(1)
        place.way.lose()

        async def filed() -> bool:
            with suppress(grpc.aio.AioRpcError):
                return bool(await intake.file())
            return False

        await eventually(filed, 60)
        await intake.published(2)
        await intake.becomes_ready()


async def test_long_trouble_is_one_line_however_often_everything_tried(place: Place) -> None:
    async with place.service() as intake:
        await intake.becomes_ready()
        async with place.way.leading_nowhere():
            already = place.way.used
            await eventually(lambda: place.way.used >= already + 60)
            said = [line["event"] for line in place.log() if line.get("level") != "info"]
            assert said == ["not_ready"]
            assert _measured() == 1
        await intake.becomes_ready()
        assert _measured() == 0
    assert [line["event"] for line in place.log() if line["event"] != "listening"] == ["not_ready", "ready_again"]


async def test_an_older_schema_waits_for_its_migration(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = place.folder / "versions"
    versions.mkdir()
    for path in main.VERSIONS.glob("0*.py"):
        (versions / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    following = 'revision = "0999"\ndown_revision = "0001"\n\n\ndef upgrade() -> None:\n    pass\n'
    (versions / "0999_next.py").write_text(following, encoding="utf-8")
    monkeypatch.setattr(main, "VERSIONS", versions)
    async with place.service() as intake:
        await intake.becomes("database", "SCHEMA_OLDER")
        await migrations.upgrade_async(place.database.sqlalchemy_owner_url, "intake", versions)
        await intake.becomes_ready()
        await intake.file()
        await place.sql("UPDATE alembic_version SET version_num = '0001'")  # A backup of before was restored.
        await intake.becomes("database", "SCHEMA_OLDER")
        await migrations.upgrade_async(place.database.sqlalchemy_owner_url, "intake", versions)
        await intake.becomes_ready()
        await intake.published(1)
    assert place.told("database") == ["SCHEMA_OLDER", "SCHEMA_OLDER"]


def _measured() -> float | None:
    return REGISTRY.get_sample_value("comity_not_ready", {"part": "database", "reason": "DATABASE_UNREACHABLE"})


def _require_words(error: grpc.aio.AioRpcError) -> None:
    """Refused for now, with a reason, in both languages."""
    refusal = refusal_of(error)
    assert (error.code(), refusal.reason) == (grpc.StatusCode.UNAVAILABLE, "STORAGE_UNAVAILABLE")
    assert refusal.zh.startswith("存储暂不可用") and refusal.en.startswith("storage is unavailable")
