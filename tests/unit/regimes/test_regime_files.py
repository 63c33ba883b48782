"""What the shipped regimes say, and that a spoilt one is refused at load."""

import re
import shutil
from collections.abc import Iterable
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.common.deadlines import RuleBook, RuleFileError, due
from services.common.kernel.errors import DomainError
from services.common.regimes import (
    CaucusRelease,
    ClockPurpose,
    Competence,
    EffectiveWhen,
    RecusalGround,
    Regime,
    RegimeBook,
    SignatureTimes,
    SlotRole,
    effective_at,
)
from services.court_link.domain.referral import ReferralKind
from services.intake.domain.values import Channel, MatterKind
from services.mediation.domain.vocabulary import TerminationReason

RULES = Path(__file__).parents[3] / "deploy" / "rules"
TODAY = date(2026, 11, 1)
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
CHINA = ZoneInfo("Asia/Shanghai")
PARTIES = (datetime(2026, 8, 31, 3, tzinfo=UTC), datetime(2026, 9, 1, 9, tzinfo=UTC))
MEDIATOR = datetime(2026, 9, 2, 2, tzinfo=UTC)
SEAL = datetime(2026, 9, 4, 2, tzinfo=UTC)
IDS = ["PEOPLES", "SPECIAL_INVITED_DELEGATED", "SPECIAL_INVITED_ENTRUSTED"]


@pytest.fixture(scope="module")
def rulebook() -> RuleBook:
    return RuleBook.load(RULES)


