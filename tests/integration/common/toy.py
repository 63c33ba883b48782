"""The smallest service that stands on the runtime: counters that publish, and notes made of what was received."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from comity.intake.v1 import intake_events_pb2 as events_pb
from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Uuid, text

from services.common.convert import Converter
from services.common.deadlines.rulebook import RuleBook
from services.common.kernel.clock import Clock
from services.common.kernel.events import Aggregate, DomainEvent
from services.common.kernel.ids import new_id
from services.common.messaging.broker import Broker, connect
from services.common.messaging.catalogue import EventCatalogue, EventKind
from services.common.messaging.relay import Relay
from services.common.regimes.loader import RegimeBook
from services.common.storage import migrations
from services.common.storage.audit import Audited
from services.common.storage.content import Kind
from services.common.storage.database import Database, Engines
from services.common.storage.jobs import Handler, Job, JobKind
from services.common.storage.transaction import SYSTEM, LawBooks, Transaction
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres

RULES = Path(__file__).parents[3] / "deploy" / "rules"
MIGRATIONS = Path(__file__).with_name("toy_migrations")
ORGANISATION = UUID("00000000-0000-7000-8000-000000000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterWithdrawn(DomainEvent):
    matter: UUID
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterContactRecorded(DomainEvent):
    matter: UUID


CATALOGUE = EventCatalogue(
    "intake",
    Converter({"matter": "matters"}, {}),
    {
        MatterWithdrawn: EventKind("matter.withdrawn", events_pb.MatterWithdrawn),
        MatterContactRecorded: EventKind("matter.contact_recorded", events_pb.MatterContactRecorded, published=False),
    },
)


COUNTERS = Kind(
    "matters",
    Table("counters", MetaData(), Column("id", Uuid), Column("version", BigInteger), Column("head", LargeBinary)),
)


AUDITED = Audited((COUNTERS,), CATALOGUE.reads)


@dataclass
class Toy:
    """One running toy: its database and its connection to the broker. ``superuser_url`` looks past everything."""

    database: Database[Transaction]
    broker: Broker
    clock: Clock
    superuser_url: str = ""

    def relay(self) -> Relay:
        relay = Relay(self.database, self.broker)
        self.database.wakers.on_events.append(relay.wake)
        return relay

    async def scalar(self, sql: str) -> object:
        async with self.database.transaction(SYSTEM) as tx:
            return (await tx.connection.execute(text(sql))).scalar()


async def migrate(owner_url: str) -> None:
    await migrations.upgrade_async(owner_url, "intake", MIGRATIONS)


@asynccontextmanager
async def toy(postgres: KitPostgres, nats: KitNats, clock: Clock, service: str = "intake") -> AsyncIterator[Toy]:
    """A toy with a fresh database, connected to the broker as ``service``."""
    rulebook = RuleBook.load(RULES)
    books = LawBooks(rulebook, RegimeBook.load(RULES, rulebook))
    fresh = await postgres.fresh_database("intake", migrate)
    async with AsyncExitStack() as stack:
        engines = Engines.create(fresh.sqlalchemy_url, 10)
        stack.push_async_callback(engines.dispose)
        broker = await connect(nats.url(service), service)
        stack.push_async_callback(broker.close)
        yield Toy(Database(engines, Transaction, CATALOGUE, books, clock), broker, clock, fresh.superuser_url)


def kind(handler: Handler[Transaction]) -> JobKind[Transaction]:
    """A kind of job whose failure shows nowhere."""

    async def nothing(_tx: Transaction, _job: Job, _reason: str) -> None:
        return None

    return JobKind(handler, nothing)


async def count_up(tx: Transaction, counter: Aggregate, number: str = "1") -> None:
    """One step of a counter: its event, and its row at the version it now has."""
    before = counter.version
    counter.record(MatterWithdrawn(matter=counter.id, number=number))
    counter.record(MatterContactRecorded(matter=counter.id))
    tx.record(counter, COUNTERS.collection, COUNTERS.digest({"id": counter.id}, {}))
    values = {"id": counter.id, "version": counter.version, "head": counter.head}
    insert = "INSERT INTO counters VALUES (:id, :version, :head)"
    update = "UPDATE counters SET version = :version, head = :head WHERE id = :id"
    await tx.connection.execute(text(update if before else insert), values)


def new_counter() -> Aggregate:
    return Aggregate(id=new_id(), organisation_id=ORGANISATION)
