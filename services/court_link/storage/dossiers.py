"""Frozen snapshots by digest. A digest is no permission: each kind is read through its own restricted RPC."""

from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.common.kernel.errors import not_found
from services.common.storage.transaction import Transaction
from services.court_link.storage import tables


class Dossiers:
    """The table of dossiers."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def keep(self, kind: str, subject: str, content: bytes) -> bytes:
        """Stores the bytes and returns their SHA-256. A second time changes nothing."""
        digest = sha256(content).digest()
        row = {
            "digest": digest,
            "kind": kind,
            "subject": subject,
            "content": content,
            "store_time": self._tx.now,
        }
        await self._tx.connection.execute(insert(tables.dossiers).values(row).on_conflict_do_nothing())
        return digest

    async def read(self, kind: str, subject: str, digest: bytes) -> bytes:
        """The bytes, or NOT_FOUND when kind, subject or digest do not go together."""
        row = tables.dossiers.c
        query = select(row.content).where(row.digest == digest, row.kind == kind, row.subject == subject)
        content = (await self._tx.connection.execute(query)).scalar()
        if content is None:
            raise not_found("该资料", "that dossier")
        return bytes(content)
