"""Reading the mediated-complaints format: every published result is mapped, dirty rows are refused, none is lost."""

from pathlib import Path

import pytest

from services.cli import complaints
from services.cli.complaints import Complaint, End, Refused
from services.cli.register_file import Unreadable
from services.common.kernel.money import Money

HEADER = (
    "Business Name,Industry,Complaint Type,Mediation Start Date,Mediation Close Date,Complaint Result,Satisfaction,"
    "Restitution,Business Building,Business Street,Building Address Unit,Business City,Business State,Business Zip,"
    "Complainant Zip "
)


def row(result: str = "Cash Amount - AMT", restitution: str = "707.00") -> str:
    return f"A SAMPLE INC.,Tow - 124,Billing - B02,03/23/2016,04/15/2016,{result},Yes,{restitution},1,STREET,,X,NY,1,2"


def read(tmp_path: Path, *lines: str, limit: int | None = None) -> list[Complaint | Refused]:
    file = tmp_path / "rows.csv"
    file.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    return list(complaints.read(file, limit).rows)


def test_a_row_is_read_with_its_money_in_cents_and_without_the_name_of_its_business(tmp_path: Path) -> None:
    (found,) = read(tmp_path, row())
    assert isinstance(found, Complaint)
    assert (found.end, found.restitution) == (End.SETTLED, Money("USD", 70700))
    assert "SAMPLE INC" not in repr(found)


@pytest.mark.parametrize(
    ("result", "end"),
    [
        ("Advised to Sue - ATS", End.NO_AGREEMENT),
        ("Referred to Hearing - RTH", End.REFERRED_ELSEWHERE),
        ("Unable to Locate Business - ULV", End.OTHER_SIDE_UNREACHABLE),
        ("No Consumer Response - NCR", End.COMPLAINANT_GONE),
        ("Consumer Withdrew Complaint - CWC", End.WITHDRAWN),
        ("Complaint Invalid - CIN", End.DECLINED),
        ("Credit Card Refund and/or Contract Cancelled - CRC", End.SETTLED),
        ("Consumer Restitution from Escrow", End.SETTLED),
        ("Cash Amount - Consumer Restitution from Escrow", End.SETTLED),
    ],
)
def test_each_published_result_becomes_its_end(result: str, end: End) -> None:
    assert complaints.end_of(result) is end


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (row(result="Something new - XYZ"), "unknown result"),
        (row(result=""), "unknown result"),
        (row(restitution="a lot"), "restitution is no amount"),
        (row(restitution="-5.00"), "restitution is no amount"),
        (row() + ",one column more", "columns are shifted"),
        ("A SAMPLE INC.,Tow - 124", "columns are shifted"),
    ],
)
def test_a_dirty_row_is_refused_with_its_reason_and_the_next_is_read(tmp_path: Path, line: str, reason: str) -> None:
    refused, following = read(tmp_path, line, row())
    assert isinstance(refused, Refused) and reason in refused.reason
    assert (refused.number, refused.line) == (1, 2)
    assert isinstance(following, Complaint)


def test_the_same_row_twice_is_two_complaints(tmp_path: Path) -> None:
    first, second = read(tmp_path, row(), row())
    assert isinstance(first, Complaint) and isinstance(second, Complaint)
    assert first.identity != second.identity


def test_a_file_of_another_format_is_refused_naming_the_columns(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(Unreadable, match='no column Business Name.*has: "a", "b"'):
        complaints.read(file)


def test_a_limit_takes_the_first_rows(tmp_path: Path) -> None:
    assert len(read(tmp_path, row(), row(), row(), limit=2)) == 2
