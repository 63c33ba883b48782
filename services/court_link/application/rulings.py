"""The judge's part: a ruling is prepared and frozen, signed by one proof, and issued when it is sealed and stored.

Rendering and signing happen outside transactions; the acts here only record what was done.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.kernel.errors import changed_meanwhile
from services.common.kernel.ids import derived_id, resource_name
from services.common.kernel.principal import Role
from services.common.kernel.proofs import Proof
from services.common.regimes.regime import ClockPurpose
from services.court_link.application.access import require_role
from services.court_link.application.after_ruling import begin_limits
from services.court_link.application.desk import at_desk
from services.court_link.application.eligibility import regime_of_agreement
from services.court_link.domain import errors
from services.court_link.domain.agreement import SealedAgreement
from services.court_link.domain.application import Application
from services.court_link.domain.court import Court
from services.court_link.domain.ruling import Decision, FrozenText, Ruling, RulingOutcome, RulingState

if TYPE_CHECKING:
    from services.court_link.storage.transaction import CourtLinkTransaction

SIGN_RULING = "sign_ruling"


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingBasis:
    """What the text of a ruling is made from, and the id the ruling has or will have."""

    ruling: UUID
    application: Application
    agreement: SealedAgreement
    court: Court
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareRuling:
    """``text`` is frozen and stored already, as that of ``ruling``."""

    id: UUID
    ruling: UUID
    version: int
    decision: Decision
    text: FrozenText


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRuling:
    """``claims`` None: the proof could not be read."""

    id: UUID
    frozen_digest: bytes
    proof: str
    claims: Proof | None


async def ruling_basis(tx: "CourtLinkTransaction", application_id: UUID, version: int) -> RulingBasis:
    """Everything that could refuse, before anything is drawn: for a judge of the application's court, in its state.

    Raises NOT_FOUND, ROLE_REQUIRED, STALE_VERSION, and why no ruling can be prepared now.
    """
    application, regime = await at_desk(tx, application_id, version, Role.JUDGE)
    application.require_ready_for_ruling()
    agreement = await tx.agreements.get(application.agreement)
    known = await tx.rulings.of_application(application.id)
    return RulingBasis(
        # The same as often as it is asked for: what was drawn for a call that was given up serves the next one.
        ruling=known.id if known else derived_id("ruling", application.id),
        application=application,
        agreement=agreement,
        court=await tx.courts.get(application.court),
        zone=str(regime.zone),
    )


async def prepare_ruling(tx: "CourtLinkTransaction", command: PrepareRuling) -> Ruling:
    """Keeps the frozen text as the application's ruling; before it is signed another may take its place."""
    command.decision.check()
    application, _ = await at_desk(tx, command.id, command.version, Role.JUDGE)
    application.require_ready_for_ruling()
    assert tx.caller.account_id is not None  # noqa: S101 - a role is held by a person
    ruling = await tx.rulings.of_application(application.id)
    if ruling is None:
        ruling = await _first(tx, application, command)
    elif ruling.id != command.ruling:
        raise changed_meanwhile()
    else:
        ruling.prepare_again(command.decision, tx.caller.account_id, command.text)
    await tx.rulings.save(ruling)
    return ruling


async def _first(tx: "CourtLinkTransaction", application: Application, command: PrepareRuling) -> Ruling:
    agreement = await tx.agreements.get(application.agreement)
    assert tx.caller.account_id is not None  # noqa: S101 - a role is held by a person
    ruling = Ruling(
        id=command.ruling,
        organisation_id=application.organisation_id,
        application=application.id,
        agreement=application.agreement,
        case=application.case,
        origin=agreement.origin,
        number=application.docket_number,
        decision=command.decision,
        judge=tx.caller.account_id,
        text=command.text,
        sample=application.sample,
    )
    ruling.prepared()
    return ruling


async def issue_ruling(tx: "CourtLinkTransaction", command: IssueRuling) -> Ruling:
    """The judge's act: it spends the proof and starts the signing.

    Raises PROOF_REFUSED, PROOF_SPENT and the refusals of the ruling itself.
    """
    require_role(tx.caller, Role.JUDGE, (await tx.rulings.get(command.id)).organisation_id)
    tx.authority = Role.JUDGE.value
    ruling, application = await _locked(tx, command.id)
    _require_proof(tx, ruling, command)
    application.require_ready_for_ruling()
    ruling.sign(tx.caller.account_id, command.frozen_digest, command.proof, tx.now)
    assert command.claims is not None  # noqa: S101 - required above
    if not await tx.rulings.spend(command.claims.token_id):
        raise errors.proof_spent()
    application.deciding, application.ruling = True, ruling.id
    await tx.rulings.save(ruling)
    await tx.applications.save(application)
    tx.enqueue(SIGN_RULING, {"ruling": str(ruling.id)}, key=f"{ruling.id} {command.claims.token_id}")
    return ruling


def _require_proof(tx: "CourtLinkTransaction", ruling: Ruling, command: IssueRuling) -> None:
    """State first, then the proof: it is of this judge, for this ruling, for the digest that was read."""
    if ruling.state is not RulingState.PREPARED:
        raise errors.ruling_not_prepared()
    claims = command.claims
    good = (
        claims is not None
        and claims.account == tx.caller.account_id
        and claims.subject == resource_name("rulings", ruling.id)
        and claims.digest == command.frozen_digest
    )
    if not good:
        raise errors.proof_refused()


async def record_issued(tx: "CourtLinkTransaction", ruling_id: UUID, sealed_digest: bytes) -> None:
    """The sealed ruling is stored: it is issued, and the application decided."""
    ruling, application = await _locked(tx, ruling_id)
    if ruling.state is not RulingState.SIGNING:
        return
    agreement = await tx.agreements.get(application.agreement)
    regime = regime_of_agreement(tx, agreement)
    confirmed = ruling.decision.outcome is RulingOutcome.CONFIRMED
    ruling.issue(sealed_digest, tx.now)
    application.ruled(confirmed)
    await tx.deadlines.meet(application.id, regime.clock(ClockPurpose.COURT_DECIDE))
    if confirmed:
        await begin_limits(tx, application, agreement, regime)
    await tx.rulings.save(ruling)
    await tx.applications.save(application)


async def record_signing_failed(tx: "CourtLinkTransaction", ruling_id: UUID, reason: str) -> None:
    """No certificate for the proof: the ruling is prepared again and the application open as before."""
    ruling, application = await _locked(tx, ruling_id)
    if ruling.state is not RulingState.SIGNING:
        return
    ruling.signing_failed(reason)
    application.deciding = False
    await tx.rulings.save(ruling)
    await tx.applications.save(application)


async def _locked(tx: "CourtLinkTransaction", ruling_id: UUID) -> tuple[Ruling, Application]:
    """Ruling and application, locked in the order in which everybody locks them: the application first."""
    known = await tx.rulings.get(ruling_id)
    application = await tx.applications.get(known.application, lock=True)
    return await tx.rulings.get(ruling_id, lock=True), application
