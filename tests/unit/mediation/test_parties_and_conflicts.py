"""Who may act for whom, and which relations of a mediator come to light."""

from datetime import date
from functools import partial
from uuid import uuid4

import pytest

from services.common.kernel.errors import DomainError
from services.mediation.domain.mediator import find_relations
from services.mediation.domain.parties import Particulars, Representative
from services.mediation.domain.vocabulary import (
    Authority,
    CaseState,
    ConflictStatus,
    PartyKind,
    PartySide,
    Power,
    RecusalGround,
)
from tests.unit.mediation.makers import a_case, a_mediator, a_party, an_open_case

TODAY = date(2026, 3, 2)


def an_agent(authority: Authority = Authority.AGENT_SPECIAL, **changes: object) -> Representative:
    values: dict[str, object] = {
        "account": uuid4(),
        "display_name": "赵代理",
        "authority": authority,
        "powers": (Power.SETTLE, Power.SIGN),
        "start_date": date(2026, 3, 1),
        "end_date": date(2026, 3, 31),
    }
    return Representative(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("power", [Power.SETTLE, Power.SIGN])
def test_general_authority_neither_settles_nor_signs_and_the_missing_power_is_named(power: Power) -> None:
    agent = an_agent(Authority.AGENT_GENERAL, powers=())
    party = a_party().with_representative(agent)
    assert party.authority_of(agent.account, TODAY) is Authority.AGENT_GENERAL
    with pytest.raises(DomainError) as refused:
        party.require_power(agent.account, power, TODAY)
    assert refused.value.reason == "SPECIAL_AUTHORITY_MISSING"
    assert refused.value.metadata == {"power": power.name}


def test_special_authority_covers_the_powers_it_names_and_no_other() -> None:
    agent = an_agent(powers=(Power.SETTLE,))
    party = a_party().with_representative(agent)
    assert party.require_power(agent.account, Power.SETTLE, TODAY) is Authority.AGENT_SPECIAL
    with pytest.raises(DomainError, match="SPECIAL_AUTHORITY_MISSING"):
        party.require_power(agent.account, Power.SIGN, TODAY)


@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2026, 4, 1)])
def test_authority_outside_its_period_is_none(day: date) -> None:
    agent = an_agent()
    party = a_party().with_representative(agent)
    with pytest.raises(DomainError, match="AUTHORITY_EXPIRED"):
        party.require_power(agent.account, Power.SIGN, day)


@pytest.mark.parametrize("day", [date(2026, 3, 1), date(2026, 3, 31)])
def test_the_first_and_the_last_day_count(day: date) -> None:
    agent = an_agent()
    party = a_party().with_representative(agent)
    assert party.require_power(agent.account, Power.SIGN, day) is Authority.AGENT_SPECIAL


def test_a_stranger_acts_for_nobody() -> None:
    with pytest.raises(DomainError, match="NOT_ACTING_FOR_PARTY"):
        a_party().require_power(uuid4(), Power.SIGN, TODAY)


def test_an_account_bound_as_general_agent_cannot_settle() -> None:
    party = a_party(PartySide.RESPONDENT, authority=None)
    assert party.account is not None
    party = party.with_representative(an_agent(Authority.AGENT_GENERAL, account=party.account, powers=()))
    with pytest.raises(DomainError, match="SPECIAL_AUTHORITY_MISSING"):
        party.require_power(party.account, Power.SETTLE, TODAY)


def test_an_organisation_never_acts_in_person() -> None:
    company = a_party(PartySide.RESPONDENT, authority=None)
    assert company.account is not None and company.signers(TODAY) == ()
    for act in (
        partial(company.authority_of, company.account),
        partial(company.require_power, company.account, Power.SIGN),
    ):
        with pytest.raises(DomainError, match="ACTING_PERSON_MISSING"):
            act(TODAY)
    legal = an_agent(Authority.LEGAL_REPRESENTATIVE, account=company.account, powers=())
    stated = company.with_representative(legal)
    assert stated.require_power(company.account, Power.SIGN, TODAY) is Authority.LEGAL_REPRESENTATIVE
    (signer,) = stated.signers(TODAY)
    assert (signer.name, signer.on_behalf_of, signer.account) == ("赵代理", company.name, company.account)


@pytest.mark.parametrize(
    ("side", "authority", "suits"),
    [
        (PartySide.COMPLAINANT, Authority.SELF, False),
        (PartySide.COMPLAINANT, Authority.LEGAL_REPRESENTATIVE, False),
        (PartySide.COMPLAINANT, Authority.GUARDIAN, True),
        (PartySide.RESPONDENT, Authority.SELF, False),
        (PartySide.RESPONDENT, Authority.GUARDIAN, False),
        (PartySide.RESPONDENT, Authority.LEGAL_REPRESENTATIVE, True),
    ],
)
def test_an_authority_suits_what_the_party_is(side: PartySide, authority: Authority, suits: bool) -> None:
    """The complainant of the makers is a person, the respondent a company."""
    party, agent = a_party(side), an_agent(authority)
    if suits:
        assert party.with_representative(agent).authority_of(agent.account, TODAY) is authority
    else:
        with pytest.raises(DomainError, match="AUTHORITY_UNSUITABLE"):
            party.with_representative(agent)


