"""Messages and dataclasses correspond by field name."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from uuid import UUID

import pytest
from comity.mediation.v1 import mediation_service_pb2 as pb
from comity.mediation.v1 import session_pb2, terms_pb2
from hypothesis import given
from hypothesis import strategies as st

from services.common.convert import Converter
from services.common.kernel.clock import FIRST_YEAR, LAST_YEAR
from services.common.kernel.errors import DomainError
from services.common.kernel.money import Money

CASE, PARTY = UUID(int=1), UUID(int=2)
converter = Converter(
    {"case": "cases", "caucus_party": "parties", "obligor": "parties", "obligee": "parties"}, {"Session": "sessions"}
)


class SessionKind(Enum):
    JOINT = "JOINT"
    CAUCUS = "CAUCUS"


@dataclass(frozen=True)
class ScheduleSession:
    case: UUID
    version: int
    kind: SessionKind
    caucus_party: UUID | None
    start_time: datetime
    room: str


@dataclass(frozen=True)
class Instalment:
    amount: Money
    due_date: date


@dataclass(frozen=True)
class Obligation:
    obligor: UUID
    obligee: UUID
    amount: Money | None
    due_date: date | None
    instalments: tuple[Instalment, ...]


@dataclass(frozen=True)
class Terms:
    obligations: tuple[Obligation, ...]


@dataclass(frozen=True)
class Session:
    id: UUID
    case: UUID
    kind: SessionKind
    start_time: datetime


def test_a_request_becomes_a_command() -> None:
    start = datetime(2026, 9, 1, 1, 30, tzinfo=UTC)
    request = pb.ScheduleSessionRequest(
        case=f"cases/{CASE}",
        version=3,
        kind=session_pb2.SESSION_KIND_CAUCUS,
        caucus_party=f"parties/{PARTY}",
        room="甲",
    )
    request.start_time.FromDatetime(start)
    assert converter.read(ScheduleSession, request) == ScheduleSession(CASE, 3, SessionKind.CAUCUS, PARTY, start, "甲")


def test_what_is_not_set_is_none_where_the_command_allows_it() -> None:
    request = pb.ScheduleSessionRequest(case=f"cases/{CASE}", kind=session_pb2.SESSION_KIND_JOINT)
    assert converter.read(ScheduleSession, request).caucus_party is None


@pytest.mark.parametrize("name", ["", "cases/1", f"matters/{CASE}", f"cases/{CASE}/x", str(CASE)])
def test_a_name_of_something_else_is_refused_with_its_field(name: str) -> None:
    request = pb.ScheduleSessionRequest(case=name, kind=session_pb2.SESSION_KIND_JOINT)
    with pytest.raises(DomainError) as refused:
        converter.read(ScheduleSession, request)
    assert (refused.value.reason, refused.value.field) == ("MALFORMED_NAME", "case")


def test_a_wrong_date_deep_inside_is_named_by_its_path() -> None:
    parties = {"obligor": f"parties/{PARTY}", "obligee": f"parties/{PARTY}"}
    part = terms_pb2.Instalment(amount={"currency": "CNY", "minor_units": 1}, due_date="2026-02-30")
    obligations = [terms_pb2.Obligation(**parties), terms_pb2.Obligation(**parties, instalments=[part])]
    with pytest.raises(DomainError) as refused:
        converter.read(Terms, terms_pb2.Terms(obligations=obligations))
    assert refused.value.field == "obligations[1].instalments[0].due_date"


def test_an_aggregate_is_written_under_its_own_name() -> None:
    session = Session(UUID(int=9), CASE, SessionKind.JOINT, datetime(2026, 9, 1, tzinfo=UTC))
    written = converter.write(session, session_pb2.Session)
    assert written.name == f"sessions/{UUID(int=9)}"
    assert written.case == f"cases/{CASE}"
    assert written.kind == session_pb2.SESSION_KIND_JOINT


dates = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))
amounts = st.builds(Money, st.sampled_from(["CNY", "USD"]), st.integers(0, 10**15))
obligations = st.builds(
    Obligation,
    obligor=st.uuids(),
    obligee=st.uuids(),
    amount=st.none() | amounts,
    due_date=st.none() | dates,
    instalments=st.lists(st.builds(Instalment, amounts, dates), max_size=4).map(tuple),
)


@given(obligations)
def test_what_is_written_reads_back_the_same(obligation: Obligation) -> None:
    assert converter.read(Obligation, converter.write(obligation, terms_pb2.Obligation)) == obligation
