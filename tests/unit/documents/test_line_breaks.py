"""Lines of Chinese break where GB/T 15834-2011 lets them, and nothing of a text is lost or set twice."""

import random
from pathlib import Path

import pytest

from services.common.documents import typefaces
from services.common.documents.document import SIZE, Document
from services.common.documents.frame import TEXT_WIDTH, Language, PageFrame
from services.common.documents.line_breaks import NEVER_FIRST, NEVER_LAST, lines, pieces
from tests.unit.documents.test_rendering import MADE_AT, text_of

ALPHABET = "王秀兰元年月日的于五申请人甲乙，。、；：？！）》”（《“%·ab5"
MEASURE = typefaces.measure(typefaces.SERIF, SIZE)


def a_text(seed: int, length: int = 600) -> str:
    """Random words and marks, but no more marks in a row than people write."""
    choose = random.Random(seed)
    text = ""
    while len(text) < length:
        character = choose.choice(ALPHABET)
        marks = sum(each in NEVER_FIRST | NEVER_LAST for each in text[-2:])
        text += "字" if marks == 2 and character in NEVER_FIRST | NEVER_LAST else character
    return text


def wrongly_broken(found: list[str]) -> list[str]:
    ended = [line for line in found[:-1] if line[-1] in NEVER_LAST]
    return ended + [line for line in found[1:] if line[0] in NEVER_FIRST]


@pytest.mark.parametrize("seed", range(40))
def test_no_line_begins_or_ends_with_a_mark_that_may_not(seed: int) -> None:
    text = a_text(seed)
    found = lines(text, TEXT_WIDTH, MEASURE, indent=2 * SIZE)
    assert wrongly_broken(found) == []
    assert "".join(found) == text
    assert all(sum(map(MEASURE, line)) <= TEXT_WIDTH for line in found)


@pytest.mark.parametrize("seed", range(3))
def test_no_line_of_a_printed_page_does(seed: int, tmp_path: Path) -> None:
    document = Document(PageFrame("样本", "样本", "样本", Language.ZH, MADE_AT))
    document.paragraph("".join(character for character in a_text(seed, 3000) if character != " "))
    pages = text_of(document.render().content, tmp_path).split("\f")
    for page in pages:
        found = ["".join(line.split()) for line in page.split("\n")]
        assert wrongly_broken([line for line in found if line and "第" not in line]) == []


@pytest.mark.parametrize(
    "whole",
    [
        "2026年12月11日",
        "5000.00元",
        "30日",
        "（2026）",
        "——",
        "……",
        "31",
        "O'Neil",
        "91320102SAMPLE001X",
        "KFR-35",
        "3.45%",
    ],
)
def test_what_belongs_together_is_not_broken(whole: str) -> None:
    assert any(whole in piece for piece in pieces(f"于{whole}后"))


def test_what_is_wider_than_a_line_is_broken_all_the_same() -> None:
    digest = "ab12" * 40
    found = lines(digest, 100.0, MEASURE)
    assert "".join(found) == digest and len(found) > 5


def test_spaces_end_no_line_and_begin_none() -> None:
    for line in lines("The parties agreed on this day that nothing else is owed " * 5, 150.0, MEASURE):
        assert line == line.strip()


@pytest.mark.parametrize("mark", ["，", "。", "：", "（", "《", "·"])
def test_even_a_text_of_marks_alone_is_set_whole(mark: str) -> None:
    assert "".join(lines(mark * 500, TEXT_WIDTH, MEASURE)) == mark * 500


def test_a_long_text_takes_steps_in_proportion_to_its_length() -> None:
    asked = 0

    def counting(character: str) -> float:
        nonlocal asked
        asked += 1
        return SIZE

    counts = []
    for length in (2_000, 20_000):
        asked = 0
        lines(a_text(1, length), TEXT_WIDTH, counting)
        counts.append(asked)
    assert counts[1] < 11 * counts[0]
