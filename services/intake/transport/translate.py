"""Between messages and matters. What is not the caller's own leaves masked."""

from datetime import UTC
from typing import Any, TypeVar

from comity.common.v1 import deadline_pb2, money_pb2, party_pb2, pressure_pb2
from comity.intake.v1 import intake_service_pb2 as pb
from comity.intake.v1 import matter_pb2
from google.protobuf.message import DecodeError

from services.common.convert import enum_member, enum_number
from services.common.deadlines import Deadline
from services.common.kernel.entering import entered, entry_warnings
from services.common.kernel.errors import DomainError, invalid
from services.common.kernel.ids import parse_name, resource_name
from services.common.kernel.masking import before_mask
from services.common.kernel.money import Money
from services.common.kernel.names import RequirePrintable
from services.common.kernel.particulars import Particulars
from services.common.kernel.pressure import PressureReport
from services.common.rpc.gate import require_message
from services.intake.application.access import MatterView
from services.intake.application.clocks import DueMatter, ListDueMatters
from services.intake.application.file_matter import FileMatter, FilingQuota
from services.intake.application.import_matters import Judged, Row
from services.intake.application.ports import ImportTotal
from services.intake.application.reach_parties import RecordContact
from services.intake.application.read_matters import ListMatters
from services.intake.domain.lifecycle import MatterState
from services.intake.domain.likeness import both_sides, same_person
from services.intake.domain.matter import Matter
from services.intake.domain.values import Channel, Contact, MatterKind, Party
from services.intake.wire import CONVERTER, particulars

_STATE = matter_pb2.MatterState.DESCRIPTOR
_KIND = matter_pb2.MatterKind.DESCRIPTOR
_CHANNEL = matter_pb2.Channel.DESCRIPTOR
_SEVERITY = matter_pb2.Severity.DESCRIPTOR
_GROUND = matter_pb2.DeclineGround.DESCRIPTOR
_NO_MEDIATION = matter_pb2.NoMediationReason.DESCRIPTOR
_OUTCOME = matter_pb2.Outcome.DESCRIPTOR
_VERDICT = pb.ImportVerdict.DESCRIPTOR
_SIDE = party_pb2.PartySide.DESCRIPTOR
_PARTY_KIND = party_pb2.PartyKind.DESCRIPTOR
_DEADLINE_STATE = deadline_pb2.DeadlineState.DESCRIPTOR

R = TypeVar("R")


def file_matter(request: pb.FileMatterRequest, quota: FilingQuota, require_printable: RequirePrintable) -> FileMatter:
    """The command, without a number yet. Raises what ``entered`` raises, naming the field."""
    return FileMatter(
        organisation=parse_name("organisations", request.organisation, "organisation"),
        number="",
        quota=quota,
        kind=enum_member(_KIND, request.kind, MatterKind),
        channel=enum_member(_CHANNEL, request.channel, Channel),
        subject_matter=request.subject_matter,
        facts=request.facts,
        request=request.request,
        amount=_money(request.amount, "amount") if request.HasField("amount") else None,
        complainant=_entry(request.complainant, "complainant", require_printable),
        respondent=_entry(request.respondent, "respondent", require_printable),
        sample=request.sample,
        source_facts=dict(request.source_facts),
    )


def warnings(command: FileMatter) -> list[party_pb2.EntryWarning]:
    """What looks wrong about the parties as they were given."""
    found = [
        *same_person(command.complainant, command.respondent),
        *entry_warnings(command.complainant.kind, command.complainant, "complainant"),
        *entry_warnings(command.respondent.kind, command.respondent, "respondent"),
    ]
    return [CONVERTER.write(each, party_pb2.EntryWarning) for each in found]


def imported_row(
    request: pb.ImportMattersRequest, row: pb.ImportedRow, quota: FilingQuota, require_printable: RequirePrintable
) -> Row:
    """A row of an import, without a number yet; what is wrong with it is its verdict."""
    try:
        filing = _decoded(row.filing)
        filing.request_id, filing.organisation = request.request_id, request.organisation
        require_message(filing)
        return Row(key=row.key, filing=file_matter(filing, quota, require_printable))
    except DomainError as refusal:
        return Row(key=row.key, filing=refusal)


