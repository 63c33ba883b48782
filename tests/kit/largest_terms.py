"""The largest terms that are accepted."""

from comity.mediation.v1 import terms_pb2

_OBLIGATIONS, _INSTALMENTS, _EACH = 100, 5, 20


def fill(terms: terms_pb2.Terms) -> terms_pb2.Terms:
    """Terms with one obligation, with as many instalments as there may be and texts up to the lines that there may be."""
    obligation, currency = terms.obligations[0], terms.obligations[0].amount.currency
    del terms.obligations[:]
    obligation.due_date = ""
    obligation.amount.minor_units = _INSTALMENTS * _EACH
    obligation.description = "退还余额与利息。" * 50
    for number in range(_OBLIGATIONS):
        one = terms.obligations.add()
        one.CopyFrom(obligation)
        for month in range(_INSTALMENTS):
            due_date = f"2027-{month + 1:02d}-{number % 28 + 1:02d}"
            one.instalments.add(amount={"currency": currency, "minor_units": _EACH}, due_date=due_date)
    terms.total.minor_units = _OBLIGATIONS * _INSTALMENTS * _EACH
    terms.facts = "样本 SAMPLE\n" * 1000
    return terms
