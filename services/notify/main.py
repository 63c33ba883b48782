"""Notify put together."""

from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from comity.court_link.v1 import court_link_service_pb2
from comity.court_link.v1.court_link_service_pb2_grpc import CourtLinkServiceStub
from comity.identity.v1 import identity_service_pb2
from comity.intake.v1 import intake_service_pb2
from comity.intake.v1.intake_service_pb2_grpc import IntakeServiceStub
from comity.notify.v1 import notify_service_pb2
from comity.notify.v1.notify_service_pb2_grpc import add_NotifyServiceServicer_to_server

from services.common import assembly
from services.common.assembly import Foundation
from services.common.kernel.clock import Clock, SystemClock
from services.common.regimes import ClockPurpose
from services.common.rpc.server import Exposed
from services.common.rpc.tokens import KeySetSource
from services.common.runner import Application
from services.common.storage.audit import Audited
from services.common.storage.deadline_keeper import DeadlineKeeper
from services.common.storage.jobs import JobKind, Worker
from services.common.storage.retention import removal
from services.notify.application.call_backs import CALL_BACKS, call_back_moved, call_back_overdue
from services.notify.application.ports import Channels
from services.notify.application.send_notice import SendNotice, sending_failed
from services.notify.application.tell import SEND_JOB
from services.notify.channels.mail import SmtpMail, SmtpServer
from services.notify.channels.outbox import FileOutbox
from services.notify.channels.served_phones import ServedPhones
from services.notify.channels.words import House, JinjaTemplates
from services.notify.domain.values import NoticeChannel
from services.notify.messaging.consume import reactions
from services.notify.messaging.dossiers import ContactCards, OrganisationDirectory, Pull, reader
from services.notify.messaging.publish import CATALOGUE
from services.notify.settings import Settings
from services.notify.storage.confirmations import KEPT
from services.notify.storage.kinds import KINDS
from services.notify.storage.senders import INVITATIONS_KEPT
from services.notify.storage.transaction import NotifyTransaction
from services.notify.transport.grpc_service import NotifyServicer

AUDITED = Audited(KINDS, CATALOGUE.reads)
VERSIONS = Path(__file__).parent / "storage" / "migrations"


async def build(
    settings: Settings,
    clock: Clock | None = None,
    *,
    key_set: KeySetSource | None = None,
    channels: Channels | None = None,
) -> Application:
    """The application. ``channels`` replaces the built-in ways to people, ``key_set`` asking identity for its keys."""
    clock = clock or SystemClock()
    templates = JinjaTemplates(house(settings))
    factory = partial(NotifyTransaction, templates=templates, unverified_per_hour=settings.unverified_contacts_per_hour)
    foundation = await assembly.lay("notify", settings, clock, CATALOGUE, factory, VERSIONS, key_set=key_set)
    database = foundation.database
    ways = channels or built_in_channels(settings, clock, foundation.resources)
    exposed = Exposed(
        notify_service_pb2.DESCRIPTOR.services_by_name["NotifyService"],
        add_NotifyServiceServicer_to_server,
        NotifyServicer(foundation.calls, ways, templates),
    )
    directory = OrganisationDirectory(foundation.identity, foundation.credential)
    table = reactions(*await _owners_of_cards(foundation, settings), directory.ask)
    return assembly.finish(
        foundation,
        [exposed],
        consumers=[foundation.consumer(source, known) for source, known in table.items()],
        workers=[Worker(database, {SEND_JOB: JobKind(SendNotice(database, ways), sending_failed)})],
        deadlines=DeadlineKeeper(
            database,
            dict.fromkeys(database.books.regimes.clocks(ClockPurpose.CALL_BACK), call_back_overdue),
            follow={CALL_BACKS: call_back_moved},
        ),
        removals=[
            removal("confirmations", "create_time", KEPT),
            removal("invitations", "expire_time", INVITATIONS_KEPT),
        ],
        folders={"COMITY_OUTBOX_FOLDER": settings.outbox_folder},
    )


def house(settings: Settings) -> House:
    """Who writes and whom to ask, as every mail says it."""
    return House(
        sender={"zh": settings.sender_name_zh, "en": settings.sender_name_en},
        help={"zh": settings.help_zh, "en": settings.help_en},
        sign_in_address=settings.sign_in_address,
    )


def built_in_channels(settings: Settings, clock: Clock, resources: AsyncExitStack) -> Channels:
    """Mail over SMTP; text messages and webhooks as files until a provider is plugged in. ``resources`` closes them."""
    mail = SmtpMail(SmtpServer.parse(settings.smtp_url.get_secret_value()), settings.mail_sender, clock)
    resources.callback(mail.close)
    return {
        NoticeChannel.MAIL: mail,
        NoticeChannel.TEXT_MESSAGE: ServedPhones(
            FileOutbox(settings.outbox_folder, "text_messages", clock), settings.phone_prefixes
        ),
        NoticeChannel.WEBHOOK: FileOutbox(settings.outbox_folder, "webhooks", clock),
    }


async def _owners_of_cards(foundation: Foundation[NotifyTransaction], settings: Settings) -> tuple[Pull, Pull, Pull]:
    """How contact cards are pulled from intake, identity and court_link."""
    intake = IntakeServiceStub(await foundation.channel(settings.intake_address))
    court_link = CourtLinkServiceStub(await foundation.channel(settings.court_link_address))
    owners = (
        reader(intake.ReadContactDossier, intake_service_pb2.ReadContactDossierRequest, "matter"),
        reader(foundation.identity.ReadContactDossier, identity_service_pb2.ReadContactDossierRequest, "account"),
        reader(court_link.ReadContactDossier, court_link_service_pb2.ReadContactDossierRequest, "referral"),
    )
    matters, accounts, referrals = (ContactCards(read, foundation.credential).pull for read in owners)
    return matters, accounts, referrals
