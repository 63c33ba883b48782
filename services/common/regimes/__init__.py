"""Regimes: the rules a matter or case runs under. Data files, checked at start; nothing of the law is in code."""

from services.common.regimes.loader import RegimeBook
from services.common.regimes.regime import (
    CaucusRelease,
    ClockPurpose,
    Competence,
    Confirmation,
    ConflictRule,
    EffectiveWhen,
    NoticeRule,
    Regime,
    SessionRule,
    SignatureTimes,
    SigningRule,
    SigningSlot,
    SlotRole,
    effective_at,
)
from services.common.regimes.vocabulary import (
    BY_ITSELF,
    Channel,
    MatterKind,
    RecusalGround,
    ReferralKind,
    TerminationReason,
)

__all__ = [
    "BY_ITSELF",
    "CaucusRelease",
    "Channel",
    "ClockPurpose",
    "Competence",
    "Confirmation",
    "ConflictRule",
    "EffectiveWhen",
    "MatterKind",
    "NoticeRule",
    "RecusalGround",
    "ReferralKind",
    "Regime",
    "RegimeBook",
    "SessionRule",
    "SignatureTimes",
    "SigningRule",
    "SigningSlot",
    "SlotRole",
    "TerminationReason",
    "effective_at",
]
