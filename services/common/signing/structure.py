"""The closed world of a file's objects: which fields, which catalog entries, which attachment, nothing that acts."""

import hashlib
from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from services.common.signing.report import Reason, Refused
from services.common.signing.slots import TERMS_FILE

_CATALOG = frozenset(
    {"/Type", "/Pages", "/PageMode", "/Lang", "/Names", "/AF", "/Metadata", "/ViewerPreferences", "/AcroForm", "/Perms"}
    | {"/DSS", "/Extensions", "/Version", "/Outlines"}
)
_TRAILER = frozenset({"/Root", "/Info", "/ID", "/Size", "/Prev", "/XRefStm"})
_ACTIVE_KEYS = frozenset(
    {
        "/A",
        "/AA",
        "/OpenAction",
        "/JS",
        "/JavaScript",
        "/OCProperties",
        "/OC",
        "/OCGs",
        "/XFA",
        "/URI",
        "/URLS",
        "/Dest",
    }
    | {
        "/RichMediaContent",
        "/Collection",
        "/NeedsRendering",
        "/NeedAppearances",
        "/Alternates",
        "/Threads",
        "/PieceInfo",
    }
)
_ACTIVE_NAMES = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound"}
    | {"/RichMedia", "/Screen", "/3D", "/FileAttachment", "/Link", "/OCG", "/OCMD", "/PS"}
)
_OBJECT_LIMIT = 200_000


def require_few_fields(reader: PdfFileReader, most: int) -> None:
    """UNEXPECTED_FIELD when the form has more fields than that: before any of them is read further."""
    if len(entry(entry(reader.root, "/AcroForm", {}), "/Fields", ())) > most:
        raise Refused(Reason.UNEXPECTED_FIELD, detail="more fields than slots")


def require_fields(reader: PdfFileReader, expected: frozenset[str]) -> None:
    """UNEXPECTED_FIELD unless the form has these signature fields and no other, and pages no other annotation."""
    form = entry(reader.root, "/AcroForm", {})
    if set(form) - {"/Fields", "/SigFlags"}:
        raise Refused(Reason.UNEXPECTED_FIELD, detail="form entries")
    names: list[str] = []
    for field in members(entry(form, "/Fields", ())):
        if entry(field, "/FT") != "/Sig" or "/Kids" in field or "/Parent" in field:
            raise Refused(Reason.UNEXPECTED_FIELD, detail="not a plain signature field")
        names.append(str(entry(field, "/T", "")))
    surplus = set(names) - expected
    if surplus or len(names) != len(set(names)):
        raise Refused(Reason.UNEXPECTED_FIELD, detail=f"{len(names)} fields")
    if missing := expected - set(names):
        raise Refused(Reason.MISSING_SIGNATURE, sorted(missing)[0], "no such field")
    for annotation in _annotations(reader):
        if entry(annotation, "/Subtype") != "/Widget" or str(entry(annotation, "/T", "")) not in expected:
            raise Refused(Reason.UNEXPECTED_CONTENT, detail="annotation")


def require_inert(reader: PdfFileReader) -> None:
    """ACTIVE_CONTENT or UNEXPECTED_CONTENT for anything that acts, hides, shows something else or is not ours."""
    if unknown := set(reader.trailer_view) - _TRAILER:
        raise Refused(Reason.UNEXPECTED_CONTENT, detail=f"trailer {sorted(unknown)[0]}")
    for dictionary in dictionaries(reader):
        keys = _ACTIVE_KEYS.intersection(dictionary)
        values = {str(value) for value in _raw_values(dictionary) if isinstance(value, generic.NameObject)}
        if keys or values & _ACTIVE_NAMES:
            raise Refused(Reason.ACTIVE_CONTENT, detail=sorted(keys | (values & _ACTIVE_NAMES))[0])
    if unknown := set(reader.root) - _CATALOG:
        raise Refused(Reason.UNEXPECTED_CONTENT, detail=f"catalog {sorted(unknown)[0]}")
    if set(entry(reader.root, "/Names", {})) - {"/EmbeddedFiles"}:
        raise Refused(Reason.UNEXPECTED_CONTENT, detail="names")


def attached_terms(reader: PdfFileReader) -> bytes:
    """The bytes of the only attachment. ATTACHMENT_MISSING, ATTACHMENT_UNEXPECTED."""
    tree = entry(entry(reader.root, "/Names", {}), "/EmbeddedFiles")
    if tree is None:
        raise Refused(Reason.ATTACHMENT_MISSING)
    streams = [each for each in dictionaries(reader) if entry(each, "/Type") == "/EmbeddedFile"]
    entries = list(members(entry(tree, "/Names", ())))
    if set(tree) - {"/Names"} or len(entries) != len(("name", "specification")) or len(streams) != 1:
        raise Refused(Reason.ATTACHMENT_UNEXPECTED)
    specification = entries[1]
    files = entry(specification, "/EF", {})
    if str(entries[0]) != TERMS_FILE or str(entry(specification, "/UF")) != TERMS_FILE or set(files) != {"/F"}:
        raise Refused(Reason.ATTACHMENT_UNEXPECTED)
    content = files["/F"]
    if not isinstance(content, generic.StreamObject):
        raise Refused(Reason.ATTACHMENT_MISSING)
    return bytes(content.data)


def require_terms(terms: bytes, expected_sha256: str) -> None:
    if hashlib.sha256(terms).hexdigest() != expected_sha256:
        raise Refused(Reason.ATTACHMENT_DIFFERS)


def entry(dictionary: Any, key: str, default: Any = None) -> Any:
    """An entry with references followed."""
    return dictionary[key] if key in dictionary else default  # noqa: SIM401 - pyHanko's get() follows no reference


def members(array: Any) -> Iterator[Any]:
    """The members of an array with references followed."""
    return (array[index] for index in range(len(array)))


def dictionaries(reader: PdfFileReader) -> Iterator[Any]:
    """Every dictionary and stream that can be reached from the trailer, each once."""
    seen: set[generic.Reference] = set()
    pending: list[Any] = [reader.trailer_view.raw_get(key) for key in reader.trailer_view]
    visited = 0
    while pending:
        value = pending.pop()
        if isinstance(value, generic.IndirectObject):
            if value.reference in seen:
                continue
            seen.add(value.reference)
            value = value.get_object()
        visited += 1
        if visited > _OBJECT_LIMIT:
            raise Refused(Reason.TOO_LARGE, detail="objects")
        if isinstance(value, generic.DictionaryObject):
            yield value
            pending.extend(_raw_values(value))
        elif isinstance(value, generic.ArrayObject):
            pending.extend(value.raw_get(index) for index in range(len(value)))


def _raw_values(dictionary: generic.DictionaryObject) -> list[Any]:
    return [dictionary.raw_get(key) for key in dictionary]


def _annotations(reader: PdfFileReader) -> Iterator[Any]:
    for index in range(int(reader.root["/Pages"]["/Count"])):
        page = reader.find_page_for_modification(index)[0].get_object()
        yield from members(entry(page, "/Annots", ()))
