"""Filing: the matter gets its number and its clock at once, whatever it turns out to be."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.deadlines import Deadline
from services.common.deadlines.rule import ANY_REGIME
from services.common.kernel.errors import DomainError
from services.common.kernel.house import HOUSE_ZONE
from services.common.kernel.masking import number_head
from services.common.kernel.money import Money
from services.common.kernel.particulars import Particulars
from services.common.kernel.principal import Role
from services.intake.application.access import MatterView, viewed
from services.intake.application.ports import Dossier, FilingCapacity, FilingRoom
from services.intake.domain import errors
from services.intake.domain.lifecycle import MatterState
from services.intake.domain.matter import Matter
from services.intake.domain.values import Channel, MatterKind, Party, PartySide

if TYPE_CHECKING:
    from services.intake.storage.transaction import IntakeTransaction

HOUSE_ACCEPT_CLOCK = "INTAKE.ACCEPT"
"""Runs from receipt until triage names a regime, which may have a clock of its own."""

RECEIVING_KINDS = ("INTAKE", "PLATFORM")


@dataclass(frozen=True, slots=True)
class FilingQuota:
    """How many matters one account files within a day of the house: for itself, as an officer, and by import."""

    person: int
    officer: int
    imported: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMatter:
    """``number`` was taken beforehand, so that filings do not wait for each other."""

    organisation: UUID
    number: str
    quota: FilingQuota
    kind: MatterKind
    channel: Channel
    subject_matter: str
    facts: str
    request: str
    amount: Money | None
    complainant: Particulars
    respondent: Particulars
    sample: bool
    source_facts: dict[str, str]


async def file_matter(tx: "IntakeTransaction", command: FileMatter) -> MatterView:
    """Receives a matter. An officer of the organisation files for somebody else; anybody else for oneself.

    Raises TOO_MANY_FILINGS (EXHAUSTED) beyond the day's quota, with when the next day begins.
    """
    assisted = tx.caller.holds(Role.INTAKE_OFFICER, command.organisation)
    quota = command.quota.officer if assisted else command.quota.person
    tx.authority = f"officer of organisations/{command.organisation}" if assisted else "complainant"
    matter, contacts, deadline = await received(tx, command, None if assisted else tx.caller.account_id)
    room = room_today(tx, FilingCapacity.OFFICER if assisted else FilingCapacity.PERSON, quota)
    if not await tx.matters.add(matter, contacts, room):
        raise no_room(room)
    return viewed(tx, matter, (deadline,))


async def received(
    tx: "IntakeTransaction", command: FileMatter, account: UUID | None, matter_id: UUID | None = None
) -> tuple[Matter, Dossier, Deadline]:
    """A matter received now, not stored yet, with its contacts and its clock; ``account`` is the complainant's own."""
    matter = _matter(tx, matter_id or tx.new_id(), command, account)
    contacts = tx.dossiers.contacts(matter)
    deadline = await tx.deadlines.start(
        HOUSE_ACCEPT_CLOCK, matter, "matters", regime=ANY_REGIME, anchor=matter.receive_time
    )
    matter.receive(contacts.digest, deadline.due_date, deadline.provisional)
    return matter, contacts, deadline


def room_today(tx: "IntakeTransaction", capacity: FilingCapacity, quota: int) -> FilingRoom:
    return FilingRoom(tx.caller.subject, capacity, tx.now.astimezone(HOUSE_ZONE).date(), quota)


def no_room(room: FilingRoom) -> DomainError:
    """TOO_MANY_FILINGS, with when the next day begins."""
    tomorrow = datetime.combine(room.day + timedelta(days=1), time(), HOUSE_ZONE)
    return errors.too_many_filings(room.quota, tomorrow.astimezone(UTC))


def _matter(tx: "IntakeTransaction", matter_id: UUID, command: FileMatter, account: UUID | None) -> Matter:
    return Matter(
        id=matter_id,
        organisation_id=command.organisation,
        number=command.number,
        kind=command.kind,
        channel=command.channel,
        state=MatterState.SUBMITTED,
        subject_matter=command.subject_matter,
        facts=command.facts,
        request=command.request,
        amount=command.amount,
        parties=(
            _party(tx.new_id(), PartySide.COMPLAINANT, command.complainant, account),
            _party(tx.new_id(), PartySide.RESPONDENT, command.respondent, None),
        ),
        receive_time=tx.now,
        sample=command.sample,
        source_facts=command.source_facts,
    )


def _party(party_id: UUID, side: PartySide, entry: Particulars, account: UUID | None) -> Party:
    return Party(
        id=party_id,
        side=side,
        display_name=entry.display_name,
        kind=entry.kind,
        identity_head=number_head(entry.identity_number),
        particulars=entry.private,
        account=account,
    )


def require_receiving(kind: str | None) -> None:
    """Raises ORGANISATION_UNKNOWN, ORGANISATION_WRONG_KIND for an organisation that receives no complaints."""
    if kind is None:
        raise errors.organisation_unknown("organisation")
    if kind not in RECEIVING_KINDS:
        raise errors.organisation_wrong_kind("organisation")
