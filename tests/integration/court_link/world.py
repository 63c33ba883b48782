"""Court link running for real, with people, courts and sealed agreements to try it on. All of it is 样本 SAMPLE."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import grpc
from comity.court_link.v1 import application_pb2, court_pb2
from comity.court_link.v1 import court_link_service_pb2 as pb
from comity.court_link.v1.court_link_service_pb2_grpc import CourtLinkServiceStub
from comity.identity.v1.identity_service_pb2_grpc import add_IdentityServiceServicer_to_server
from comity.mediation.v1 import agreement_pb2, case_pb2
from comity.mediation.v1 import mediation_events_pb2 as mediation_events
from comity.mediation.v1.mediation_service_pb2_grpc import add_MediationServiceServicer_to_server
from google.protobuf.message import Message
from nats.aio.client import Client
from pydantic import SecretStr

from services.common.deadlines.rulebook import RuleBook
from services.common.kernel.errors import DomainError
from services.common.kernel.principal import Role
from services.common.regimes.loader import RegimeBook
from services.common.rpc.client import answered
from services.common.rpc.errors import refusal_of
from services.common.runner import Application
from services.common.storage.database import Database, Engines
from services.common.storage.transaction import LawBooks
from services.court_link.application.ports import CourtGateway
from services.court_link.main import build
from services.court_link.messaging.publish import CATALOGUE
from services.court_link.settings import Settings
from services.court_link.storage.transaction import CourtLinkTransaction
from tests.integration.court_link.standins import FollowingClock, Identity, Mediation, serving
from tests.kit.clock import FakeClock
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.postgres import FreshDatabase, KitPostgres
from tests.kit.rules import RULES
from tests.kit.signing import Authorities, Round, fingerprint, sign_round, terms
from tests.kit.tokens import TokenIssuer, bearer

EFFECTIVE = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)
"""The afternoon of 1 September in Beijing: the window ends on 8 October (domain §8.2)."""
BEIJING_NOON = {"hour": 4, "minute": 0, "tzinfo": UTC}
XUANWU, GULOU, WUXI, SUZHOU = "320102", "320106", "320205", "320508"


@dataclass
class Person:
    """Somebody with an account and roles by organisation."""

    id: UUID = field(default_factory=uuid4)
    roles: dict[UUID, list[Role]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"accounts/{self.id}"


@dataclass
class Bench:
    """A court with its people."""

    court: court_pb2.Court
    organisation: UUID
    clerk: Person
    judge: Person


@dataclass
class Sealed:
    """A sealed agreement between two people."""

    name: str
    case: str
    claimant: Person
    respondent: Person
    parties: tuple[str, str]
    organisation: UUID


@dataclass
class World:
    """Everything around one running court link."""

    clock: FakeClock
    tokens: TokenIssuer
    identity: Identity
    mediation: Mediation
    nats: Client
    database: FreshDatabase
    application: Application
    stub: Any
    round: Round
    objects: Path
    channel: Any
    versions: dict[str, int] = field(default_factory=dict)

    async def call(self, person: Person, method: str, **fields: Any) -> Any:
        """One call as the person; a request id is added where one is needed."""
        request = getattr(pb, f"{method}Request")(**fields)
        if "request_id" in request.DESCRIPTOR.fields_by_name and not request.request_id:
            request.request_id = str(uuid4())
        metadata = bearer(self.tokens.person(person.id, person.roles))
        return await answered(getattr(self.stub, method)(request, metadata=metadata, timeout=30))

    async def refusal(self, person: Person, method: str, **fields: Any) -> DomainError:
        """The refusal that the call must end in."""
        try:
            await self.call(person, method, **fields)
        except DomainError as refused:
            return refused
        raise AssertionError(f"{method} was not refused")

    async def download(self, person: Person, name: str, document: str, index: int = 0) -> bytes:
        kind = application_pb2.ApplicationDocument.Value(f"APPLICATION_DOCUMENT_{document}")
        request = pb.DownloadDocumentRequest(name=name, document=kind, index=index)
        metadata = bearer(self.tokens.person(person.id, person.roles))
        try:
            stream = self.stub.DownloadDocument(request, metadata=metadata, timeout=30)
            return b"".join([response.chunk.data async for response in stream])
        except grpc.aio.AioRpcError as error:
            raise refusal_of(error) from error

    async def bench(self, *regions: str, level: str = "BASIC", name: str = "样本市样本区人民法院") -> Bench:
        """A court entered by its own administrator."""
        organisation = uuid4()
        self.identity.courts.add(f"organisations/{organisation}")
        administrator = Person(roles={organisation: [Role.ADMINISTRATOR]})
        response = await self.call(
            administrator,
            "CreateCourt",
            organisation=f"organisations/{organisation}",
            display_name=name,
            level=court_pb2.CourtLevel.Value(f"COURT_LEVEL_{level}"),
            region_codes=list(regions),
            sample=True,
        )
        return Bench(
            response.court,
            organisation,
            Person(roles={organisation: [Role.COURT_CLERK]}),
            Person(roles={organisation: [Role.JUDGE]}),
        )

    async def publish(self, kind: str, event: Message, aggregate: str, source: str = "mediation") -> None:
        """An event as its service's relay sends it."""
        self.versions[aggregate] = self.versions.get(aggregate, 0) + 1
        headers = {
            "Nats-Msg-Id": str(uuid4()),
            "ce-id": str(uuid4()),
            "ce-subject": aggregate,
            "ce-aggregateversion": str(self.versions[aggregate]),
            "ce-time": self.clock.now().isoformat(),
        }
        jetstream = self.nats.jetstream()
        await jetstream.publish(f"comity.{source}.v1.{kind}", event.SerializeToString(), headers=headers)

    async def sealed(
        self,
        *,
        kind: str = "SELF_INITIATED",
        regime: str = "PEOPLES@2024",
        court: str = "",
        regions: tuple[str, str] = (WUXI, SUZHOU),
        seat: str = XUANWU,
        subject_matter: str = "SHOPPING",
        effective: datetime | None = EFFECTIVE,
        pdf: bytes | None = None,
        awaited: bool = True,
        agreement: str = "",
        case: str = "",
        performed_by: tuple[str, ...] = (),
    ) -> Sealed:
        """An agreement that mediation reports effective and sealed."""
        agreement, case = agreement or f"agreements/{uuid4()}", case or f"cases/{uuid4()}"
        people, parties = (Person(), Person()), (f"parties/{uuid4()}", f"parties/{uuid4()}")
        organisation = uuid4()
        dossier = agreement_pb2.AgreementDossier(
            agreement=agreement,
            number="样调字〔2026〕第0001号",
            case=case,
            case_number="样案〔2026〕1号",
            origin=f"matters/{uuid4()}",
            court=court,
            organisation=f"organisations/{organisation}",
            organisation_display_name="样本市消费纠纷人民调解委员会",
            organisation_region_code=seat,
            regime=regime,
            kind=case_pb2.CaseKind.Value(f"CASE_KIND_{kind}"),
            subject_matter=subject_matter,
            mediator_display_name="李样本",
            effectiveness_rule="PARTIES_MEDIATOR_AND_SEAL",
            sealed_digest=self.mediation.keep(pdf or self.round.sealed),
            terms_digest=self.mediation.keep(terms()),
            frozen_digest=bytes.fromhex(self.round.frozen.sha256),
            undisputed_facts=["双方确认于2026年3月1日签订合同。"],
            sample=True,
        )
        for day in performed_by:
            dossier.terms.obligations.add(due_date=day)
        for index, (person, party) in enumerate(zip(people, parties, strict=True)):
            entry = dossier.parties.add(party=party, account=person.name, side=index + 1, authority=1)
            entry.particulars.display_name = ("王样本", "样本商贸有限公司")[index]
            entry.particulars.kind = index + 1
            entry.particulars.region_code = regions[index]
            entry.particulars.identity_number = ("320102199001010011", "91320100MA00000000")[index]
            entry.particulars.phone = "+8613900000000"
            entry.particulars.locale = "zh"
        for slot in ("party-1", "party-2", "mediator", "seal"):
            dossier.certificates.add(slot=slot, fingerprint=bytes.fromhex(fingerprint(self.round.identities[slot])))
        if effective is not None:
            dossier.effective_time.FromDatetime(effective)
            event = mediation_events.AgreementEffective(
                agreement=agreement, case=case, regime=regime, kind=dossier.kind, court=court, parties=parties
            )
            event.effective_time.FromDatetime(effective)
            await self.publish("agreement.effective", event, agreement)
        digest = self.mediation.keep(dossier.SerializeToString(deterministic=True))
        sealed = mediation_events.AgreementSealed(
            agreement=agreement, case=case, sealed_digest=dossier.sealed_digest, dossier_digest=digest
        )
        await self.publish("agreement.sealed", sealed, agreement)
        found = Sealed(agreement, case, *people, parties, organisation)
        if awaited:
            await eventually(lambda: self._knows(found))
        return found

    async def _knows(self, sealed: Sealed) -> bool:
        view = await self.eligibility(sealed)
        return [each.reason for each in view.obstacles] != ["AGREEMENT_NOT_SEALED"]

    async def eligibility(self, sealed: Sealed, court: str = "", by: Person | None = None) -> Any:
        response = await self.call(by or sealed.claimant, "CheckEligibility", agreement=sealed.name, court=court)
        return response.eligibility

    async def drafted(self, sealed: Sealed, bench: Bench) -> Any:
        response = await self.call(
            sealed.claimant, "CreateApplication", agreement=sealed.name, court=bench.court.name, truthful=True
        )
        return response.application

    async def consent(self, sealed: Sealed, application: Any, index: int, address: str = "样本市样本路1号") -> Any:
        response = await self.call(
            (sealed.claimant, sealed.respondent)[index],
            "ConsentToApplication",
            name=application.name,
            version=application.version,
            party=sealed.parties[index],
            truthful=True,
            service_address=address,
            electronic_service=True,
        )
        return response.application

    async def filed(self, sealed: Sealed, bench: Bench) -> Any:
        """An application that all have joined and the court has."""
        application = await self.consent(sealed, await self.drafted(sealed, bench), 0)
        application = await self.consent(sealed, application, 1)
        return await self.in_state(sealed.claimant, application.name, "FILED")

    async def under_review(self, sealed: Sealed, bench: Bench, number: str = "（2026）样0102民特1号") -> Any:
        application = await self.filed(sealed, bench)
        application = (await self.desk(bench.clerk, "AcceptApplication", application, docket_number=number)).application
        return (await self.desk(bench.judge, "HoldInquiry", application, minutes="双方到场,均确认自愿。")).application

    async def desk(self, person: Person, method: str, application: Any, **fields: Any) -> Any:
        return await self.call(person, method, name=application.name, version=application.version, **fields)

    async def prepared(self, bench: Bench, application: Any, outcome: str = "CONFIRMED", ground: str = "") -> Any:
        fields = {"ground": application_pb2.DismissalGround.Value(f"DISMISSAL_GROUND_{ground}")} if ground else {}
        response = await self.desk(
            bench.judge,
            "PrepareRuling",
            application,
            outcome=application_pb2.RulingOutcome.Value(f"RULING_OUTCOME_{outcome}"),
            reasons="经审查,协议系双方自愿达成。",
            **fields,
        )
        return response.ruling

    def proof(self, person: Person, ruling: Any, **changes: Any) -> str:
        values = {"subject": ruling.name, "digest": ruling.frozen_digest} | changes
        return self.tokens.proof(person.id, values["subject"], values["digest"])

    async def issue(self, person: Person, ruling: Any, proof: str = "", **fields: Any) -> Any:
        given = {"name": ruling.name, "frozen_digest": ruling.frozen_digest} | fields
        return (await self.call(person, "IssueRuling", proof=proof or self.proof(person, ruling), **given)).ruling

    async def get(self, person: Person, name: str) -> Any:
        return (await self.call(person, "GetApplication", name=name)).application

    async def in_state(self, person: Person, name: str, state: str) -> Any:
        """The application once it is in the state."""

        async def reached() -> Any:
            found = await self.get(person, name)
            seen = application_pb2.ApplicationState.Name(found.state).removeprefix("APPLICATION_STATE_")
            assert seen == state, f"in state {seen}"
            return found

        return await eventually(reached)

    async def count(self, sql: str) -> int:
        connection = await asyncpg.connect(self.database.superuser_url)
        try:
            return int(await connection.fetchval(sql))
        finally:
            await connection.close()

    async def execute(self, sql: str) -> None:
        """What an accident would leave behind, done as a superuser."""
        connection = await asyncpg.connect(self.database.superuser_url)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    @asynccontextmanager
    async def own_database(self) -> AsyncIterator[Database[CourtLinkTransaction]]:
        """The service's database as another replica of it has it."""
        rulebook = RuleBook.load(RULES)
        books = LawBooks(rulebook, RegimeBook.load(RULES, rulebook))
        engines = Engines.create(self.database.sqlalchemy_url, 10)
        try:
            yield Database(engines, CourtLinkTransaction, CATALOGUE, books, self.clock)
        finally:
            await engines.dispose()

    def at(self, year: int, month: int, day: int, hour: int = 4) -> None:
        """Moves the clock; hours are UTC, Beijing is eight ahead."""
        self.clock.set(datetime(year, month, day, hour, tzinfo=UTC))


