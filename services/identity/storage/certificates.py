"""Certificates: one current one per slot of a subject."""

from typing import Any

from sqlalchemy import select, text

from services.common.storage.transaction import Transaction
from services.identity.domain.certificate import Certificate
from services.identity.storage.rows import save
from services.identity.storage.tables import certificates

_OWN = ("organisation_id", "subject", "slot", "document_number", "key_digest", "fingerprint", "current")


class Certificates:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def of_key(self, subject: str, slot: str, key_digest: bytes) -> Certificate | None:
        """The certificate of this key in this slot; two that ask at once for the same slot wait for each other."""
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 1))")
        await self._tx.connection.execute(lock, {"key": f"{subject}\x1f{slot}"})
        return await self._first(_slot(subject, slot) & (certificates.c.key_digest == key_digest))

    async def current(self, subject: str, slot: str) -> Certificate | None:
        return await self._first(_slot(subject, slot) & certificates.c.current)

    async def save(self, certificate: Certificate) -> None:
        values = {name: getattr(certificate, name) for name in _OWN}
        values |= {"account_id": certificate.account, "chain": list(certificate.chain)}
        await save(self._tx, certificate, certificates, values)

    async def _first(self, condition: Any) -> Certificate | None:
        row = (await self._tx.connection.execute(select(certificates).where(condition))).mappings().first()
        if row is None:
            return None
        own = {name: row[name] for name in _OWN}
        return Certificate(
            id=row["id"],
            version=row["version"],
            head=row["head"],
            account=row["account_id"],
            chain=tuple(row["chain"]),
            **own,
        )


def _slot(subject: str, slot: str) -> Any:
    return (certificates.c.subject == subject) & (certificates.c.slot == slot)
