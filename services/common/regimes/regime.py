"""What a regime (调解制度) says, as frozen values. A case keeps the id and version it runs under for good."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from services.common.deadlines.rule import Evidence
from services.common.regimes.vocabulary import RecusalGround


class ClockPurpose(Enum):
    """What a regime needs a clock for; the regime's file names the rule."""

    ACCEPT_MATTER = "ACCEPT_MATTER"
    CLOSE_MATTER = "CLOSE_MATTER"
    CALL_BACK = "CALL_BACK"
    MEDIATE = "MEDIATE"
    MEDIATE_SUMMARY = "MEDIATE_SUMMARY"
    ACCEPT_REFERRAL = "ACCEPT_REFERRAL"
    CONTACT_OTHER_SIDE = "CONTACT_OTHER_SIDE"
    DESIGNATE_MEDIATOR = "DESIGNATE_MEDIATOR"
    ANSWER_OFFER = "ANSWER_OFFER"
    SIGN = "SIGN"
    APPLY_FOR_CONFIRMATION = "APPLY_FOR_CONFIRMATION"
    COURT_ACCEPT = "COURT_ACCEPT"
    COURT_DECIDE = "COURT_DECIDE"
    PARTY_OBJECTION = "PARTY_OBJECTION"
    THIRD_PARTY_OBJECTION = "THIRD_PARTY_OBJECTION"
    APPLY_FOR_ENFORCEMENT = "APPLY_FOR_ENFORCEMENT"


OF_MATTERS = frozenset({ClockPurpose.ACCEPT_MATTER, ClockPurpose.CLOSE_MATTER, ClockPurpose.CALL_BACK})
"""What runs only where people bring their matters."""
OF_REFERRALS = frozenset({ClockPurpose.ACCEPT_REFERRAL, ClockPurpose.CONTACT_OTHER_SIDE, ClockPurpose.MEDIATE_SUMMARY})
"""What runs only where a court refers."""
OF_COURTS = frozenset(
    {
        ClockPurpose.APPLY_FOR_CONFIRMATION,
        ClockPurpose.COURT_ACCEPT,
        ClockPurpose.COURT_DECIDE,
        ClockPurpose.PARTY_OBJECTION,
        ClockPurpose.THIRD_PARTY_OBJECTION,
        ClockPurpose.APPLY_FOR_ENFORCEMENT,
    }
)
"""What runs exactly where a court may confirm."""
NEEDED = OF_COURTS | {ClockPurpose.MEDIATE, ClockPurpose.SIGN, ClockPurpose.CALL_BACK}
"""What a regime cannot be without where it may run; intake and offers get on without the others."""


class SlotRole(Enum):
    """Whose signature a slot holds; ``PARTY`` stands for one slot per signing party or the agent who signs for it."""

    PARTY = "PARTY"
    MEDIATOR = "MEDIATOR"
    ORGANISATION_SEAL = "ORGANISATION_SEAL"


class EffectiveWhen(Enum):
    """The moment an agreement binds. The 30 days for confirmation run from it."""

    ALL_PARTIES_SIGNED = "ALL_PARTIES_SIGNED"
    PARTIES_AND_MEDIATOR = "PARTIES_AND_MEDIATOR"
    PARTIES_MEDIATOR_AND_SEAL = "PARTIES_MEDIATOR_AND_SEAL"
    # The court's mediation statement (调解书) binds once both have signed for it; the platform never decides this.
    COURT_STATEMENT_RECEIVED = "COURT_STATEMENT_RECEIVED"


class Competence(Enum):
    """Which court confirms: only the one that invited, or one of the places the law lists."""

    INVITING_COURT = "INVITING_COURT"
    DOMICILE_SUBJECT_ORGANISATION = "DOMICILE_SUBJECT_ORGANISATION"


