"""A ruling is signed by the judge who prepared it, over the text that was read, and its document says what was ruled."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from services.common.documents.document import RenderedDocument
from services.common.kernel.errors import DomainError
from services.common.papers import render_paper
from services.court_link.documents.desk_work import masked_identity
from services.court_link.documents.orders import SLOTS, Applicant, RulingText
from services.court_link.documents.ruling_file import write_ruling_file
from services.court_link.domain.ruling import (
    Decision,
    DismissalGround,
    FrozenText,
    Ruling,
    RulingOutcome,
    RulingState,
)
from tests.unit.documents.test_rendering import text_of

NOW = datetime(2026, 9, 10, 4, tzinfo=UTC)
JUDGE, OTHER = UUID(int=1), UUID(int=2)


def ruling() -> Ruling:
    return Ruling(
        id=UUID(int=3),
        organisation_id=UUID(int=4),
        application=UUID(int=5),
        agreement=UUID(int=6),
        case=UUID(int=7),
        origin="",
        number="民特1号",
        decision=Decision(outcome=RulingOutcome.CONFIRMED, ground=None, reasons="理由"),
        judge=JUDGE,
        text=FrozenText(digest=bytes(32), slots=(), judge="样本法官"),
        sample=True,
    )


def draw(ruling: RulingText) -> RenderedDocument:
    return render_paper(write_ruling_file(ruling))


def text(outcome: RulingOutcome = RulingOutcome.CONFIRMED, ground: DismissalGround | None = None) -> RulingText:
    return RulingText(
        court="样本市样本区人民法院",
        seal="样本市样本区人民法院",
        judge="样本法官",
        number="（2026）样0102民特1号",
        agreement_number="样调字〔2026〕第0001号",
        organisation="样本市人民调解委员会",
        applicants=(
            Applicant(label="申请人", display_name="王样本<b>", masked_identity="3201***0011", address="样本路"),
        ),
        effective_time=NOW,
        accept_time=NOW,
        outcome=outcome,
        ground=ground,
        reasons="经审查,协议系自愿达成。",
        agreement_digest="ab" * 32,
        made_at=NOW,
        zone="Asia/Shanghai",
        sample=True,
    )


def test_only_the_preparing_judge_signs_and_only_the_text_that_was_read() -> None:
    made = ruling()
    with pytest.raises(DomainError, match="NOT_THE_PREPARING_JUDGE"):
        made.sign(OTHER, bytes(32), "proof", NOW)
    with pytest.raises(DomainError, match="FROZEN_DIGEST_DIFFERS"):
        made.sign(JUDGE, b"\1" * 32, "proof", NOW)
    made.sign(JUDGE, bytes(32), "proof", NOW)
    with pytest.raises(DomainError, match="RULING_NOT_PREPARED"):
        made.sign(JUDGE, bytes(32), "proof", NOW)


def test_a_proof_is_kept_only_until_the_signature_rests_on_it() -> None:
    for end in (lambda made: made.issue(b"\2" * 32, NOW), lambda made: made.signing_failed("PROOF_REFUSED")):
        made = ruling()
        made.sign(JUDGE, bytes(32), "proof", NOW)
        assert made.proof
        end(made)
        assert not made.proof


def test_an_issued_ruling_never_changes() -> None:
    made = ruling()
    made.sign(JUDGE, bytes(32), "proof", NOW)
    made.issue(b"\2" * 32, NOW)
    assert made.state is RulingState.ISSUED
    for act in (
        lambda: made.issue(b"\3" * 32, NOW),
        lambda: made.signing_failed("x"),
        lambda: made.prepare_again(made.decision, JUDGE, made.text),
    ):
        with pytest.raises(DomainError, match="ILLEGAL_TRANSITION"):
            act()


def test_a_dismissal_has_a_ground_and_a_confirmation_has_none() -> None:
    with pytest.raises(DomainError, match="GROUND_MISSING"):
        Decision(outcome=RulingOutcome.DISMISSED, ground=None, reasons="x").check()
    with pytest.raises(DomainError, match="GROUND_NOT_APPLICABLE"):
        Decision(outcome=RulingOutcome.CONFIRMED, ground=DismissalGround.UNCLEAR, reasons="x").check()


@pytest.mark.parametrize("ground", [None, *DismissalGround])
def test_every_outcome_renders_the_same_bytes_twice_with_both_slots(ground: DismissalGround | None) -> None:
    outcome = RulingOutcome.DISMISSED if ground else RulingOutcome.CONFIRMED
    rendered = draw(text(outcome, ground))
    assert rendered.content == draw(text(outcome, ground)).content
    assert {area.slot for area in rendered.areas} == set(SLOTS)


def test_an_identity_number_is_printed_by_its_ends_only() -> None:
    assert masked_identity("320102199001010011") == "3201**********0011"
    assert masked_identity("12345678") == "********" and masked_identity("") == ""


@pytest.mark.parametrize(("zone", "day"), [("Asia/Shanghai", "2026年9月10日"), ("Asia/Tokyo", "2026年9月11日")])
def test_a_day_is_that_of_the_regime_s_zone(zone: str, day: str, tmp_path: Path) -> None:
    late = replace(text(), effective_time=datetime(2026, 9, 10, 15, 30, tzinfo=UTC), zone=zone)
    assert f"该协议于{day}生效" in text_of(draw(late).content, tmp_path).replace("\n", "")
