"""Regimes: the rules a matter or case runs under. Data files, checked at start; nothing of the law is in code."""

from services.common.regimes.loader import RegimeBook
from services.common.regimes.regime import (
    CaucusRelease,
    ClockPurpose,
    Competence,
    Confirmation,
    ConflictRule,
    EffectiveWhen,
    RecusalGround,
    Regime,
    SessionRule,
    SignatureTimes,
    SigningRule,
    SigningSlot,
    SlotRole,
    effective_at,
)

__all__ = [
    "CaucusRelease",
    "ClockPurpose",
    "Competence",
    "Confirmation",
    "ConflictRule",
    "EffectiveWhen",
    "RecusalGround",
    "Regime",
    "RegimeBook",
    "SessionRule",
    "SignatureTimes",
    "SigningRule",
    "SigningSlot",
    "SlotRole",
    "effective_at",
]
