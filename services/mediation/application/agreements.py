"""Agreements: drafted from what all accepted, revised, frozen with a signing round, and taken back by a lapsed one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.common.deadlines import Deadline, DeadlineMove, Owner
from services.common.kernel.errors import precondition
from services.common.kernel.ids import derived_id
from services.common.kernel.steps import breathe
from services.common.regimes import ClockPurpose, Regime, SigningRule, SigningSlot, SlotRole
from services.mediation.application.findings import findings_of
from services.mediation.application.ports import Frozen, Work
from services.mediation.application.reach import as_mediator, regime_of, today
from services.mediation.domain import errors
from services.mediation.domain.agreement import Agreement, require_agreed
from services.mediation.domain.case import Case
from services.mediation.domain.lifecycles import AGREEMENT, CASE, AgreementAction, CaseAction, RoundAction
from services.mediation.domain.parties import Signer
from services.mediation.domain.signing_round import MEDIATOR_SLOT, SEAL_SLOT, SigningRound, Slot, signers_of
from services.mediation.domain.terms import PAST, Finding, Terms, require_fits
from services.mediation.domain.terms_language import language_findings
from services.mediation.domain.vocabulary import AgreementState

SIGNING_ROUNDS = "signingRounds"
TermsWriter = Callable[[Case, Regime, str, Terms, datetime], str]
"""Writes the canonical terms.json of an agreement: case, regime, number, terms, time of making."""
SameSigners = Callable[[str, Mapping[str, tuple[Signer, ...]]], bool]
"""Whether a terms.json names exactly these signers in each slot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateTerms:
    case: UUID
    terms: Terms