def test_nobody_acts_for_both_sides() -> None:
    case = a_case()
    agent = an_agent()
    case.represent(case.parties[0].id, agent)
    with pytest.raises(DomainError, match="DOUBLE_AGENCY"):
        case.represent(case.parties[1].id, agent)


def test_a_mediator_who_works_for_a_party_has_an_interest() -> None:
    respondent = a_party(PartySide.RESPONDENT)
    assert find_relations(a_mediator(employer="样本商贸 有限公司"), [respondent]) == (RecusalGround.INTEREST,)


def test_sharing_an_employer_with_an_agent_is_a_relation() -> None:
    party = a_party().with_representative(an_agent(employer="样本律师事务所"))
    assert find_relations(a_mediator(employer="样本律师事务所"), [party]) == (RecusalGround.OTHER_RELATION,)


@pytest.mark.parametrize("field", ["phone", "identity_number"])
def test_the_same_number_is_found(field: str) -> None:
    value = {"phone": "+8613800000001", "identity_number": "110101199003070011"}[field]
    particulars = Particulars(display_name="王样本", kind=PartyKind.NATURAL_PERSON, **{field: value})  # type: ignore[arg-type]
    assert find_relations(a_mediator(**{field: value}), [a_party(particulars=particulars)])


def test_empty_particulars_are_no_relation() -> None:
    assert find_relations(a_mediator(), [a_party(), a_party(PartySide.RESPONDENT)]) == ()


def test_a_party_is_never_its_own_mediator() -> None:
    case = a_case()
    with pytest.raises(DomainError, match="MEDIATOR_IS_PARTY"):
        case.appoint(a_mediator(account=case.parties[0].account))


def test_a_disclosed_relation_waits_for_every_party_where_the_regime_lets_them_waive() -> None:
    case = a_case()
    case.appoint(a_mediator())
    case.disclose((RecusalGround.OTHER_RELATION,), "曾为同事", waivable=True)
    assert (case.state, case.conflict_check and case.conflict_check.status) == (
        CaseState.DISCLOSURE,
        ConflictStatus.DISCLOSED,
    )
    case.waive_conflict(case.parties[0].id)
    assert case.state is CaseState.DISCLOSURE
    case.waive_conflict(case.parties[1].id)
    assert case.state is CaseState.READY


def test_where_no_waiver_is_allowed_the_mediator_is_out_at_once() -> None:
    case = a_case()
    mediator = a_mediator()
    case.appoint(mediator)
    case.disclose((RecusalGround.INTEREST,), "持有股份", waivable=False)
    assert (case.state, case.mediator_account) == (CaseState.CONSENTED, None)
    assert case.recused_accounts == (mediator.account,)
    with pytest.raises(DomainError, match="MEDIATOR_RECUSED"):
        case.appoint(mediator)


def test_a_relation_to_an_agent_who_joins_later_stops_the_case_until_all_waive() -> None:
    case = an_open_case()
    case.represent(case.parties[0].id, an_agent(), (RecusalGround.OTHER_RELATION,))
    assert case.state is CaseState.SUSPENDED
    with pytest.raises(DomainError, match="WAIVER_MISSING"):
        case.decide_challenge(upheld=False, decider=None)
    for party in case.parties:
        case.waive_conflict(party.id)
    assert case.state is CaseState.OPEN


def test_the_mediator_never_decides_on_the_own_challenge() -> None:
    case = an_open_case()
    case.challenge(case.parties[0].id, "不公正")
    with pytest.raises(DomainError, match="OWN_CHALLENGE"):
        case.decide_challenge(upheld=False, decider=case.mediator_account)
    case.decide_challenge(upheld=True, decider=uuid4())
    assert case.state is CaseState.CONSENTED


def test_who_acts_as_legal_representative_is_named_as_such_and_else_whom_the_filing_named() -> None:
    filed = Particulars(display_name="样本公司", kind=PartyKind.ORGANISATION, legal_representative="样本甲")
    party = a_party(PartySide.RESPONDENT, particulars=filed)
    assert party.legal_representative == "样本甲"
    acting = an_agent(display_name="样本乙", authority=Authority.LEGAL_REPRESENTATIVE, duty="董事长")
    assert party.with_representative(acting).legal_representative == "样本乙"
    assert party.with_representative(an_agent(display_name="样本丙")).legal_representative == "样本甲"
