"""Certificates: one current one per slot of a subject."""

from sqlalchemy import bindparam, select, text

from services.common.storage.statement import Row, Statement, selecting
from services.common.storage.transaction import Transaction
from services.identity.domain.certificate import Certificate
from services.identity.storage.kinds import CERTIFICATES
from services.identity.storage.rows import save
from services.identity.storage.tables import certificates

_OWN = ("organisation_id", "subject", "slot", "document_number", "key_digest", "fingerprint", "current")


class Certificates:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def of_key(self, subject: str, slot: str, key_digest: bytes) -> Certificate | None:
        """The certificate of this key in this slot; two that ask at once for the same slot wait for each other."""
        await _LOCK.value(self._tx.driver, key=f"{subject}\x1f{slot}")
        query = selecting(certificates, ("subject", "slot", "key_digest"))
        return _certificate(await query.first(self._tx.driver, subject=subject, slot=slot, key_digest=key_digest))

    async def numbered(self, subject: str, document_number: str) -> list[tuple[str, str]]:
        """(subject, document number) of every certificate of this subject or under this number, without repetition."""
        rows = await _NUMBERED.rows(self._tx.driver, subject=subject, number=document_number)
        return [(row["subject"], row["document_number"]) for row in rows]

    async def current(self, subject: str, slot: str) -> Certificate | None:
        query = selecting(certificates, ("subject", "slot", "current"))
        return _certificate(await query.first(self._tx.driver, subject=subject, slot=slot, current=True))

    async def save(self, certificate: Certificate) -> None:
        values = {name: getattr(certificate, name) for name in _OWN}
        values |= {"account_id": certificate.account, "chain": list(certificate.chain)}
        await save(self._tx, certificate, CERTIFICATES, values)


def _certificate(row: Row | None) -> Certificate | None:
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


_NUMBERED = Statement(
    select(certificates.c.subject, certificates.c.document_number)
    .where((certificates.c.subject == bindparam("subject")) | (certificates.c.document_number == bindparam("number")))
    .distinct()
)
_LOCK = Statement(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 1))"))
