"""Looks for a word in everything that a suite has written: streams, mail, logs, objects, databases."""

from collections.abc import Iterator
from email import policy
from email.parser import BytesParser
from io import BytesIO
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.scenarios.conftest import Town, rows

_TABLES = """
SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""


async def in_events(town: Town, word: str) -> list[str]:
    """Types of the messages that carry it."""
    needle = word.encode()
    return [
        str(message.subject)
        for message in await town.messages()
        if needle in (message.data or b"") or word in str(message.headers)
    ]


def in_mail(town: Town, word: str) -> list[str]:
    """Files of the mails that carry it, in their headers or in any part."""
    found = []
    for path in (town.suite.folder / "mail").glob("*.eml"):
        raw = path.read_bytes()
        message = BytesParser(policy=policy.default).parsebytes(raw)
        parts = [part.get_payload(decode=True) or b"" for part in message.walk() if not part.is_multipart()]
        texts = [raw, str(message.items()).encode(), *(part for part in parts if isinstance(part, bytes))]
        if any(word.encode() in text for text in texts):
            found.append(path.name)
    return found


def in_objects(town: Town, word: str) -> list[str]:
    """Services in whose object store it is, as bytes or within a PDF."""
    folder = town.suite.folder / "objects"
    return [path.relative_to(folder).parts[0] for path in _files(folder) if in_bytes(path.read_bytes(), word)]


def in_bytes(data: bytes, word: str) -> bool:
    """Whether a document carries it: as it is, or in a stream of a PDF, in any of the encodings that text takes there."""
    needles = [word.encode(), word.encode("utf-16-be"), word.encode("utf-16-le")]
    pieces = [data, *(_streams(data) if data.startswith(b"%PDF") else ())]
    return any(needle in piece for needle in needles for piece in pieces)


async def in_databases(town: Town, word: str) -> set[str]:
    """Tables in which it stands, as text or as bytes: ``mediation public.items``."""
    found = set()
    for service, database in town.suite.databases.items():
        for table in await rows(database.superuser_url, _TABLES):
            statement = f"SELECT t::text AS row FROM {table['name']} t"
            texts = [str(each["row"]) for each in await rows(database.superuser_url, statement)]
            if any(word in text or word.encode().hex() in text for text in texts):
                found.add(f"{service} {table['name']}")
    return found


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _streams(pdf: bytes) -> Iterator[bytes]:
    reader = PdfFileReader(BytesIO(pdf))
    seen = set()
    for revision in range(reader.xrefs.total_revisions):
        for reference in reader.xrefs.explicit_refs_in_revision(revision):
            if reference in seen:
                continue
            seen.add(reference)
            held = reader.get_object(generic.Reference(reference.idnum, reference.generation, reader))
            if isinstance(held, generic.StreamObject):
                yield held.data
