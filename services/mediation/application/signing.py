"""Signing: the act is recorded with its proof spent, the signature is made by a worker, and its revision recorded after.

The legal moments follow from the recorded signature times by the regime's rule, never from who looked when.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.kernel.ids import resource_name
from services.common.kernel.principal import Role
from services.common.kernel.proofs import Proof
from services.common.regimes import ClockPurpose, SlotRole, effective_at
from services.mediation.application.conduct import end_without_agreement
from services.mediation.application.ports import Work
from services.mediation.application.pressure import tell_pressure
from services.mediation.application.reach import (
    as_administrator,
    as_mediator,
    as_member,
    as_party,
    limit_clock,
    regime_of,
)
from services.mediation.domain import errors
from services.mediation.domain.agreement import Agreement
from services.mediation.domain.case import Case
from services.mediation.domain.session_record import SessionRecord
from services.mediation.domain.signing_round import MEDIATOR_SLOT, SEAL_SLOT, SigningRound, Slot
from services.mediation.domain.vocabulary import (
    AgreementState,
    Authority,
    Power,
    RecordState,
    RoundState,
    TerminationReason,
)

SIGN_JOB = "sign_slot"
DOSSIER = "AGREEMENT_DOSSIER"
SEALED_DOCUMENT = "AGREEMENT_SEALED"

DossierWriter = Callable[[Case, Agreement, SigningRound, list[str]], bytes]
"""Writes what a court may see: case, agreement, round, jointly confirmed facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignAgreement:
    id: UUID
    slot: str
    frozen_digest: bytes
    proof: str
    claims: Proof | None
    read_whole_document: bool
    acts_freely: bool


async def sign_agreement(tx: Work, command: SignAgreement) -> SigningRound:
    """A party or the mediator signs the frozen agreement.

    Raises NOT_READ, NOT_YOUR_SLOT, SPECIAL_AUTHORITY_MISSING, AUTHORITY_EXPIRED, NOT_YET_YOUR_TURN, DIGEST_DIFFERS,
    PROOF_INVALID, PROOF_SPENT, ROUND_CLOSED, SLOT_ALREADY_SIGNED. Somebody who does not act freely signs nothing, needs
    no proof, no turn and no power for saying so, and moves nothing that others see: the mediator alone is told.
    """
    signing_round = await tx.rounds.get(command.id, lock=True)
    case = await tx.cases.get(signing_round.case_id)
    slot = signing_round.slot(command.slot)
    if not command.acts_freely:
        await tell_pressure(tx, case, slot.party, f"{slot.caption}：签署时表示并非自愿。 Said when asked to sign.")
        return signing_round
    authority = _require_signer(tx, case, slot)
    if not command.read_whole_document:
        raise errors.not_read()
    await _act(tx, signing_round, slot, authority, command.frozen_digest, command.proof, command.claims)
    return signing_round


@dataclass(frozen=True, slots=True, kw_only=True)
class SealAgreement:
    id: UUID
    frozen_digest: bytes
    proof: str
    claims: Proof | None


async def seal_agreement(tx: Work, command: SealAgreement) -> SigningRound:
    """The organisation's seal, by its keeper, last of all."""
    signing_round = await tx.rounds.get(command.id, lock=True)
    case = await tx.cases.get(signing_round.case_id)
    as_administrator(tx, case, Role.SEAL_KEEPER)
    slot = signing_round.slot(SEAL_SLOT)
    await _act(tx, signing_round, slot, None, command.frozen_digest, command.proof, command.claims)
    return signing_round


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseToSign:
    id: UUID
    party: UUID
    reason: str


async def refuse_to_sign(tx: Work, command: RefuseToSign) -> SigningRound:
    """A party refuses: the mediation is over, an oral deal is no agreement (在线调解规则 25(7))."""
    signing_round = await tx.rounds.get(command.id, lock=True)
    case = await tx.cases.get(signing_round.case_id, lock=True)
    as_member(tx, case, command.party)
    if signing_round.state is not RoundState.OPEN:
        raise errors.round_closed()
    await tx.deadlines.cancel(signing_round.id)
    await end_without_agreement(tx, case, TerminationReason.REFUSED_TO_SIGN, command.reason)
    return await tx.rounds.get(command.id)


async def record_signature(
    tx: Work,
    round_id: UUID,
    slot: str,
    *,
    appended_to: bytes,
    digest: bytes,
    fingerprint: bytes,
    sign_time: datetime,
    write_dossier: DossierWriter,
) -> bool:
    """Records a revision if it was appended to the newest; False when another came between, and it is to be made again."""
    signing_round = await tx.rounds.get(round_id, lock=True)
    if not signing_round.awaits(slot):
        return True
    if signing_round.revision_digest != appended_to:
        return False
    signing_round.signed(slot, digest, fingerprint, sign_time)
    await tx.rounds.save(signing_round)
    await tx.forget_proof(round_id, slot)
    await _take_effect(tx, signing_round, write_dossier)
    return True


