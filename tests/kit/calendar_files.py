"""Calendar files as an operator hands them in. The days are 样本 SAMPLE: the notice for 2027 was not published yet."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from comity.common.v1 import operations_service_pb2 as operations_pb
from comity.common.v1.operations_service_pb2_grpc import OperationsServiceStub

from services.common.deadlines import RuleBook
from services.common.rpc.client import answered
from tests.kit.rules import RULES

SOURCE_2027 = "样本 SAMPLE：2027年放假安排（虚构）"


def notice(
    year: int,
    *,
    also_off: Iterable[date] = (),
    not_off: Iterable[date] = (),
    worked: Iterable[date] = (),
    calendar: str = "cn",
    source: str = SOURCE_2027,
) -> bytes:
    """The file of a year: the days off by law, more or fewer of them, and make-up working days."""
    by_law = {day for day in RuleBook.load(RULES).calendars["cn"].by_law if day.year == year}
    off = sorted((by_law | set(also_off)) - set(not_off))
    lines = [
        "schema = 1",
        f'calendar = "{calendar}"',
        f"covers_from = {year}-01-01",
        f"covers_until = {year}-12-31",
        "weekend = [6, 7]",
        f'source = "{source}"',
        "compared_with_official_notice = false",
        f"days_off = [{_days(off)}]",
        f"makeup_working_days = [{_days(sorted(worked))}]",
    ]
    return "\n".join(lines).encode()


def _days(days: Iterable[date]) -> str:
    return ", ".join(f'{{ date = {day}, name = "样本" }}' for day in days)


async def load_year(channel: Any, operator: Any, content: bytes, name: str = "cn-2027.toml") -> Any:
    """Hands the file in; ``operator`` is the metadata of an administrator of the platform. Raises DomainError."""
    request = operations_pb.LoadCalendarYearRequest(request_id=str(uuid4()), file_name=name, content=content)
    room = OperationsServiceStub(channel)
    return await answered(room.LoadCalendarYear(request, metadata=operator, timeout=30))


def standing_pattern_of_2027() -> bytes:
    """What the notices since 2025 would give: three days at New Year, eight from the eve of the Spring Festival."""
    new_year = (date(2027, 1, 1) + timedelta(days=each) for each in range(3))
    spring = (date(2027, 2, 5) + timedelta(days=each) for each in range(8))
    return notice(2027, also_off=[*new_year, *spring], worked=[date(2027, 2, 14)])
