"""This service's own copy of what it was told about a sealed agreement. It never changes."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from uuid import UUID

from services.common.kernel.particulars import Particulars as Particulars
from services.common.kernel.particulars import PartyKind as PartyKind


class CaseKind(Enum):
    """How a case came to mediation."""

    SELF_INITIATED = "SELF_INITIATED"
    DELEGATED = "DELEGATED"
    ENTRUSTED = "ENTRUSTED"


class PartySide(Enum):
    """Which side a party stands on."""

    COMPLAINANT = "COMPLAINANT"
    RESPONDENT = "RESPONDENT"


class Authority(Enum):
    """By what authority an account acts for a party."""

    SELF = "SELF"
    LEGAL_REPRESENTATIVE = "LEGAL_REPRESENTATIVE"
    GUARDIAN = "GUARDIAN"
    AGENT_GENERAL = "AGENT_GENERAL"
    AGENT_SPECIAL = "AGENT_SPECIAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementParty:
    """A party of the agreement and the account that acts for it, None for one that signed on paper only.

    ``acting_name`` is who signed for it on that authority; empty when the party signed itself. ``acting_employer`` and
    ``acting_duty`` are that person's firm or organisation, and duty there.
    """

    party: UUID
    side: PartySide
    particulars: Particulars
    account: UUID | None
    authority: Authority
    acting_name: str = ""
    acting_employer: str = ""
    acting_duty: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotCertificate:
    """Which certificate (SHA-256) signed which slot."""

    slot: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedAgreement:
    """The agreement as mediation's dossier tells it. ``regime`` is ``id@version``; ``court`` the one that referred.

    ``effective_time`` (aware UTC) is None where the law lets the court's own statement bind (entrusted cases).
    """

    agreement: UUID
    number: str
    case: UUID
    case_number: str
    court: UUID | None
    organisation: UUID
    organisation_display_name: str
    organisation_region_code: str
    regime: str
    kind: CaseKind
    subject_matter: str
    parties: tuple[AgreementParty, ...]
    mediator_display_name: str
    effective_time: datetime | None
    effectiveness_rule: str
    sealed_digest: bytes
    terms_digest: bytes
    frozen_digest: bytes
    certificates: tuple[SlotCertificate, ...]
    undisputed_facts: tuple[str, ...]
    sample: bool
    origin: str = ""
    last_due_date: date | None = None
    """The last day of performance that its terms set; None of one that was kept before this was asked."""

    @property
    def accounts(self) -> frozenset[UUID]:
        return frozenset(party.account for party in self.parties if party.account is not None)

    def party_of(self, party: UUID, account: UUID | None) -> AgreementParty | None:
        """The party, if that account acts for it."""
        for each in self.parties:
            if each.party == party and each.account is not None and each.account == account:
                return each
        return None
