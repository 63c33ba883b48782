"""Mediation as it runs, with stand-ins for identity (over the real authorities), intake and court_link. 样本 SAMPLE."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import grpc
from comity.common.v1 import dossier_pb2, party_pb2
from comity.court_link.v1 import court_link_events_pb2, court_link_service_pb2, court_pb2
from comity.court_link.v1.court_link_service_pb2_grpc import (
    CourtLinkServiceServicer,
    add_CourtLinkServiceServicer_to_server,
)
from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.identity.v1.identity_service_pb2_grpc import (
    IdentityServiceServicer,
    add_IdentityServiceServicer_to_server,
)
from comity.intake.v1 import intake_events_pb2, intake_service_pb2, matter_pb2
from comity.intake.v1.intake_service_pb2_grpc import IntakeServiceServicer, add_IntakeServiceServicer_to_server
from comity.mediation.v1 import agreement_pb2, case_pb2, offer_pb2, session_pb2, terms_pb2
from comity.mediation.v1 import mediation_service_pb2 as pb
from comity.mediation.v1.mediation_service_pb2_grpc import MediationServiceStub
from google.protobuf.timestamp_pb2 import Timestamp
from nats.aio.client import Client

from services.common.kernel.errors import DomainError
from services.common.kernel.principal import Role
from services.common.rpc.client import answered, open_channel
from services.common.storage import migrations
from services.identity.authority.certificate_authority import CertificateAuthority
from services.identity.authority.profiles import Subject
from services.identity.authority.timestamp_authority import TimestampAuthority
from services.mediation.main import VERSIONS, build
from services.mediation.settings import Settings
from tests.kit.clock import FakeClock
from tests.kit.events import publish
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.postgres import FreshDatabase, KitPostgres
from tests.kit.tokens import TokenIssuer, bearer

RULES = Path(__file__).parents[3] / "deploy" / "rules"
ORGANISATION_NAME = "样本市消费纠纷人民调解委员会"


class RunningClock(FakeClock):
    """Goes on by itself like a real one, and can be moved."""

    def __init__(self) -> None:
        super().__init__()
        self._started = time.monotonic()

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=time.monotonic() - self._started)


async def migrate(owner_url: str) -> None:
    await migrations.upgrade_async(owner_url, "mediation", VERSIONS)


class StandInIdentity(IdentityServiceServicer):
    """Identity as mediation needs it: real certificates and time stamps, no network of its own behind."""

    def __init__(self, issuer: TokenIssuer, clock: RunningClock) -> None:
        self._issuer = issuer
        self._clock = clock
        self.certificates = CertificateAuthority.create(ORGANISATION_NAME, clock.now())
        self.timestamps = TimestampAuthority.create(self.certificates, ORGANISATION_NAME, clock)
        self.issued: list[str] = []
        self.asked: list[identity_pb.IssueCertificateRequest] = []
        self.gate = asyncio.Event()
        """Closed, a certificate is waited for."""
        self.gate.set()
        self.down = False
        self.refuses = False

    async def IssueServiceToken(self, request: Any, context: Any) -> identity_pb.IssueServiceTokenResponse:
        token = identity_pb.AccessToken(token=self._issuer.service(request.service))
        token.expire_time.FromDatetime(self._clock.now() + timedelta(minutes=10))
        return identity_pb.IssueServiceTokenResponse(access_token=token)

    async def GetOrganisation(self, request: Any, context: Any) -> identity_pb.GetOrganisationResponse:
        found = identity_pb.Organisation(
            name=request.name, display_name=ORGANISATION_NAME, region_code="320100", sample=True
        )
        return identity_pb.GetOrganisationResponse(organisation=found)

    async def GetTrustAnchors(self, request: Any, context: Any) -> identity_pb.GetTrustAnchorsResponse:
        return identity_pb.GetTrustAnchorsResponse(certificates=[self.certificates.root_der])

    async def IssueCertificate(self, request: Any, context: Any) -> identity_pb.IssueCertificateResponse:
        if self.down:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "down")
        if self.refuses and request.slot != "freeze":
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "the proof is refused")
        self.asked.append(request)
        await self.gate.wait()
        self.issued.append(request.slot)
        subject = Subject("样本 SAMPLE", "sample", request.document_number, request.slot, request.freezing)
        chain = self.certificates.issue(request.certificate_request, subject, self._clock.now())
        return identity_pb.IssueCertificateResponse(chain=chain)

    async def CreateTimestamp(self, request: Any, context: Any) -> identity_pb.CreateTimestampResponse:
        return identity_pb.CreateTimestampResponse(response=self.timestamps.respond(request.request))

    async def GetRevocationData(self, request: Any, context: Any) -> identity_pb.GetRevocationDataResponse:
        responses, lists = self.certificates.statements(list(request.certificates), self._clock.now(), [])
        return identity_pb.GetRevocationDataResponse(ocsp_responses=responses, revocation_lists=lists)


class StandInSources(IntakeServiceServicer, CourtLinkServiceServicer):
    """Gives dossiers out by digest."""

    def __init__(self) -> None:
        self.dossiers: dict[bytes, bytes] = {}

    def keep(self, message: Any) -> bytes:
        data = message.SerializeToString(deterministic=True)
        digest = hashlib.sha256(data).digest()
        self.dossiers[digest] = data
        return digest

    async def ReadMatterDossier(self, request: Any, context: Any) -> AsyncIterator[Any]:
        chunk = dossier_pb2.Chunk(data=self.dossiers[request.digest])
        yield intake_service_pb2.ReadMatterDossierResponse(chunk=chunk)

    async def ReadReferralDossier(self, request: Any, context: Any) -> AsyncIterator[Any]:
        chunk = dossier_pb2.Chunk(data=self.dossiers[request.digest])
        yield court_link_service_pb2.ReadReferralDossierResponse(chunk=chunk)


@dataclass
class Mediation:
    """A running mediation service and the people who call it."""

    stub: MediationServiceStub
    issuer: TokenIssuer
    identity: StandInIdentity
    sources: StandInSources
    clock: RunningClock
    client: Client
    database: FreshDatabase
    settings: Settings
    organisation: UUID = field(default_factory=uuid4)
    administrator: UUID = field(default_factory=uuid4)
    mediator: UUID = field(default_factory=uuid4)
    keeper: UUID = field(default_factory=uuid4)
    complainant: UUID = field(default_factory=uuid4)
    respondent: UUID = field(default_factory=uuid4)
    party_a: UUID = field(default_factory=uuid4)
    party_b: UUID = field(default_factory=uuid4)

    def roles(self, account: UUID) -> dict[UUID, list[Role]]:
        return {
            self.administrator: {self.organisation: [Role.CASE_ADMINISTRATOR]},
            self.mediator: {self.organisation: [Role.MEDIATOR]},
            self.keeper: {self.organisation: [Role.SEAL_KEEPER]},
        }.get(account, {})

    def token(self, account: UUID) -> Any:
        return bearer(self.issuer.person(account, self.roles(account)))

    async def call(self, method: str, who: UUID, **fields: Any) -> Any:
        """The answer, or the refusal as a DomainError. A request id is added where the message has one."""
        kind = getattr(pb, f"{method}Request")
        if "request_id" in kind.DESCRIPTOR.fields_by_name:
            fields.setdefault("request_id", str(uuid4()))
        request = kind(**fields)
        return await answered(getattr(self.stub, method)(request, metadata=self.token(who), timeout=30))

    async def case(self, name: str, who: UUID | None = None) -> case_pb2.Case:
        return (await self.call("GetCase", who or self.administrator, name=name)).case

    async def on_case(self, method: str, who: UUID, name: str, **fields: Any) -> case_pb2.Case:
        """A write on the case at the version that stands."""
        version = (await self.case(name)).version
        return (await self.call(method, who, name=name, version=version, **fields)).case

    async def forward(self, *, subject_matter: str = "CONSUMER", regime: str = "PEOPLES@2024", **changes: Any) -> str:
        """A matter that both sides agree to mediate, forwarded; gives the case's name."""
        matter = f"matters/{uuid4()}"
        consent = Timestamp()
        consent.FromDatetime(self.clock.now())
        dossier = matter_pb2.MatterDossier(
            matter=matter,
            number="2026-000001",
            regime=regime,
            subject_matter=subject_matter,
            facts="样本 SAMPLE:预付卡余额未退。",
            request="退还余额。",
            parties=[
                _party(self.party_a, self.complainant, party_pb2.PARTY_SIDE_COMPLAINANT, "王样本", consent),
                _party(self.party_b, self.respondent, party_pb2.PARTY_SIDE_RESPONDENT, "样本商贸有限公司", consent),
            ],
            sample=True,
        )
        for name, value in changes.items():
            setattr(dossier, name, value)
        event = intake_events_pb2.MatterForwarded(
            matter=matter,
            organisation=f"organisations/{self.organisation}",
            regime=regime,
            dossier_digest=self.sources.keep(dossier),
        )
        await self.hear("intake", "matter.forwarded", event, matter)
        return await self.case_of(matter)

    async def refer(self, kind: int = court_pb2.REFERRAL_KIND_DELEGATED) -> str:
        """A court's referral; gives the case's name, in REFERRED."""
        referral = f"referrals/{uuid4()}"
        dossier = court_pb2.ReferralDossier(
            referral=referral,
            kind=kind,  # type: ignore[arg-type]
            court=f"courts/{uuid4()}",
            subject_matter="SECURITIES",
            facts="样本 SAMPLE:证券虚假陈述。",
            parties=[
                _referral_party(self.party_a, self.complainant, party_pb2.PARTY_SIDE_COMPLAINANT, "王样本"),
                _referral_party(self.party_b, self.respondent, party_pb2.PARTY_SIDE_RESPONDENT, "样本股份公司"),
            ],
            sample=True,
        )
        event = court_link_events_pb2.ReferralReceived(
            referral=referral,
            court=dossier.court,
            organisation=f"organisations/{self.organisation}",
            kind=kind,  # type: ignore[arg-type]
            dossier_digest=self.sources.keep(dossier),
        )
        await self.hear("court_link", "referral.received", event, referral)
        return await self.case_of(referral)

    async def hold(
        self, name: str, *, end: bool = True, start_hours: float = 80, caucus_party: UUID | None = None
    ) -> session_pb2.Session:
        """A session with everybody there who belongs there: joint, or with one party alone."""
        fields: dict[str, Any] = {}
        if caucus_party:
            fields = {"kind": session_pb2.SESSION_KIND_CAUCUS, "caucus_party": f"parties/{caucus_party}"}
        session = await self.schedule(name, start_hours, **fields)
        self.clock.advance(timedelta(hours=start_hours))
        for who, party in ((self.complainant, self.party_a), (self.respondent, self.party_b)):
            if caucus_party in (None, party):
                await self.on_session(
                    "CheckIn",
                    self.mediator,
                    session.name,
                    party=f"parties/{party}",
                    account=f"accounts/{who}",
                    identity_method="ID_CARD",
                )
        session = await self.on_session("StartSession", self.mediator, session.name)
        if end:
            session = await self.on_session(
                "EndSession", self.mediator, session.name, result=session_pb2.SESSION_RESULT_HELD
            )
        return session

    async def draft_record(self, session: session_pb2.Session, **fields: Any) -> session_pb2.SessionRecord:
        values: dict[str, Any] = {
            "statements": [session_pb2.Statement(party=f"parties/{self.party_a}", text="要求退款。")],
            "undisputed_facts": ["双方于2025年订立合同。"],
            "result": "继续调解。",
        }
        answer = await self.call(
            "DraftSessionRecord", self.mediator, session=session.name, version=session.version, **(values | fields)
        )
        return answer.session_record

    async def answer_record(
        self, record: session_pb2.SessionRecord, who: UUID, response: int, remarks: str = ""
    ) -> session_pb2.SessionRecord:
        answer = await self.call(
            "ConfirmSessionRecord",
            who,
            name=record.name,
            version=record.version,
            response=response,
            remarks=remarks,
        )
        return answer.session_record

    async def closed_record(self, name: str) -> session_pb2.SessionRecord:
        """The record of a joint session that both parties have confirmed."""
        record = await self.draft_record(await self.hold(name))
        for who in (self.complainant, self.respondent):
            record = await self.answer_record(record, who, session_pb2.RECORD_RESPONSE_CONFIRM)
        return record

    async def sealed_record(self, record: session_pb2.SessionRecord, seconds: float = 20) -> session_pb2.SessionRecord:
        """The record once its sealed document exists."""

        async def there() -> session_pb2.SessionRecord | None:
            found = (await self.call("GetSessionRecord", self.mediator, name=record.name)).session_record
            return found if found.document_digest else None

        found = await eventually(there, seconds)
        assert found is not None
        return found

    async def hear(self, source: str, kind: str, event: Any, subject: str, version: int = 1) -> None:
        await publish(self.client, source, kind, event, subject=subject, version=version, time=self.clock.now())

    async def case_of(self, origin: str) -> str:
        async def there() -> str | None:
            rows = await self.sql("SELECT id FROM cases WHERE origin = $1", origin)
            return f"cases/{rows[0]['id']}" if rows else None

        return str(await eventually(there))

    async def sql(self, statement: str, *values: Any) -> list[Any]:
        """As the superuser, past every policy."""
        connection = await asyncpg.connect(self.database.superuser_url)
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    async def sql_as(self, viewer: UUID, statement: str, *values: Any) -> list[Any]:
        """As the service's own role with this person as viewer, which is what a mistake in code would be."""
        connection = await asyncpg.connect(self.database.url)
        try:
            async with connection.transaction():
                await connection.execute(
                    "SELECT set_config('comity.viewer', $1, true), set_config('comity.administered', $2, true)",
                    f"accounts/{viewer}",
                    str(self.organisation) if viewer in (self.administrator, self.keeper) else "",
                )
                return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    # The way of a case.

    async def roster(self, account: UUID | None = None, **fields: Any) -> str:
        fields = {"display_name": "李调解", "employer": "", **fields}
        answer = await self.call(
            "CreateMediator",
            self.administrator,
            organisation=f"organisations/{self.organisation}",
            account=f"accounts/{account or self.mediator}",
            **fields,
        )
        return str(answer.mediator.name)

    async def open(self, name: str) -> case_pb2.Case:
        """A mediator appointed, clear of conflicts, and the case open."""
        mediator = await self.roster()
        await self.on_case("AppointMediator", self.administrator, name, mediator=mediator)
        await self.on_case("DiscloseConflict", self.mediator, name, statement="无利害关系")
        return await self.on_case(
            "OpenCase", self.mediator, name, rights_told=True, sham_warning_given=True, identities_checked=True
        )

    async def opened(self, **changes: Any) -> str:
        name = await self.forward(**changes)
        await self.open(name)
        return name

    def at(self, **offset: float) -> Timestamp:
        stamp = Timestamp()
        stamp.FromDatetime(self.clock.now() + timedelta(**offset))
        return stamp

    async def schedule(
        self, name: str, start_hours: float = 80, hours: float = 1, **fields: Any
    ) -> session_pb2.Session:
        case = await self.case(name)
        fields = {"kind": session_pb2.SESSION_KIND_JOINT, **fields}
        answer = await self.call(
            "ScheduleSession",
            self.mediator,
            case=name,
            version=case.version,
            start_time=self.at(hours=start_hours),
            end_time=self.at(hours=start_hours + hours),
            **fields,
        )
        return answer.session

    async def on_session(self, method: str, who: UUID, name: str, **fields: Any) -> session_pb2.Session:
        version = (await self.call("GetSession", self.mediator, name=name)).session.version
        return (await self.call(method, who, name=name, version=version, **fields)).session

    async def offer(self, name: str, who: UUID | None = None, **fields: Any) -> offer_pb2.Offer:
        case = await self.case(name)
        who = who or self.complainant
        party = {self.complainant: self.party_a, self.respondent: self.party_b}.get(who)
        values: dict[str, Any] = {
            "kind": offer_pb2.OFFER_KIND_PARTY if party else offer_pb2.OFFER_KIND_MEDIATOR_PROPOSAL,
            "party": f"parties/{party}" if party else "",
            "terms": self.terms(),
            "expire_time": self.at(days=3),
        }
        answer = await self.call("MakeOffer", who, case=name, version=case.version, **(values | fields))
        return answer.offer

    async def respond(self, offer: str, who: UUID, *, accept: bool, party: UUID | None = None) -> offer_pb2.Offer:
        version = (await self.call("GetOffer", self.mediator, name=offer)).offer.version
        own = {self.complainant: self.party_a, self.respondent: self.party_b}.get(who)
        answer = await self.call(
            "RespondToOffer", who, name=offer, version=version, party=f"parties/{party or own}", accept=accept
        )
        return answer.offer

    def terms(self, amount: int = 70700) -> terms_pb2.Terms:
        terms = terms_pb2.Terms(
            facts="样本 SAMPLE:预付卡余额未退。",
            issues="余额是否应退。",
            responsibilities="被申请人应退还余额。",
            default_clause="逾期按日万分之五支付违约金。",
            costs="调解不收费。",
            release_scope="本纠纷就此了结。",
            copies=3,
        )
        obligation = terms.obligations.add(
            obligor=f"parties/{self.party_b}",
            obligee=f"parties/{self.party_a}",
            description="退还余额",
            due_date="2026-04-30",
            payment_method="银行转账至申请人账户",
        )
        obligation.amount.currency, obligation.amount.minor_units = "CNY", amount
        terms.total.currency, terms.total.minor_units = "CNY", amount
        return terms

    async def agreed(self, **changes: Any) -> str:
        name = await self.opened(**changes)
        offer = await self.offer(name)
        await self.respond(offer.name, self.respondent, accept=True)
        return name

    async def draft(self, name: str) -> agreement_pb2.Agreement:
        case = await self.case(name)
        return (
            await self.call("DraftAgreement", self.mediator, case=name, version=case.version, terms=self.terms())
        ).agreement

    async def freeze(self, agreement: agreement_pb2.Agreement) -> agreement_pb2.SigningRound:
        answer = await self.call("FreezeAgreement", self.mediator, name=agreement.name, version=agreement.version)
        return answer.signing_round

    async def frozen(self, **changes: Any) -> tuple[str, agreement_pb2.Agreement, agreement_pb2.SigningRound]:
        name = await self.agreed(**changes)
        agreement = await self.draft(name)
        return name, agreement, await self.freeze(agreement)

    def proof(self, who: UUID, signing_round: agreement_pb2.SigningRound, **extra: Any) -> str:
        return self.issuer.proof(who, signing_round.name, signing_round.frozen_digest, **extra)

    async def sign(
        self, signing_round: agreement_pb2.SigningRound, who: UUID, slot: str, **fields: Any
    ) -> agreement_pb2.SigningRound:
        values = {
            "frozen_digest": signing_round.frozen_digest,
            "proof": self.proof(who, signing_round),
            "read_whole_document": True,
            "acts_freely": True,
        }
        answer = await self.call("SignAgreement", who, name=signing_round.name, slot=slot, **(values | fields))
        return answer.signing_round

    async def seal(self, signing_round: agreement_pb2.SigningRound) -> agreement_pb2.SigningRound:
        answer = await self.call(
            "SealAgreement",
            self.keeper,
            name=signing_round.name,
            frozen_digest=signing_round.frozen_digest,
            proof=self.proof(self.keeper, signing_round),
        )
        return answer.signing_round

    async def round_reaches(self, name: str, state: int, seconds: float = 30) -> agreement_pb2.SigningRound:
        async def there() -> agreement_pb2.SigningRound | None:
            found = (await self.call("GetSigningRound", self.mediator, name=name)).signing_round
            assert found.state == state, agreement_pb2.RoundState.Name(found.state)
            return found

        return await eventually(there, seconds)

    async def sealed(self, **changes: Any) -> tuple[str, agreement_pb2.Agreement, agreement_pb2.SigningRound]:
        """The whole way."""
        name, agreement, signing_round = await self.frozen(**changes)
        return await self.sign_all(name, agreement, signing_round)

    async def sign_all(
        self, name: str, agreement: agreement_pb2.Agreement, signing_round: agreement_pb2.SigningRound
    ) -> tuple[str, agreement_pb2.Agreement, agreement_pb2.SigningRound]:
        await self.sign(signing_round, self.respondent, "party-2")
        await self.sign(signing_round, self.complainant, "party-1")
        await self.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_PARTIES_COMPLETE)
        await self.sign(signing_round, self.mediator, "mediator")
        await self.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_MEDIATOR_SIGNED)
        await self.seal(signing_round)
        signing_round = await self.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_SEALED)
        found = (await self.call("GetAgreement", self.complainant, name=agreement.name)).agreement
        return name, found, signing_round

    async def download(self, who: UUID, document: str, form: int) -> bytes:
        request = pb.DownloadDocumentRequest(document=document, form=form)  # type: ignore[arg-type]
        stream = self.stub.DownloadDocument(request, metadata=self.token(who), timeout=20)
        return b"".join([each.chunk.data async for each in stream])

    @asynccontextmanager
    async def replica(self) -> AsyncIterator[None]:
        """A further mediation service on the same database and broker."""
        application = await build(self.settings, self.clock, key_set=self.issuer.key_set)
        await application.start()
        try:
            yield
        finally:
            await application.stop()

    async def events(self, type: str) -> list[Any]:
        return await self.sql("SELECT * FROM event_log WHERE type = $1 ORDER BY occur_time", type)