class CaucusRelease(Enum):
    """What may happen to something said in private when its party has not spoken about releasing it."""

    DENY = "DENY"
    ALLOW_UNLESS_CONFIDENTIAL = "ALLOW_UNLESS_CONFIDENTIAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRule:
    """How sessions are called. ``notice`` is the least time between notice and session, unless all consent to less.

    After ``no_shows_to_terminate`` sessions that one party missed the case may end for its absence.
    """

    notice: timedelta
    notice_waivable_by_all_parties: bool
    grace: timedelta
    no_shows_to_terminate: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRule:
    """What each party reads and acknowledges before a case opens: rights and duties, and the warning against sham
    mediation (法释〔2016〕14号第14条; 在线调解规则第17条).
    """

    rights_zh: str
    rights_en: str
    warning_zh: str
    warning_en: str
    source: str

    @property
    def digest(self) -> bytes:
        """SHA-256 of all that is read, so that an acknowledgement says of what."""
        read = f"{self.rights_zh}\n{self.rights_en}\n{self.warning_zh}\n{self.warning_en}"
        return hashlib.sha256(read.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictRule:
    """What a mediator must disclose, and whether all parties together may still keep the mediator."""

    grounds: tuple[RecusalGround, ...]
    waivable_by_all_parties: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningSlot:
    """One kind of signature. Slots of one ``tier`` are signed in any order; a higher tier waits for the lower."""

    role: SlotRole
    tier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningRule:
    """Who signs, in which order, when the agreement binds. The organisation's seal closes the file, so it comes last."""

    slots: tuple[SigningSlot, ...]
    effective_when: EffectiveWhen
    electronic_excluded_subjects: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Judicial confirmation of the agreement: which court, and what is excluded from it.

    Where it does not apply, ``path_zh``/``path_en`` say where the agreement goes instead. The notice stands in the paper.
    """

    applies: bool
    competence: Competence | None
    excluded_subjects: tuple[str, ...]
    path_zh: str
    path_en: str
    notice_zh: str
    notice_en: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """One version of one regime. Times of day and legal days are those of ``zone``.

    It is for matters that people bring (``matter_kinds``, ``channels``), or for what a court refers (``referral_kinds``).
    ``responsibilities_required``: an agreement also states each party's responsibility (人民调解法第29条).
    """

    id: str
    version: str
    effective_from: date
    effective_to: date | None
    name_zh: str
    name_en: str
    zone: ZoneInfo
    sources: tuple[str, ...]
    evidence: Evidence
    matter_kinds: tuple[str, ...]
    channels: tuple[str, ...]
    excluded_subjects: tuple[str, ...]
    referral_kinds: tuple[str, ...]
    end_reasons: tuple[str, ...]
    caucus_release: CaucusRelease
    agreement_title: str
    other_ways_zh: str
    other_ways_en: str
    agreement_number_pattern: str
    responsibilities_required: bool
    clocks: Mapping[ClockPurpose, str]
    notice: NoticeRule
    session: SessionRule
    conflict: ConflictRule
    signing: SigningRule
    confirmation: Confirmation

    def in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def clock(self, purpose: ClockPurpose) -> str:
        """The id of the deadline rule. Raises LookupError where the regime has no such clock (see ``has_clock``)."""
        if purpose not in self.clocks:
            raise LookupError(f"regime {self.id} has no clock for {purpose.value}")
        return self.clocks[purpose]

    def has_clock(self, purpose: ClockPurpose) -> bool:
        return purpose in self.clocks

    def admits(self, matter_kind: str, channel: str, subject: str = "") -> bool:
        """Whether a matter of this kind, from this channel and about this subject may run under the regime."""
        return matter_kind in self.matter_kinds and channel in self.channels and subject not in self.excluded_subjects

    def local_day(self, when: datetime) -> date:
        """The day it is where the regime is at home."""
        return when.astimezone(self.zone).date()

    def limit_clock(self, *, summary: bool) -> str:
        """The rule by which a mediation ends: its own where the court that entrusted it tries in summary procedure."""
        return self.clock(ClockPurpose.MEDIATE_SUMMARY if summary else ClockPurpose.MEDIATE)

    def agreement_number(self, year: int, organisation: str, number: int) -> str:
        """``(2026)苏证调字第12号`` in full-width brackets: year, the organisation's short name, running number."""
        return self.agreement_number_pattern.format(year=year, organisation=organisation, number=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureTimes:
    """When each signature was made (aware UTC), None while missing. ``parties`` has one entry per required party."""

    parties: tuple[datetime | None, ...] = ()
    mediator: datetime | None = None
    seal: datetime | None = None


def effective_at(rule: EffectiveWhen, times: SignatureTimes) -> datetime | None:
    """The moment the agreement became effective: the last of the acts the rule asks for; None while one is missing."""
    needed: dict[EffectiveWhen, tuple[datetime | None, ...]] = {
        EffectiveWhen.ALL_PARTIES_SIGNED: times.parties,
        EffectiveWhen.PARTIES_AND_MEDIATOR: (*times.parties, times.mediator),
        EffectiveWhen.PARTIES_MEDIATOR_AND_SEAL: (*times.parties, times.mediator, times.seal),
        EffectiveWhen.COURT_STATEMENT_RECEIVED: (),
    }
    acts = needed[rule]
    signed = [moment for moment in acts if moment is not None]
    return max(signed) if times.parties and signed and len(signed) == len(acts) else None
