"""Which event of mediation is which message, and which of them leave the service."""

from comity.mediation.v1 import mediation_events_pb2 as pb

from services.common.messaging.catalogue import EventCatalogue, EventKind
from services.mediation.domain import events
from services.mediation.wire import CONVERTER


def _private(type: str, message: type) -> EventKind:
    return EventKind(type, message, published=False)


CATALOGUE = EventCatalogue(
    "mediation",
    CONVERTER,
    {
        events.MediatorCreated: _private("mediator.created", pb.MediatorCreated),
        events.CaseOpened: EventKind("case.opened", pb.CaseOpened),
        events.CaseReferralAccepted: EventKind("case.referral_accepted", pb.CaseReferralAccepted),
        events.CaseDeclined: EventKind("case.declined", pb.CaseDeclined),
        events.CaseConsented: EventKind("case.consented", pb.CaseConsented),
        events.PartyBound: _private("case.party_bound", pb.PartyBound),
        events.MediatorAppointed: EventKind("case.mediator_appointed", pb.MediatorAppointed),
        events.ConflictDisclosed: EventKind("case.conflict_disclosed", pb.ConflictDisclosed),
        events.ConflictWaived: EventKind("case.conflict_waived", pb.ConflictWaived),
        events.MediatorChallenged: EventKind("case.mediator_challenged", pb.MediatorChallenged),
        events.ChallengeDecided: EventKind("case.challenge_decided", pb.ChallengeDecided),
        events.RepresentativeAppointed: _private("case.representative_appointed", pb.RepresentativeAppointed),
        events.CaseStarted: EventKind("case.started", pb.CaseStarted),
        events.CaseSuspended: EventKind("case.suspended", pb.CaseSuspended),
        events.CaseResumed: EventKind("case.resumed", pb.CaseResumed),
        events.CaseExtended: EventKind("case.extended", pb.CaseExtended),
        events.ExtensionConsented: _private("case.extension_consented", pb.ExtensionConsented),
        events.CaseAgreed: EventKind("case.agreed", pb.CaseAgreed),
        events.CaseMoved: _private("case.moved", pb.CaseMoved),
        events.CaseTerminated: EventKind("case.terminated", pb.CaseTerminated),
        events.CaseConcluded: EventKind("case.concluded", pb.CaseConcluded),
        events.CaseReopened: EventKind("case.reopened", pb.CaseReopened),
        events.RulingNoted: _private("case.ruling_noted", pb.RulingNoted),
        events.SettlementRecorded: EventKind("settlement.recorded", pb.SettlementRecorded),
        events.SessionScheduled: EventKind("session.scheduled", pb.SessionScheduled),
        events.SessionRescheduled: EventKind("session.rescheduled", pb.SessionRescheduled),
        events.SessionCancelled: EventKind("session.cancelled", pb.SessionCancelled),
        events.SessionNoticeWaived: _private("session.notice_waived", pb.SessionNoticeWaived),
        events.SessionCheckedIn: _private("session.checked_in", pb.SessionCheckedIn),
        events.SessionStarted: _private("session.started", pb.SessionStarted),
        events.SessionEnded: _private("session.ended", pb.SessionEnded),
        events.SessionRecordDrafted: _private("session_record.drafted", pb.SessionRecordDrafted),
        events.SessionRecordAnswered: _private("session_record.answered", pb.SessionRecordAnswered),
        events.SessionRecordSealed: _private("session_record.sealed", pb.SessionRecordSealed),
        events.ItemAdded: _private("item.added", pb.ItemAdded),
        events.ItemReleased: _private("item.released", pb.ItemReleased),
        events.OfferMade: _private("offer.made", pb.OfferMade),
        events.OfferAnswered: _private("offer.answered", pb.OfferAnswered),
        events.OfferEnded: _private("offer.ended", pb.OfferEnded),
        events.AgreementDrafted: _private("agreement.drafted", pb.AgreementDrafted),
        events.AgreementFrozen: EventKind("agreement.frozen", pb.AgreementFrozen),
        events.AgreementThawed: _private("agreement.thawed", pb.AgreementThawed),
        events.AgreementActRecorded: _private("agreement.act_recorded", pb.AgreementActRecorded),
        events.AgreementActReleased: _private("agreement.act_released", pb.AgreementActReleased),
        events.AgreementPressureReported: _private("agreement.pressure_reported", pb.AgreementPressureReported),
        events.AgreementSlotSigned: EventKind("agreement.slot_signed", pb.AgreementSlotSigned),
        events.AgreementRoundEnded: EventKind("agreement.round_ended", pb.AgreementRoundEnded),
        events.AgreementEffective: EventKind("agreement.effective", pb.AgreementEffective),
        events.AgreementSealed: EventKind("agreement.sealed", pb.AgreementSealed),
        events.AgreementSuperseded: EventKind("agreement.superseded", pb.AgreementSuperseded),
    },
)
