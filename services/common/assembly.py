"""What every composition root does alike: ``lay`` the foundation, build on it, ``finish`` the application."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

import grpc
from comity.common.v1 import operations_service_pb2
from comity.common.v1.operations_service_pb2_grpc import add_OperationsServiceServicer_to_server
from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.identity.v1.identity_service_pb2_grpc import IdentityServiceStub

from services.common.deadlines.rulebook import RuleBook
from services.common.documents.folder import folder_part, make_folder
from services.common.kernel.clock import Clock
from services.common.kernel.errors import DomainError
from services.common.messaging.broker import Broker, connect
from services.common.messaging.consumer import Consumer, Reaction
from services.common.messaging.relay import Relay
from services.common.regimes.loader import RegimeBook
from services.common.rpc.client import CALL_SECONDS, ServiceCredential, answered, open_channel
from services.common.rpc.handle import Calls
from services.common.rpc.operations import OperationsServicer
from services.common.rpc.operators import IsPlatform, Operators, asking
from services.common.rpc.server import Exposed, Server
from services.common.rpc.tokens import KeySetSource, TokenVerifier
from services.common.runner import Application, Loop
from services.common.settings import ServiceSettings
from services.common.storage.backlog import Backlog
from services.common.storage.database import Database, Engines, TransactionFactory
from services.common.storage.deadline_keeper import DeadlineKeeper
from services.common.storage.fitness import Revisions
from services.common.storage.jobs import Worker
from services.common.storage.recounting import Recounting
from services.common.storage.retention import Maintenance, Removal, of_the_runtime
from services.common.storage.revocations import RevocationLoop
from services.common.storage.transaction import EventEncoder, LawBooks, Transaction
from services.common.surroundings import Cause, Part

T = TypeVar("T", bound=Transaction)


@dataclass(frozen=True, slots=True)
class Foundation(Generic[T]):
    """What a service is built on; ``resources`` closes it."""

    service: str
    settings: ServiceSettings
    clock: Clock
    database: Database[T]
    broker: Broker
    tokens: TokenVerifier
    credential: ServiceCredential
    identity: Any
    calls: Calls[T]
    resources: AsyncExitStack

    def consumer(self, source: str, reactions: Mapping[str, Reaction[T]]) -> Consumer[T]:
        """Of the events of another service."""
        known = timedelta(days=self.settings.keep_inbox_days)
        return Consumer(self.broker, self.database, source, reactions, known)

    async def channel(self, address: str) -> grpc.aio.Channel:
        """A channel to another service, closed with the application."""
        return await self.resources.enter_async_context(open_channel(address))


async def lay(
    service: str,
    settings: ServiceSettings,
    clock: Clock,
    encoder: EventEncoder,
    factory: TransactionFactory[T],
    versions: Path,
    *,
    key_set: KeySetSource | None = None,
) -> Foundation[T]:
    """Prepares database, broker and identity; one that is away is waited for by the server and the loops.

    ``versions`` is the folder of the service's migrations, ``key_set`` replaces asking identity for its keys.
    """
    resources = AsyncExitStack()
    engines = Engines.create(settings.database_url.get_secret_value(), settings.database_connections)
    resources.push_async_callback(engines.dispose)
    broker = await connect(settings.nats_url.get_secret_value(), service, settings.nats_ca_file)
    resources.push_async_callback(broker.close)
    identity = IdentityServiceStub(await resources.enter_async_context(open_channel(settings.identity_address)))
    rulebook = RuleBook.load(settings.rules)
    books = LawBooks(rulebook, RegimeBook.load(settings.rules, rulebook))
    database = Database(engines, factory, encoder, books, clock, Revisions.read(versions))
    database.surroundings.stand_on(broker.part)
    tokens = TokenVerifier(key_set or _asking(identity), clock)
    if key_set is None:
        database.surroundings.stand_on(_identity(tokens))
    secret = settings.service_secret.get_secret_value()
    return Foundation(
        service=service,
        settings=settings,
        clock=clock,
        database=database,
        broker=broker,
        tokens=tokens,
        credential=ServiceCredential(identity, service, secret, clock),
        identity=identity,
        calls=Calls(database),
        resources=resources,
    )


async def begun(foundation: Foundation[T]) -> None:
    """For a service that is built with its database: waits for it, while the port already says why it is not ready.

    Raises Unfit.
    """
    surroundings = foundation.database.surroundings
    await surroundings.look()
    if surroundings.begun.is_set():
        return
    server = _server(foundation, [])
    serving, waiting = asyncio.create_task(server.run()), asyncio.create_task(surroundings.begun.wait())
    done, _ = await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
    for task in (serving, waiting):
        task.cancel()
    await asyncio.wait([serving, waiting])
    if serving in done:
        serving.result()


def _server(foundation: Foundation[T], exposed: Sequence[Exposed]) -> Server:
    settings = foundation.settings
    return Server(
        settings.listen,
        exposed,
        foundation.tokens,
        foundation.database.surroundings,
        reflect=settings.reflection,
        concurrent_calls=settings.concurrent_calls,
        clock=foundation.clock,
    )


def _asking(identity: Any) -> KeySetSource:
    async def ask() -> str:
        response = await answered(
            identity.GetJsonWebKeySet(identity_pb.GetJsonWebKeySetRequest(), timeout=CALL_SECONDS)
        )
        return str(response.key_set)

    return ask


def finish(
    foundation: Foundation[T],
    exposed: Sequence[Exposed],
    *,
    consumers: Sequence[Consumer[T]] = (),
    workers: Sequence[Worker[T]] = (),
    deadlines: DeadlineKeeper[T] | None = None,
    others: Sequence[Loop] = (),
    folders: Mapping[str, Path] | None = None,
    removals: Sequence[Removal] = (),
    chores: Sequence[Callable[[], Awaitable[None]]] = (),
    is_platform: IsPlatform | None = None,
) -> Application:
    """The application: server first, then consumers, deadlines and jobs, and the relay last to go.

    ``folders`` are those that the service writes to, by the names of their settings. ``removals``: what it
    removes in time beside what every service does; ``chores``: what else it does by itself. ``is_platform`` replaces asking
    identity which organisation is the platform's.
    """
    by_source = {consumer.source: consumer for consumer in consumers}
    workers = [*workers, *(worker for consumer in consumers for worker in consumer.workers)]
    kinds = {name: kind for worker in workers for name, kind in worker.kinds.items()}
    database = foundation.database
    recounting = deadlines.recounting if deadlines else Recounting(database)
    operators = Operators(is_platform or asking(foundation.identity, foundation.credential))
    operations = Exposed(
        operations_service_pb2.DESCRIPTOR.services_by_name["OperationsService"],
        add_OperationsServiceServicer_to_server,
        OperationsServicer(foundation.calls, operators, by_source, kinds, recounting),
    )
    relay = Relay(database, foundation.broker)
    database.wakers.on_events.append(relay.wake)
    for setting, folder in (folders or {}).items():
        make_folder(folder)
        database.surroundings.stand_on(folder_part(setting, folder))
    server = _server(foundation, [*exposed, operations])
    maintenance = Maintenance(database, [*of_the_runtime(foundation.settings), *removals], chores)
    revocations = RevocationLoop(database, foundation.tokens.revoked)
    own: list[Loop] = [revocations, Backlog(database), maintenance, relay]
    loops: list[Loop] = [*consumers, *([deadlines] if deadlines else []), *workers, *others, *own]
    return Application(server, loops, database.surroundings, foundation.resources)


def _identity(tokens: TokenVerifier) -> Part:
    unreachable = Cause(
        "IDENTITY_UNREACHABLE",
        "尚未从身份服务取得密钥：请启动身份服务，或更正 COMITY_IDENTITY_ADDRESS",
        "identity has not given its keys yet: start it, or correct COMITY_IDENTITY_ADDRESS",
    )

    async def look() -> Cause | None:
        if not tokens.ready:
            await tokens.refresh()
        return None if tokens.ready else unreachable

    def blames(error: BaseException) -> Cause | None:
        return unreachable if isinstance(error, DomainError) else None

    return Part("identity", look, blames, lambda _: False, unreachable)
