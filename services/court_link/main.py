"""Court link put together."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

from comity.court_link.v1 import court_link_service_pb2
from comity.court_link.v1.court_link_service_pb2_grpc import add_CourtLinkServiceServicer_to_server
from comity.mediation.v1.mediation_service_pb2_grpc import MediationServiceStub

from services.common import assembly
from services.common.deadlines import Deadline
from services.common.documents.object_store import ObjectStore
from services.common.documents.typefaces import require_printable
from services.common.kernel.clock import Clock, SystemClock
from services.common.regimes import ClockPurpose, RegimeBook
from services.common.rpc.server import Exposed
from services.common.rpc.tokens import KeySetSource
from services.common.runner import Application
from services.common.signing.workers import Workers
from services.common.storage.audit import Audited
from services.common.storage.deadline_keeper import DeadlineKeeper
from services.common.storage.jobs import Worker
from services.common.storage.object_collection import ObjectCollection
from services.common.storage.retention import removal
from services.court_link.application.after_ruling import OF_PARTIES, limit_near
from services.court_link.application.desk import deadline_moved
from services.court_link.application.ports import CourtGateway
from services.court_link.application.windows import COLLECTION as WINDOWS
from services.court_link.application.windows import lapse_window, window_moved, window_near
from services.court_link.documents.desk_work import Authorities, DeskWork
from services.court_link.domain.material import MaterialQuota, Supplied
from services.court_link.gateways.desk import EmbeddedDesk
from services.court_link.gateways.identity import IdentityDirectory
from services.court_link.messaging.consume import AgreementSource, identity_reactions, mediation_reactions
from services.court_link.messaging.dossiers import ProtobufSnapshots
from services.court_link.messaging.jobs import Jobs
from services.court_link.messaging.publish import CATALOGUE
from services.court_link.settings import Settings
from services.court_link.storage.kinds import KINDS
from services.court_link.storage.objects import REFERENCED
from services.court_link.storage.transaction import CourtLinkTransaction
from services.court_link.transport.grpc_service import CourtLinkServicer

Reminder = Callable[[CourtLinkTransaction, Deadline], Awaitable[None]]
AUDITED = Audited(KINDS, CATALOGUE.reads)
VERSIONS = Path(__file__).parent / "storage" / "migrations"


async def build(
    settings: Settings,
    clock: Clock | None = None,
    *,
    key_set: KeySetSource | None = None,
    gateway: CourtGateway | None = None,
) -> Application:
    """The application. ``key_set`` replaces asking identity for its keys, ``gateway`` the embedded desk."""
    clock = clock or SystemClock()
    foundation = await assembly.lay(
        "court_link", settings, clock, CATALOGUE, CourtLinkTransaction, VERSIONS, key_set=key_set
    )
    database, credential = foundation.database, foundation.credential
    workers = Workers.under(settings, foundation.resources)
    objects = ObjectStore(settings.objects)
    authorities = Authorities(settings.identity_address, credential)
    work = DeskWork(objects, workers, authorities, foundation.tokens, clock)
    jobs = Jobs(
        database,
        gateway or EmbeddedDesk(database),
        objects,
        workers.signing,
        authorities,
        foundation.identity,
        credential,
    )
    mediation = MediationServiceStub(await foundation.channel(settings.mediation_address))
    source = AgreementSource(mediation, credential, work.keep_agreement)
    directory = IdentityDirectory(foundation.identity, credential)
    servicer = CourtLinkServicer(
        foundation.calls, directory, ProtobufSnapshots(), work, require_printable, _quota(settings)
    )
    exposed = Exposed(
        court_link_service_pb2.DESCRIPTOR.services_by_name["CourtLinkService"],
        add_CourtLinkServiceServicer_to_server,
        servicer,
    )
    return assembly.finish(
        foundation,
        [exposed],
        consumers=[
            foundation.consumer("mediation", mediation_reactions(source)),
            foundation.consumer("identity", identity_reactions()),
        ],
        workers=[Worker(database, jobs.kinds)],
        deadlines=DeadlineKeeper(
            database,
            dict.fromkeys(database.books.regimes.clocks(ClockPurpose.APPLY_FOR_CONFIRMATION), lapse_window),
            reminders=_reminders(database.books.regimes),
            follow={WINDOWS: window_moved, "applications": deadline_moved},
        ),
        others=[ObjectCollection(database, objects, REFERENCED)],
        folders={"COMITY_OBJECTS": settings.objects},
        removals=[removal("spent_proofs", "spend_time", timedelta(days=settings.keep_spent_proofs_days))],
    )


def _reminders(regimes: RegimeBook) -> Mapping[str, Reminder]:
    """Who is told before a clock ends."""
    after = {rule for purpose in OF_PARTIES for rule in regimes.clocks(purpose)}
    windows = regimes.clocks(ClockPurpose.APPLY_FOR_CONFIRMATION)
    return dict.fromkeys(windows, window_near) | dict.fromkeys(after, limit_near)


def _quota(settings: Settings) -> MaterialQuota:
    return MaterialQuota(
        application=Supplied(files=settings.materials_of_application, size=settings.material_bytes_of_application),
        account=Supplied(files=settings.materials_of_account_a_day, size=settings.material_bytes_of_account_a_day),
    )
