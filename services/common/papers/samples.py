"""A sample of every paper (样本), made of made-up people: data files beside the kinds, drawn as any other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from services.common.documents.canonical import canonical_json
from services.common.documents.document import Size
from services.common.papers.drawing import render_paper, render_translation
from services.common.papers.kind import FOLDER, PaperKind, kinds

SAMPLES = FOLDER / "samples"


@dataclass(frozen=True, slots=True)
class Sample:
    """``name`` is that of its file (``ruling-dismissing``); the contents are PDFs."""

    name: str
    kind: PaperKind
    chinese: bytes
    large: bytes
    english: bytes


def samples() -> Iterator[Sample]:
    """One after another, in the order of their names."""
    for path in sorted(SAMPLES.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        data_file = canonical_json(data)
        yield Sample(
            name=path.stem,
            kind=kinds()[data["template"]],
            chinese=render_paper(data_file).content,
            large=render_paper(data_file, Size.LARGE).content,
            english=render_translation(data_file).content,
        )
