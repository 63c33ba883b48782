"""The import as an operator runs it: what it says of a file with damaged rows, again of the same, and of no file at all."""

import csv
from pathlib import Path

import pytest

from tests.e2e.test_program import run
from tests.unit.cli.test_complaints import HEADER, row

pytestmark = pytest.mark.timeout(600)

_ENDS = ["Cash Amount - AMT", "Advised to Sue - ATS", "Consumer Withdrew Complaint - CWC", "Complaint Invalid - CIN"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("import")


@pytest.fixture(scope="module")
def file(folder: Path) -> Path:
    lines = [
        *(row(result, restitution=f"{number}.00") for number, result in enumerate(_ENDS, start=1)),
        row().replace("Billing", "Bil\x00ling"),
        row().replace("Billing", "x" * 6000),
        row().replace("Billing", '"Billing'),
        row("Referred to Hearing - RTH"),
    ]
    made = folder / "rows.csv"
    made.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    return made


def test_every_row_has_its_verdict_and_the_good_ones_come_to_their_ends(folder: Path, file: Path) -> None:
    ended = run("import", str(file), "--folder", str(folder), "--ends")
    assert "Traceback" not in ended.said
    assert 'refused: row 5 (line 6, column "Complaint Type"): the cell holds the control character U+0000' in ended.said
    assert 'refused: row 6 (line 7, column "Complaint Type")' in ended.said
    assert "refused: row 7 (line 8): a quotation mark is opened" in ended.said
    assert "Lines: 5 taken + 0 already there + 3 refused = 8; lines with rows: 8." in ended.said
    assert "The totals equal the file's." in ended.said
    assert "Every row is at its published end." in ended.said
    assert ended.code == 0, ended.said[-3000:]
    with (folder / "import.csv").open(encoding="utf-8-sig", newline="") as report:
        rows = list(csv.DictReader(report))
    assert [each["verdict"] for each in rows] == [*["taken"] * 4, *["refused"] * 3, "taken"]
    assert all(bool(each["number"]) == (each["verdict"] == "taken") for each in rows)


def test_the_same_file_again_adds_nothing(folder: Path, file: Path) -> None:
    again = run("import", str(file), "--folder", str(folder))
    assert "Lines: 0 taken + 5 already there + 3 refused = 8; lines with rows: 8." in again.said
    assert again.code == 0, again.said[-3000:]


def test_another_file_of_the_same_register_adds_its_own(folder: Path, file: Path) -> None:
    other = folder / "other.csv"
    other.write_text("\n".join([HEADER, row(restitution="99.00"), row(restitution="98.00")]), encoding="utf-8-sig")
    ended = run("import", str(other), "--folder", str(folder), "--report", str(folder / "reports" / "other.csv"))
    assert "Lines: 2 taken + 0 already there + 0 refused = 2" in ended.said
    assert "The totals equal the file's." in ended.said
    assert (folder / "reports" / "other.csv").exists()
    assert ended.code == 0, ended.said[-3000:]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (HEADER.encode(), "no row below it"),
        (b"a,b\n1,2\n", "not in the mediated-complaints format"),
        (f"{HEADER},Restitution\n{row()},1".encode(), "twice: Restitution"),
        ("\n".join([HEADER, *[row().replace("Tow", "Café Ñandú")] * 5]).encode("latin-1"), "CSV UTF-8"),
    ],
)
def test_a_file_that_cannot_be_imported_is_told_in_words_before_anything_starts(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "rows.csv").write_bytes(content)
    ended = run("import", str(tmp_path / "rows.csv"), "--folder", str(tmp_path / "data"))
    assert ended.code == 2
    assert said in " ".join(ended.said.split()) and "Traceback" not in ended.said
    assert not (tmp_path / "data").exists()
