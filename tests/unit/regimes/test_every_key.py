"""Every key that a regime's file may state takes effect: a test proves it, and code outside the regimes reads it."""

import ast
import dataclasses
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from services.common.regimes import ClockPurpose, Regime

ROOT = Path(__file__).parents[3]
READERS = ("services", "deploy")
_HOUSE = "tests/integration/{}/test_rules_of_the_house.py::test_{}"


def _mediation(name: str) -> str:
    return _HOUSE.format("mediation", name)


def _court(name: str) -> str:
    return _HOUSE.format("court_link", name)


_NAMES = "tests/unit/regimes/test_regime_files.py::test_{}".format
_NOTICE = "tests/integration/mediation/test_notices.py::test_a_party_reads_what_the_regime_says_and_acknowledges_it"
_OTHER_WAYS = (
    "tests/integration/mediation/test_referrals_and_limits.py::"
    "test_both_sides_read_why_a_case_ended_and_which_ways_are_open_instead"
)
_TRANSLATION = (
    "tests/unit/mediation/test_codec_and_documents.py::test_a_translation_says_what_the_regime_says_in_english"
)
_PAPER = (
    "tests/unit/mediation/test_codec_and_documents.py::"
    "test_the_paper_says_by_which_rules_it_was_made_and_may_be_confirmed"
)
_CALLED = _mediation("sessions_are_called_as_the_regime_says")
_CONFLICT = _mediation("a_conflict_has_one_of_the_regime_s_grounds_and_is_waived_only_where_it_says_so")
_ENDS = _mediation("a_case_ends_for_the_regime_s_reasons_and_for_absence_after_as_many_no_shows_as_it_says")
_SLOTS = _mediation("a_regime_without_the_mediator_s_slot_has_a_paper_a_round_and_a_moment_that_fit")
_CONFIRMED = _court("whether_and_where_an_agreement_is_confirmed_its_regime_says")
_REFERRAL = _mediation("the_clocks_of_a_referral_run_from_its_arrival_to_the_mediator")
_AFTER = "tests/integration/court_link/test_after_a_ruling.py::test_after_a_confirmation_its_limits_run_and_are_told"
_ON_PAPER = (
    "tests/integration/mediation/test_signing.py::"
    "test_a_subject_that_the_law_keeps_on_paper_is_not_signed_electronically"
)
_WAY = (
    "tests/integration/intake/test_the_way_of_a_matter.py::test_acceptance_meets_its_clock_and_starts_the_closing_clock"
)

