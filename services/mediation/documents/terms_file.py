"""terms.json: everything the printed agreement says, as canonical data (RFC 8785).

Numbers of people are masked in it: a party signs with characters of its own that nobody else is shown. The court has
them whole, and prints them in its ruling.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from services.common.documents.canonical import canonical_json
from services.common.kernel.money import Money
from services.common.papers.parties import printed_party
from services.common.regimes import Confirmation, Regime
from services.common.signing import manifest as signing
from services.common.signing.manifest import document_manifest
from services.mediation.domain.case import Case
from services.mediation.domain.parties import CaseParty, Representative, Signer
from services.mediation.domain.signing_round import signers_of
from services.mediation.domain.terms import Instalment, Obligation, Terms

TEMPLATE = "comity.agreement/1"
Signers = Mapping[str, tuple[Signer, ...]]


def write_terms(case: Case, regime: Regime, number: str, terms: Terms, made: datetime) -> str:
    """The file as text; its SHA-256 is printed in the agreement."""
    slots = {party.id: f"party-{index}" for index, party in enumerate(case.parties, start=1)}
    day = regime.local_day(made)
    value = {
        "template": TEMPLATE,
        "title": regime.agreement_title,
        # So that a verifier without this service knows which signatures there have to be, and by whom.
        "document": document_manifest(number, _named(signers_of(case, regime.signing, day))),
        "number": number,
        "case_number": case.number,
        "organisation": case.organisation_facts.display_name,
        "regime": {
            "id": case.regime,
            "zh": regime.name_zh,
            "en": regime.name_en,
            "sources": list(regime.sources),
        },
        "effective_when": regime.signing.effective_when.value,
        "made_time": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "made_date": day.isoformat(),
        "sample": case.sample or case.organisation_facts.sample,
        "subject_matter": case.subject_matter,
        "parties": [_party(party, slots[party.id], day) for party in case.parties],
        "names": {slots[party.id]: party.particulars.name_on_paper for party in case.parties},
        "mediator": case.mediator_name,
        "terms": _terms(terms, slots),
        "confirmation": _confirmation(regime.confirmation),
    }
    return canonical_json(value).decode()


def same_signers(terms_file: str, signers: Signers) -> bool:
    """Whether the file names exactly these signers in each slot, and somebody in every slot."""
    named = document_manifest("", _named(signers))["signers"]
    return all(named.values()) and json.loads(terms_file)["document"]["signers"] == named


def _named(signers: Signers) -> dict[str, list[signing.Signer]]:
    return {
        slot: [signing.Signer(each.name, each.on_behalf_of, each.title) for each in found]
        for slot, found in signers.items()
    }


def _party(party: CaseParty, slot: str, day: date) -> dict[str, Any]:
    masked = party.particulars.masked()
    return {
        **printed_party(party.particulars),
        "slot": slot,
        "side": party.side.value,
        "identity_number": masked.identity_number,
        "phone": masked.phone,
        "acting": [_acting(each) for each in party.representatives if each.valid_on(day)],
    }


def _acting(representative: Representative) -> dict[str, Any]:
    """Who acts for a party, on what authority, for how long (local days, both inclusive; empty: open)."""
    return {
        "name": representative.display_name,
        "authority": representative.authority.value,
        "employer": representative.employer,
        "duty": representative.duty,
        "powers": [each.value for each in representative.powers],
        "start_date": representative.start_date.isoformat() if representative.start_date else "",
        "end_date": representative.end_date.isoformat() if representative.end_date else "",
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


def _confirmation(rule: Confirmation) -> dict[str, str]:
    return {"zh": rule.notice_zh, "en": rule.notice_en, "source": rule.source}
