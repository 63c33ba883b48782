"""The collection of signatures on one frozen agreement (签署), in the order of the regime's tiers; the seal closes it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.common.deadlines import DeadlineMove, DeadlineNotice, is_over
from services.common.kernel.events import Aggregate
from services.common.regimes import SignatureTimes, SigningRule, SlotRole
from services.mediation.domain import errors
from services.mediation.domain.case import Case
from services.mediation.domain.events import agreements as events
from services.mediation.domain.lifecycles import ROUND, RoundAction
from services.mediation.domain.parties import Signer
from services.mediation.domain.vocabulary import AgreementState, Authority, RoundState, SlotState

MEDIATOR_SLOT = "mediator"
SEAL_SLOT = "seal"
_OPEN = (RoundState.OPEN, RoundState.PARTIES_COMPLETE, RoundState.AWAITING_SEAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One place for a signature: where it is on the page (points), who acted, and which certificate signed.

    ``signers`` are those whom the frozen text names here; nobody else signs. ``tier`` is the regime's: its turn
    comes when every lower one is signed. ``act_time`` is when the person acted,
    ``sign_time`` when the signature was made, which is what its time stamp proves.
    """

    slot: str
    role: SlotRole
    tier: int
    caption: str
    page: int = 0
    box: tuple[int, ...] = ()
    party: UUID | None = None
    signers: tuple[Signer, ...] = ()
    account: UUID | None = None
    authority: Authority | None = None
    state: SlotState = SlotState.WAITING
    act_time: datetime | None = None
    sign_time: datetime | None = None
    fingerprint: bytes = b""

    def signer(self, account: UUID | None) -> Signer:
        """Whom the text names for this account. Raises SIGNER_NOT_NAMED: who acts changed after the text was frozen."""
        for each in self.signers:
            if each.account == account:
                return each
        raise errors.signer_not_named()


def signers_of(case: Case, rule: SigningRule, day: date) -> dict[str, tuple[Signer, ...]]:
    """Who may sign the case's agreement on that day (local, of the regime), by slot in the order of the document."""
    slots: dict[SlotRole, dict[str, tuple[Signer, ...]]] = {
        SlotRole.PARTY: {f"party-{index}": party.signers(day) for index, party in enumerate(case.parties, start=1)},
        SlotRole.MEDIATOR: {MEDIATOR_SLOT: (Signer(account=case.mediator_account, name=case.mediator_name),)},
        SlotRole.ORGANISATION_SEAL: {SEAL_SLOT: (Signer(account=None, name=case.organisation_facts.display_name),)},
    }
    return {name: signers for each in rule.slots for name, signers in slots[each.role].items()}


