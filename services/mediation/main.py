"""Mediation put together."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from comity.court_link.v1.court_link_service_pb2_grpc import CourtLinkServiceStub
from comity.intake.v1.intake_service_pb2_grpc import IntakeServiceStub
from comity.mediation.v1 import mediation_service_pb2
from comity.mediation.v1.mediation_service_pb2_grpc import add_MediationServiceServicer_to_server

from services.common import assembly
from services.common.deadlines import Consequence, Deadline
from services.common.documents.object_store import ObjectStore
from services.common.documents.typefaces import require_printable
from services.common.kernel.clock import Clock, SystemClock
from services.common.regimes import ClockPurpose
from services.common.rpc.server import Exposed
from services.common.rpc.tokens import KeySetSource
from services.common.runner import Application
from services.common.signing.workers import Workers
from services.common.storage.audit import Audited
from services.common.storage.deadline_keeper import DeadlineKeeper
from services.common.storage.jobs import JobKind, Worker
from services.common.storage.object_collection import ObjectCollection
from services.common.storage.retention import removal
from services.common.storage.transaction import LawBooks
from services.mediation.application import offers
from services.mediation.application.agreements import SIGNING_ROUNDS, expiry_moved, expiry_near, round_lapsed
from services.mediation.application.conduct import deadline_moved, deadline_near, limit_lapsed
from services.mediation.application.offers import OFFERS
from services.mediation.application.reach import CASES
from services.mediation.application.session_records import SEAL_RECORD_JOB
from services.mediation.application.signing import SIGN_JOB
from services.mediation.documents.record_file import write_record_file
from services.mediation.documents.terms_file import same_signers, write_terms
from services.mediation.gateways.dossiers import PulledDossiers
from services.mediation.gateways.signing import ProcessSignatures
from services.mediation.messaging.consume import reactions
from services.mediation.messaging.dossier import write_dossier
from services.mediation.messaging.jobs import SealRecord, SignSlot
from services.mediation.messaging.publish import CATALOGUE
from services.mediation.settings import Settings
from services.mediation.storage.kinds import KINDS
from services.mediation.storage.objects import REFERENCED
from services.mediation.storage.transaction import MediationTransaction
from services.mediation.transport.grpc_service import MediationServicer

AUDITED = Audited(KINDS, CATALOGUE.reads)
VERSIONS = Path(__file__).parent / "storage" / "migrations"

_Consequences = dict[str, Callable[[MediationTransaction, Deadline], Awaitable[None]]]


async def build(settings: Settings, clock: Clock | None = None, *, key_set: KeySetSource | None = None) -> Application:
    """Mediation, ready to start. ``key_set`` replaces asking identity for its keys."""
    clock = clock or SystemClock()
    foundation = await assembly.lay(
        "mediation", settings, clock, CATALOGUE, MediationTransaction, VERSIONS, key_set=key_set
    )
    database = foundation.database
    objects = ObjectStore(settings.objects)
    workers = Workers.under(settings, foundation.resources)
    signatures = ProcessSignatures(workers, objects, settings.identity_address, foundation.credential, clock)
    servicer = MediationServicer(
        foundation.calls,
        foundation.tokens,
        clock,
        signatures,
        objects,
        write_terms,
        same_signers,
        require_printable,
    )
    dossiers = PulledDossiers(
        IntakeServiceStub(await foundation.channel(settings.intake_address)),
        CourtLinkServiceStub(await foundation.channel(settings.court_link_address)),
        foundation.identity,
        foundation.credential,
    )
    sign = SignSlot(database, signatures, objects, write_dossier)
    seal_record = SealRecord(database, signatures, write_record_file)
    exposed = Exposed(
        mediation_service_pb2.DESCRIPTOR.services_by_name["MediationService"],
        add_MediationServiceServicer_to_server,
        servicer,
    )
    return assembly.finish(
        foundation,
        [exposed],
        consumers=[foundation.consumer(source, found) for source, found in reactions(dossiers).items()],
        workers=[
            Worker(
                database,
                {
                    SIGN_JOB: JobKind(sign, sign.failed),
                    SEAL_RECORD_JOB: JobKind(seal_record, seal_record.failed),
                },
            )
        ],
        deadlines=DeadlineKeeper(
            database,
            _consequences(database.books),
            reminders=_reminders(database.books),
            follow={CASES: deadline_moved, SIGNING_ROUNDS: expiry_moved, OFFERS: offers.expiry_moved},
        ),
        others=[ObjectCollection(database, objects, REFERENCED)],
        folders={"COMITY_OBJECTS": settings.objects},
        removals=[removal("spent_proofs", "spend_time", timedelta(days=settings.keep_spent_proofs_days))],
    )


def _reminders(books: LawBooks) -> Mapping[str, Callable[[Any, Deadline], Awaitable[None]]]:
    """Who is told before a clock ends."""
    limits = books.regimes.clocks(ClockPurpose.MEDIATE) | books.regimes.clocks(ClockPurpose.MEDIATE_SUMMARY)
    return dict.fromkeys(limits, deadline_near) | dict.fromkeys(books.regimes.clocks(ClockPurpose.SIGN), expiry_near)


def _consequences(books: LawBooks) -> _Consequences:
    """What each regime's clocks do by themselves; a limit that a person has to act on only shows as overdue."""

    async def end_case(tx: Any, deadline: Deadline) -> None:
        await limit_lapsed(tx, deadline.aggregate_id)

    async def end_round(tx: Any, deadline: Deadline) -> None:
        await round_lapsed(tx, deadline.aggregate_id)

    rulebook = books.rulebook
    found: _Consequences = {}
    for regime in books.regimes.regimes:
        for purpose, consequence in (
            (ClockPurpose.MEDIATE, end_case),
            (ClockPurpose.MEDIATE_SUMMARY, end_case),
            (ClockPurpose.SIGN, end_round),
        ):
            if regime.has_clock(purpose):
                versions = rulebook.versions(regime.clock(purpose), regime.id) or rulebook.versions(
                    regime.clock(purpose)
                )
                if any(rule.consequence is Consequence.AUTO for rule in versions):
                    found[regime.clock(purpose)] = consequence
    return found
