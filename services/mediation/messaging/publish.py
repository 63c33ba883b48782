"""Which event of mediation is which message, and which of them leave the service."""

from comity.mediation.v1 import mediation_events_pb2 as pb

from services.common.messaging.catalogue import EventCatalogue, EventKind
from services.mediation.domain.events import agreements, cases, items, mediators, offers, sessions
from services.mediation.wire import CONVERTER


def _private(type: str, message: type) -> EventKind:
    return EventKind(type, message, published=False)


CATALOGUE = EventCatalogue(
    "mediation",
    CONVERTER,
    {
        mediators.MediatorCreated: _private("mediator.created", pb.MediatorCreated),
        cases.CaseOpened: EventKind("case.opened", pb.CaseOpened),
        cases.CaseReferralAccepted: EventKind("case.referral_accepted", pb.CaseReferralAccepted),
        cases.CaseDeclined: EventKind("case.declined", pb.CaseDeclined),
        cases.CaseConsented: EventKind("case.consented", pb.CaseConsented),
        cases.CaseNoticeAcknowledged: EventKind("case.notice_acknowledged", pb.CaseNoticeAcknowledged, published=False),
        cases.PartyBound: _private("case.party_bound", pb.PartyBound),
        cases.MediatorAppointed: EventKind("case.mediator_appointed", pb.MediatorAppointed),
        cases.ConflictDisclosed: EventKind("case.conflict_disclosed", pb.ConflictDisclosed),
        cases.ConflictWaived: EventKind("case.conflict_waived", pb.ConflictWaived),
        cases.MediatorChallenged: EventKind("case.mediator_challenged", pb.MediatorChallenged),
        cases.ChallengeDecided: EventKind("case.challenge_decided", pb.ChallengeDecided),
        cases.RepresentativeAppointed: _private("case.representative_appointed", pb.RepresentativeAppointed),
        cases.CaseStarted: EventKind("case.started", pb.CaseStarted),
        cases.CaseSuspended: EventKind("case.suspended", pb.CaseSuspended),
        cases.CaseResumed: EventKind("case.resumed", pb.CaseResumed),
        cases.CaseExtended: EventKind("case.extended", pb.CaseExtended),
        cases.CaseDeadlineNear: EventKind("case.deadline_near", pb.CaseDeadlineNear),
        cases.CaseDeadlineMoved: EventKind("case.deadline_moved", pb.CaseDeadlineMoved),
        cases.ExtensionConsented: _private("case.extension_consented", pb.ExtensionConsented),
        cases.ReopeningConsented: _private("case.reopening_consented", pb.ReopeningConsented),
        cases.NegotiationReopened: _private("case.negotiation_reopened", pb.NegotiationReopened),
        cases.CaseAgreed: EventKind("case.agreed", pb.CaseAgreed),
        cases.CaseMoved: _private("case.moved", pb.CaseMoved),
        cases.CaseTerminated: EventKind("case.terminated", pb.CaseTerminated),
        cases.CaseConcluded: EventKind("case.concluded", pb.CaseConcluded),
        cases.CaseReopened: EventKind("case.reopened", pb.CaseReopened),
        cases.RulingNoted: _private("case.ruling_noted", pb.RulingNoted),
        cases.SettlementRecorded: EventKind("settlement.recorded", pb.SettlementRecorded),
        sessions.SessionScheduled: EventKind("session.scheduled", pb.SessionScheduled),
        sessions.SessionRescheduled: EventKind("session.rescheduled", pb.SessionRescheduled),
        sessions.SessionCancelled: EventKind("session.cancelled", pb.SessionCancelled),
        sessions.SessionNoticeWaived: _private("session.notice_waived", pb.SessionNoticeWaived),
        sessions.SessionCheckedIn: _private("session.checked_in", pb.SessionCheckedIn),
        sessions.SessionStarted: _private("session.started", pb.SessionStarted),
        sessions.SessionEnded: _private("session.ended", pb.SessionEnded),
        sessions.SessionRecordDrafted: _private("session_record.drafted", pb.SessionRecordDrafted),
        sessions.SessionRecordAnswered: _private("session_record.answered", pb.SessionRecordAnswered),
        sessions.SessionRecordSealFailed: EventKind("session_record.seal_failed", pb.SessionRecordSealFailed),
        sessions.SessionRecordSealed: EventKind("session_record.sealed", pb.SessionRecordSealed),
        items.ItemAdded: _private("item.added", pb.ItemAdded),
        items.PressureReported: EventKind("item.pressure_reported", pb.PressureReported),
        items.ItemReleased: _private("item.released", pb.ItemReleased),
        offers.OfferMade: _private("offer.made", pb.OfferMade),
        offers.OfferExpiryMoved: _private("offer.expiry_moved", pb.OfferExpiryMoved),
        offers.OfferAnswered: _private("offer.answered", pb.OfferAnswered),
        offers.OfferEnded: _private("offer.ended", pb.OfferEnded),
        agreements.AgreementDrafted: _private("agreement.drafted", pb.AgreementDrafted),
        agreements.AgreementExpiryNear: EventKind("agreement.expiry_near", pb.AgreementExpiryNear),
        agreements.AgreementExpiryMoved: EventKind("agreement.expiry_moved", pb.AgreementExpiryMoved),
        agreements.AgreementFrozen: EventKind("agreement.frozen", pb.AgreementFrozen),
        agreements.AgreementThawed: _private("agreement.thawed", pb.AgreementThawed),
        agreements.AgreementActRecorded: _private("agreement.act_recorded", pb.AgreementActRecorded),
        agreements.AgreementActReleased: EventKind("agreement.act_released", pb.AgreementActReleased),
        agreements.AgreementSlotSigned: EventKind("agreement.slot_signed", pb.AgreementSlotSigned),
        agreements.AgreementRoundEnded: EventKind("agreement.round_ended", pb.AgreementRoundEnded),
        agreements.AgreementEffective: EventKind("agreement.effective", pb.AgreementEffective),
        agreements.AgreementSealed: EventKind("agreement.sealed", pb.AgreementSealed),
        agreements.AgreementSuperseded: EventKind("agreement.superseded", pb.AgreementSuperseded),
    },
)