@dataclass(slots=True, kw_only=True)
class SigningRound(Aggregate):
    """``revision_digest`` names the newest bytes: a signature is recorded only if it was appended to exactly those."""

    case_id: UUID
    agreement_id: UUID
    number: str
    frozen_digest: bytes
    revision_digest: bytes
    freeze_fingerprint: bytes
    slots: tuple[Slot, ...]
    open_time: datetime
    expire_time: datetime
    provisional: bool = False
    """Whether ``expire_time`` waits for a calendar: its deadline alone then ends the round."""
    state: RoundState = RoundState.OPEN
    sealed_digest: bytes = b""
    end_reason: str = ""

    @property
    def case(self) -> UUID:
        return self.case_id

    @property
    def agreement(self) -> UUID:
        return self.agreement_id

    def slot(self, name: str) -> Slot:
        for slot in self.slots:
            if slot.slot == name:
                return slot
        raise errors.not_your_slot()

    def require_open(self, now: datetime) -> None:
        """Raises ROUND_CLOSED. Once all parties have signed, the end of the round is for its deadline to decide."""
        late = is_over(self.expire_time, now, provisional=self.provisional)
        if self.state not in _OPEN or (self.state is RoundState.OPEN and late):
            raise errors.round_closed()

    def require_turn(self, slot: Slot) -> None:
        """Raises SLOT_ALREADY_SIGNED, NOT_YET_YOUR_TURN."""
        if slot.state is not SlotState.WAITING:
            raise errors.slot_already_signed()
        if any(each.tier < slot.tier and each.state is not SlotState.SIGNED for each in self.slots):
            raise errors.not_your_turn()

    def act(self, name: str, account: UUID, authority: Authority | None, now: datetime) -> None:
        """A person signs: recorded now, the signature is made after. Raises what the two checks above raise."""
        self.require_open(now)
        slot = self.slot(name)
        self.require_turn(slot)
        acted = replace(
            slot,
            account=account,
            authority=authority,
            state=SlotState.ACT_RECORDED,
            act_time=now,
        )
        self._replace(acted)
        self.record(
            events.AgreementActRecorded(agreement=self.agreement_id, signing_round=self.id, slot=name, account=account)
        )

    def release_act(self, name: str) -> None:
        """The signature could not be made; the person may act again with a new proof."""
        slot = self.slot(name)
        if slot.state is not SlotState.ACT_RECORDED or slot.account is None:
            return
        self._replace(replace(slot, state=SlotState.WAITING, act_time=None))
        self.record(
            events.AgreementActReleased(
                agreement=self.agreement_id,
                case=self.case_id,
                signing_round=self.id,
                slot=name,
                account=slot.account,
            )
        )

    def awaits(self, name: str) -> bool:
        """Whether a signature is still to be made for this act."""
        return self.state in _OPEN and self.slot(name).state is SlotState.ACT_RECORDED

    def signed(self, name: str, digest: bytes, fingerprint: bytes, when: datetime) -> None:
        """The signature is in the file whose digest this is."""
        slot = replace(self.slot(name), state=SlotState.SIGNED, sign_time=when, fingerprint=fingerprint)
        slots = tuple(slot if each.slot == name else each for each in self.slots)
        self.state = ROUND.next(self.state, _action(slot.role, slots))
        self.slots, self.revision_digest = slots, digest
        if slot.role is SlotRole.ORGANISATION_SEAL:
            self.sealed_digest = digest
        self.record(
            events.AgreementSlotSigned(
                agreement=self.agreement_id,
                case=self.case_id,
                signing_round=self.id,
                slot=name,
                state=self.state,
                revision_digest=digest,
            )
        )

    def end(self, action: RoundAction, agreement_state: AgreementState, reason: str = "") -> None:
        """Refused, expired or void: every signature in it counts for nothing."""
        self.state = ROUND.next(self.state, action)
        self.end_reason = reason
        self.record(
            events.AgreementRoundEnded(
                agreement=self.agreement_id,
                case=self.case_id,
                signing_round=self.id,
                state=self.state,
                agreement_state=agreement_state,
            )
        )

    def expiry_near(self, notice: DeadlineNotice) -> None:
        """It is about to end, and these have not signed."""
        missing = tuple(slot.party for slot in self.slots if slot.party and slot.state is SlotState.WAITING)
        self.record(
            events.AgreementExpiryNear(
                agreement=self.agreement_id, case=self.case_id, signing_round=self.id, parties=missing, notice=notice
            )
        )

    def expiry_moved(self, move: DeadlineMove) -> None:
        """The calendar of its limit changed."""
        self.expire_time, self.provisional = move.due_time, move.provisional
        self.record(
            events.AgreementExpiryMoved(
                agreement=self.agreement_id, case=self.case_id, signing_round=self.id, move=move
            )
        )

    def signature_times(self) -> SignatureTimes:
        """When each signature was made, for the regime's rule of effectiveness."""
        return SignatureTimes(
            parties=tuple(slot.sign_time for slot in self.slots if slot.role is SlotRole.PARTY),
            mediator=next((slot.sign_time for slot in self.slots if slot.role is SlotRole.MEDIATOR), None),
            seal=next((slot.sign_time for slot in self.slots if slot.role is SlotRole.ORGANISATION_SEAL), None),
        )

    def _replace(self, slot: Slot) -> None:
        self.slots = tuple(slot if each.slot == slot.slot else each for each in self.slots)


def _action(role: SlotRole, slots: tuple[Slot, ...]) -> RoundAction:
    if role is SlotRole.ORGANISATION_SEAL:
        return RoundAction.SEAL
    missing = {each.role for each in slots if each.state is not SlotState.SIGNED}
    if SlotRole.PARTY in missing:
        return RoundAction.SIGN
    return RoundAction.COMPLETE_PARTIES if SlotRole.MEDIATOR in missing else RoundAction.COMPLETE
