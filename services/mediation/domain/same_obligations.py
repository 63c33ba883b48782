"""Whether an agreement obliges to what all accepted."""

from dataclasses import replace

from services.mediation.domain.terms import Obligation, Terms
from services.mediation.domain.terms_language import translated

_TEXTS = ("description", "act", "payment_method")


def same_obligations(terms: Terms, agreed: Terms) -> bool:
    """The same people, amounts and days; the same words, or their translation into Chinese. Facts may be told otherwise."""
    if len(terms.obligations) != len(agreed.obligations) or terms.total != agreed.total:
        return False
    return all(_same(*pair) for pair in zip(terms.obligations, agreed.obligations, strict=True))


def _same(one: Obligation, agreed: Obligation) -> bool:
    if not all(translated(getattr(one, field), getattr(agreed, field)) for field in _TEXTS):
        return False
    return replace(one, **{field: getattr(agreed, field) for field in _TEXTS}) == agreed
