"""Replicas of two versions on one database, and lists that are longer than what is fetched at a time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from services.common.deadlines.rulebook import RuleBook
from services.common.regimes.loader import RegimeBook
from services.common.storage.database import Database, Engines
from services.common.storage.transaction import SYSTEM, LawBooks, Transaction
from services.mediation.domain.mediator import Mediator
from services.mediation.messaging.publish import CATALOGUE
from services.mediation.storage import kinds
from services.mediation.storage.repositories import Repository
from services.mediation.storage.transaction import MediationTransaction
from tests.integration.mediation.running import RULES, migrate
from tests.kit.clock import FakeClock
from tests.kit.postgres import KitPostgres


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """Of the newer version only."""

    number: str


@dataclass(slots=True, kw_only=True)
class NewerMediator(Mediator):
    """As the next version has it."""

    guardian: str = ""
    licences: tuple[Licence, ...] = ()


def newer(tx: Transaction) -> Repository[NewerMediator]:
    return Repository(tx, kinds.MEDIATORS, NewerMediator, lambda each: {"account": each.account})


@pytest.fixture
async def database(postgres: KitPostgres, clock: FakeClock) -> AsyncIterator[Database[MediationTransaction]]:
    rulebook = RuleBook.load(RULES)
    books = LawBooks(rulebook, RegimeBook.load(RULES, rulebook))
    fresh = await postgres.fresh_database("mediation", migrate)
    engines = Engines.create(fresh.sqlalchemy_url, 4)
    try:
        yield Database(engines, MediationTransaction, CATALOGUE, books, clock)
    finally:
        await engines.dispose()


async def test_an_older_replica_erases_nothing_that_a_newer_one_wrote(
    database: Database[MediationTransaction],
) -> None:
    one = NewerMediator(
        id=uuid4(),
        organisation_id=uuid4(),
        account=uuid4(),
        display_name="样本调解员",
        guardian="样本",
        licences=(Licence(number="1"),),
    )
    async with database.transaction(SYSTEM) as tx:
        await newer(tx).add(one)
    async with database.transaction(SYSTEM) as tx:
        seen = await tx.mediators.get(one.id)
        seen.employer = "样本单位"
        seen.enrol()
        await tx.mediators.save(seen)
        seen.phone = "+8613800000009"  # And once more in the same transaction.
        seen.enrol()
        await tx.mediators.save(seen)
    async with database.transaction(SYSTEM) as tx:
        found = await newer(tx).get(one.id)
    assert (found.employer, found.phone) == ("样本单位", "+8613800000009")
    assert (found.guardian, found.licences) == ("样本", (Licence(number="1"),))


async def test_all_means_all_however_many_are_fetched_at_a_time(database: Database[MediationTransaction]) -> None:
    organisation = uuid4()
    async with database.transaction(SYSTEM) as tx:
        made = [await tx.mediators.add(_mediator(tx.new_id(), organisation)) for _ in range(7)]
        await tx.mediators.add(_mediator(tx.new_id(), uuid4()))
    for at_once in (1, 3, 7, 8):
        async with database.transaction(SYSTEM) as tx:
            found = await tx.mediators.all(at_once=at_once, organisation_id=organisation)
        assert [each.id for each in found] == sorted(each.id for each in made), at_once


def _mediator(id: UUID, organisation: UUID) -> Mediator:
    return Mediator(id=id, organisation_id=organisation, account=uuid4(), display_name="样本")
