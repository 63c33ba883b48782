"""Which event of intake is which message."""

from comity.intake.v1 import intake_events_pb2 as pb

from services.common.messaging.catalogue import EventCatalogue, EventKind
from services.intake.domain import events
from services.intake.wire import CONVERTER

CATALOGUE = EventCatalogue(
    "intake",
    CONVERTER,
    {
        events.MatterReceived: EventKind("matter.received", pb.MatterReceived),
        events.MatterTriaged: EventKind("matter.triaged", pb.MatterTriaged),
        events.MatterAccepted: EventKind("matter.accepted", pb.MatterAccepted),
        events.MatterDeclined: EventKind("matter.declined", pb.MatterDeclined),
        events.MatterAssigned: EventKind("matter.assigned", pb.MatterAssigned),
        events.MatterContactRecorded: EventKind("matter.contact_recorded", pb.MatterContactRecorded, published=False),
        events.MatterPartyInvited: EventKind("matter.party_invited", pb.MatterPartyInvited),
        events.MatterInvitationFailed: EventKind("matter.invitation_failed", pb.MatterInvitationFailed),
        events.MatterPartyJoined: EventKind("matter.party_joined", pb.MatterPartyJoined),
        events.MatterConsentRecorded: EventKind("matter.consent_recorded", pb.MatterConsentRecorded),
        events.MatterForwarded: EventKind("matter.forwarded", pb.MatterForwarded),
        events.MatterCaseOpened: EventKind("matter.case_opened", pb.MatterCaseOpened, published=False),
        events.MatterSettled: EventKind("matter.settled", pb.MatterSettled),
        events.MatterMediationFailed: EventKind("matter.mediation_failed", pb.MatterMediationFailed),
        events.MatterConcluded: EventKind("matter.concluded", pb.MatterConcluded),
        events.MatterOutcomeRecorded: EventKind("matter.outcome_recorded", pb.MatterOutcomeRecorded),
        events.MatterReopenRequested: EventKind("matter.reopen_requested", pb.MatterReopenRequested),
        events.MatterClosed: EventKind("matter.closed", pb.MatterClosed),
        events.MatterDeadlineNear: EventKind("matter.deadline_near", pb.MatterDeadlineNear),
        events.MatterDeadlineLapsed: EventKind("matter.deadline_lapsed", pb.MatterDeadlineLapsed),
        events.MatterDeadlineMoved: EventKind("matter.deadline_moved", pb.MatterDeadlineMoved),
        events.MatterWithdrawn: EventKind("matter.withdrawn", pb.MatterWithdrawn),
        events.PressureReported: EventKind("pressure_report.made", pb.PressureReported),
    },
)
