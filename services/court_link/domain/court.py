"""A court and the places it serves."""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from services.common.kernel.events import Aggregate
from services.court_link.domain.events import CourtCreated


class CourtLevel(Enum):
    """Which disputes a court hears in first instance."""

    BASIC = "BASIC"
    INTERMEDIATE = "INTERMEDIATE"


@dataclass(slots=True, kw_only=True)
class Court(Aggregate):
    """``region_codes``: GB/T 2260 codes of the places it serves; a code ending in 00 stands for all places below it."""

    display_name: str
    level: CourtLevel
    region_codes: tuple[str, ...]
    sample: bool

    @classmethod
    def create(
        cls,
        id: UUID,
        organisation_id: UUID,
        display_name: str,
        level: CourtLevel,
        region_codes: tuple[str, ...],
        sample: bool,
    ) -> "Court":
        court = cls(
            id=id,
            organisation_id=organisation_id,
            display_name=display_name,
            level=level,
            region_codes=region_codes,
            sample=sample,
        )
        court.record(CourtCreated(court=id, organisation=organisation_id))
        return court

    @property
    def organisation(self) -> UUID:
        return self.organisation_id

    def serves(self, place: str) -> bool:
        """Whether the place (six digits) lies in its territory; no court serves an unknown place."""
        return len(place) == 6 and any(place.startswith(_territory(code)) for code in self.region_codes)  # noqa: PLR2004


def _territory(code: str) -> str:
    """``320102`` a district, ``3201`` of ``320100`` a city, ``32`` of ``320000`` a province."""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code
