"""A ruling is signed by the judge who prepared it, over the text that was read, and its document says what was ruled."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from services.common.documents.canonical import canonical_json
from services.common.documents.document import RenderedDocument
from services.common.kernel.errors import DomainError
from services.common.papers import render_paper
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
from tests.kit.signing import NAMES, terms
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
        clerk="样本书记员",
        number="（2026）样0102民特1号",
        organisation="样本市人民调解委员会",
        subject_matter="样本纠纷",
        applicants=tuple(
            Applicant(name=NAMES[slot], identity_number=number, address="样本路1号")
            for slot, number in (("party-1", "320102199001010011"), ("party-2", "91320102SAMPLE001X"))
        ),
        terms_file=terms(),
        effective_time=NOW,
        accept_time=NOW,
        outcome=outcome,
        ground=ground,
        reasons="经审查,协议系自愿达成。",
        made_time=NOW,
        zone="Asia/Shanghai",
        sample=True,
    )


def printed(ruling: RulingText, folder: Path) -> str:
    return "".join(text_of(draw(ruling).content, folder).split())


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
        Decision(outcome=RulingOutcome.DISMISSED, ground=None, reasons="理由").check()
    with pytest.raises(DomainError, match="GROUND_NOT_APPLICABLE"):
        Decision(outcome=RulingOutcome.CONFIRMED, ground=DismissalGround.UNCLEAR, reasons="理由").check()


@pytest.mark.parametrize("ground", [None, *DismissalGround])
def test_every_outcome_renders_the_same_bytes_twice_with_both_slots(ground: DismissalGround | None) -> None:
    outcome = RulingOutcome.DISMISSED if ground else RulingOutcome.CONFIRMED
    rendered = draw(text(outcome, ground))
    assert rendered.content == draw(text(outcome, ground)).content
    assert {area.slot for area in rendered.areas} == set(SLOTS)


def test_a_confirming_ruling_has_the_terms_word_for_word_and_every_part_of_its_form(tmp_path: Path) -> None:
    found = printed(text(), tmp_path)
    names = f"申请人{NAMES['party-1']}、申请人{NAMES['party-2']}"
    for part in (
        "样本市样本区人民法院民事裁定书（2026）样0102民特1号",
        "公民身份号码320102199001010011",
        "申请司法确认调解协议一案",
        "依法由审判员样本法官独任进行审查",
        f"{NAMES['party-2']}于2026年12月31日前（含当日）向{NAMES['party-1']}支付人民币5000.00元（大写：伍仟元整）",
        "依照《中华人民共和国民事诉讼法》第二百零六条规定，裁定如下：",
        f"{names}于2026年9月10日经样本市人民调解委员会主持调解达成的调解协议有效。",
        "对方当事人可以向人民法院申请执行",
        "自收到裁定之日起十五日内",
        "六个月内",
        "二〇二六年九月十日",
        "书记员样本书记员",
        "本件与原本核对无异",
    ):
        assert part in found
    for wrong in ("独任庭", "未记载", "SHA-256", "English", "Judge", "*"):
        assert wrong not in found


@pytest.mark.parametrize(
    ("ground", "item"),
    [
        (DismissalGround.UNCLEAR, "第三百五十八条第五项"),
        (DismissalGround.NO_JURISDICTION, "第三百五十五条第一款第二项、第二款"),
    ],
)
def test_a_dismissing_ruling_names_its_item_and_promises_no_fifteen_days(
    ground: DismissalGround, item: str, tmp_path: Path
) -> None:
    found = printed(text(RulingOutcome.DISMISSED, ground), tmp_path)
    cited = "《最高人民法院关于适用〈中华人民共和国民事诉讼法〉的解释》" + item
    assert f"《中华人民共和国民事诉讼法》第二百零六条，{cited}规定，裁定如下：" in found
    assert f"驳回申请人{NAMES['party-1']}、申请人{NAMES['party-2']}的申请。" in found
    assert "也可以向人民法院提起诉讼" in found
    assert "十五日" not in found and "调解协议有效" not in found and "执行" not in found


def test_where_a_party_is_foreign_the_state_stands_before_the_court(tmp_path: Path) -> None:
    abroad = json.loads(terms())
    abroad["parties"][0]["nationality"] = "VN"
    foreign = replace(text(), terms_file=canonical_json(abroad))
    assert "中华人民共和国样本市样本区人民法院民事裁定书" in printed(foreign, tmp_path)
    assert "中华人民共和国样本市" not in printed(text(), tmp_path)


def test_the_reasons_of_a_ruling_are_in_chinese() -> None:
    with pytest.raises(DomainError, match="CHINESE_TEXT_REQUIRED"):
        Decision(outcome=RulingOutcome.CONFIRMED, ground=None, reasons="The agreement is clear.").check()
    Decision(outcome=RulingOutcome.CONFIRMED, ground=None, reasons="Smith 与 Acme Ltd. 的协议系自愿达成。").check()


def test_a_ruling_names_the_parties_that_the_agreement_has() -> None:
    other = replace(text(), applicants=text().applicants[::-1])
    with pytest.raises(ValueError, match="other parties"):
        draw(other)


@pytest.mark.parametrize(("zone", "day"), [("Asia/Shanghai", "2026年9月10日"), ("Asia/Tokyo", "2026年9月11日")])
def test_a_day_is_that_of_the_regime_s_zone(zone: str, day: str, tmp_path: Path) -> None:
    late = replace(text(), effective_time=datetime(2026, 9, 10, 15, 30, tzinfo=UTC), zone=zone)
    assert f"于{day}经样本市人民调解委员会主持调解达成" in printed(late, tmp_path)
