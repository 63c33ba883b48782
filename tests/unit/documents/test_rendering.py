"""Documents: the same bytes every time, nothing lost silently, nothing alive in them."""

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.common.documents import typefaces
from services.common.documents.attachment import Attachment
from services.common.documents.document import Column, Document, RenderedDocument, Size
from services.common.documents.frame import Language, PageFrame
from services.common.documents.signature_area import AreaRequest
from services.common.kernel.errors import DomainError
from services.common.papers import render_paper
from tests.kit.signing import terms

MADE_AT = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
RARE_NAME = "李䶮堃"


def frame(language: Language = Language.ZH, *, sample: bool = True) -> PageFrame:
    return PageFrame("人民调解协议书", "样调字〔2026〕第0001号", "样本调解委员会", language, MADE_AT, sample)


def agreement(*, rows: int = 60, name: str = RARE_NAME) -> RenderedDocument:
    document = Document(frame())
    document.heading("一、当事人")
    document.paragraph(f"甲方：{name}")
    document.paragraph("乙方：样本商贸有限公司")
    document.table(
        [Column("期次", 1, "center"), Column("金额(元)", 2, "right"), Column("说明", 4)],
        [[str(number), f"{number},000.00", "分期付款 instalment"] for number in range(1, rows + 1)],
    )
    document.heading("二、签名")
    document.signature_areas([AreaRequest(slot, slot) for slot in ("party-1", "party-2", "seal")])
    document.attach(Attachment("terms.json", b'{"a":1}', "数据"))
    return document.render()


def text_of(pdf: bytes, folder: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    (folder / "document.pdf").write_bytes(pdf)
    command = ["pdftotext", "-layout", str(folder / "document.pdf"), "-"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def test_the_same_document_has_the_same_bytes_in_every_process() -> None:
    script = (
        "import hashlib; from tests.unit.documents.test_rendering import agreement;"
        "print(hashlib.sha256(agreement().content).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"))
    }
    assert len(digests) == 1


def test_a_changed_word_changes_the_bytes() -> None:
    assert agreement(name="王样本").content != agreement(name="王样品").content


def test_the_printed_text_can_be_read_back_rare_names_included(tmp_path: Path) -> None:
    text = text_of(agreement().content, tmp_path)
    assert RARE_NAME in text
    assert "样本 SAMPLE" in text
    assert re.search(r"第1页　?共\d页", text.replace(" ", ""))


def test_a_table_repeats_its_heading_on_every_page_it_runs_over(tmp_path: Path) -> None:
    rendered = agreement(rows=90)
    pages = text_of(rendered.content, tmp_path).split("\f")
    with_rows = [page for page in pages if "instalment" in page]
    assert len(with_rows) > 2
    assert all("期次" in page for page in with_rows)


def test_markup_in_a_name_prints_as_typed(tmp_path: Path) -> None:
    name = '<a href="http://example.invalid">&恶意</a><img src="x"/>'
    rendered = agreement(name=name)
    assert name.replace(" ", "") in "".join(text_of(rendered.content, tmp_path).split())
    assert b"/URI" not in rendered.content
    assert b"/Annot" not in rendered.content


@pytest.mark.parametrize("character", ["\u202e", "\x00", "\u200b", "\ue000", "\ud800"])
def test_a_character_no_font_prints_is_refused_and_named(character: str) -> None:
    with pytest.raises(DomainError) as caught:
        agreement(name=f"王{character}")
    assert caught.value.reason == "UNPRINTABLE_CHARACTER"
    assert f"U+{ord(character):04X}" in caught.value.en
    caught.value.zh.encode()


def test_the_refusal_names_the_field() -> None:
    with pytest.raises(DomainError) as caught:
        typefaces.require_printable("\u202e", "parties[0].name")
    assert caught.value.field == "parties[0].name"


def test_every_box_for_a_signature_lies_on_a_page_and_apart_from_the_others() -> None:
    rendered = agreement()
    assert [area.slot for area in rendered.areas] == ["party-1", "party-2", "seal"]
    assert all(0 <= area.page < rendered.pages for area in rendered.areas)
    boxes = [(area.page, *area.box) for area in rendered.areas]
    assert len(set(boxes)) == len(boxes)
    assert all(0 < box[1] < box[3] < 596 and 0 < box[2] < box[4] < 842 for box in boxes)


def test_only_our_fonts_are_in_a_document() -> None:
    names = set(re.findall(rb"/BaseFont /([A-Za-z+-]+)", agreement().content))
    assert names
    assert all(name.split(b"+")[-1].startswith(b"Comity") for name in names)


def test_nothing_of_a_sample_label_stands_on_a_real_document(tmp_path: Path) -> None:
    document = Document(frame(sample=False))
    document.paragraph("正文")
    assert "SAMPLE" not in text_of(document.render().content, tmp_path)


def test_a_date_is_the_given_one() -> None:
    assert b"D:20261121040000" in agreement().content
    assert b"2026-11-21T04:00:00Z" in agreement().content


def test_a_heading_and_a_signature_stay_with_the_text_they_belong_to(tmp_path: Path) -> None:
    for lines in range(14, 24):
        document = Document(frame(sample=False))
        for _ in range(lines):
            document.paragraph("正文")
        document.heading("标题")
        document.paragraph("后文" * 40)
        document.signature_areas([AreaRequest("seal", "印章")])
        rendered = document.render()
        pages = text_of(rendered.content, tmp_path).split("\f")
        (titled,) = [page for page in pages if "标题" in page]
        assert "后文" in titled
        assert "后文" in pages[rendered.areas[0].page]


def test_large_print_is_larger_and_asks_for_no_signature() -> None:
    usual, large = render_paper(terms()), render_paper(terms(), Size.LARGE)
    assert usual.areas and not large.areas
    assert large.pages > usual.pages
    assert b"EmbeddedFile" in usual.content and b"EmbeddedFile" not in large.content


@pytest.mark.parametrize(
    "name",
    ["𠮷田", "王𫖮", "张龵", "陈𡌴", "杨千𫰡", "王𬎆", "Nguyễn Thị Ánh", "Đặng", "Łukasz", "Ōno", "Żółć", "Şükrü İnan"],
)
def test_rare_names_are_printed_whole(name: str, tmp_path: Path) -> None:
    assert typefaces.unprintable(name) == []
    assert name.replace(" ", "") in text_of(agreement(name=name).content, tmp_path).replace(" ", "")


def test_a_han_character_without_a_glyph_is_printed_by_its_code_point(tmp_path: Path) -> None:
    rendered = agreement(name="王𪚥\U000323af")
    assert "王〔U+2A6A5〕〔U+323AF〕" in text_of(rendered.content, tmp_path).replace(" ", "")
    assert agreement(name="王𪚥").content != agreement(name="王\U000323af").content


def test_every_latin_letter_has_a_glyph() -> None:
    letters = (chr(point) for first, last in ((0xC0, 0x24F), (0x1E00, 0x1EFF)) for point in range(first, last + 1))
    assert [char for char in letters if char.isalpha() and typefaces.unprintable(char)] == []


def test_the_fonts_stay_small() -> None:
    folder = Path(typefaces.__file__).parent / "fonts"
    assert sum(path.stat().st_size for path in folder.glob("*.ttf")) < 20_000_000