@pytest.fixture(scope="module")
def regimes(rulebook: RuleBook) -> RegimeBook:
    return RegimeBook.load(RULES, rulebook)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rules that only this test sees."""
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


@pytest.mark.parametrize("id", IDS)
def test_every_regime_brings_what_no_code_may_decide(regimes: RegimeBook, rulebook: RuleBook, id: str) -> None:
    regime = regimes.at(id, NOON)
    assert regime.sources
    assert regime.confirmation.notice_zh and regime.confirmation.notice_en
    assert regime.caucus_release is CaucusRelease.DENY
    assert regime.session.notice.total_seconds() > 0
    for rule_id in regime.clocks.values():
        assert rulebook.rule(rule_id, TODAY, regime.id).id == rule_id


@pytest.mark.parametrize("id", IDS)
def test_parties_sign_before_the_mediator_and_the_seal_comes_last(regimes: RegimeBook, id: str) -> None:
    signing = regimes.at(id, NOON).signing
    assert [slot.role for slot in signing.slots] == [SlotRole.PARTY, SlotRole.MEDIATOR, SlotRole.ORGANISATION_SEAL]
    assert [slot.tier for slot in signing.slots] == [1, 2, 3]


def test_a_peoples_agreement_binds_with_the_last_of_parties_mediator_and_seal(regimes: RegimeBook) -> None:
    rule = regimes.at("PEOPLES", NOON).signing.effective_when
    assert effective_at(rule, SignatureTimes(parties=PARTIES, mediator=MEDIATOR)) is None
    assert effective_at(rule, SignatureTimes(parties=PARTIES, mediator=MEDIATOR, seal=SEAL)) == SEAL


def test_a_delegated_agreement_binds_when_all_parties_have_signed(regimes: RegimeBook) -> None:
    rule = regimes.at("SPECIAL_INVITED_DELEGATED", NOON).signing.effective_when
    assert effective_at(rule, SignatureTimes(parties=(PARTIES[0], None), mediator=MEDIATOR, seal=SEAL)) is None
    assert effective_at(rule, SignatureTimes(parties=PARTIES)) == PARTIES[1]


@pytest.mark.parametrize("rule", list(EffectiveWhen))
def test_nothing_binds_when_nobody_has_signed(rule: EffectiveWhen) -> None:
    assert effective_at(rule, SignatureTimes()) is None
    assert effective_at(rule, SignatureTimes(parties=(None, None), mediator=MEDIATOR, seal=SEAL)) is None


def test_signatures_of_mediator_and_seal_alone_bind_nobody() -> None:
    alone = SignatureTimes(parties=(), mediator=MEDIATOR, seal=SEAL)
    assert effective_at(EffectiveWhen.PARTIES_MEDIATOR_AND_SEAL, alone) is None


def test_scenario_17_one_text_under_two_regimes_has_two_effective_times(
    regimes: RegimeBook, rulebook: RuleBook
) -> None:
    times = SignatureTimes(parties=PARTIES, mediator=MEDIATOR, seal=SEAL)
    peoples, delegated = regimes.at("PEOPLES", NOON), regimes.at("SPECIAL_INVITED_DELEGATED", NOON)
    moments = [effective_at(each.signing.effective_when, times) for each in (peoples, delegated)]
    assert moments == [SEAL, PARTIES[1]]
    # 30 days each: 10-04 and 10-01 fall into the holiday.
    assert [last_day_to_apply(peoples, rulebook, moments[0]), last_day_to_apply(delegated, rulebook, moments[1])] == [
        date(2026, 10, 8),
        date(2026, 10, 8),
    ]


def last_day_to_apply(regime: Regime, rulebook: RuleBook, effective: datetime | None) -> date:
    assert effective is not None
    on = effective.astimezone(regime.zone).date()
    rule = rulebook.rule(regime.clock(ClockPurpose.APPLY_FOR_CONFIRMATION), on, regime.id)
    return due(rule, effective, rulebook.calendar_of(rule)).date


def test_scenario_20_an_entrusted_case_has_no_confirmation_and_names_its_own_path(regimes: RegimeBook) -> None:
    regime = regimes.at("SPECIAL_INVITED_ENTRUSTED", NOON)
    assert not regime.confirmation.applies
    assert regime.confirmation.competence is None
    assert not regime.has_clock(ClockPurpose.APPLY_FOR_CONFIRMATION)
    assert "调解书" in regime.confirmation.path_zh
    with pytest.raises(LookupError):
        regime.clock(ClockPurpose.COURT_DECIDE)


def test_only_the_inviting_court_confirms_a_delegated_agreement(regimes: RegimeBook) -> None:
    assert regimes.at("SPECIAL_INVITED_DELEGATED", NOON).confirmation.competence is Competence.INVITING_COURT
    assert regimes.at("PEOPLES", NOON).confirmation.competence is Competence.DOMICILE_SUBJECT_ORGANISATION


def test_a_disclosed_conflict_may_be_waived_under_special_invited_rules(regimes: RegimeBook) -> None:
    assert regimes.at("SPECIAL_INVITED_DELEGATED", NOON).conflict.waivable_by_all_parties


def test_a_regime_admits_by_kind_channel_and_subject(regimes: RegimeBook) -> None:
    peoples = regimes.at("PEOPLES", NOON)
    assert peoples.admits("COMPLAINT", "HOTLINE", "CONSUMER")
    assert not peoples.admits("REPORT", "HOTLINE")
    assert not peoples.admits("DISPUTE", "WEB", "STATUS_RELATION")
    assert not regimes.at("SPECIAL_INVITED_DELEGATED", NOON).admits("DISPUTE", "WEB")


def test_an_agreement_number_names_year_organisation_and_running_number(regimes: RegimeBook) -> None:
    assert regimes.at("PEOPLES", NOON).agreement_number(2026, "苏证", 12) == "（2026）苏证调字第12号"


def test_a_regime_is_found_by_day_or_by_version(regimes: RegimeBook) -> None:
    assert regimes.version("PEOPLES", "2024") is regimes.at("PEOPLES", NOON)
    with pytest.raises(LookupError):
        regimes.at("NOBODYS", NOON)
    with pytest.raises(DomainError) as refusal:
        regimes.at("PEOPLES", datetime(2001, 1, 1, tzinfo=UTC))
    assert refusal.value.reason == "REGIME_NOT_IN_FORCE"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        pytest.param('version = "2024"', 'version = "2024"\ncolour = "red"', "colour", id="unknown-key"),
        pytest.param('MEDIATE = "MED.PEOPLES"', 'MEDIATE = "MED.NOTHING"', "clocks.MEDIATE", id="unknown-clock"),
        pytest.param('MEDIATE = "MED.PEOPLES"', 'MEDIATE = "12315.MED"', "clocks.MEDIATE", id="another-regimes-clock"),
        pytest.param('SIGN = "SIGN.ROUND"\n', "", "clocks.SIGN", id="missing-clock"),
        pytest.param('COURT_ACCEPT = "CONF.ACCEPT"\n', "", "clocks.COURT_ACCEPT", id="missing-court-clock"),
        pytest.param("[clocks]\n", '[clocks]\nBREW_TEA = "SIGN.ROUND"\n', "clocks.BREW_TEA", id="unknown-purpose"),
        pytest.param("notice_hours = 72\n", "", "session.notice_hours", id="missing-notice-period"),
        pytest.param(
            '"DOMICILE_SUBJECT_ORGANISATION"', '"ANY_COURT"', "confirmation.competence", id="unknown-competence"
        ),
        pytest.param('role = "ORGANISATION_SEAL"', 'role = "MEDIATOR"', "signing.slots[2].role", id="slot-twice"),
        pytest.param(
            '  { role = "ORGANISATION_SEAL", tier = 3 },\n', "", "signing.slots", id="seal-that-nobody-can-give"
        ),
        pytest.param(", tier = 3", ", tier = 2", "signing.slots", id="seal-beside-the-mediator"),
        pytest.param('"PARTY", tier = 1', '"PARTY", tier = 3', "signing.slots", id="mediator-before-the-parties"),
        pytest.param('  { role = "MEDIATOR", tier = 2 },\n', "", "signing.slots", id="nobody-attests"),
        pytest.param('  { role = "PARTY", tier = 1 },\n', "", "signing.slots", id="nobody-agrees"),
        pytest.param(
            "[clocks]\n", '[clocks]\nACCEPT_REFERRAL = "ODM.CONFIRM"\n', "clocks.ACCEPT_REFERRAL", id="idle-clock"
        ),
        pytest.param('CALL_BACK = "CALLBACK.CLOSED"\n', "", "clocks.CALL_BACK", id="missing-call-back"),
        pytest.param(
            'CALL_BACK = "CALLBACK.CLOSED"', 'CALL_BACK = "INTAKE.ACCEPT"', "clocks.CALL_BACK", id="two-purposes"
        ),
        pytest.param(
            'CALL_BACK = "CALLBACK.CLOSED"',
            'CALL_BACK = "MED.DELEGATED"',
            "clocks.CALL_BACK",
            id="elsewhere-another",
        ),
        pytest.param(
            "referral_kinds = []", 'referral_kinds = ["DELEGATED"]', "matter_kinds", id="matters-and-referrals"
        ),
        pytest.param('"HOTLINE", ', '"PIGEON", ', "channels", id="unknown-channel"),
        pytest.param('"GAP_TOO_WIDE"', '"TIRED"', "end_reasons", id="unknown-end"),
        pytest.param('"GAP_TOO_WIDE"', '"REFUSED_TO_SIGN"', "end_reasons", id="end-that-nobody-chooses"),
        pytest.param('"INTEREST"', '"FRIENDSHIP"', "conflict.grounds", id="unknown-ground"),
        pytest.param("applies = true", 'applies = true\npath_zh = "无"', "confirmation.path_zh", id="idle-path"),
        pytest.param('version = "2024"', 'version = "2024"\nfree_of_charge = true', "free_of_charge", id="idle-key"),
        pytest.param("{number}", "{numero}", "agreement_number_pattern", id="pattern-without-number"),
        pytest.param('"COMPLAINT", "DISPUTE"', '"COMPLAINT", "QUARREL"', "matter_kinds", id="unknown-matter-kind"),
        pytest.param('caucus_release = "DENY"', 'caucus_release = "MAYBE"', "caucus_release", id="unknown-release"),
    ],
)
def test_a_malformed_regime_is_refused_naming_the_key(
    folder: Path, rulebook: RuleBook, old: str, new: str, key: str
) -> None:
    path = folder / "regimes" / "peoples.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RuleFileError) as refusal:
        RegimeBook.load(folder, rulebook)
    assert (refusal.value.file, refusal.value.key) == ("regimes/peoples.toml", key)


def test_a_file_may_use_the_words_that_the_services_know_and_no_others(folder: Path, rulebook: RuleBook) -> None:
    """A word that only one side knew would be refused in a file, or have no effect."""
    by_nobody = {TerminationReason.LIMIT_EXPIRED_NO_EXTENSION, TerminationReason.REFUSED_TO_SIGN}
    known: dict[str, Iterable[Enum]] = {
        "matter_kinds": MatterKind,
        "channels": Channel,
        "end_reasons": set(TerminationReason) - by_nobody,
        "grounds": RecusalGround,
    }
    path = folder / "regimes" / "peoples.toml"
    text = path.read_text(encoding="utf-8")
    for key, words in known.items():
        listed = ", ".join(f'"{word.value}"' for word in words)
        text = re.sub(rf"^{key} = \[[^\]]*\]", f"{key} = [{listed}]", text, flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")
    found = RegimeBook.load(folder, rulebook).version("PEOPLES", "2024")
    assert {kind.value for kind in MatterKind} == set(found.matter_kinds)
    taken = {kind for each in RegimeBook.load(RULES, rulebook).regimes for kind in each.referral_kinds}
    assert taken == {kind.value for kind in ReferralKind}


def test_where_a_court_entrusts_the_seven_days_of_summary_procedure_have_a_clock(
    folder: Path, rulebook: RuleBook
) -> None:
    path = folder / "regimes" / "entrusted.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('MEDIATE_SUMMARY = "MED.ENTRUSTED.SUM"\n', ""), encoding="utf-8")
    with pytest.raises(RuleFileError, match=r"clocks\.MEDIATE_SUMMARY: missing"):
        RegimeBook.load(folder, rulebook)


def test_no_two_regimes_take_the_same_referrals(folder: Path, rulebook: RuleBook) -> None:
    path = folder / "regimes" / "entrusted.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('["ENTRUSTED"]', '["DELEGATED"]'), encoding="utf-8")
    with pytest.raises(RuleFileError, match="SPECIAL_INVITED_DELEGATED takes DELEGATED"):
        RegimeBook.load(folder, rulebook)


def test_what_was_entrusted_is_never_confirmed(folder: Path, rulebook: RuleBook) -> None:
    path = folder / "regimes" / "delegated.toml"
    (folder / "regimes" / "entrusted.toml").unlink()
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('referral_kinds = ["DELEGATED"]', 'referral_kinds = ["ENTRUSTED"]'), encoding="utf-8")
    with pytest.raises(RuleFileError, match=r"confirmation\.applies"):
        RegimeBook.load(folder, rulebook)


def test_two_versions_of_a_regime_in_force_on_one_day_are_refused(folder: Path, rulebook: RuleBook) -> None:
    text = (folder / "regimes" / "peoples.toml").read_text(encoding="utf-8")
    later = text.replace('version = "2024"', 'version = "2027"').replace("2024-01-01\n", "2027-01-01\n", 1)
    (folder / "regimes" / "peoples-2027.toml").write_text(later, encoding="utf-8")
    with pytest.raises(RuleFileError, match="overlaps"):
        RegimeBook.load(folder, rulebook)


def test_a_regime_succeeds_another_on_its_day(folder: Path, rulebook: RuleBook) -> None:
    path = folder / "regimes" / "peoples.toml"
    text = path.read_text(encoding="utf-8")
    later = text.replace('version = "2024"', 'version = "2027"').replace("2024-01-01\n", "2027-01-01\n", 1)
    (folder / "regimes" / "peoples-2027.toml").write_text(later, encoding="utf-8")
    ended = "effective_from = 2024-01-01\neffective_to = 2026-12-31\n"
    path.write_text(text.replace("effective_from = 2024-01-01\n", ended, 1), encoding="utf-8")
    book = RegimeBook.load(folder, rulebook)
    # The day is that of the regime's zone: at 16:00 UTC the new year has begun there.
    assert book.at("PEOPLES", datetime(2026, 12, 31, 15, 59, tzinfo=UTC)).version == "2024"
    assert book.at("PEOPLES", datetime(2026, 12, 31, 16, tzinfo=UTC)).version == "2027"
