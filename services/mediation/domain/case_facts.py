"""What a case holds beside its parties: the conflict check, consents to a longer limit, facts of the organisation."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.mediation.domain.vocabulary import ConflictStatus, RecusalGround


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictCheck:
    """The conflict check of one mediator for this case (利益冲突审查). ``statement`` is the mediator's own."""

    mediator: UUID
    status: ConflictStatus = ConflictStatus.PENDING
    declared: tuple[RecusalGround, ...] = ()
    detected: tuple[RecusalGround, ...] = ()
    waived_by: tuple[UUID, ...] = ()
    statement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionConsent:
    """A party's consent to so many more days."""

    party: UUID
    days: int
    consent_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationFacts:
    """The mediation organisation as it was when the case was opened, for its documents."""

    display_name: str
    region_code: str = ""
    sample: bool = False
