"""Aggregates survive their JSON, and the printed agreement is a function of terms.json."""

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from services.common.deadlines import RuleBook
from services.common.kernel.errors import DomainError
from services.common.papers import render_paper, render_translation
from services.common.regimes import RegimeBook
from services.common.storage.codec import fields_from_json, to_json
from services.mediation.documents.terms_file import write_terms
from services.mediation.domain.case import Case
from services.mediation.domain.parties import Particulars, Representative
from services.mediation.domain.session import Session
from services.mediation.domain.vocabulary import Authority, PartyKind, PartySide, Power, SessionKind
from tests.unit.documents.test_rendering import text_of
from tests.unit.mediation.makers import NOW, ORGANISATION, a_case, a_party, an_open_case, good_terms

RULES = Path(__file__).parents[3] / "deploy" / "rules"


def test_a_case_comes_back_as_it_was() -> None:
    case = an_open_case()
    case.consent_to_extension(case.parties[0].id, 10, NOW)
    case.events.clear()
    data = json.loads(json.dumps(to_json(case)))
    assert Case(id=case.id, organisation_id=case.organisation_id, **fields_from_json(Case, data)) == case


def test_a_session_comes_back_as_it_was() -> None:
    from datetime import timedelta  # noqa: PLC0415
    from uuid import uuid4  # noqa: PLC0415

    session = Session(
        id=uuid4(),
        organisation_id=ORGANISATION,
        case_id=uuid4(),
        kind=SessionKind.CAUCUS,
        caucus_party=uuid4(),
        mediator_account=uuid4(),
        necessary=(uuid4(),),
        start_time=NOW,
        end_time=NOW + timedelta(hours=1),
        notify_time=NOW,
        notice=timedelta(hours=72),
    )
    data = json.loads(json.dumps(to_json(session)))
    assert Session(id=session.id, organisation_id=ORGANISATION, **fields_from_json(Session, data)) == session


def terms_file(case: Case, regime: str = "PEOPLES", version: str = "2024") -> bytes:
    found = RegimeBook.load(RULES, RuleBook.load(RULES)).version(regime, version)
    terms = good_terms(case.parties[1].id, case.parties[0].id)
    return write_terms(case, found, "（2026）样本调字第1号", terms, datetime(2026, 3, 2, tzinfo=UTC)).encode()


def test_the_same_terms_give_the_same_bytes() -> None:
    data = terms_file(an_open_case(sample=True))
    one, other = render_paper(data), render_paper(data)
    assert one.content == other.content
    assert [area.slot for area in one.areas] == ["party-1", "party-2", "mediator", "seal"]


def test_one_changed_character_gives_other_bytes() -> None:
    data = terms_file(an_open_case())
    changed = data.replace("预付卡".encode(), "预存卡".encode())
    assert render_paper(data).content != render_paper(changed).content


def test_terms_json_holds_no_full_number_and_says_which_slots_there_are() -> None:
    particulars = Particulars(
        display_name="王样本",
        kind=PartyKind.NATURAL_PERSON,
        identity_number="110101199003070011",
        phone="+8613800000001",
        address="样本路1号",
    )
    company = a_party(PartySide.RESPONDENT, authority=None)
    agent = Representative(
        account=uuid4(),
        display_name="赵代理",
        authority=Authority.AGENT_SPECIAL,
        powers=(Power.SIGN,),
        end_date=date(2026, 12, 31),
    )
    general = Representative(account=uuid4(), display_name="钱代理", authority=Authority.AGENT_GENERAL)
    company = company.with_representative(agent).with_representative(general)
    case = a_case(parties=(a_party(particulars=particulars), company), mediator_name="李调解")
    data = terms_file(case)
    text = data.decode()
    assert "110101199003070011" not in text
    assert "13800000001" not in text
    assert "样本路1号" in text
    assert json.loads(data)["document"] == {
        "number": "（2026）样本调字第1号",
        "slots": ["party-1", "party-2", "mediator", "seal"],
        "signers": {
            "party-1": [{"name": "王样本", "on_behalf_of": "", "title": ""}],
            "party-2": [
                {
                    "name": "赵代理",
                    "on_behalf_of": "样本商贸有限公司",
                    "title": "特别授权代理人",
                }
            ],
            "mediator": [{"name": "李调解", "on_behalf_of": "", "title": ""}],
            "seal": [{"name": "样本调解委员会", "on_behalf_of": "", "title": ""}],
        },
    }
    assert [(each["name"], each["powers"], each["end_date"]) for each in json.loads(data)["parties"][1]["acting"]] == [
        ("赵代理", ["SIGN"], "2026-12-31"),
        ("钱代理", [], ""),
    ]
    assert "赵代理" in text and render_paper(data).content
    assert len(hashlib.sha256(data).digest()) == 32


@pytest.mark.parametrize(
    ("regime", "sentence"),
    [("PEOPLES", "PARTIES_MEDIATOR_AND_SEAL"), ("SPECIAL_INVITED_DELEGATED", "ALL_PARTIES_SIGNED")],
)
def test_the_regime_says_when_it_takes_effect(regime: str, sentence: str) -> None:
    assert json.loads(terms_file(a_case(), regime))["effective_when"] == sentence


def test_the_paper_says_by_which_rules_it_was_made_and_may_be_confirmed(tmp_path: Path) -> None:
    regime = RegimeBook.load(RULES, RuleBook.load(RULES)).version("PEOPLES", "2024")
    printed = "".join(text_of(render_paper(terms_file(an_open_case())).content, tmp_path).split())
    rule = regime.confirmation
    said = (regime.agreement_title, regime.name_zh, *regime.sources, rule.notice_zh, rule.source)
    assert [each for each in said if "".join(each.split()) not in printed] == []


def test_a_translation_says_what_the_regime_says_in_english(tmp_path: Path) -> None:
    regime = RegimeBook.load(RULES, RuleBook.load(RULES)).version("PEOPLES", "2024")
    printed = "".join(text_of(render_translation(terms_file(an_open_case())).content, tmp_path).split())
    assert "".join(regime.confirmation.notice_en.split()) in printed
    assert "".join(regime.name_en.split()) in printed
    assert "Translation" in printed


def test_a_character_that_cannot_be_printed_is_named() -> None:
    particulars = Particulars(display_name="王\ue000", kind=PartyKind.NATURAL_PERSON)
    with pytest.raises(DomainError, match="UNPRINTABLE_CHARACTER"):
        render_paper(terms_file(a_case(parties=(a_party(particulars=particulars), a_party()))))
