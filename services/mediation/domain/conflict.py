"""The conflict check of a mediator for one case (利益冲突审查): what was found, declared and waived. It moves no case."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from services.common.kernel.errors import precondition
from services.mediation.domain.vocabulary import ConflictStatus, RecusalGround


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictCheck:
    """``detected`` was found by comparing people, ``declared`` and ``statement`` are the mediator's own."""

    mediator: UUID
    status: ConflictStatus = ConflictStatus.PENDING
    declared: tuple[RecusalGround, ...] = ()
    detected: tuple[RecusalGround, ...] = ()
    waived_by: tuple[UUID, ...] = ()
    statement: str = ""

    def declare(self, grounds: Iterable[RecusalGround], statement: str, *, waivable: bool) -> "ConflictCheck":
        """The mediator's declaration. A relation is DISCLOSED where all may waive it, and RECUSED where nobody may."""
        declared = tuple(dict.fromkeys(grounds))
        if not declared and not self.detected:
            return replace(self, status=ConflictStatus.CLEAR, statement=statement)
        status = ConflictStatus.DISCLOSED if waivable else ConflictStatus.RECUSED
        return replace(self, status=status, declared=declared, statement=statement)

    def waive(self, party: UUID, parties: Iterable[UUID]) -> "ConflictCheck":
        """One party lets the mediator go on; WAIVED when all have (法释〔2016〕14号第15条). Raises NOTHING_TO_WAIVE."""
        if self.status is not ConflictStatus.DISCLOSED:
            raise precondition(
                "NOTHING_TO_WAIVE", "没有需要同意的披露事项", "nothing was disclosed that needs a waiver"
            )
        waived = tuple(dict.fromkeys((*self.waived_by, party)))
        status = ConflictStatus.WAIVED if set(waived) >= set(parties) else ConflictStatus.DISCLOSED
        return replace(self, waived_by=waived, status=status)

    def finds_more(self, detected: Iterable[RecusalGround]) -> bool:
        return not set(detected) <= set(self.detected)

    def with_found(self, detected: Iterable[RecusalGround]) -> "ConflictCheck":
        """Relations that came up later: after a declaration they are disclosed anew, and earlier waivers lapse."""
        found = replace(self, detected=tuple(dict.fromkeys((*self.detected, *detected))))
        if self.status is ConflictStatus.PENDING:
            return found
        return replace(found, status=ConflictStatus.DISCLOSED, waived_by=())