def _party(party: UUID, account: UUID, side: int, name: str, consent: Timestamp) -> matter_pb2.DossierParty:
    return matter_pb2.DossierParty(
        party=f"parties/{party}",
        side=side,  # type: ignore[arg-type]
        particulars=_particulars(name, side),
        account=f"accounts/{account}",
        authority=party_pb2.AUTHORITY_SELF,
        mediation_consent_time=consent,
        online_consent_time=consent,
    )


def _referral_party(party: UUID, account: UUID, side: int, name: str) -> court_pb2.ReferralParty:
    return court_pb2.ReferralParty(
        name=f"parties/{party}",
        side=side,  # type: ignore[arg-type]
        particulars=_particulars(name, side),
        account=f"accounts/{account}",
    )


def _particulars(name: str, side: int) -> party_pb2.PartyParticulars:
    return party_pb2.PartyParticulars(
        display_name=name,
        kind=party_pb2.PARTY_KIND_NATURAL_PERSON if side == 1 else party_pb2.PARTY_KIND_ORGANISATION,
        identity_number="110101199003070011" if side == 1 else "91110000600037341X",
        address="样本路1号",
        phone=f"+861380000000{side}",
        locale="zh",
    )


async def refusal(call: Awaitable[Any]) -> str:
    """The reason code of a refused call; fails when it is not refused."""
    try:
        await call
    except DomainError as error:
        return error.reason
    raise AssertionError("this was not refused")