def _decoded(filing: bytes) -> pb.FileMatterRequest:
    try:
        return pb.FileMatterRequest.FromString(filing)
    except DecodeError:
        zh, en = "该行内容无法读取", "the row is no FileMatterRequest"
        raise invalid("MALFORMED_ROW", zh, en, field="filing") from None


def imported_matter(judged: Judged) -> pb.ImportedMatter:
    verdict = enum_number(_VERDICT, judged.verdict)
    told = pb.ImportedMatter(key=judged.key, verdict=verdict)  # type: ignore[arg-type]
    if judged.matter is not None:
        told.matter, told.number = resource_name("matters", judged.matter.matter), judged.matter.number
    if (refusal := judged.refusal) is not None:
        told.reason, told.field, told.zh, told.en = refusal.reason, refusal.field, refusal.zh, refusal.en
    return told


def import_total(total: ImportTotal) -> pb.ImportTotal:
    return pb.ImportTotal(
        state=enum_number(_STATE, total.state),  # type: ignore[arg-type]
        currency=total.currency,
        matters=total.matters,
        minor_units=total.minor_units,
    )


def record_contact(request: pb.RecordContactRequest) -> RecordContact:
    return RecordContact(
        id=parse_name("matters", request.name),
        version=request.version,
        party=parse_name("parties", request.party, "party"),
        channel=enum_member(_CHANNEL, request.channel, Channel),
        contact_time=request.contact_time.ToDatetime(tzinfo=UTC),
        reached=request.reached,
        remarks=request.remarks,
    )


def list_matters(request: pb.ListMattersRequest) -> ListMatters:
    return ListMatters(
        state=enum_member(_STATE, request.state, MatterState) if request.state else None,
        organisation=parse_name("organisations", request.organisation, "organisation")
        if request.organisation
        else None,
        officer=parse_name("accounts", request.officer, "officer") if request.officer else None,
    )


def list_due_matters(request: pb.ListDueMattersRequest) -> ListDueMatters:
    return ListDueMatters(
        organisation=parse_name("organisations", request.organisation, "organisation")
        if request.organisation
        else None,
        officer=parse_name("accounts", request.officer, "officer") if request.officer else None,
        days=request.days,
    )


def due_matter(due: DueMatter) -> matter_pb2.DueMatter:
    return matter_pb2.DueMatter(
        matter=resource_name("matters", due.matter),
        number=due.number,
        state=enum_number(_STATE, due.state),  # type: ignore[arg-type]
        officer=resource_name("accounts", due.officer) if due.officer else "",
        deadline=_deadline(due.deadline),
    )


def matter(view: MatterView) -> matter_pb2.Matter:
    """The matter as the caller may see it."""
    seen = view.matter
    message = matter_pb2.Matter(
        name=resource_name("matters", seen.id),
        number=seen.number,
        organisation=resource_name("organisations", seen.organisation_id),
        regime=seen.regime,
        subject_matter=seen.subject_matter,
        facts=seen.facts,
        request=seen.request,
        parties=[_party(party, view) for party in seen.parties],
        decline_remedies=seen.decline_remedies,
        case=seen.case,
        deadlines=[_deadline(deadline) for deadline in view.deadlines],
        sample=seen.sample,
        version=seen.version_for(officer=view.officer),
        source_facts=seen.source_facts,
        pressure_reported=view.pressure_reported,
        reopen_requested=view.officer and seen.reopen_requested,
    )
    _set_choices(message, seen)
    message.receive_time.FromDatetime(seen.receive_time)
    if seen.amount is not None:
        message.amount.CopyFrom(money_pb2.Money(currency=seen.amount.currency, minor_units=seen.amount.minor_units))
    if seen.officer is not None and view.officer:
        message.officer = resource_name("accounts", seen.officer)
    if view.officer:
        message.possible_duplicates.extend(
            CONVERTER.write(each, matter_pb2.PossibleDuplicate) for each in view.likenesses
        )
        message.remarks.extend(_remarks(seen))
        message.contacts.extend(_contact(contact) for contact in seen.contacts)
    return message


