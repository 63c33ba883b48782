"""Which event is which message."""

from comity.court_link.v1 import court_link_events_pb2 as pb

from services.common.messaging.catalogue import EventCatalogue, EventKind
from services.court_link.domain import events
from services.court_link.wire import CONVERTER

CATALOGUE = EventCatalogue(
    "court_link",
    CONVERTER,
    {
        events.CourtCreated: EventKind("court.created", pb.CourtCreated),
        events.ReferralReceived: EventKind("referral.received", pb.ReferralReceived),
        events.ReferralPartyInvited: EventKind("referral.party_invited", pb.ReferralPartyInvited),
        events.ReferralInvitationFailed: EventKind("referral.invitation_failed", pb.ReferralInvitationFailed),
        events.ReferralPartyJoined: EventKind("referral.party_joined", pb.ReferralPartyJoined),
        events.ReferralChanged: EventKind("referral.changed", pb.ReferralChanged),
        events.WindowOpened: EventKind("application_window.opened", pb.WindowOpened, published=False),
        events.WindowNear: EventKind("application_window.near", pb.WindowNear),
        events.WindowMoved: EventKind("application_window.moved", pb.WindowMoved),
        events.WindowLapsed: EventKind("application_window.lapsed", pb.WindowLapsed),
        events.WindowClosed: EventKind("application_window.closed", pb.WindowClosed, published=False),
        events.ApplicationCreated: EventKind("application.created", pb.ApplicationCreated),
        events.ApplicationConsented: EventKind("application.consented", pb.ApplicationConsented),
        events.ApplicationLapsed: EventKind("application.lapsed", pb.ApplicationLapsed),
        events.ApplicationFiled: EventKind("application.filed", pb.ApplicationFiled),
        events.ApplicationFilingRefused: EventKind("application.filing_refused", pb.ApplicationFilingRefused),
        events.ApplicationAccepted: EventKind("application.accepted", pb.ApplicationAccepted),
        events.ApplicationNotAccepted: EventKind("application.not_accepted", pb.ApplicationNotAccepted),
        events.ApplicationSupplementRequired: EventKind(
            "application.supplement_required", pb.ApplicationSupplementRequired
        ),
        events.ApplicationSupplied: EventKind("application.supplied", pb.ApplicationSupplied),
        events.ApplicationReviewed: EventKind("application.reviewed", pb.ApplicationReviewed),
        events.ApplicationReviewExtended: EventKind("application.review_extended", pb.ApplicationReviewExtended),
        events.ApplicationLimitsBegan: EventKind("application.limits_began", pb.ApplicationLimitsBegan),
        events.ApplicationDeadlineNear: EventKind("application.deadline_near", pb.ApplicationDeadlineNear),
        events.ApplicationDeadlineMoved: EventKind("application.deadline_moved", pb.ApplicationDeadlineMoved),
        events.ApplicationWithdrawn: EventKind("application.withdrawn", pb.ApplicationWithdrawn),
        events.RulingPrepared: EventKind("ruling.prepared", pb.RulingPrepared, published=False),
        events.RulingActRecorded: EventKind("ruling.act_recorded", pb.RulingActRecorded, published=False),
        events.RulingSigningFailed: EventKind("ruling.signing_failed", pb.RulingSigningFailed),
        events.RulingIssued: EventKind("ruling.issued", pb.RulingIssued),
        events.PressureReported: EventKind("pressure_report.made", pb.PressureReported),
    },
)