def state(application: Any) -> str:
    return application_pb2.ApplicationState.Name(application.state).removeprefix("APPLICATION_STATE_")


def deadline(application: Any, rule: str) -> Any:
    return next(each for each in application.deadlines if each.rule.startswith(rule))


def digest(content: bytes) -> bytes:
    return sha256(content).digest()


def signed_round() -> Round:
    """A sealed agreement that verifies, made on the day it became effective."""
    clock = FollowingClock(followed=FakeClock(EFFECTIVE))
    return sign_round(Authorities(clock))


@asynccontextmanager
async def world(
    postgres: KitPostgres,
    nats: KitNats,
    folder: Path,
    round_: Round,
    gateway: CourtGateway | None = None,
    **changes: Any,
) -> AsyncIterator[World]:
    """``changes`` of the settings."""
    clock = FakeClock(EFFECTIVE)
    authorities = round_.authorities
    assert isinstance(authorities.clock, FollowingClock)
    authorities.clock.followed = clock
    tokens = TokenIssuer(clock)
    identity, mediation = Identity(authorities, tokens, clock), Mediation()
    database = await postgres.fresh_database("court_link")
    async with AsyncExitStack() as stack:
        client = await nats.connect()
        stack.push_async_callback(client.close)
        identity_address = await stack.enter_async_context(serving(add_IdentityServiceServicer_to_server, identity))
        mediation_address = await stack.enter_async_context(serving(add_MediationServiceServicer_to_server, mediation))
        settings = Settings(
            database_url=SecretStr(database.sqlalchemy_url),
            nats_url=SecretStr(nats.url("court_link")),
            listen="127.0.0.1:0",
            objects=folder / "objects",
            keys=folder / "keys",
            service_secret=SecretStr("secret-of-court-link"),
            identity_address=identity_address,
            mediation_address=mediation_address,
            **({"rules": RULES} | changes),
        )
        application = await build(settings, clock, key_set=tokens.key_set, gateway=gateway)
        await application.start()
        stack.push_async_callback(application.stop)
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{application.port}"))
        stub = CourtLinkServiceStub(channel)
        yield World(
            clock, tokens, identity, mediation, client, database, application, stub, round_, settings.objects, channel
        )
