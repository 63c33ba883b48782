"""The elements of a paper's template, laid out.

``title`` (with ``size``), ``number``, ``heading``, ``p`` (with ``align``, ``indent="no"``, ``bold="yes"``), ``small``,
``table`` (``column``s with ``share`` and ``align``, ``row``s of ``cell``s), ``signatures`` (``area``s with ``slot``),
``space`` (with ``lines``).

A line break of the template is no break of the text; one in a value is (``kept``).
"""

import re
from typing import Any
from xml.etree.ElementTree import Element

from services.common.documents.document import Column, Document
from services.common.documents.frame import Language
from services.common.documents.signature_area import AreaRequest

_BREAK = "\u2028"
"""Stands for the line breaks of values while the template is filled."""
_WRAP = re.compile(r"[ \t]*\n[ \t]*")


def kept(value: Any) -> Any:
    """What the template's engine writes of a value: line breaks marked, so that they outlive those of the template."""
    return value.replace("\n", _BREAK) if type(value) is str else value  # Markup is of the template itself.


def lay(paper: Element, document: Document, *, boxes: bool = True) -> None:
    """Puts each element into the document; without ``boxes`` who signs is only named."""
    join = "" if document.language is Language.ZH else " "
    for element in paper:
        _element(element, document, join, boxes=boxes)


def _element(element: Element, document: Document, join: str, *, boxes: bool) -> None:
    text = _text(element, join)
    given = element.attrib
    match element.tag:
        case "title":
            document.title(text, size=float(given.get("size", "22")))
        case "number":
            document.number(text, align=given.get("align", "center"))
        case "heading":
            document.heading(text)
        case "p":
            document.paragraph(
                text,
                align=given.get("align", "justify"),
                indent=given.get("indent") != "no",
                bold=given.get("bold") == "yes",
            )
        case "small":
            document.small(text)
        case "table":
            document.table(*_table(element, join))
        case "signatures":
            _signatures(element, document, join, boxes=boxes)
        case "space":
            document.space(float(given["lines"]))
        case unknown:
            raise ValueError(f"a paper has no element {unknown}")


def _table(element: Element, join: str) -> tuple[list[Column], list[list[str]]]:
    columns = [
        Column(_text(each, join), float(each.attrib.get("share", "1")), each.attrib.get("align", "left"))
        for each in element.iterfind("column")
    ]
    return columns, [[_text(cell, join) for cell in row.iterfind("cell")] for row in element.iterfind("row")]


def _signatures(element: Element, document: Document, join: str, *, boxes: bool) -> None:
    areas = [AreaRequest(each.attrib["slot"], _text(each, join)) for each in element.iterfind("area")]
    if boxes:
        document.signature_areas(areas)
        return
    for area in areas:
        document.paragraph(area.caption, indent=False)


def _text(element: Element, join: str) -> str:
    return _WRAP.sub(join, "".join(element.itertext())).strip(" \n").replace(_BREAK, "\n")
