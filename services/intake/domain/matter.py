"""A matter (事项): what a person brings to intake, from its receipt to the call that closes it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.common.deadlines import DeadlineMove
from services.common.kernel.errors import changed_meanwhile, not_found
from services.common.kernel.events import Aggregate, DomainEvent
from services.common.kernel.money import Money
from services.intake.domain import errors, events
from services.intake.domain.lifecycle import MATTER_LIFECYCLE, MatterAction, MatterState
from services.intake.domain.values import (
    Channel,
    Clock,
    Contact,
    DeclineGround,
    MatterKind,
    NoMediationReason,
    Outcome,
    Party,
    PartySide,
    Severity,
)


@dataclass(slots=True, kw_only=True)
class Matter(Aggregate):
    """A matter with its two parties. ``case`` is mediation's resource name, empty until one was opened.

    ``regime`` is ``id@version``, empty until triage. ``contacts`` is empty for viewers who are not of the organisation;
    ``new_contacts`` are those not yet stored. ``shared_version`` counts the events that both sides see: it is the version
    that parties read and name.
    """

    number: str
    kind: MatterKind
    channel: Channel
    state: MatterState
    subject_matter: str
    facts: str
    request: str
    amount: Money | None
    parties: tuple[Party, ...]
    receive_time: datetime
    sample: bool = False
    source_facts: dict[str, str] = field(default_factory=dict)
    regime: str = ""
    severity: Severity | None = None
    officer: UUID | None = None
    decline_ground: DeclineGround | None = None
    decline_remedies: str = ""
    no_mediation_reason: NoMediationReason | None = None
    case: str = ""
    outcome: Outcome | None = None
    reopen_requested: bool = False
    withdrawal_reason: str = ""
    contacts: tuple[Contact, ...] = ()
    new_contacts: list[Contact] = field(default_factory=list)
    shared_version: int = 0

    def record(self, event: DomainEvent) -> None:
        Aggregate.record(self, event)
        if not isinstance(event, events.OF_ONE_SIDE):
            self.shared_version += 1

    @property
    def complainant(self) -> Party:
        return next(party for party in self.parties if party.side is PartySide.COMPLAINANT)

    def party(self, party_id: UUID) -> Party:
        """A party of this matter. Raises NOT_FOUND."""
        for party in self.parties:
            if party.id == party_id:
                return party
        raise not_found()

    def party_of(self, account_id: UUID | None) -> Party | None:
        """The party that the account is bound to."""
        return next((party for party in self.parties if account_id and party.account == account_id), None)

    def version_for(self, *, officer: bool) -> int:
        """The version that an officer reads, or a party: what happens on one side alone moves the officer's only."""
        return self.version if officer else self.shared_version

    def require_version(self, version: int, *, officer: bool) -> None:
        """Raises STALE_VERSION (CONFLICT) when the caller has read an older one."""
        if version != self.version_for(officer=officer):
            raise changed_meanwhile()

    def allows(self, action: MatterAction) -> bool:
        return MATTER_LIFECYCLE.allows(self.state, action)

    def receive(self, contacts_digest: bytes, due_date: date, provisional: bool) -> None:
        """Says that the matter was received; the acceptance clock runs to ``due_date`` (local day)."""
        self.record(
            events.MatterReceived(
                matter=self.id,
                number=self.number,
                organisation=self.organisation_id,
                state=self.state,
                contacts_digest=contacts_digest,
                acceptance_due_date=due_date,
                acceptance_provisional=provisional,
                complainant=self.complainant.id,
                sample=self.sample,
            )
        )

    def triage(self, regime: str, severity: Severity) -> None:
        """Says under which regime (``id@version``) it runs, and how grave it is."""
        self._step(MatterAction.TRIAGE)
        self.regime, self.severity = regime, severity
        self.record(events.MatterTriaged(matter=self.id, state=self.state, regime=regime, severity=severity))

    def accept(self) -> None:
        """Accepts it (受理)."""
        self._step(MatterAction.ACCEPT)
        self.record(events.MatterAccepted(matter=self.id, number=self.number, state=self.state))

    def decline(self, ground: DeclineGround, remedies: str) -> None:
        """Declines it (不予受理), naming what else the person can do."""
        self._step(MatterAction.DECLINE)
        self.decline_ground, self.decline_remedies = ground, remedies
        self.record(events.MatterDeclined(matter=self.id, number=self.number, state=self.state, ground=ground))

    def assign(self, officer: UUID) -> None:
        """Puts an officer in charge."""
        self._step(MatterAction.ASSIGN)
        self.officer = officer
        self.record(events.MatterAssigned(matter=self.id, state=self.state, officer=officer))

    def record_contact(self, contact: Contact, now: datetime) -> None:
        """Keeps who was reached. Raises CONTACT_IN_THE_FUTURE."""
        self._step(MatterAction.RECORD_CONTACT)
        self.party(contact.party)
        if contact.contact_time > now:
            raise errors.contact_in_the_future()
        self.contacts = (*self.contacts, contact)
        self.new_contacts.append(contact)
        self.record(events.MatterContactRecorded(matter=self.id, party=contact.party, reached=contact.reached))

    def require_invitable(self, party_id: UUID) -> Party:
        """The party to invite. Raises PARTY_ALREADY_JOINED, NO_CONTACT_ON_FILE."""
        self._require(MatterAction.INVITE)
        party = self.party(party_id)
        if party.account is not None:
            raise errors.already_joined()
        if party.particulars is None or not party.particulars.can_be_written_to:
            raise errors.no_contact_on_file()
        return party

    def invited(self, party_id: UUID, invitation: str) -> None:
        """Keeps the invitation that identity holds; said again, it reminds the party."""
        self._replace(party_id, lambda party: replace(party, invitation=invitation, invitation_problem=""))
        self.record(
            events.MatterPartyInvited(matter=self.id, number=self.number, party=party_id, invitation=invitation)
        )

    def invitation_failed(self, party_id: UUID, reason: str) -> None:
        """Identity refused the invitation for good: an officer corrects what is on file and invites again."""
        if self.party(party_id).invitation:
            return
        self._replace(party_id, lambda party: replace(party, invitation_problem=reason))
        self.record(events.MatterInvitationFailed(matter=self.id, number=self.number, party=party_id, reason=reason))

    def join(self, party_id: UUID, account: UUID) -> None:
        """Binds an account to a party. Said again for the same account, nothing changes."""
        self._step(MatterAction.JOIN)
        if self.party(party_id).account == account:
            return
        self._replace(party_id, lambda party: replace(party, account=account))
        self.record(events.MatterPartyJoined(matter=self.id, party=party_id, account=account))

    def consent(self, party_id: UUID, *, mediation: bool, online: bool, now: datetime) -> None:
        """Records what a party agrees to; False takes an earlier consent back."""
        self._step(MatterAction.CONSENT)
        before = self.party(party_id)
        consented = replace(
            before,
            mediation_consent_time=(before.mediation_consent_time or now) if mediation else None,
            online_consent_time=(before.online_consent_time or now) if online else None,
        )
        self._replace(party_id, lambda _: consented)
        self.record(events.MatterConsentRecorded(matter=self.id, party=party_id, mediation=mediation, online=online))

    def require_reached(self, party_id: UUID) -> None:
        """Raises CONSENT_NOT_EVIDENCED while no contact reached the party."""
        if not any(contact.reached and contact.party == party_id for contact in self.contacts):
            raise errors.consent_not_evidenced()

    def require_forwardable(self) -> None:
        """Raises ILLEGAL_TRANSITION, CONSENT_MISSING."""
        self._require(MatterAction.FORWARD)
        if any(party.mediation_consent_time is None for party in self.parties):
            raise errors.consent_missing()

    def forward(self, organisation: UUID, dossier_digest: bytes) -> None:
        """Hands it to a mediation organisation. Raises CONSENT_MISSING."""
        self.require_forwardable()
        self._step(MatterAction.FORWARD)
        self.record(
            events.MatterForwarded(
                matter=self.id,
                number=self.number,
                state=self.state,
                regime=self.regime,
                organisation=organisation,
                dossier_digest=dossier_digest,
                amount=self.amount,
            )
        )

    def end_without_mediation(self, reason: NoMediationReason, remedies: str) -> None:
        """Ends it before any case was opened, naming what else the person can do. Raises NO_CONTACT_RECORDED."""
        self._require(MatterAction.END_WITHOUT_MEDIATION)
        if reason is not NoMediationReason.REFERRED_ELSEWHERE and not self.contacts:
            raise errors.no_contact_recorded()
        self._step(MatterAction.END_WITHOUT_MEDIATION)
        self.no_mediation_reason, self.decline_remedies = reason, remedies
        self._mediation_failed()

    def withdraw(self, reason: str) -> None:
        """The complainant withdraws it; it ends the same day. The reason is kept for the organisation."""
        self._step(MatterAction.WITHDRAW)
        self.withdrawal_reason = reason
        self.record(events.MatterWithdrawn(matter=self.id, number=self.number, state=self.state))

    def case_opened(self, case: str) -> None:
        self._step(MatterAction.OPEN_CASE)
        self.case = case
        self.record(events.MatterCaseOpened(matter=self.id, case=case))

    def settle(self) -> None:
        """A sealed agreement exists."""
        self._step(MatterAction.SETTLE)
        self.outcome = Outcome.SETTLED
        self.record(events.MatterSettled(matter=self.id, number=self.number, state=self.state))

    def fail(self) -> None:
        """The mediation ended without an agreement; nothing more is to come, so the matter is concluded."""
        self._step(MatterAction.FAIL)
        self._mediation_failed()

    def _mediation_failed(self) -> None:
        self.record(events.MatterMediationFailed(matter=self.id, number=self.number, state=self.state))
        self.conclude(Outcome.NOT_SETTLED)

    def conclude(self, outcome: Outcome) -> None:
        """Mediation and court are done with it: the complainant is to be called back."""
        self._step(MatterAction.CONCLUDE)
        self.outcome = outcome
        self.record(
            events.MatterConcluded(
                matter=self.id,
                number=self.number,
                state=self.state,
                outcome=outcome,
                party=self.complainant.id,
                regime=self.regime,
            )
        )

    def record_outcome(self, outcome: Outcome) -> None:
        """A ruling that came after the matter was concluded."""
        self._step(MatterAction.RECORD_OUTCOME)
        self.outcome = outcome
        self.record(events.MatterOutcomeRecorded(matter=self.id, number=self.number, outcome=outcome))

    def request_reopening(self) -> None:
        self._step(MatterAction.REQUEST_REOPENING)
        self.reopen_requested = True
        self.record(events.MatterReopenRequested(matter=self.id, number=self.number))

    def close(self, now: datetime) -> None:
        """Closes it (办结)."""
        self._step(MatterAction.CLOSE)
        self.reopen_requested = False
        self.record(
            events.MatterClosed(
                matter=self.id, number=self.number, state=self.state, outcome=self.outcome, close_time=now
            )
        )

    def deadline_near(self, clock: Clock) -> None:
        """A time limit is about to end."""
        self.record(events.MatterDeadlineNear(**self._clock(clock)))

    def deadline_lapsed(self, clock: Clock) -> None:
        """A time limit has ended and nothing was done. Nothing follows by itself: the people in charge are told."""
        self.record(events.MatterDeadlineLapsed(**self._clock(clock)))

    def deadline_moved(self, move: DeadlineMove, *, told_to_party: bool) -> None:
        """The calendar of a time limit changed: who was told the old day is told the new one."""
        self.record(
            events.MatterDeadlineMoved(
                matter=self.id,
                number=self.number,
                organisation=self.organisation_id,
                officer=self.officer,
                move=move,
                told_to_party=told_to_party,
            )
        )

    def _clock(self, clock: Clock) -> dict[str, Any]:
        return {
            "matter": self.id,
            "number": self.number,
            "organisation": self.organisation_id,
            "officer": self.officer,
            "rule": clock.rule,
            "source": clock.source,
            "due_date": clock.due_date,
            "provisional": clock.provisional,
        }

    def _step(self, action: MatterAction) -> None:
        self.state = MATTER_LIFECYCLE.next(self.state, action)

    def _require(self, action: MatterAction) -> None:
        MATTER_LIFECYCLE.next(self.state, action)

    def _replace(self, party_id: UUID, change: Callable[[Party], Party]) -> None:
        self.party(party_id)
        self.parties = tuple(change(party) if party.id == party_id else party for party in self.parties)
