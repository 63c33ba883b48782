"""Intake put together."""

from functools import partial
from pathlib import Path

from comity.intake.v1 import intake_service_pb2
from comity.intake.v1.intake_service_pb2_grpc import add_IntakeServiceServicer_to_server

from services.common import assembly
from services.common.kernel.clock import Clock, SystemClock
from services.common.rpc.server import Exposed
from services.common.rpc.tokens import KeySetSource
from services.common.runner import Application
from services.common.storage.audit import Audited
from services.common.storage.deadline_keeper import DeadlineKeeper
from services.common.storage.jobs import JobKind, Worker
from services.intake.application.clocks import clocks_of, deadline_lapsed, deadline_moved, deadline_near
from services.intake.application.file_matter import FilingQuota
from services.intake.application.ports import RequirePrintable
from services.intake.application.reach_parties import INVITE_JOB
from services.intake.gateways.identity import IdentityInvitations, KnownOrganisations
from services.intake.messaging.consume import REACTIONS
from services.intake.messaging.dossiers import ProtobufDossiers
from services.intake.messaging.invite import InvitationJob, invitation_failed
from services.intake.messaging.publish import CATALOGUE
from services.intake.settings import Settings
from services.intake.storage.kinds import KINDS
from services.intake.storage.numbers import BlockNumbers
from services.intake.storage.transaction import IntakeTransaction
from services.intake.transport.grpc_service import IntakeServicer

AUDITED = Audited(KINDS, CATALOGUE.reads)
VERSIONS = Path(__file__).parent / "storage" / "migrations"


async def build(
    settings: Settings,
    clock: Clock | None = None,
    *,
    key_set: KeySetSource | None = None,
    require_printable: RequirePrintable | None = None,
) -> Application:
    """The application. ``key_set`` replaces asking identity for its keys, ``require_printable`` the built-in fonts."""
    clock = clock or SystemClock()
    factory = partial(IntakeTransaction, dossiers=ProtobufDossiers())
    foundation = await assembly.lay("intake", settings, clock, CATALOGUE, factory, VERSIONS, key_set=key_set)
    database = foundation.database
    servicer = IntakeServicer(
        foundation.calls,
        KnownOrganisations(database, foundation.identity, foundation.credential),
        BlockNumbers(database),
        FilingQuota(
            settings.filings_per_person_and_day,
            settings.filings_per_officer_and_day,
            settings.imports_per_officer_and_day,
        ),
        require_printable or _built_in_fonts(),
        foundation.clock,
    )
    invite = InvitationJob(database, IdentityInvitations(foundation.identity, foundation.credential))
    exposed = Exposed(
        intake_service_pb2.DESCRIPTOR.services_by_name["IntakeService"], add_IntakeServiceServicer_to_server, servicer
    )
    clocks = clocks_of(database.books.regimes)
    return assembly.finish(
        foundation,
        [exposed],
        consumers=[foundation.consumer(source, reactions) for source, reactions in REACTIONS.items()],
        deadlines=DeadlineKeeper(
            database,
            dict.fromkeys(clocks, deadline_lapsed),
            reminders=dict.fromkeys(clocks, deadline_near),
            follow={"matters": deadline_moved},
        ),
        workers=[Worker(database, {INVITE_JOB: JobKind(invite, invitation_failed)})],
    )


def _built_in_fonts() -> RequirePrintable:
    from services.common.documents.typefaces import require_printable  # noqa: PLC0415 - loads two fonts

    return require_printable
