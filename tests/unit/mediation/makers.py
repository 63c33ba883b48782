"""Made-up cases, offers and terms for tests. 样本 SAMPLE."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.common.kernel.money import Money
from services.mediation.domain.case import Case
from services.mediation.domain.case_facts import OrganisationFacts
from services.mediation.domain.mediator import Mediator
from services.mediation.domain.offer import Offer
from services.mediation.domain.parties import CaseParty, Particulars
from services.mediation.domain.terms import Obligation, Terms
from services.mediation.domain.vocabulary import CaseKind, CaseState, OfferKind, PartyKind, PartySide

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ORGANISATION = uuid4()


def a_party(side: PartySide = PartySide.COMPLAINANT, **changes: Any) -> CaseParty:
    name = "王样本" if side is PartySide.COMPLAINANT else "样本商贸有限公司"
    kind = PartyKind.NATURAL_PERSON if side is PartySide.COMPLAINANT else PartyKind.ORGANISATION
    values: dict[str, Any] = {
        "id": uuid4(),
        "side": side,
        "particulars": Particulars(display_name=name, kind=kind),
        "account": uuid4(),
        "mediation_consent_time": NOW,
        "online_consent_time": NOW,
    }
    return CaseParty(**(values | changes))


def a_case(state: CaseState = CaseState.CONSENTED, **changes: Any) -> Case:
    values: dict[str, Any] = {
        "id": uuid4(),
        "organisation_id": ORGANISATION,
        "number": "2026-000001",
        "regime": "PEOPLES@2024",
        "kind": CaseKind.SELF_INITIATED,
        "state": state,
        "origin": f"matters/{uuid4()}",
        "organisation_facts": OrganisationFacts(display_name="样本调解委员会"),
        "parties": (a_party(), a_party(PartySide.RESPONDENT)),
    }
    return Case(**(values | changes))


def a_mediator(**changes: Any) -> Mediator:
    values: dict[str, Any] = {
        "id": uuid4(),
        "organisation_id": ORGANISATION,
        "account": uuid4(),
        "display_name": "李调解",
    }
    return Mediator(**(values | changes))


def an_open_case(**changes: Any) -> Case:
    case = a_case(**changes)
    case.appoint(a_mediator())
    case.disclose((), "无", waivable=True)
    all_read(case).open(NOW)
    return case


def all_read(case: Case) -> Case:
    """Every party has acknowledged the notice of rights and the warning."""
    for party in case.parties:
        case.acknowledge(party.id, party.account or party.id, bytes(32), NOW)
    return case


def good_terms(obligor: UUID, obligee: UUID, **changes: Any) -> Terms:
    values: dict[str, Any] = {
        "facts": "预付卡余额未退",
        "issues": "是否应退",
        "responsibilities": "被申请人应退还",
        "obligations": (
            Obligation(
                obligor=obligor,
                obligee=obligee,
                description="退还余额",
                amount=Money("CNY", 1_000_000),
                due_date=date(2026, 4, 30),
                payment_method="银行转账",
            ),
        ),
        "default_clause": "逾期按日万分之五支付违约金",
        "costs": "不收费",
        "release_scope": "就此了结",
        "copies": 3,
        "total": Money("CNY", 1_000_000),
    }
    return Terms(**(values | changes))


def an_offer(parties: tuple[UUID, ...], party: UUID | None, **changes: Any) -> Offer:
    values: dict[str, Any] = {
        "id": uuid4(),
        "organisation_id": ORGANISATION,
        "case_id": uuid4(),
        "number": 1,
        "kind": OfferKind.PARTY if party else OfferKind.MEDIATOR_PROPOSAL,
        "party": party,
        "counters": None,
        "terms": good_terms(parties[0], parties[1]),
        "necessary": parties,
        "create_time": NOW,
        "expire_time": NOW + timedelta(days=3),
    }
    return Offer(**(values | changes))
