"""Call-backs: owed when a matter ends, recorded call by call, seen by officers of the matter's organisation only."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.deadlines import Deadline, DeadlineMove, Owner
from services.common.kernel.errors import not_found
from services.common.kernel.ids import derived_id
from services.common.kernel.principal import Role
from services.common.regimes import ClockPurpose
from services.notify.application.moved import DEADLINE_MOVED, facts_of
from services.notify.application.ports import Subject
from services.notify.application.tell import Telling, tell
from services.notify.domain.call_back import CallBack, CallBackAttempt
from services.notify.domain.values import CallBackState

if TYPE_CHECKING:
    from services.notify.storage.transaction import NotifyTransaction

CALL_BACKS = "callBacks"
OFFICERS = frozenset({Role.INTAKE_OFFICER, Role.SUPERVISOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCallBackAttempt:
    id: UUID
    version: int
    connected: bool
    rating: int
    remarks: str
    reopen_requested: bool


async def owe_call_back(
    tx: "NotifyTransaction", event_id: UUID, subject: Subject, recipient: str, regime_name: str
) -> None:
    """Creates the call-back of a matter concluded under a regime (``id@version``) and tells the officers.

    Once per matter and conclusion.
    """
    id, _, version = regime_name.partition("@")
    clock = tx.regimes.version(id, version).clock(ClockPurpose.CALL_BACK)
    owner = Owner(derived_id("call_back", event_id), subject.organisation_id)
    deadline = await tx.deadlines.start(clock, owner, CALL_BACKS, regime=id, anchor=tx.now)
    call_back = CallBack(
        id=owner.id,
        organisation_id=owner.organisation_id,
        subject=subject.name,
        recipient=recipient,
        state=CallBackState.DUE,
        due_time=deadline.due_time,
        provisional=deadline.provisional,
    )
    call_back.created()
    if not await tx.call_backs.add(call_back):
        return
    facts = {"due_date": deadline.due_date, "provisional": deadline.provisional}
    telling = Telling(event_id=event_id, template="call_back_due", subject=subject, facts=facts)
    await tell(tx, telling, await tx.people.staff_cards(subject.organisation_id, Role.INTAKE_OFFICER.value))


async def call_back_moved(tx: "NotifyTransaction", deadline: Deadline, move: DeadlineMove) -> None:
    """The calendar of its limit changed: the officers who were told the old day are told the new one."""
    call_back = await tx.call_backs.get(deadline.aggregate_id)
    call_back.deadline_moved(move)
    await tx.call_backs.save(call_back)
    subject = await tx.people.subject(call_back.subject)
    told = Telling(event_id=tx.new_id(), template=DEADLINE_MOVED, subject=subject, facts=facts_of(move))
    await tell(tx, told, await tx.people.staff_cards(subject.organisation_id, Role.INTAKE_OFFICER.value))


async def call_back_overdue(tx: "NotifyTransaction", deadline: Deadline) -> None:
    """Nobody called in time: the supervisors learn it."""
    call_back = await tx.call_backs.get(deadline.aggregate_id)
    subject = await tx.people.subject(call_back.subject)
    facts = {"due_date": deadline.due_date, "provisional": deadline.provisional}
    telling = Telling(event_id=deadline.id, template="call_back_overdue", subject=subject, facts=facts)
    await tell(tx, telling, await tx.people.staff_cards(subject.organisation_id, Role.SUPERVISOR.value))


async def record_call_back_attempt(tx: "NotifyTransaction", command: RecordCallBackAttempt) -> CallBack:
    """Records a call; what ends the call-back also meets its clock.

    Raises CALL_BACK_OVER, RATING_OR_REMARKS_REQUIRED, NOBODY_WAS_REACHED.
    """
    call_back = await tx.call_backs.get(command.id)
    if not tx.caller.holds(Role.INTAKE_OFFICER, call_back.organisation_id):
        raise not_found()
    call_back.require_version(command.version)
    tx.authority = f"officer of organisations/{call_back.organisation_id}"
    attempt = CallBackAttempt(
        connected=command.connected, rating=command.rating, remarks=command.remarks, attempt_time=tx.now
    )
    call_back.attempt(attempt, reopen_requested=command.reopen_requested)
    if call_back.state is not CallBackState.DUE:
        for each in await tx.deadlines.of(call_back.id):
            await tx.deadlines.meet(call_back.id, each.rule_id)
    await tx.call_backs.save(call_back)
    return call_back


async def get_call_back(tx: "NotifyTransaction", call_back_id: UUID) -> CallBack:
    """One call-back of an organisation whose officer or supervisor the caller is. Raises NOT_FOUND."""
    call_back = await tx.call_backs.get(call_back_id)
    if not tx.caller.holds_any(OFFICERS, call_back.organisation_id):
        raise not_found()
    return call_back
