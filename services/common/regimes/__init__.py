"""Regimes: the rules a matter or case runs under. Data files, checked at start; nothing of the law is in code."""

from services.common.regimes.loader import RegimeBook
from services.common.regimes.regime import (
    CaucusRelease,
    ClockPurpose,
    Competence,
    Confirmation,
    ConflictRule,
    DocumentRequirement,
    DocumentStage,
    EffectiveWhen,
    LegalText,
    Regime,
    SessionRule,
    SignatureTimes,
    SigningRule,
    SigningSlot,
    SlotRole,
    TextPurpose,
    effective_at,
)

__all__ = [
    "CaucusRelease",
    "ClockPurpose",
    "Competence",
    "Confirmation",
    "ConflictRule",
    "DocumentRequirement",
    "DocumentStage",
    "EffectiveWhen",
    "LegalText",
    "Regime",
    "RegimeBook",
    "SessionRule",
    "SignatureTimes",
    "SigningRule",
    "SigningSlot",
    "SlotRole",
    "TextPurpose",
    "effective_at",
]
