"""One matter, a page of matters, and the snapshots for other services."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.kernel.errors import not_found
from services.intake.application.access import OFFICERS, MatterView, pressed, reach, view, viewed
from services.intake.application.ports import DossierKind, MatterFilter
from services.intake.domain.lifecycle import MatterState
from services.intake.domain.likeness import LOOKED_AT, alike

if TYPE_CHECKING:
    from services.intake.storage.transaction import IntakeTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMatters:
    """Which matters; None means all."""

    state: MatterState | None
    organisation: UUID | None
    officer: UUID | None


async def get_matter(tx: "IntakeTransaction", matter_id: UUID) -> MatterView:
    """One matter; an officer also sees what may be the same complaint. Raises NOT_FOUND."""
    seen = await view(tx, await reach(tx, matter_id))
    if not seen.officer:
        return seen
    others = await tx.matters.others_of_complainant(seen.matter, LOOKED_AT)
    return replace(seen, likenesses=tuple(alike(seen.matter, others)))


async def list_matters(tx: "IntakeTransaction", query: ListMatters, after: UUID | None, count: int) -> list[MatterView]:
    """So many of the caller's own matters and those the caller handles, the newest first, without what they tell.

    ``after`` is the id of the last one seen.
    """
    ids = await tx.matter_lists.page(_wanted(tx, query), tx.viewer, after, count)
    matters = await tx.matters.summaries(ids) if ids else []
    deadlines = await tx.deadlines.of_many([matter.id for matter in matters]) if matters else {}
    reported = await pressed(tx, matters)
    return [viewed(tx, matter, deadlines.get(matter.id, ()), reported) for matter in matters]


async def read_dossier(tx: "IntakeTransaction", matter_id: UUID, kind: DossierKind, digest: bytes) -> bytes:
    """The bytes of a snapshot. Raises NOT_FOUND."""
    return await tx.matters.dossier(matter_id, kind.value, digest)


def _wanted(tx: "IntakeTransaction", query: ListMatters) -> MatterFilter:
    handled = [each for each, roles in tx.caller.roles.items() if roles & OFFICERS]
    if query.organisation is None:
        return MatterFilter(organisations=handled, own=True, state=query.state, officer=query.officer)
    if query.organisation not in handled:
        raise not_found()
    return MatterFilter(organisations=[query.organisation], own=False, state=query.state, officer=query.officer)
