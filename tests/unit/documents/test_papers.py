"""Every kind of paper has a sample that is drawn whole, in both languages, with what its data says and nothing odd."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.commands.papers import papers
from services.common.papers.kind import TEMPLATES, kinds
from services.common.papers.samples import Sample, samples
from tests.unit.documents.test_rendering import text_of

ALL = list(samples())
DOCS = Path(__file__).parents[3] / "docs" / "papers.md"
FURNITURE = re.compile(r"第 ?\d+ ?页|样本 SAMPLE")
ODD = ("None", "{", "}", "&amp;", "&lt;", "（）", "，。", "。。", "：。", "，，", "、。", "未记载", "CNY", "-12-")


@pytest.fixture(params=ALL, ids=lambda sample: sample.name)
def sample(request: pytest.FixtureRequest) -> Sample:
    found: Sample = request.param
    return found


def test_every_kind_has_a_sample_and_a_line_in_the_docs() -> None:
    assert {each.kind for each in ALL} == set(kinds().values())
    listed = DOCS.read_text(encoding="utf-8")
    for kind in kinds().values():
        assert f"`{kind.name}`" in listed and kind.source in listed and kind.title_zh in listed
        assert (TEMPLATES / kind.chinese).exists() and (TEMPLATES / kind.english).exists()


def test_a_chinese_paper_is_whole_and_in_chinese(sample: Sample, tmp_path: Path) -> None:
    text = text_of(sample.chinese, tmp_path)
    written = "".join(text.replace("样本 SAMPLE", "").split())
    assert [odd for odd in ODD if odd in written] == []
    assert re.findall(r"[A-Za-z]{4,}", re.sub(r"SHA-256|terms.json|SAMPLE|[0-9a-f]{64}", "", written)) == []
    assert text.count("样本 SAMPLE") == text.count("\f")


def test_a_translation_says_on_every_page_that_it_is_one(sample: Sample, tmp_path: Path) -> None:
    text = text_of(sample.english, tmp_path)
    assert text.count("Translation, for information") == text.count("\f")
    assert "alone has effect" in text and b"EmbeddedFile" not in sample.english


def test_large_print_says_the_same(sample: Sample, tmp_path: Path) -> None:
    one, other = (_said(each, tmp_path) for each in (sample.chinese, sample.large))
    assert sorted(one) == sorted(other)


def _said(pdf: bytes, folder: Path) -> str:
    """The characters of the text, without what stands on every page."""
    pages = text_of(pdf, folder).split("\f")
    lines = [line for page in pages for line in page.splitlines() if not FURNITURE.search(line)]
    return "".join("".join(lines).split())


def test_the_command_writes_all_of_them(tmp_path: Path) -> None:
    result = CliRunner().invoke(papers, [str(tmp_path / "made")])
    assert result.exit_code == 0, result.output
    names = {path.name for path in (tmp_path / "made").iterdir()}
    assert names == {f"{each.name}.{form}.pdf" for each in ALL for form in ("zh", "large", "en")}
