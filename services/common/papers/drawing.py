"""A paper from its data file: its kind's template filled, and what that gives laid out.

A template is XML with the elements of ``layout.py``, filled by Jinja2. Values are escaped: nothing that people wrote is
ever taken for markup.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.common.documents import typefaces
from services.common.documents.attachment import Attachment
from services.common.documents.canonical import sha256_hex
from services.common.documents.document import Document, RenderedDocument, Size
from services.common.documents.frame import Language, PageFrame
from services.common.kernel.errors import invalid
from services.common.papers import chinese, english, layout
from services.common.papers.kind import TEMPLATES, PaperKind, kinds
from services.common.signing.slots import TERMS_FILE


def render_paper(data_file: bytes, size: Size = Size.USUAL) -> RenderedDocument:
    """The unsigned paper, with boxes for its signatures and its data attached; in large print a copy without either.

    Raises TEMPLATE_UNKNOWN, UNPRINTABLE_CHARACTER (INVALID, with the path of the value).
    """
    data, kind = _read(data_file)
    document = Document(_frame(data, kind, Language.ZH), size)
    layout.lay(_filled(kind.chinese, data, data_file), document, boxes=size is Size.USUAL)
    if size is Size.USUAL:
        document.attach(Attachment(TERMS_FILE, data_file, f"{kind.title_zh}数据 {kind.title_en} as data"))
    return document.render()


def render_translation(data_file: bytes) -> RenderedDocument:
    """The paper in English, for information: nobody signs it. What people wrote stands as they wrote it. Raises as above."""
    data, kind = _read(data_file)
    document = Document(_frame(data, kind, Language.EN))
    layout.lay(_filled(kind.english, data, data_file), document, boxes=False)
    return document.render()


def _read(data_file: bytes) -> tuple[dict[str, Any], PaperKind]:
    data = json.loads(data_file)
    kind = kinds().get(data.get("template", "")) if isinstance(data, dict) else None
    if kind is None:
        raise invalid("TEMPLATE_UNKNOWN", "未知的文书模板", "this paper names a template that is not known here")
    for path, text in _texts({name: value for name, value in data.items() if name != "document"}):
        typefaces.require_printable(text, path)
    return data, kind


def _frame(data: dict[str, Any], kind: PaperKind, language: Language) -> PageFrame:
    chinese_text = language is Language.ZH
    return PageFrame(
        title=data.get("title", kind.title_zh) if chinese_text else kind.title_en,
        number=data["document"]["number"],
        issuer=data[kind.issuer],
        language=language,
        made_at=chinese.utc(data["made_time"]),
        sample=data["sample"],
        translation=not chinese_text,
    )


def _filled(template: str, data: dict[str, Any], data_file: bytes) -> Element:
    text = _environment().get_template(template).render(data, digest=sha256_hex(data_file))
    return fromstring(text)  # noqa: S314 - our own template, its values escaped


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text in the data with its path (``terms.obligations[0].act``)."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _texts(each, f"{path}[{index}]")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=layout.kept,
    )
    environment.filters.update(chinese.FILTERS | english.FILTERS)
    return environment
