"""A round by chance: whatever is tried in whatever order, nothing is sealed that was not signed by all, in turn."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.common.kernel.errors import DomainError
from services.common.regimes import EffectiveWhen, SlotRole, effective_at
from services.mediation.domain.lifecycles import RoundAction
from services.mediation.domain.signing_round import SigningRound, Slot
from services.mediation.domain.vocabulary import AgreementState, RoundState, SlotState
from tests.unit.mediation.makers import NOW, ORGANISATION

SHIPPED = ("party-1", "party-2"), ("mediator",), ("seal",)
"""Who signs, tier by tier: as shipped, with mediator and parties in one tier, and without the mediator."""
ONE_TIER = ("party-1", "party-2", "mediator"), ("seal",)
EVERYBODY = [name for names in SHIPPED for name in names]
NO_MEDIATOR = ("party-1", "party-2"), ("seal",)
Tiers = tuple[tuple[str, ...], ...]
_ROLES = {"mediator": SlotRole.MEDIATOR, "seal": SlotRole.ORGANISATION_SEAL}


def a_round(tiers: Tiers = SHIPPED) -> SigningRound:
    return SigningRound(
        id=uuid4(),
        organisation_id=ORGANISATION,
        case_id=uuid4(),
        agreement_id=uuid4(),
        number="（2026）样本调字第1号",
        frozen_digest=bytes(32),
        revision_digest=bytes(32),
        freeze_fingerprint=bytes(32),
        slots=tuple(
            Slot(slot=name, role=_ROLES.get(name, SlotRole.PARTY), tier=tier, caption=name)
            for tier, names in enumerate(tiers, start=1)
            for name in names
        ),
        open_time=NOW,
        expire_time=NOW + timedelta(days=14),
    )


def sign(signing_round: SigningRound, slot: str, minute: int = 0) -> None:
    when = NOW + timedelta(minutes=minute)
    signing_round.act(slot, uuid4(), None, when)
    signing_round.signed(slot, bytes([minute] * 32), bytes(32), when)


_STEPS = some.lists(
    some.tuples(
        some.sampled_from(["act", "signed", "release", "expire", "refuse", "void"]),
        some.sampled_from(EVERYBODY),
    ),
    max_size=40,
)


@given(some.sampled_from([SHIPPED, ONE_TIER, NO_MEDIATOR]), _STEPS)
def test_sealed_means_signed_by_all_in_turn(tiers: Tiers, steps: list[tuple[str, str]]) -> None:
    signing_round = a_round(tiers)
    order: list[str] = []
    ends = {"expire": RoundAction.EXPIRE, "refuse": RoundAction.REFUSE, "void": RoundAction.VOID}
    for step, slot in steps:
        before = signing_round.state
        try:
            if step == "act":
                signing_round.act(slot, uuid4(), None, NOW)
            elif step == "signed" and signing_round.awaits(slot):
                signing_round.signed(slot, bytes(32), bytes(32), NOW)
                order.append(slot)
            elif step == "release":
                signing_round.release_act(slot)
            elif step in ends:
                signing_round.end(ends[step], AgreementState.DRAFTED)
        except DomainError:
            assert signing_round.state is before
    assert len(order) == len(set(order))
    turns = [signing_round.slot(slot).tier for slot in order]
    assert turns == sorted(turns)
    everybody = all(slot.state is SlotState.SIGNED for slot in signing_round.slots)
    if signing_round.state is RoundState.SEALED:
        assert everybody
        assert set(order) == {name for names in tiers for name in names}
    if signing_round.state in (RoundState.REFUSED, RoundState.EXPIRED, RoundState.VOIDED):
        with pytest.raises(DomainError, match="ROUND_CLOSED"):
            signing_round.act("party-1", uuid4(), None, NOW)


@pytest.mark.parametrize(
    ("rule", "minute"),
    [(EffectiveWhen.ALL_PARTIES_SIGNED, 2), (EffectiveWhen.PARTIES_MEDIATOR_AND_SEAL, 4)],
)
def test_the_moment_is_the_last_signature_that_the_rule_asks_for(rule: EffectiveWhen, minute: int) -> None:
    signing_round = a_round()
    for step, slot in enumerate(["party-2", "party-1", "mediator", "seal"], start=1):
        assert (effective_at(rule, signing_round.signature_times()) is None) == (step <= minute)
        sign(signing_round, slot, step)
    assert effective_at(rule, signing_round.signature_times()) == NOW + timedelta(minutes=minute)


def test_an_act_alone_is_no_signature() -> None:
    signing_round = a_round()
    signing_round.act("party-1", uuid4(), None, NOW)
    signing_round.act("party-2", uuid4(), None, NOW)
    assert signing_round.state is RoundState.OPEN
    assert effective_at(EffectiveWhen.ALL_PARTIES_SIGNED, signing_round.signature_times()) is None


def test_a_refusal_counts_only_until_all_parties_have_signed() -> None:
    signing_round = a_round()
    sign(signing_round, "party-1")
    sign(signing_round, "party-2")
    with pytest.raises(DomainError, match="ILLEGAL_TRANSITION"):
        signing_round.end(RoundAction.REFUSE, AgreementState.VOID)


def test_an_open_round_is_over_at_the_instant_it_expires() -> None:
    signing_round = a_round()
    with pytest.raises(DomainError, match="ROUND_CLOSED"):
        signing_round.act("party-1", uuid4(), None, signing_round.expire_time)


@pytest.mark.parametrize(
    ("tiers", "steps"),
    [
        (SHIPPED, [("party-2", "OPEN"), ("party-1", "PARTIES_COMPLETE"), ("mediator", "AWAITING_SEAL")]),
        (ONE_TIER, [("mediator", "OPEN"), ("party-2", "OPEN"), ("party-1", "AWAITING_SEAL")]),
        (ONE_TIER, [("party-2", "OPEN"), ("party-1", "PARTIES_COMPLETE"), ("mediator", "AWAITING_SEAL")]),
        (NO_MEDIATOR, [("party-1", "OPEN"), ("party-2", "AWAITING_SEAL")]),
    ],
)
def test_the_state_says_who_is_still_to_sign(tiers: Tiers, steps: list[tuple[str, str]]) -> None:
    signing_round = a_round(tiers)
    for slot, state in steps:
        with pytest.raises(DomainError, match="NOT_YET_YOUR_TURN"):
            signing_round.act("seal", uuid4(), None, NOW)
        sign(signing_round, slot)
        assert signing_round.state.name == state
    sign(signing_round, "seal")
    assert signing_round.state is RoundState.SEALED