@asynccontextmanager
async def running(postgres: KitPostgres, nats: KitNats, folder: Path) -> AsyncIterator[Mediation]:
    async with AsyncExitStack() as stack:
        await nats.create_streams()
        clock = RunningClock()
        issuer = TokenIssuer(clock)
        database = await postgres.fresh_database("mediation", migrate)
        identity, sources = StandInIdentity(issuer, clock), StandInSources()
        server = grpc.aio.server()
        add_IdentityServiceServicer_to_server(identity, server)
        add_IntakeServiceServicer_to_server(sources, server)
        add_CourtLinkServiceServicer_to_server(sources, server)
        address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        await server.start()
        stack.push_async_callback(server.stop, None)
        settings = Settings(
            database_url=database.sqlalchemy_url,
            nats_url=nats.url("mediation"),
            listen="127.0.0.1:0",
            objects=folder / "objects",
            keys=folder / "keys",
            rules=RULES,
            service_secret="unused-here",
            identity_address=address,
            intake_address=address,
            court_link_address=address,
        )
        application = await build(settings, clock, key_set=issuer.key_set)
        await application.start()
        stack.push_async_callback(application.stop)
        channel = await stack.enter_async_context(open_channel(f"127.0.0.1:{application.port}"))
        client = await nats.connect()
        stack.push_async_callback(client.close)
        stub = MediationServiceStub(channel)
        yield Mediation(stub, issuer, identity, sources, clock, client, database, settings)


def utc(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)