PROVEN = {
    "id": _court("a_referral_runs_under_the_regime_of_its_kind_whatever_that_is_called"),
    "version": _NAMES("a_regime_succeeds_another_on_its_day"),
    "effective_from": _NAMES("a_regime_succeeds_another_on_its_day"),
    "effective_to": _NAMES("a_regime_succeeds_another_on_its_day"),
    "name_zh": _PAPER,
    "name_en": _TRANSLATION,
    "zone": "tests/unit/court_link/test_ruling.py::test_a_day_is_that_of_the_regime_s_zone",
    "sources": _PAPER,
    "evidence": "tests/unit/local/test_rules.py::test_a_regime_that_nobody_compared_with_the_law_is_named",
    "matter_kinds": _NAMES("a_regime_admits_by_kind_channel_and_subject"),
    "channels": _NAMES("a_regime_admits_by_kind_channel_and_subject"),
    "excluded_subjects": _court("what_the_regime_does_not_open_to_mediation_is_not_referred"),
    "referral_kinds": _court("a_kind_that_no_regime_takes_is_refused"),
    "end_reasons": _ENDS,
    "caucus_release": _mediation("the_mediator_passes_on_what_was_said_in_private_only_where_the_regime_allows_it"),
    "agreement_title": _PAPER,
    "other_ways_zh": _OTHER_WAYS,
    "other_ways_en": _OTHER_WAYS,
    "agreement_number_pattern": _NAMES("an_agreement_number_names_year_organisation_and_running_number"),
    "responsibilities_required": _mediation(
        "terms_state_responsibilities_where_the_regime_says_so_whatever_it_is_called"
    ),
    "notice.rights_zh": _NOTICE,
    "notice.rights_en": _NOTICE,
    "notice.warning_zh": _NOTICE,
    "notice.warning_en": _NOTICE,
    "notice.source": _NOTICE,
    "session.notice": _CALLED,
    "session.notice_waivable_by_all_parties": _CALLED,
    "session.grace": _CALLED,
    "session.no_shows_to_terminate": _ENDS,
    "session.source": _CALLED,
    "conflict.grounds": _CONFLICT,
    "conflict.waivable_by_all_parties": _CONFLICT,
    "conflict.source": _CONFLICT,
    "signing.slots.role": _SLOTS,
    "signing.slots.tier": _mediation("mediator_and_parties_of_one_tier_sign_as_they_like"),
    "signing.effective_when": _SLOTS,
    "signing.electronic_excluded_subjects": _ON_PAPER,
    "signing.source": _ON_PAPER,
    "confirmation.applies": _CONFIRMED,
    "confirmation.competence": _CONFIRMED,
    "confirmation.excluded_subjects": _CONFIRMED,
    "confirmation.path_zh": _CONFIRMED,
    "confirmation.path_en": _CONFIRMED,
    "confirmation.notice_zh": _PAPER,
    "confirmation.notice_en": _TRANSLATION,
    "confirmation.source": _PAPER,
    "clocks.ACCEPT_MATTER": _WAY,
    "clocks.CLOSE_MATTER": _WAY,
    "clocks.CALL_BACK": _HOUSE.format("notify", "a_call_back_is_owed_by_the_clock_of_the_regime_and_its_lapse_is_told"),
    "clocks.MEDIATE": _REFERRAL,
    "clocks.MEDIATE_SUMMARY": "tests/integration/mediation/test_referrals_and_limits.py::"
    "test_an_entrusted_case_in_summary_procedure_ends_after_seven_days",
    "clocks.ACCEPT_REFERRAL": _REFERRAL,
    "clocks.CONTACT_OTHER_SIDE": _REFERRAL,
    "clocks.DESIGNATE_MEDIATOR": _REFERRAL,
    "clocks.ANSWER_OFFER": _mediation("an_offer_without_a_day_of_its_own_ends_when_the_regime_s_clock_says"),
    "clocks.SIGN": "tests/integration/mediation/test_signing.py::"
    "test_an_unfinished_round_expires_with_every_signature_in_it",
    "clocks.APPLY_FOR_CONFIRMATION": _court("the_window_lapses_by_whichever_clock_its_regime_names"),
    "clocks.COURT_ACCEPT": "tests/integration/court_link/test_applying.py::"
    "test_filing_the_same_fifty_times_at_once_makes_one_docket_entry",
    "clocks.COURT_DECIDE": "tests/integration/court_link/test_confirming.py::"
    "test_a_joint_application_ends_in_a_ruling_that_verifies_on_its_own",
    "clocks.PARTY_OBJECTION": _AFTER,
    "clocks.THIRD_PARTY_OBJECTION": _AFTER,
    "clocks.APPLY_FOR_ENFORCEMENT": _AFTER,
}
"""By key, as a file nests them, the test that changes or meets it and sees what follows."""

THROUGH = {
    "effective_from": "at",
    "effective_to": "at",
    "matter_kinds": "admits",
    "channels": "admits",
    "referral_kinds": "for_referral",
    "agreement_number_pattern": "agreement_number",
}
"""What is asked of a regime by a method, and not read."""


def keys(kind: type, path: str = "") -> Iterator[str]:
    """Every key of the file: the fields of the dataclasses, and a clock's purposes."""
    hints = typing.get_type_hints(kind)
    for each in dataclasses.fields(kind):
        parts = (hints[each.name], *typing.get_args(hints[each.name]))
        inner = [part for part in parts if dataclasses.is_dataclass(part)]
        if inner:
            yield from keys(typing.cast(type, inner[0]), f"{path}{each.name}.")
        elif ClockPurpose in typing.get_args(hints[each.name]):
            yield from (f"{path}{each.name}.{purpose.name}" for purpose in ClockPurpose)
        else:
            yield f"{path}{each.name}"


@cache
def read_outside() -> frozenset[str]:
    """The names of all attributes that code outside the regimes reads or calls."""
    files = [path for folder in READERS for path in (ROOT / folder).rglob("*.py")]
    files = [path for path in files if "regimes" not in path.relative_to(ROOT).parts]
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in files)
    return frozenset(node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def test_each_key_has_a_test_that_proves_its_effect() -> None:
    assert set(PROVEN) == set(keys(Regime))


@pytest.mark.parametrize("test", sorted(set(PROVEN.values())))
def test_the_tests_that_are_named_exist(test: str) -> None:
    path, _, name = test.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("key", list(keys(Regime)))
def test_code_outside_the_regimes_reads_each_key(key: str) -> None:
    name = key.rpartition(".")[2]
    assert THROUGH.get(name, name) in read_outside()