def _remarks(seen: Matter) -> list[party_pb2.EntryWarning]:
    found = list(both_sides(seen))
    for party in seen.parties:
        if party.particulars is not None:
            found += entry_warnings(party.kind, party.particulars, party.side.value.lower())
    return [CONVERTER.write(each, party_pb2.EntryWarning) for each in found]


def pressure_report(report: PressureReport) -> pressure_pb2.PressureReport:
    return CONVERTER.write(report, pressure_pb2.PressureReport)


def _set_choices(message: matter_pb2.Matter, seen: Matter) -> None:
    choices: list[tuple[str, Any, Any]] = [
        ("kind", _KIND, seen.kind),
        ("channel", _CHANNEL, seen.channel),
        ("state", _STATE, seen.state),
        ("severity", _SEVERITY, seen.severity),
        ("decline_ground", _GROUND, seen.decline_ground),
        ("no_mediation_reason", _NO_MEDIATION, seen.no_mediation_reason),
        ("outcome", _OUTCOME, seen.outcome),
    ]
    for field, descriptor, member in choices:
        if member is not None:
            setattr(message, field, enum_number(descriptor, member))


def _party(party: Party, view: MatterView) -> matter_pb2.Party:
    own = view.account is not None and party.account == view.account
    message = matter_pb2.Party(
        name=resource_name("parties", party.id),
        side=enum_number(_SIDE, party.side),  # type: ignore[arg-type]
        particulars=_full(party) if own or view.officer else _masked(party),
    )
    if own or view.officer:
        message.account = resource_name("accounts", party.account) if party.account else ""
        message.invitation = party.invitation
    if view.officer:
        message.invitation_problem = party.invitation_problem
    if party.mediation_consent_time is not None:
        message.mediation_consent_time.FromDatetime(party.mediation_consent_time)
    if party.online_consent_time is not None:
        message.online_consent_time.FromDatetime(party.online_consent_time)
    return message


def _full(party: Party) -> party_pb2.PartyParticulars:
    if party.particulars is None:
        return _masked(party)
    return particulars(party.kind, party.display_name, party.particulars)


def _masked(party: Party) -> party_pb2.PartyParticulars:
    return party_pb2.PartyParticulars(
        display_name=party.display_name,
        kind=enum_number(_PARTY_KIND, party.kind),  # type: ignore[arg-type]
        identity_number=before_mask(party.identity_head) if party.identity_head else "",
    )


def _contact(contact: Contact) -> matter_pb2.Contact:
    message = matter_pb2.Contact(
        party=resource_name("parties", contact.party),
        channel=enum_number(_CHANNEL, contact.channel),  # type: ignore[arg-type]
        reached=contact.reached,
        remarks=contact.remarks,
    )
    message.contact_time.FromDatetime(contact.contact_time)
    return message


def _deadline(deadline: Deadline) -> deadline_pb2.Deadline:
    message = deadline_pb2.Deadline(
        rule=deadline.rule,
        due_date=deadline.due_date.isoformat(),
        provisional=deadline.provisional,
        state=enum_number(_DEADLINE_STATE, deadline.state),  # type: ignore[arg-type]
        source=deadline.source,
    )
    message.due_time.FromDatetime(deadline.due_time)
    return message


def _entry(given: party_pb2.PartyParticulars, field: str, require_printable: RequirePrintable) -> Particulars:
    try:
        read = CONVERTER.read(Particulars, given)
    except DomainError as refusal:
        raise refusal.within(field) from None
    return entered(read, field, require_printable)


def _money(amount: money_pb2.Money, field: str) -> Money:
    try:
        return Money(amount.currency, amount.minor_units)
    except DomainError as refusal:
        raise refusal.within(field) from None
