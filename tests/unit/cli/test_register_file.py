"""Files as people send them: every encoding and separator, every damage, and no line that nobody answers for."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cli import complaints
from services.cli.complaints import Complaint, Refused, Register
from services.cli.register_file import Unreadable, parse
from tests.unit.cli.test_complaints import HEADER, row

ROWS = [row(restitution=f"{number}.00") for number in range(1, 13)]
MANY = [row(restitution=f"{number}.00") for number in range(1, 81)]
CHINESE = row().replace("Billing - B02", "账单纠纷 - B02").replace("Tow - 124", "拖车服务 - 124")


def written(folder: Path, data: bytes) -> Path:
    file = folder / "rows.csv"
    file.write_bytes(data)
    return file


def read(folder: Path, *lines: str, end: str = "\n", encoding: str = "utf-8") -> Register:
    return complaints.read(written(folder, end.join([HEADER, *lines]).encode(encoding)))


def verdicts(register: Register) -> list[tuple[int, str]]:
    """Line and column of every row that was refused."""
    return [(each.line, each.column) for each in register.rows if isinstance(each, Refused)]


def assert_accounted(register: Register, data: bytes, encoding: str = "utf-8") -> None:
    """Every line has its row, the head, or is empty: counted in the bytes, not by the reader."""
    text = data.decode(encoding, "replace").removeprefix("\ufeff")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = lines[:-1] if lines[-1] == "" else lines
    spoken_for = [line for each in register.rows for line in range(each.line, each.last_line + 1)]
    assert len(spoken_for) == len(set(spoken_for)), "no line belongs to two rows"
    head = register.content.head
    missing = set(range(1, len(lines) + 1)) - set(spoken_for) - set(range(head.first_line, head.last_line + 1))
    assert {line for line in missing if lines[line - 1].strip()} == set()


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("gb18030", "GB 18030"),
        ("utf-16", "UTF-16 (little endian)"),
        ("utf-16-le", "UTF-16 (little endian)"),
        ("utf-16-be", "UTF-16 (big endian)"),
    ],
)
def test_the_encodings_that_spreadsheets_write_are_read_alike(tmp_path: Path, encoding: str, said: str) -> None:
    register = read(tmp_path, CHINESE, *ROWS, encoding=encoding)
    (first, *others) = register.rows
    assert isinstance(first, Complaint) and (first.kind, first.industry) == ("账单纠纷 - B02", "拖车服务 - 124")
    assert (len(others), register.content.encoding) == (12, said)
    assert first.identity == read(tmp_path, CHINESE).rows[0].identity  # type: ignore[union-attr]


@pytest.mark.parametrize("encoding", ["latin-1", "big5", "shift-jis", "cp1251"])
def test_another_encoding_is_named_with_its_line_and_how_to_save(tmp_path: Path, encoding: str) -> None:
    words = {
        "latin-1": "Café Müller Ñandú",
        "big5": "帳單糾紛處理",
        "shift-jis": "請求に関する紛争",
        "cp1251": "Спор о счёте",
    }
    foreign = row().replace("Billing", words[encoding])
    with pytest.raises(Unreadable, match=r'Line 3 is neither UTF-8 nor.*Save it as "CSV UTF-8"'):
        read(tmp_path, row(), *[foreign] * 6, encoding=encoding)


def test_a_line_in_another_encoding_is_refused_alone(tmp_path: Path) -> None:
    lines = [HEADER.encode(), CHINESE.encode(), CHINESE.encode(), row().replace("Billing", "Café").encode("latin-1")]
    register = complaints.read(written(tmp_path, b"\n".join([*lines, *(each.encode() for each in ROWS)])))
    assert verdicts(register) == [(4, "Complaint Type")]
    assert len(register.rows) == 15


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_way_to_end_a_line_is_read(tmp_path: Path, end: str) -> None:
    register = read(tmp_path, *ROWS, end=end)
    assert (len(register.rows), verdicts(register), register.content.data_lines) == (12, [], 12)


def test_a_quotation_mark_left_open_refuses_its_line_and_no_other(tmp_path: Path) -> None:
    broken = ROWS[3].replace("Billing", '"Billing')
    register = read(tmp_path, *ROWS[:3], broken, *ROWS[4:])
    assert [(each.line, each.last_line) for each in register.rows if isinstance(each, Refused)] == [(5, 5)]
    assert len([each for each in register.rows if isinstance(each, Complaint)]) == 11
    refused = register.rows[3]
    assert isinstance(refused, Refused) and "quotation mark" in refused.reason


@pytest.mark.parametrize("second", range(4, 12))
def test_two_quotation_marks_left_open_swallow_nothing_between_them(tmp_path: Path, second: int) -> None:
    lines = list(ROWS)
    for place in (3, second):
        lines[place] = lines[place].replace("Billing", '"Billing') if place else lines[place]
    register = read(tmp_path, *lines)
    taken = {each.line for each in register.rows if isinstance(each, Complaint)}
    assert taken >= {place + 2 for place in range(12)} - {5, second + 2}
    assert_accounted(register, "\n".join([HEADER, *lines]).encode())


def test_a_cell_over_several_lines_is_one_row_with_all_its_lines(tmp_path: Path) -> None:
    long = row().replace("A SAMPLE INC.", '"A SAMPLE INC.\nSecond line, with a comma\n\nand ""a word"" more"')
    register = read(tmp_path, long, row())
    first, second = register.rows
    assert (first.line, first.last_line, second.line) == (2, 5, 6)
    assert verdicts(register) == []


def test_a_quotation_mark_within_a_cell_refuses_its_row(tmp_path: Path) -> None:
    register = read(tmp_path, row().replace("A SAMPLE INC.", '"A SAMPLE" INC.'), row())
    assert verdicts(register) == [(2, "")]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("a\x00b", "U+0000"),
        ("a\x07b", "U+0007"),
        ("a\x1bb", "U+001B"),
        ("a\x85b", "U+0085"),
        ("\U0001f600", "no font prints"),
    ],
)
def test_a_cell_that_no_text_can_be_refuses_its_row_by_column(tmp_path: Path, cell: str, reason: str) -> None:
    register = read(tmp_path, row(), row().replace("Billing", cell), row())
    assert verdicts(register) == [(3, "Complaint Type")]
    refused = register.rows[1]
    assert isinstance(refused, Refused) and reason in refused.reason


def test_a_damaged_cell_that_is_not_read_refuses_its_row_too(tmp_path: Path) -> None:
    assert verdicts(read(tmp_path, row().replace("STREET", "STR\x00EET"))) == [(2, "Business Street")]


@pytest.mark.parametrize("separator", [";", "\t", "|", "，"])
def test_another_separator_is_read_and_told(tmp_path: Path, separator: str) -> None:
    lines = [each.replace(",", separator) for each in (HEADER, *ROWS)]
    register = complaints.read(written(tmp_path, "\n".join(lines).encode()))
    assert len(register.rows) == 12 and verdicts(register) == []
    assert any("separated by" in note for note in register.notes)


def test_another_spelling_of_a_column_is_read_and_told_and_an_unknown_one_is_told(tmp_path: Path) -> None:
    head = HEADER.replace("Complaint Result", "COMPLAINT_RESULT").replace("Industry", " industry ") + ",Remarks"
    data = "\n".join([head, row() + ",x"])
    register = complaints.read(written(tmp_path, data.encode()))
    assert isinstance(register.rows[0], Complaint)
    said = " ".join(register.notes)
    assert '"COMPLAINT_RESULT" is read as "Complaint Result"' in said and '"Remarks" is not known' in said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "The file is empty"),
        ("\n\n", "The file is empty"),
        (HEADER + "\n", "no row below it"),
        (HEADER + ",Restitution\n" + row() + ",1", "twice: Restitution"),
        (HEADER.replace("Restitution", "restitution ,Restitution") + "\n" + row(), "twice: Restitution"),
        (HEADER.replace("Industry,", ""), "no column Industry"),
        ('"' + HEADER + "\n" + row(), "head of the columns"),
    ],
)
def test_what_is_wrong_with_the_file_as_a_whole_is_told_in_words(tmp_path: Path, data: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        complaints.read(written(tmp_path, data.encode()))


def test_empty_lines_hold_no_row_and_are_counted_apart(tmp_path: Path) -> None:
    register = read(tmp_path, "", row(), "  ", row(), "")
    assert (len(register.rows), register.content.empty_lines, register.content.data_lines) == (2, 2, 2)


@given(st.binary(max_size=600), st.booleans())
def test_whatever_bytes_a_file_has_it_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, headed: bool
) -> None:
    whole = HEADER.encode() + b"\n" + data if headed else data
    try:
        register = complaints.read(written(tmp_path_factory.getbasetemp(), whole))
    except Unreadable:
        return
    assert len(register.rows) == len(register.content.records)


_BITS = st.sampled_from(
    [
        '"',
        '""',
        ",",
        "\n",
        "\r\n",
        "\x00",
        "\x07",
        "\U0001f600",
        "，",
        "中文",
        "\ud800",
        "=1+1",
        "x" * 6000,
        "\x85",
        "\u2028",
    ]
)


@given(st.lists(st.tuples(st.integers(0, 79), st.integers(0, 120), _BITS), max_size=6))
def test_mutated_cells_leave_every_line_with_a_verdict(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int, str]]
) -> None:
    lines = list(MANY)
    for line, place, bit in changes:
        lines[line] = lines[line][:place] + bit + lines[line][place:]
    data = "\n".join([HEADER, *lines]).encode("utf-8", "surrogatepass")
    register = complaints.read(written(tmp_path_factory.getbasetemp(), data))
    assert_accounted(register, data)
    touched = {line for line, _, _ in changes}
    kept = {each.restitution.minor_units for each in register.rows if isinstance(each, Complaint)}
    assert kept >= {(line + 1) * 100 for line in range(80) if line not in touched}, "no other row is lost"


def test_a_file_of_nothing_but_open_quotation_marks_is_read_in_time_that_grows_with_it() -> None:
    lines = [HEADER, *[f'"{random.Random(number).random()},x' for number in range(4000)]]
    assert len(parse("\n".join(lines).encode()).records) >= 2000
