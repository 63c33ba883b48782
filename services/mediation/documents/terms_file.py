"""terms.json: everything the printed agreement says, as canonical data (RFC 8785). Numbers of people are masked in it."""

from datetime import datetime
from typing import Any

from services.common.documents.canonical import canonical_json
from services.common.kernel.money import Money
from services.common.regimes import LegalText, Regime, TextPurpose
from services.mediation.domain.case import Case
from services.mediation.domain.parties import CaseParty
from services.mediation.domain.terms import Instalment, Obligation, Terms

TEMPLATE = "comity.settlement/1"


def write_terms(case: Case, regime: Regime, number: str, terms: Terms, made: datetime) -> str:
    """The file as text; its SHA-256 is printed in the agreement."""
    slots = {party.id: f"party-{index}" for index, party in enumerate(case.parties, start=1)}
    value = {
        "template": TEMPLATE,
        # Number and slots, so that a verifier without this service knows which signatures there have to be.
        "document": {"number": number, "slots": [*slots.values(), "mediator", "seal"]},
        "number": number,
        "case_number": case.number,
        "organisation": case.organisation_facts.display_name,
        "regime": {"id": case.regime, "zh": regime.name_zh, "en": regime.name_en},
        "effective_when": regime.signing.effective_when.value,
        "made_time": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "made_date": made.astimezone(regime.zone).date().isoformat(),
        "sample": case.sample or case.organisation_facts.sample,
        "subject_matter": case.subject_matter,
        "parties": [_party(party, slots[party.id]) for party in case.parties],
        "mediator": case.mediator_name,
        "terms": _terms(terms, slots),
        "confirmation": _text(regime.texts[TextPurpose.CONFIRMATION_NOTICE]),
    }
    return canonical_json(value).decode()


def _party(party: CaseParty, slot: str) -> dict[str, Any]:
    shown = party.particulars.masked()
    return {
        "slot": slot,
        "side": party.side.value,
        "kind": shown.kind.value,
        "name": shown.display_name,
        "identity_number": shown.identity_number,
        "phone": shown.phone,
    }


def _terms(terms: Terms, slots: dict[Any, str]) -> dict[str, Any]:
    return {
        "facts": terms.facts,
        "issues": terms.issues,
        "responsibilities": terms.responsibilities,
        "obligations": [_obligation(each, slots) for each in terms.obligations],
        "default_clause": terms.default_clause,
        "costs": terms.costs,
        "release_scope": terms.release_scope,
        "unresolved": list(terms.unresolved),
        "copies": terms.copies,
        "total": _money(terms.total),
    }


def _obligation(obligation: Obligation, slots: dict[Any, str]) -> dict[str, Any]:
    return {
        "obligor": slots.get(obligation.obligor, ""),
        "obligee": slots.get(obligation.obligee, ""),
        "description": obligation.description,
        "amount": _money(obligation.amount),
        "act": obligation.act,
        "due_date": obligation.due_date.isoformat() if obligation.due_date else "",
        "instalments": [_instalment(each) for each in obligation.instalments],
        "payment_method": obligation.payment_method,
    }


def _instalment(instalment: Instalment) -> dict[str, Any]:
    day = instalment.due_date.isoformat() if instalment.due_date else ""
    return {"amount": _money(instalment.amount), "due_date": day}


def _money(money: Money | None) -> dict[str, Any] | None:
    return None if money is None else {"currency": money.currency, "minor_units": money.minor_units}


def _text(text: LegalText) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
