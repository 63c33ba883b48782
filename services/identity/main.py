"""The composition root of identity."""

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from comity.identity.v1 import identity_service_pb2
from comity.identity.v1.identity_service_pb2_grpc import add_IdentityServiceServicer_to_server
from comity.notify.v1.notify_service_pb2_grpc import NotifyServiceStub

from services.common import assembly
from services.common.documents.typefaces import require_printable
from services.common.kernel.clock import Clock, SystemClock
from services.common.kernel.principal import Principal
from services.common.rpc.server import Exposed
from services.common.runner import Application
from services.common.storage.audit import Audited
from services.common.storage.database import Database
from services.common.storage.revocations import RevocationLoop
from services.common.storage.transaction import SYSTEM, EventEncoder, LawBooks
from services.identity.application.codes import Codes
from services.identity.application.limits import Limits
from services.identity.application.phones import Phones
from services.identity.credentials.authority import EmbeddedAuthority
from services.identity.credentials.code_keeper import HmacCodeKeeper
from services.identity.credentials.keep_keys import keep_keys
from services.identity.credentials.key_folder import only_one, open_folder, secret_of
from services.identity.credentials.key_ring import KeyRing
from services.identity.credentials.service_secrets import ServiceSecrets
from services.identity.credentials.tokens import TokenSigner
from services.identity.gateways.code_sender import CodeSender
from services.identity.messaging.publish import CATALOGUE, encode_cards
from services.identity.settings import Settings
from services.identity.storage.kinds import KINDS
from services.identity.storage.removals import REMOVALS
from services.identity.storage.transaction import IdentityTransaction
from services.identity.transport.code_flow import CodeFlow
from services.identity.transport.grpc_service import IdentityServicer
from services.identity.transport.refused_lately import RefusedLately

AUDITED = Audited(KINDS, CATALOGUE.reads)
VERSIONS = Path(__file__).parent / "storage" / "migrations"


def transaction(encoder: EventEncoder, books: LawBooks, now: datetime, caller: Principal) -> IdentityTransaction:
    return IdentityTransaction(encoder, books, now, caller, encode_cards)


async def build(settings: Settings, clock: Clock | None = None) -> Application:
    """Identity, ready to start. Its keys are made in the key folder at the first start."""
    clock = clock or SystemClock()
    ring = KeyRing(settings.keys / "tokens", timedelta(days=settings.token_key_days))
    foundation = await assembly.lay("identity", settings, clock, CATALOGUE, transaction, VERSIONS, key_set=ring.key_set)
    open_folder(settings.keys)
    await assembly.begun(foundation)
    async with only_one(foundation.database.engine):
        ring.keep(clock.now())
        keeper = HmacCodeKeeper(secret_of(settings.keys / "codes.key"))
        authority = EmbeddedAuthority.open(settings.keys / "authority", settings.authority_name, clock)
    signer = TokenSigner(ring, clock)
    notify = NotifyServiceStub(await foundation.channel(settings.notify_address))
    codes = Codes(keeper, _limits(settings), Phones(settings.phone_prefixes))
    sender = CodeSender(notify, lambda: signer.for_service("identity").token)
    servicer = IdentityServicer(
        calls=foundation.calls,
        codes=codes,
        flow=CodeFlow(foundation.calls, foundation.database, codes, sender, RefusedLately(clock)),
        signer=signer,
        ring=ring,
        authority=authority,
        secrets=ServiceSecrets(settings.service_secret_digests, clock),
        revocations=RevocationLoop(foundation.database, foundation.tokens.revoked),
        invitation_lifetime=timedelta(days=settings.invitation_days),
        require_printable=require_printable,
    )
    exposed = Exposed(
        identity_service_pb2.DESCRIPTOR.services_by_name["IdentityService"],
        add_IdentityServiceServicer_to_server,
        servicer,
    )
    return assembly.finish(
        foundation,
        [exposed],
        removals=REMOVALS,
        chores=[partial(keep_keys, foundation.database, ring)],
        folders={"COMITY_KEYS": settings.keys},
        is_platform=partial(_is_platform, foundation.database),
    )


async def _is_platform(database: Database[IdentityTransaction], organisation: UUID) -> bool:
    async with database.transaction(SYSTEM) as tx:
        platform = await tx.organisations.platform()
    return platform is not None and platform.id == organisation


def _limits(settings: Settings) -> Limits:
    return Limits.of(
        asks_per_contact_and_hour=settings.code_asks_per_contact_and_hour,
        per_address_and_ten_minutes=settings.codes_per_address_and_ten_minutes,
        per_device_and_hour=settings.codes_per_device_and_hour,
        per_house_and_minute=settings.codes_per_house_and_minute,
        claims_per_hour=settings.claim_codes_per_hour,
        signing_per_hour=settings.signing_codes_per_hour,
    )
