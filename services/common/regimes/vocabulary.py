"""The words that regimes and services share: what a regime may list, and what the services know."""

from enum import Enum


class MatterKind(Enum):
    """What a person brings."""

    COMPLAINT = "COMPLAINT"
    REPORT = "REPORT"
    CONSULTATION = "CONSULTATION"
    OPINION = "OPINION"
    SUGGESTION = "SUGGESTION"
    DISPUTE = "DISPUTE"


class Channel(Enum):
    """How it arrived, or how a party was contacted."""

    HOTLINE = "HOTLINE"
    WEB = "WEB"
    MOBILE = "MOBILE"
    COUNTER = "COUNTER"
    LETTER = "LETTER"
    TRANSFER = "TRANSFER"
    IMPORT = "IMPORT"


class ReferralKind(Enum):
    """When a court refers; a regime says which kinds run under it."""

    DELEGATED = "DELEGATED"
    ENTRUSTED = "ENTRUSTED"


class TerminationReason(Enum):
    """Why a case ended without an agreement (在线调解规则 25)."""

    SELF_SETTLED_WITHDRAWN = "SELF_SETTLED_WITHDRAWN"
    UNREACHABLE_IN_LIMIT = "UNREACHABLE_IN_LIMIT"
    PARTY_UNWILLING = "PARTY_UNWILLING"
    GAP_TOO_WIDE = "GAP_TOO_WIDE"
    LIMIT_EXPIRED_NO_EXTENSION = "LIMIT_EXPIRED_NO_EXTENSION"
    REFUSED_TO_SIGN = "REFUSED_TO_SIGN"
    RECUSAL_UNRESOLVED = "RECUSAL_UNRESOLVED"
    SHAM_SUSPECTED = "SHAM_SUSPECTED"
    DEATH_OR_EXTINCTION = "DEATH_OR_EXTINCTION"
    APPRAISAL_COST_DEADLOCK = "APPRAISAL_COST_DEADLOCK"
    REJECT_GROUND_FOUND = "REJECT_GROUND_FOUND"
    UNJUSTIFIED_ABSENCE = "UNJUSTIFIED_ABSENCE"
    OTHER = "OTHER"


BY_ITSELF = frozenset({TerminationReason.LIMIT_EXPIRED_NO_EXTENSION, TerminationReason.REFUSED_TO_SIGN})
"""Ends that come of something that happened, under every regime: nobody chooses them."""


class RecusalGround(Enum):
    """A relation of the mediator that may have to be disclosed."""

    NEAR_RELATIVE = "NEAR_RELATIVE"
    INTEREST = "INTEREST"
    OTHER_RELATION = "OTHER_RELATION"
