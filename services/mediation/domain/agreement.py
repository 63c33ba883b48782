"""The document of a settlement (调解协议): drafted, frozen, effective, sealed. What is signed is what was frozen."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.kernel.events import Aggregate
from services.mediation.domain import errors
from services.mediation.domain.case import Case
from services.mediation.domain.events import agreements as events
from services.mediation.domain.lifecycles import AGREEMENT, AgreementAction
from services.mediation.domain.same_obligations import same_obligations
from services.mediation.domain.terms import Terms
from services.mediation.domain.vocabulary import AgreementState


@dataclass(slots=True, kw_only=True)
class Agreement(Aggregate):
    """``terms_file`` is the canonical terms.json (RFC 8785) that is attached and printed; digests are raw SHA-256."""

    case_id: UUID
    number: str
    terms: Terms
    agreed_terms: Terms
    terms_file: str
    made_time: datetime
    state: AgreementState = AgreementState.DRAFTED
    revision: int = 1
    frozen_digest: bytes = b""
    sealed_digest: bytes = b""
    signing_round: UUID | None = None
    effective_time: datetime | None = None
    effectiveness_rule: str = ""
    supersedes: UUID | None = None
    sample: bool = False

    @property
    def case(self) -> UUID:
        return self.case_id

    @property
    def terms_digest(self) -> bytes:
        return hashlib.sha256(self.terms_file.encode()).digest()

    def announce(self) -> None:
        self._drafted()

    def revise(self, terms: Terms, terms_file: str, now: datetime) -> None:
        """Another wording of what was agreed. Raises TERMS_DIFFER when it obliges to something else."""
        state = AGREEMENT.next(self.state, AgreementAction.REVISE)
        require_agreed(terms, self.agreed_terms)
        self.state = state
        self.terms, self.terms_file, self.made_time = terms, terms_file, now
        self.revision += 1
        self.frozen_digest, self.signing_round = b"", None
        self._drafted()

    def freeze(self, digest: bytes, round_id: UUID, expire_time: datetime, *, provisional: bool) -> None:
        self.state = AGREEMENT.next(self.state, AgreementAction.FREEZE)
        self.frozen_digest, self.signing_round = digest, round_id
        self.record(
            events.AgreementFrozen(
                agreement=self.id,
                case=self.case_id,
                number=self.number,
                signing_round=round_id,
                frozen_digest=digest,
                state=self.state,
                expire_time=expire_time,
                provisional=provisional,
            )
        )

    def thaw(self) -> None:
        """Its round expired: nothing that was signed is kept."""
        self.state = AGREEMENT.next(self.state, AgreementAction.THAW)
        self.frozen_digest, self.signing_round = b"", None
        self.record(events.AgreementThawed(agreement=self.id, state=self.state))

    def take_effect(self, case: Case, when: datetime, rule: str) -> None:
        """The legal moment by the regime's rule; the 30 days for confirmation run from it (民事诉讼法第205条)."""
        self.state = AGREEMENT.next(self.state, AgreementAction.TAKE_EFFECT)
        self.effective_time, self.effectiveness_rule = when, rule
        self.record(
            events.AgreementEffective(
                agreement=self.id,
                case=self.case_id,
                origin=case.origin,
                number=self.number,
                effective_time=when,
                effectiveness_rule=rule,
                state=self.state,
                kind=case.kind,
                court=case.court,
                regime=case.regime,
                parties=case.party_ids,
            )
        )

    def seal(self, case: Case, sealed_digest: bytes, dossier_digest: bytes) -> None:
        self.state = AGREEMENT.next(self.state, AgreementAction.SEAL)
        self.sealed_digest = sealed_digest
        self.record(
            events.AgreementSealed(
                agreement=self.id,
                case=self.case_id,
                origin=case.origin,
                number=self.number,
                state=self.state,
                sealed_digest=sealed_digest,
                dossier_digest=dossier_digest,
            )
        )

    def void(self) -> None:
        self.state = AGREEMENT.next(self.state, AgreementAction.VOID)
        self.record(events.AgreementThawed(agreement=self.id, state=self.state))

    def supersede(self) -> None:
        """A new one took its place; the file stays verifiable."""
        self.state = AGREEMENT.next(self.state, AgreementAction.SUPERSEDE)
        self.record(events.AgreementSuperseded(agreement=self.id, case=self.case_id, state=self.state))

    def _drafted(self) -> None:
        self.record(
            events.AgreementDrafted(
                agreement=self.id, case=self.case_id, revision=self.revision, terms_digest=self.terms_digest
            )
        )


def require_agreed(terms: Terms, agreed: Terms) -> None:
    """Raises TERMS_DIFFER unless the obligations and the total are those that all accepted."""
    if not same_obligations(terms, agreed):
        raise errors.terms_differ()