async def release_act(tx: Work, round_id: UUID, slot: str) -> None:
    """The signature could not be made for good: the person acts again with a new proof."""
    signing_round = await tx.rounds.get(round_id, lock=True)
    if signing_round.awaits(slot):
        signing_round.release_act(slot)
        await tx.forget_proof(round_id, slot)
        await tx.rounds.save(signing_round)


async def _act(
    tx: Work,
    signing_round: SigningRound,
    slot: Slot,
    authority: Authority | None,
    frozen_digest: bytes,
    proof: str,
    claims: Proof | None,
) -> None:
    if frozen_digest != signing_round.frozen_digest:
        raise errors.digest_differs()
    proven = _require_proof(tx, signing_round, claims)
    signing_round.act(slot.slot, proven.account, authority, tx.now)
    await tx.spend_proof(proven.token_id, signing_round.id, slot.slot, proof)
    payload = {"round": str(signing_round.id), "slot": slot.slot}
    tx.enqueue(SIGN_JOB, payload, key=f"{signing_round.id}:{slot.slot}:{proven.token_id}")
    await tx.rounds.save(signing_round)


def _require_proof(tx: Work, signing_round: SigningRound, claims: Proof | None) -> Proof:
    if claims is None:
        raise errors.proof_invalid()
    meant = (tx.caller.account_id, resource_name("signingRounds", signing_round.id), signing_round.frozen_digest)
    if (claims.account, claims.subject, claims.digest) != meant:
        raise errors.proof_invalid()
    return claims


def _require_signer(tx: Work, case: Case, slot: Slot) -> Authority | None:
    """Nobody signs for another. The authority is judged now, not when it was given."""
    if slot.slot == MEDIATOR_SLOT:
        if tx.caller.account_id != case.mediator_account:
            raise errors.not_your_slot()
        as_mediator(tx, case)
        slot.signer(tx.caller.account_id)
        return None
    if slot.role is not SlotRole.PARTY or slot.party is None:
        raise errors.not_your_slot()
    if not case.party(slot.party).acts(tx.caller.account_id):
        raise errors.not_your_slot()
    as_party(tx, case, slot.party, Power.SIGN)
    return slot.signer(tx.caller.account_id).authority


async def _take_effect(tx: Work, signing_round: SigningRound, write_dossier: DossierWriter) -> None:
    case = await tx.cases.get(signing_round.case_id, lock=True)
    agreement = await tx.agreements.get(signing_round.agreement_id, lock=True)
    rule = regime_of(tx, case).signing.effective_when
    moment = effective_at(rule, signing_round.signature_times())
    if moment is not None and agreement.state is AgreementState.FROZEN:
        agreement.take_effect(case, moment, rule.value)
        await tx.deadlines.meet(signing_round.id, regime_of(tx, case).clock(ClockPurpose.SIGN))
    if signing_round.state is RoundState.SEALED:
        await _seal(tx, case, agreement, signing_round, write_dossier)
    if agreement.events:
        await tx.agreements.save(agreement)


async def _seal(
    tx: Work, case: Case, agreement: Agreement, signing_round: SigningRound, write_dossier: DossierWriter
) -> None:
    agreement.sealed_digest = signing_round.sealed_digest
    dossier = write_dossier(case, agreement, signing_round, await _undisputed_facts(tx, case))
    digest = hashlib.sha256(dossier).digest()
    await tx.keep_dossier(digest, DOSSIER, agreement.id, dossier)
    for document in (signing_round.sealed_digest, agreement.terms_digest):
        await tx.note_document(document, SEALED_DOCUMENT, agreement.id)
    agreement.seal(case, signing_round.sealed_digest, digest)
    if agreement.supersedes is not None:
        before = await tx.agreements.get(agreement.supersedes, lock=True)
        before.supersede()
        await tx.agreements.save(before)
    case.conclude(agreement.id, tx.now)
    await tx.deadlines.meet(case.id, limit_clock(tx, case))
    await tx.deadlines.cancel(case.id)
    await tx.deadlines.cancel(signing_round.id)
    await tx.cases.save(case)


async def _undisputed_facts(tx: Work, case: Case) -> list[str]:
    """Facts that all confirmed together, from joint sessions; never a concession (法释〔2016〕14号第22条)."""
    records = await tx.records.all(case_id=case.id)
    return [fact for record in records if _jointly_confirmed(record) for fact in record.undisputed_facts]


def _jointly_confirmed(record: SessionRecord) -> bool:
    return record.joint and record.caucus_party is None and record.state is RecordState.CONFIRMED
