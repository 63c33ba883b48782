"""The lists of mediation: how they are sorted, and what they leave to the Get of one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from comity.mediation.v1 import agreement_pb2, case_pb2, offer_pb2, session_pb2

from services.common.kernel.ids import parse_name
from services.common.rpc.handle import Rows
from services.common.rpc.pages import Key, Paging
from services.mediation.application import queries
from services.mediation.application.ports import Store
from services.mediation.storage.transaction import MediationTransaction

_LARGE = 20
"""How many of those are read at once that may hold terms, or hours of talk."""

MEDIATORS = Paging("mediators", (UUID,), lambda each: (each.id,))
CASES = Paging("cases", (UUID,), lambda view: (view.case.id,))
SESSIONS = Paging("sessions", (UUID,), lambda each: (each.id,))
SESSION_RECORDS = Paging("session_records", (UUID,), lambda each: (each.id,), _LARGE)
ITEMS = Paging("items", (UUID,), lambda each: (each.id,), _LARGE)
OFFERS = Paging("offers", (UUID,), lambda view: (view.offer.id,), _LARGE)
AGREEMENTS = Paging("agreements", (UUID,), lambda each: (each.id,), _LARGE)


def page(after: Key | None, count: int) -> queries.Page:
    return queries.Page(size=count, after=after[0] if after else None)


def of_case(request: Any, store: Callable[[MediationTransaction], Store[Any]]) -> Rows[MediationTransaction]:
    """Reads what of one kind the caller may see in the case that the request names."""
    return lambda tx, after, count: queries.list_of_case(
        tx, store(tx), page(after, count), parse_name("cases", request.case, "case")
    )


def shorten_case(message: case_pb2.Case) -> None:
    message.facts = message.request = message.termination_statement = message.remedies = ""
    message.other_ways_zh = message.other_ways_en = ""


def shorten_record(message: session_pb2.SessionRecord) -> None:
    message.result = ""
    del message.statements[:]
    del message.undisputed_facts[:]


def shorten_offer(message: offer_pb2.Offer) -> None:
    message.ClearField("terms")


def shorten_agreement(message: agreement_pb2.Agreement) -> None:
    message.ClearField("terms")
