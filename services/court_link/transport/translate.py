"""Between messages and the domain; what is not the caller's comes masked."""

from dataclasses import replace
from uuid import UUID

from comity.common.v1 import party_pb2, pressure_pb2
from comity.court_link.v1 import application_pb2, court_pb2
from comity.court_link.v1 import court_link_service_pb2 as pb

from services.common.kernel.docket_numbers import normal_docket_number
from services.common.kernel.entering import entered, entry_warnings
from services.common.kernel.ids import parse_name, resource_name
from services.common.kernel.names import RequirePrintable
from services.common.kernel.pressure import PressureReport
from services.court_link.application.eligibility import EligibilityView
from services.court_link.application.ports import OrganisationFacts
from services.court_link.application.referrals import CreateReferral, ReferralSnapshots
from services.court_link.application.views import ApplicationView, RulingView
from services.court_link.domain.agreement import AgreementParty, SealedAgreement
from services.court_link.domain.application import Consent
from services.court_link.domain.court import Court
from services.court_link.domain.referral import Referral
from services.court_link.domain.ruling import Decision
from services.court_link.wire import CONVERTER


def court(value: Court) -> court_pb2.Court:
    return CONVERTER.write(value, court_pb2.Court)


def create_referral(
    request: pb.CreateReferralRequest,
    snapshots: ReferralSnapshots,
    addressee: OrganisationFacts,
    require_printable: RequirePrintable,
) -> CreateReferral:
    """The command, with both parties as they are kept. Raises what ``entered`` raises, naming the field."""
    command = CONVERTER.read(CreateReferral, request, snapshots=snapshots, addressee=addressee)
    return replace(
        command,
        docket_number=normal_docket_number(command.docket_number, "docket_number", require_printable),
        claimant=entered(command.claimant, "claimant", require_printable),
        respondent=entered(command.respondent, "respondent", require_printable),
    )


def warnings(command: CreateReferral) -> list[party_pb2.EntryWarning]:
    """What looks wrong about the parties as they were given."""
    found = [
        *entry_warnings(command.claimant.kind, command.claimant, "claimant"),
        *entry_warnings(command.respondent.kind, command.respondent, "respondent"),
    ]
    return [CONVERTER.write(each, party_pb2.EntryWarning) for each in found]


def referral(value: Referral) -> court_pb2.Referral:
    return CONVERTER.write(value, court_pb2.Referral)


def shorten_referral(message: court_pb2.Referral) -> None:
    """What a list tells of a referral."""
    message.facts = message.request = ""


def eligibility(view: EligibilityView) -> application_pb2.Eligibility:
    return CONVERTER.write(view, application_pb2.Eligibility)


def application(view: ApplicationView) -> application_pb2.Application:
    """Another party's service address and account are not the caller's to know; the court knows them."""
    message = CONVERTER.write(view, application_pb2.Application)
    del message.consents[:]
    message.consents.extend(_consent(each, shown=each.party in view.own) for each in view.consents)
    message.ClearField("file")
    if view.file is not None:
        message.file.CopyFrom(court_file(view.file))
    return message


def shorten_application(message: application_pb2.Application) -> None:
    """What a list tells of an application: the court's file is one of its own."""
    message.ClearField("file")


def _consent(consent: Consent, *, shown: bool) -> application_pb2.Consent:
    message = CONVERTER.write(consent, application_pb2.Consent)
    if not shown:
        message.service_address = masked(message.service_address)
        message.ClearField("account")
    return message


def masked(text: str) -> str:
    """The first three characters and nothing of the rest, not even its length; of a short text nothing."""
    shown = 3
    return f"{text[:shown]}***" if len(text) > 2 * shown else "***"


def court_file(agreement: SealedAgreement) -> application_pb2.CourtFile:
    """What the court is sent beside the documents."""
    message = CONVERTER.write(agreement, application_pb2.CourtFile)
    message.agreement_number = agreement.number
    del message.parties[:]
    message.parties.extend(_filed(party) for party in agreement.parties)
    return message


def _filed(party: AgreementParty) -> application_pb2.FiledParty:
    return CONVERTER.write(party, application_pb2.FiledParty)


def ruling(view: RulingView) -> application_pb2.Ruling:
    value = view.ruling
    message = CONVERTER.write(value, application_pb2.Ruling)
    decided = CONVERTER.write(value.decision, application_pb2.Ruling)
    message.MergeFrom(decided)
    message.frozen_digest = value.text.digest
    message.pressure_reported = view.pressure_reported
    return message


def pressure_report(report: PressureReport) -> pressure_pb2.PressureReport:
    return CONVERTER.write(report, pressure_pb2.PressureReport)


def decision(request: pb.PrepareRulingRequest) -> Decision:
    return CONVERTER.read(Decision, request)


def optional_name(collection: str, name: str, field: str) -> UUID | None:
    return parse_name(collection, name, field) if name else None


def name_of(collection: str, id: UUID) -> str:
    return resource_name(collection, id)
