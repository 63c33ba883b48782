"""Chinese that a person reads has Chinese punctuation: every string of the program, every template, every rule."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
CHINESE = "\u3400-\u9fff\u3000-\u303f\uff00-\uffef“”"
GAP = "\ufffc"
"""Stands for a value that is put into a text, which may be Chinese."""
HALF_WIDTH = re.compile(
    rf"[{CHINESE}][,:;!?()] ?[{CHINESE}{GAP}]|[{GAP}][,:;!?()] ?[{CHINESE}]|[{CHINESE}][,:;!?]$|^[,:;!?][{CHINESE}]"
)
PROGRAMS = sorted([*(ROOT / "services").rglob("*.py"), *(ROOT / "deploy").rglob("*.py")])
TEMPLATES = sorted(
    [*(ROOT / "services/notify/templates").rglob("*.j2"), *(ROOT / "services/common/papers/templates").glob("*.zh.xml")]
)
RULES = sorted((ROOT / "deploy" / "rules").rglob("*.toml"))


def wrong(texts: Iterator[str]) -> list[str]:
    return [text for text in texts if HALF_WIDTH.search(text)]


def texts_of_program(source: str) -> Iterator[str]:
    """Its strings, with a gap for each value put in; docstrings and patterns are not for the people it serves."""
    nodes = list(ast.walk(ast.parse(source)))
    pieces = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    pieces |= {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    pieces |= {id(each) for node in nodes if isinstance(node, ast.Call) and _compiles(node.func) for each in node.args}
    for node in nodes:
        if id(node) in pieces:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else GAP for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _compiles(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == "compile"


def texts_of_rules(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_of_rules(each)


def test_the_strings_of_the_program_have_chinese_punctuation_between_chinese() -> None:
    assert {
        str(path.relative_to(ROOT)): found
        for path in PROGRAMS
        if (found := wrong(texts_of_program(path.read_text(encoding="utf-8"))))
    } == {}


def test_the_templates_have_chinese_punctuation_between_chinese() -> None:
    gap = re.compile(r"\{\{.*?\}\}")
    statement = re.compile(r"\{%.*?%\}")
    assert {
        path.name: found
        for path in TEMPLATES
        if (found := wrong(iter(statement.sub("", gap.sub(GAP, path.read_text(encoding="utf-8"))).splitlines())))
    } == {}


def test_the_rules_have_chinese_punctuation_between_chinese() -> None:
    assert {
        path.name: found
        for path in RULES
        if (found := wrong(texts_of_rules(tomllib.loads(path.read_text(encoding="utf-8")))))
    } == {}


@pytest.mark.parametrize("text", ["无效,请", "格式:", "不同(甲)", f"年{GAP}:无", f"状态({GAP}"])
def test_a_half_width_mark_is_found(text: str) -> None:
    assert wrong(iter([text])) == [text]


@pytest.mark.parametrize("text", ["无效，请", "样本 SAMPLE: made up", "a (样本 SAMPLE)", "第1:2号", "北京时间 (UTC+8)"])
def test_latin_in_chinese_keeps_its_own(text: str) -> None:
    assert wrong(iter([text])) == []
