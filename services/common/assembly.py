"""What every composition root does alike: ``lay`` the foundation, build on it, ``finish`` the application."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import grpc
from comity.common.v1 import operations_service_pb2
from comity.common.v1.operations_service_pb2_grpc import add_OperationsServiceServicer_to_server
from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.identity.v1.identity_service_pb2_grpc import IdentityServiceStub

from services.common.deadlines.rulebook import RuleBook
from services.common.kernel.clock import Clock
from services.common.messaging.broker import Broker, connect
from services.common.messaging.consumer import Consumer
from services.common.messaging.relay import Relay
from services.common.regimes.loader import RegimeBook
from services.common.rpc.client import CALL_SECONDS, ServiceCredential, answered, open_channel
from services.common.rpc.handle import Calls
from services.common.rpc.operations import OperationsServicer
from services.common.rpc.server import Exposed, Server
from services.common.rpc.tokens import KeySetSource, TokenVerifier
from services.common.runner import Application, Loop
from services.common.settings import ServiceSettings
from services.common.storage.database import Database, TransactionFactory, create_engine
from services.common.storage.deadline_keeper import DeadlineKeeper
from services.common.storage.jobs import Worker
from services.common.storage.transaction import EventEncoder, LawBooks, Transaction

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

    async def channel(self, address: str) -> grpc.aio.Channel:
        """A channel to another service, closed with the application."""
        return await self.resources.enter_async_context(open_channel(address))


async def lay(
    service: str,
    settings: ServiceSettings,
    clock: Clock,
    encoder: EventEncoder,
    factory: TransactionFactory[T],
    *,
    key_set: KeySetSource | None = None,
) -> Foundation[T]:
    """Connects to database, broker and identity. ``key_set`` replaces asking identity for its keys."""
    resources = AsyncExitStack()
    engine = create_engine(settings.database_url.get_secret_value(), settings.database_connections)
    resources.push_async_callback(engine.dispose)
    broker = await connect(settings.nats_url.get_secret_value(), service, settings.nats_ca_file)
    resources.push_async_callback(broker.client.close)
    identity = IdentityServiceStub(await resources.enter_async_context(open_channel(settings.identity_address)))
    rulebook = RuleBook.load(settings.rules)
    books = LawBooks(rulebook, RegimeBook.load(settings.rules, rulebook))
    database = Database(engine, factory, encoder, books, clock)
    secret = settings.service_secret.get_secret_value()
    return Foundation(
        service=service,
        settings=settings,
        clock=clock,
        database=database,
        broker=broker,
        tokens=TokenVerifier(key_set or _asking(identity), clock),
        credential=ServiceCredential(identity, service, secret, clock),
        identity=identity,
        calls=Calls(database),
        resources=resources,
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
) -> Application:
    """The application: server first, then consumers, deadlines and jobs, and the relay last to go."""
    by_source = {consumer.source: consumer for consumer in consumers}
    operations = Exposed(
        operations_service_pb2.DESCRIPTOR.services_by_name["OperationsService"],
        add_OperationsServiceServicer_to_server,
        OperationsServicer(foundation.calls, by_source),
    )
    relay = Relay(foundation.database.engine, foundation.broker, foundation.clock)
    foundation.database.wakers.on_events.append(relay.wake)
    server = Server(
        foundation.settings.listen,
        [*exposed, operations],
        foundation.tokens,
        checks=[foundation.database.ready, _connected(foundation.broker), _keyed(foundation.tokens)],
        reflect=foundation.settings.reflection,
        concurrent_calls=foundation.settings.concurrent_calls,
    )
    later = [worker for consumer in consumers for worker in consumer.workers]
    loops: list[Loop] = [server, *consumers, *([deadlines] if deadlines else []), *workers, *later, *others, relay]
    return Application(loops, foundation.resources, server.port)


def _connected(broker: Broker) -> Any:
    async def check() -> bool:
        return broker.client.is_connected

    return check


def _keyed(tokens: TokenVerifier) -> Any:
    async def check() -> bool:
        if not tokens.ready:
            await tokens.refresh()
        return tokens.ready

    return check
