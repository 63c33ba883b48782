"""What is to be said of terms in a case, by the rules of its regime."""

from services.mediation.application.ports import Work
from services.mediation.application.reach import regime_of, today
from services.mediation.domain.case import Case
from services.mediation.domain.terms import Finding, Terms, validate
from services.mediation.domain.terms_language import language_findings


def findings_of(tx: Work, case: Case, terms: Terms) -> tuple[Finding, ...]:
    """Everything that blocks an agreement with these terms, and what is only told."""
    regime = regime_of(tx, case)
    found = validate(
        terms,
        case.party_ids,
        responsibilities_required=regime.responsibilities_required,
        today=today(tx, regime),
        names=_names(case),
    )
    return (*found, *language_findings(terms)) if regime.confirmation.applies else found


def _names(case: Case) -> tuple[str, ...]:
    people = [each.display_name for party in case.parties for each in party.representatives]
    return (*(party.name for party in case.parties), *people, case.mediator_name, case.organisation_facts.display_name)