async def validate_terms(tx: Work, command: ValidateTerms) -> tuple[Finding, ...]:
    """What keeps the terms from being enforceable. Changes nothing."""
    return findings_of(tx, await tx.cases.get(command.case), command.terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftAgreement:
    case: UUID
    version: int
    terms: Terms


async def draft_agreement(tx: Work, command: DraftAgreement, write_terms: TermsWriter) -> Agreement:
    """Raises TERMS_DIFFER from what all accepted, TERMS_NOT_ENFORCEABLE, AGREEMENT_EXISTS."""
    case = await tx.cases.get(command.case, command.version, lock=True)
    as_mediator(tx, case)
    CASE.next(case.state, CaseAction.DRAFT)
    before = await _previous(tx, case)
    if case.agreed_offer is None:
        raise errors.terms_differ()
    agreed = (await tx.offers.get(case.agreed_offer)).terms
    require_fits(command.terms)
    require_agreed(command.terms, agreed)
    _require_enforceable(tx, case, command.terms)
    await breathe()
    regime = regime_of(tx, case)
    year = today(tx, regime).year
    number = regime.agreement_number(
        year, case.organisation_facts.in_numbers, await tx.next_number("agreement", case.organisation_id, year)
    )
    agreement = Agreement(
        id=tx.new_id(),
        organisation_id=case.organisation_id,
        case_id=case.id,
        number=number,
        terms=command.terms,
        agreed_terms=agreed,
        terms_file=write_terms(case, regime, number, command.terms, tx.now),
        made_time=tx.now,
        supersedes=before,
        sample=case.sample or case.organisation_facts.sample,
    )
    agreement.announce()
    await tx.agreements.add(agreement)
    case.draft(agreement.id)
    await tx.cases.save(case)
    return agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseAgreement:
    id: UUID
    version: int
    terms: Terms


async def revise_agreement(tx: Work, command: ReviseAgreement, write_terms: TermsWriter) -> Agreement:
    """Another wording. A round that is open is void, and every signature in it."""
    agreement = await tx.agreements.get(command.id, command.version, lock=True)
    case = await tx.cases.get(agreement.case_id, lock=True)
    as_mediator(tx, case)
    require_fits(command.terms)
    _require_enforceable(tx, case, command.terms)
    await breathe()
    round_id = agreement.signing_round
    terms_file = write_terms(case, regime_of(tx, case), agreement.number, command.terms, tx.now)
    agreement.revise(command.terms, terms_file, tx.now)
    if round_id is not None:
        await _end_round(tx, round_id, RoundAction.VOID, "TERMS_CHANGED")
        case.void_round()
        await tx.cases.save(case)
    return await tx.agreements.save(agreement)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezePlan:
    """What is to be rendered and frozen, as it stands now."""

    round_id: UUID
    agreement_id: UUID
    case_id: UUID
    number: str
    terms_file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeAgreement:
    id: UUID
    version: int


async def plan_freeze(tx: Work, command: FreezeAgreement, same_signers: SameSigners) -> FreezePlan:
    """Everything that could refuse, before anything is rendered.

    Raises ELECTRONIC_SIGNATURE_EXCLUDED (电子签名法 3), PARTY_NOT_JOINED, SIGNERS_CHANGED, TERMS_NOT_ENFORCEABLE.
    """
    agreement, _ = await _freezable(tx, command, same_signers)
    return FreezePlan(
        # The same as often as it is asked for: what was drawn for a call that was given up serves the next one.
        round_id=derived_id("signing_round", agreement.id, agreement.version),
        agreement_id=agreement.id,
        case_id=agreement.case_id,
        number=agreement.number,
        terms_file=agreement.terms_file,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenAgreement:
    agreement: Agreement
    signing_round: SigningRound


async def freeze_agreement(
    tx: Work, command: FreezeAgreement, same_signers: SameSigners, plan: FreezePlan, frozen: Frozen
) -> FrozenAgreement:
    """Opens the signing round on the frozen bytes, which are stored already."""
    agreement, case = await _freezable(tx, command, same_signers)
    if agreement.terms_file != plan.terms_file:
        raise errors.digest_differs()
    regime = regime_of(tx, case)
    owner = Owner(plan.round_id, case.organisation_id)
    due = await tx.deadlines.start(
        regime.clock(ClockPurpose.SIGN), owner, SIGNING_ROUNDS, regime=case.regime, anchor=tx.now
    )
    signing_round = SigningRound(
        id=plan.round_id,
        organisation_id=case.organisation_id,
        case_id=case.id,
        agreement_id=agreement.id,
        number=agreement.number,
        frozen_digest=frozen.digest,
        revision_digest=frozen.digest,
        freeze_fingerprint=frozen.fingerprint,
        slots=_slots(case, regime.signing, today(tx, regime), frozen),
        open_time=tx.now,
        expire_time=due.due_time,
        provisional=due.provisional,
    )
    agreement.freeze(frozen.digest, signing_round.id, due.due_time, provisional=due.provisional)
    case.freeze()
    await tx.note_document(frozen.digest, "AGREEMENT_FROZEN", agreement.id)
    await tx.rounds.add(signing_round)
    await tx.agreements.save(agreement)
    await tx.cases.save(case)
    return FrozenAgreement(agreement=agreement, signing_round=signing_round)


async def round_lapsed(tx: Work, round_id: UUID) -> None:
    """Nobody completed it in time: its signatures are void, the text may be frozen again."""
    signing_round = await tx.rounds.get(round_id, lock=True)
    agreement = await tx.agreements.get(signing_round.agreement_id, lock=True)
    case = await tx.cases.get(signing_round.case_id, lock=True)
    if agreement.state is not AgreementState.FROZEN or agreement.signing_round != round_id:
        return
    signing_round.end(RoundAction.EXPIRE, AgreementState.DRAFTED, "EXPIRED")
    agreement.thaw()
    case.void_round()
    await tx.rounds.save(signing_round)
    await tx.agreements.save(agreement)
    await tx.cases.save(case)


async def expiry_near(tx: Work, deadline: Deadline) -> None:
    """A round is about to end: who has not signed is told."""
    signing_round = await tx.rounds.get(deadline.aggregate_id, lock=True)
    signing_round.expiry_near(tx.rulebook.notice_of(deadline))
    await tx.rounds.save(signing_round)


async def expiry_moved(tx: Work, deadline: Deadline, move: DeadlineMove) -> None:
    """The calendar of a round's limit changed: its signers are told the new day."""
    signing_round = await tx.rounds.get(deadline.aggregate_id, lock=True)
    signing_round.expiry_moved(move)
    await tx.rounds.save(signing_round)


async def note_ruling(tx: Work, agreement_id: UUID, outcome: str) -> None:
    """The court's decision comes back. After a dismissal the parties may mediate anew or sue (民事诉讼法 206): nothing opens
    the case again, and no clock runs, before all of them ask for it (``opening.consent_to_mediation``)."""
    agreement = await tx.agreements.find(id=agreement_id)
    if agreement is None:
        return
    case = await tx.cases.get(agreement.case_id, lock=True)
    case.note_ruling(agreement_id, outcome)
    await tx.cases.save(case)


def _slots(case: Case, rule: SigningRule, day: date, frozen: Frozen) -> tuple[Slot, ...]:
    placed, signers = {each.slot: each for each in frozen.slots}, signers_of(case, rule, day)
    slots = [slot for each in rule.slots for slot in _of_role(case, each, signers)]
    return tuple(_placed(slot, placed[slot.slot].page, placed[slot.slot].box) for slot in slots)


def _of_role(case: Case, wanted: SigningSlot, signers: Mapping[str, tuple[Signer, ...]]) -> list[Slot]:
    if wanted.role is SlotRole.ORGANISATION_SEAL:
        name = case.organisation_facts.display_name
        return [Slot(slot=SEAL_SLOT, role=SlotRole.ORGANISATION_SEAL, tier=wanted.tier, caption=name)]
    if wanted.role is SlotRole.MEDIATOR:
        mediator = Slot(
            slot=MEDIATOR_SLOT,
            role=SlotRole.MEDIATOR,
            tier=wanted.tier,
            caption=case.mediator_name,
            signers=signers[MEDIATOR_SLOT],
            account=case.mediator_account,
        )
        return [mediator]
    return [
        Slot(
            slot=f"party-{index}",
            role=SlotRole.PARTY,
            tier=wanted.tier,
            caption=party.name,
            party=party.id,
            signers=signers[f"party-{index}"],
            account=party.account,
            authority=party.authority,
        )
        for index, party in enumerate(case.parties, start=1)
    ]


def _placed(slot: Slot, page: int, box: tuple[int, ...]) -> Slot:
    return replace(slot, page=page, box=box)


async def _freezable(tx: Work, command: FreezeAgreement, same_signers: SameSigners) -> tuple[Agreement, Case]:
    agreement = await tx.agreements.get(command.id, command.version, lock=True)
    case = await tx.cases.get(agreement.case_id, lock=True)
    as_mediator(tx, case)
    CASE.next(case.state, CaseAction.FREEZE)
    AGREEMENT.next(agreement.state, AgreementAction.FREEZE)
    regime = regime_of(tx, case)
    if case.subject_matter in regime.signing.electronic_excluded_subjects:
        raise errors.electronic_excluded(regime.signing.source)
    if any(party.account is None for party in case.parties):
        raise precondition("PARTY_NOT_JOINED", "有当事人尚未加入本案", "a party has not joined yet and could not sign")
    if not same_signers(agreement.terms_file, signers_of(case, regime.signing, today(tx, regime))):
        raise errors.signers_changed()
    # What was agreed in time may be signed a day later: it is due at once then.
    _require_enforceable(tx, case, agreement.terms, but=PAST)
    _require_chinese(tx, case, agreement.terms)
    return agreement, case


async def _previous(tx: Work, case: Case) -> UUID | None:
    """The agreement that a court dismissed; a draft that still stands is revised instead."""
    if case.agreement is None:
        return None
    before = await tx.agreements.get(case.agreement)
    if before.state is AgreementState.SEALED:
        return before.id
    if before.state in (AgreementState.DRAFTED, AgreementState.FROZEN):
        raise precondition("AGREEMENT_EXISTS", "已有协议草稿，请修改该草稿", "there is a draft: revise it")
    return None


async def _end_round(tx: Work, round_id: UUID, action: RoundAction, reason: str) -> None:
    signing_round = await tx.rounds.get(round_id, lock=True)
    signing_round.end(action, AgreementState.DRAFTED, reason)
    await tx.deadlines.cancel(round_id)
    await tx.rounds.save(signing_round)


def _require_chinese(tx: Work, case: Case, terms: Terms) -> None:
    """People offer and draft in their own language; the paper that goes to a court is in Chinese. Raises
    TERMS_NOT_ENFORCEABLE, naming each text to be put into Chinese (``ReviseAgreement``)."""
    if regime_of(tx, case).confirmation.applies and (found := language_findings(terms)):
        raise errors.terms_not_enforceable(found)


def _require_enforceable(tx: Work, case: Case, terms: Terms, *, but: str = "") -> None:
    """``but``: a reason that does not count. Raises TERMS_NOT_ENFORCEABLE."""
    found = [each for each in findings_of(tx, case, terms) if each.blocking and each.reason != but]
    if found:
        raise errors.terms_not_enforceable(found)
