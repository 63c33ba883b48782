"""What a party reads before its case opens, and that it says so."""

from dataclasses import dataclass
from uuid import UUID

from services.common.regimes import NoticeRule
from services.mediation.application.ports import Work
from services.mediation.application.reach import as_member, regime_of
from services.mediation.domain import errors
from services.mediation.domain.case import Case


async def case_notice(tx: Work, id: UUID) -> NoticeRule:
    """Rights, duties and the warning against sham mediation, as the case's regime has them. Raises NOT_FOUND."""
    return regime_of(tx, await tx.cases.get(id)).notice


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeNotice:
    id: UUID
    version: int
    party: UUID
    digest: bytes


async def acknowledge_notice(tx: Work, command: AcknowledgeNotice) -> Case:
    """By the party or who acts for it. Raises NOTICE_DIFFERS for another text than this case's."""
    case = await tx.cases.get(command.id, command.version)
    as_member(tx, case, command.party)
    if command.digest != regime_of(tx, case).notice.digest:
        raise errors.notice_changed()
    assert tx.caller.account_id is not None  # noqa: S101 - a member is a person
    case.acknowledge(command.party, tx.caller.account_id, command.digest, tx.now)
    return await tx.cases.save(case)
