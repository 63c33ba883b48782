"""Entering a court and listing the courts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.kernel.errors import not_found
from services.common.kernel.principal import Role
from services.court_link.application.ports import OrganisationFacts
from services.court_link.domain import errors
from services.court_link.domain.court import Court, CourtLevel

if TYPE_CHECKING:
    from services.court_link.storage.transaction import CourtLinkTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCourt:
    """``facts``: what identity said of the organisation before the transaction."""

    organisation: UUID
    display_name: str
    level: CourtLevel
    region_codes: tuple[str, ...]
    sample: bool
    facts: OrganisationFacts


async def create_court(tx: "CourtLinkTransaction", command: CreateCourt) -> Court:
    """By an administrator of the court's own organisation. Raises NOT_FOUND, NOT_A_COURT, COURT_EXISTS."""
    if not tx.caller.holds(Role.ADMINISTRATOR, command.organisation):
        raise not_found("该机构", "that organisation")
    if not command.facts.is_court:
        raise errors.not_a_court()
    if await tx.courts.of_organisation(command.organisation) is not None:
        raise errors.court_exists()
    court = Court.create(
        tx.new_id(),
        command.organisation,
        command.display_name,
        command.level,
        command.region_codes,
        command.sample or command.facts.sample,
    )
    await tx.courts.save(court)
    return court
