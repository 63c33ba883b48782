"""The papers that are signed, each drawn from its data file (``terms.json``) alone, by the template that the file names.

The same file gives the same bytes, so whoever holds a signed paper can draw it again and compare what is printed with
what is attached (``signing/verify.py``). A template that was ever used is kept: papers are verified decades later.
"""

import json
from collections.abc import Callable, Mapping

from services.common.documents.document import RenderedDocument
from services.common.kernel.errors import invalid
from services.common.papers.ruling import render_ruling
from services.common.papers.session_record import render_session_record
from services.common.papers.settlement import render_settlement

TEMPLATES: Mapping[str, Callable[[bytes], RenderedDocument]] = {
    "comity.settlement/1": render_settlement,
    "comity.session_record/1": render_session_record,
    "comity.ruling/1": render_ruling,
}


def render_paper(data_file: bytes) -> RenderedDocument:
    """The unsigned paper. Raises TEMPLATE_UNKNOWN, UNPRINTABLE_CHARACTER (INVALID)."""
    content = json.loads(data_file)
    template = content.get("template") if isinstance(content, dict) else None
    if not isinstance(template, str) or template not in TEMPLATES:
        raise invalid("TEMPLATE_UNKNOWN", "未知的文书模板", "this paper names a template that is not known here")
    return TEMPLATES[template](data_file)
