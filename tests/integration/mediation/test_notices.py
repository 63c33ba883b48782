"""Each party reads its rights and the warning before a case opens, and the record says no more than was acknowledged."""

from pathlib import Path

import pytest

from services.common.deadlines.rulebook import RuleBook
from services.common.kernel.errors import DomainError
from services.common.regimes import RegimeBook
from tests.integration.mediation.running import Mediation, refusal
from tests.integration.mediation.test_session_records import download
from tests.kit.rules import RULES
from tests.unit.documents.test_rendering import text_of


async def ready(mediation: Mediation) -> str:
    """A case that only waits for being opened."""
    name = await mediation.forward()
    mediator = await mediation.roster()
    await mediation.on_case("AppointMediator", mediation.administrator, name, mediator=mediator)
    await mediation.on_case("DiscloseConflict", mediation.mediator, name, statement="无")
    await mediation.state_who_acts(name)
    return name


async def test_a_party_reads_what_the_regime_says_and_acknowledges_it(mediation: Mediation) -> None:
    name = await ready(mediation)
    rule = RegimeBook.load(RULES, RuleBook.load(RULES)).version("PEOPLES", "2024").notice
    found = await mediation.call("GetCaseNotice", mediation.complainant, name=name)
    assert (found.rights_zh, found.rights_en) == (rule.rights_zh, rule.rights_en)
    assert (found.warning_zh, found.warning_en, found.source) == (rule.warning_zh, rule.warning_en, rule.source)
    party = f"parties/{mediation.party_a}"
    case = await mediation.on_case("AcknowledgeNotice", mediation.complainant, name, party=party, digest=found.digest)
    again = await mediation.on_case("AcknowledgeNotice", mediation.complainant, name, party=party, digest=found.digest)
    assert list(case.notice_acknowledged_by) == list(again.notice_acknowledged_by) == [party]


async def test_no_case_opens_before_every_party_has_acknowledged(mediation: Mediation) -> None:
    name = await ready(mediation)
    notice = await mediation.call("GetCaseNotice", mediation.complainant, name=name)
    acknowledged = {"party": f"parties/{mediation.party_a}", "digest": notice.digest}
    await mediation.on_case("AcknowledgeNotice", mediation.complainant, name, **acknowledged)
    with pytest.raises(DomainError, match="NOTICE_NOT_ACKNOWLEDGED") as refused:
        await mediation.on_case("OpenCase", mediation.mediator, name, identities_checked=True)
    other = (await mediation.case(name)).parties[1].particulars.display_name
    assert other in refused.value.zh and other in refused.value.en


async def test_nobody_acknowledges_for_the_other_side_nor_another_text(mediation: Mediation) -> None:
    name = await ready(mediation)
    notice = await mediation.call("GetCaseNotice", mediation.complainant, name=name)
    foreign = {"party": f"parties/{mediation.party_b}", "digest": notice.digest}
    assert await refusal(mediation.on_case("AcknowledgeNotice", mediation.complainant, name, **foreign)) in (
        "NOT_ACTING_FOR_PARTY",
        "NOT_FOUND",
    )
    other = {"party": f"parties/{mediation.party_a}", "digest": bytes(32)}
    assert (
        await refusal(mediation.on_case("AcknowledgeNotice", mediation.complainant, name, **other)) == "NOTICE_DIFFERS"
    )
    assert not (await mediation.case(name)).notice_acknowledged_by


async def test_the_record_says_who_acknowledged_and_when(mediation: Mediation, tmp_path: Path) -> None:
    record = await mediation.sealed_record(await mediation.closed_record(await mediation.opened()))
    printed = "".join(text_of(await download(mediation, mediation.respondent, record), tmp_path).split())
    parties = (await mediation.case(record.case)).parties
    for party, side in zip(parties, ("申请人", "被申请人"), strict=True):
        assert f"{side}{party.particulars.display_name}" in printed
    assert printed.count("阅读权利义务告知书和虚假调解警示") == 2
    assert "调解员已告知" not in printed
