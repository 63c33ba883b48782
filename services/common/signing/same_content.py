"""Is the printed text the attached terms? Render the terms again and compare page by page.

The rendering is deterministic, so the frozen file normally begins with the very bytes. When a newer library packs the
same pages differently, the pages are compared object by object, fonts included, as they decode.
"""

import hashlib
import io
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

# Parent leads back up the tree, annotations are the signature fields, lengths and filters say how bytes are packed.
_NOT_CONTENT = frozenset({"/Parent", "/Annots", "/Length", "/Filter", "/DecodeParms", "/Length1"})
_DEPTH = 40


def same_content(frozen: bytes, rendered: bytes) -> bool:
    """Whether the frozen file shows what the rendering shows."""
    if frozen.startswith(rendered.rstrip(b"\r\n")):
        return True
    return _pages(frozen) == _pages(rendered)


def _pages(pdf: bytes) -> list[str]:
    reader = PdfFileReader(io.BytesIO(pdf))
    count = int(reader.root["/Pages"]["/Count"])
    pages = (reader.find_page_for_modification(index)[0].get_object() for index in range(count))
    return [_fingerprint(page, 0) for page in pages]


def _fingerprint(value: Any, depth: int) -> str:
    if depth > _DEPTH:
        raise ValueError("the page's objects nest too deeply")
    if isinstance(value, generic.IndirectObject):
        return _fingerprint(value.get_object(), depth + 1)
    if isinstance(value, generic.DictionaryObject):
        parts = [f"{key}={_fingerprint(value.raw_get(key), depth + 1)}" for key in sorted(set(value) - _NOT_CONTENT)]
        if isinstance(value, generic.StreamObject):
            parts.append(hashlib.sha256(value.data).hexdigest())
        return _digest("dictionary", parts)
    if isinstance(value, generic.ArrayObject):
        return _digest("array", [_fingerprint(value.raw_get(index), depth + 1) for index in range(len(value))])
    return _digest(type(value).__name__, [repr(value)])


def _digest(kind: str, parts: list[str]) -> str:
    return hashlib.sha256("\x1f".join((kind, *parts)).encode()).hexdigest()
