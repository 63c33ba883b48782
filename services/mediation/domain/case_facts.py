"""What a case holds beside its parties and its conflict check: consents to a longer limit, facts of the organisation."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


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
    short_name: str = ""

    @property
    def in_numbers(self) -> str:
        """How its numbers name it."""
        return self.short_name or self.display_name
