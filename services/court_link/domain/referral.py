"""A dispute that a court refers to mediation, before (委派) or after (委托) it is filed."""

from dataclasses import dataclass, replace
from enum import Enum
from uuid import UUID

from services.common.kernel.errors import not_found
from services.common.kernel.events import Aggregate
from services.common.kernel.lifecycle import Lifecycle
from services.common.kernel.money import Money
from services.common.regimes import ReferralKind as ReferralKind
from services.court_link.domain import events, lifecycle_words
from services.court_link.domain.agreement import Particulars, PartySide


class TrialProcedure(Enum):
    """By which procedure the court tries what it entrusts."""

    ORDINARY = "ORDINARY"
    SUMMARY = "SUMMARY"


class ReferralState(Enum):
    """Where a referral stands. RETURNED: mediation ended without an agreement."""

    SENT = "SENT"
    TAKEN_OVER = "TAKEN_OVER"
    DECLINED = "DECLINED"
    SETTLED = "SETTLED"
    RETURNED = "RETURNED"


class ReferralAction(Enum):
    """What mediation reports."""

    TAKE_OVER = "TAKE_OVER"
    DECLINE = "DECLINE"
    SETTLE = "SETTLE"
    RETURN = "RETURN"


_S, _A = ReferralState, ReferralAction
LIFECYCLE: Lifecycle[ReferralState, ReferralAction] = Lifecycle(
    "referral",
    {
        (_S.SENT, _A.TAKE_OVER): _S.TAKEN_OVER,
        (_S.SENT, _A.DECLINE): _S.DECLINED,
        # A report may overtake the one before it: the end counts.
        (_S.SENT, _A.SETTLE): _S.SETTLED,
        (_S.SENT, _A.RETURN): _S.RETURNED,
        (_S.TAKEN_OVER, _A.SETTLE): _S.SETTLED,
        (_S.TAKEN_OVER, _A.RETURN): _S.RETURNED,
    },
    lifecycle_words.REFERRAL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralParty:
    """A party as the court names it; ``account`` once somebody has claimed the place.

    ``invitation_problem``: why identity made no invitation, a stable code; empty when it did or still may.
    """

    id: UUID
    side: PartySide
    particulars: Particulars
    account: UUID | None = None
    invitation: UUID | None = None
    invitation_problem: str = ""


@dataclass(slots=True, kw_only=True)
class Referral(Aggregate):
    """``organisation_id`` is the court's; ``organisation`` the mediation organisation. ``regime`` is ``id@version``."""

    court: UUID
    organisation: UUID
    kind: ReferralKind
    regime: str
    docket_number: str
    subject_matter: str
    facts: str
    request: str
    amount: Money | None
    parties: tuple[ReferralParty, ...]
    sample: bool
    state: ReferralState = ReferralState.SENT
    case: UUID | None = None
    termination_reason: str = ""
    procedure: TrialProcedure | None = None
    """Of an entrusted case."""

    def sent(self, dossier_digest: bytes, contacts_digest: bytes) -> None:
        """Its dossiers are frozen and mediation may pull them."""
        received = events.ReferralReceived(
            referral=self.id,
            court=self.court,
            organisation=self.organisation,
            kind=self.kind,
            dossier_digest=dossier_digest,
            contacts_digest=contacts_digest,
            number=self.docket_number,
            sample=self.sample,
        )
        self.record(received)

    def invited(self, party: UUID, invitation: UUID) -> None:
        """Identity holds the place open for the party."""
        if self._party(party).invitation != invitation:
            self._replace(replace(self._party(party), invitation=invitation, invitation_problem=""))
            self.record(events.ReferralPartyInvited(referral=self.id, party=party, invitation=invitation))

    def invitation_failed(self, party: UUID, reason: str) -> None:
        """Nobody holds a place open for the party: a person has to act."""
        if self._party(party).invitation is None:
            self._replace(replace(self._party(party), invitation_problem=reason))
            failed = events.ReferralInvitationFailed(
                referral=self.id, organisation=self.organisation_id, party=party, reason=reason
            )
            self.record(failed)

    def joined(self, party: UUID, account: UUID, invitation: UUID) -> None:
        """An account has claimed the place by the invitation that was recorded; the first claim stands."""
        if self._party(party).account is None and self._party(party).invitation == invitation:
            self._replace(replace(self._party(party), account=account))
            self.record(events.ReferralPartyJoined(referral=self.id, party=party, account=account))

    def reported(self, action: ReferralAction, case: UUID, reason: str = "") -> None:
        """What mediation reports. A report that comes late, after the end, changes nothing."""
        if LIFECYCLE.allows(self.state, action):
            self.state = LIFECYCLE.next(self.state, action)
            self.case, self.termination_reason = case, reason
            self.record(events.ReferralChanged(referral=self.id, state=self.state))

    def _party(self, party: UUID) -> ReferralParty:
        for each in self.parties:
            if each.id == party:
                return each
        raise not_found("该当事人", "that party")

    def _replace(self, changed: ReferralParty) -> None:
        self.parties = tuple(changed if each.id == changed.id else each for each in self.parties)
