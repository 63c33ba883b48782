"""The walk through a request: what no field may hold is refused, and named by where it stands."""

from typing import Any

import pytest
from comity.intake.v1 import intake_service_pb2 as intake_pb
from comity.mediation.v1 import mediation_service_pb2 as pb
from comity.mediation.v1 import terms_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from services.common.kernel.errors import DomainError
from services.common.rpc.fields import MOST_PARTS, require_fields

FIRST, LAST = -2208988800, 32503679999


def refusal(message: Any) -> tuple[str, str]:
    with pytest.raises(DomainError) as caught:
        require_fields(message)
    return caught.value.reason, caught.value.field


def test_a_control_character_is_named_by_its_path() -> None:
    terms = terms_pb2.Terms(obligations=[terms_pb2.Obligation(), terms_pb2.Obligation(description="a\x07")])
    request = pb.ValidateTermsRequest(terms=terms)
    assert refusal(request) == ("UNPRINTABLE_CHARACTER", "terms.obligations[1].description")
    unresolved = terms_pb2.Terms(unresolved=["a", "\x00"])
    assert refusal(pb.ValidateTermsRequest(terms=unresolved)) == ("UNPRINTABLE_CHARACTER", "terms.unresolved[1]")


@pytest.mark.parametrize("facts", [{"a\x00": "b"}, {"a": "b\x7f"}])
def test_a_map_is_looked_through(facts: dict[str, str]) -> None:
    assert refusal(intake_pb.FileMatterRequest(source_facts=facts)) == ("UNPRINTABLE_CHARACTER", "source_facts")


def test_a_number_that_no_value_has_is_refused_wherever_it_stands() -> None:
    assert refusal(pb.ListCasesRequest(state=99)) == ("UNKNOWN_VALUE", "state")  # type: ignore[arg-type]
    grounds: Any = [1, 99]
    assert refusal(pb.DiscloseConflictRequest(grounds=grounds)) == ("UNKNOWN_VALUE", "grounds[1]")


@pytest.mark.parametrize(
    ("seconds", "nanos"),
    [(FIRST - 1, 0), (LAST + 1, 0), (2**63 - 1, 0), (-(2**63), 0), (0, -1), (0, 10**9), (0, 2**31 - 1)],
)
def test_what_is_no_time_or_too_far_away_is_refused(seconds: int, nanos: int) -> None:
    request = pb.ScheduleSessionRequest(end_time=Timestamp(seconds=seconds, nanos=nanos))
    assert refusal(request) == ("TIME_OUT_OF_RANGE", "end_time")


@pytest.mark.parametrize(("seconds", "nanos"), [(FIRST, 0), (0, 0), (LAST, 10**9 - 1)])
def test_a_time_is_let_through(seconds: int, nanos: int) -> None:
    require_fields(pb.ScheduleSessionRequest(start_time=Timestamp(seconds=seconds, nanos=nanos)))


def test_parts_are_counted_through_all_levels() -> None:
    def request(obligations: int, instalments: int) -> pb.ValidateTermsRequest:
        one = terms_pb2.Obligation(instalments=[terms_pb2.Instalment(due_date="2026-01-01")] * instalments)
        return pb.ValidateTermsRequest(terms=terms_pb2.Terms(obligations=[one] * obligations))

    most = MOST_PARTS - 1  # the terms themselves
    require_fields(request(1, most - 1))
    reason, field = refusal(request(1, most))
    assert (reason, field) == ("TOO_MANY_PARTS", "terms.obligations[0].instalments")
    assert refusal(request(200, 400))[0] == "TOO_MANY_PARTS"
    assert refusal(request(MOST_PARTS + 1, 0)) == ("TOO_MANY_PARTS", "terms.obligations")


def test_as_many_obligations_and_instalments_as_there_may_be_are_not_too_many() -> None:
    part = terms_pb2.Instalment(due_date="2026-01-01", amount={"currency": "CNY", "minor_units": 1})
    one = terms_pb2.Obligation(instalments=[part] * 3, amount={"currency": "CNY", "minor_units": 3})
    require_fields(pb.ValidateTermsRequest(terms=terms_pb2.Terms(obligations=[one] * 200)))
