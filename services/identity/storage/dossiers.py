"""Contact dossiers by digest: what an event named stays readable as it was."""

from collections.abc import Callable
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.common.kernel.errors import not_found
from services.common.kernel.ids import resource_name
from services.common.storage.transaction import Transaction
from services.identity.domain.account import ContactCard
from services.identity.storage.tables import dossiers

CONTACTS = "CONTACTS"
EncodeCard = Callable[[ContactCard], bytes]


class Dossiers:
    def __init__(self, tx: Transaction, encode: EncodeCard) -> None:
        self._tx = tx
        self._encode = encode

    async def keep(self, card: ContactCard) -> bytes:
        """Keeps the dossier of a card; its SHA-256."""
        data = self._encode(card)
        digest = sha256(data).digest()
        row = {"digest": digest, "kind": CONTACTS, "subject": resource_name("accounts", card.account), "bytes": data}
        await self._tx.connection.execute(insert(dossiers).values(row).on_conflict_do_nothing())
        return digest

    async def read(self, account_id: UUID, digest: bytes) -> bytes:
        """Raises NOT_FOUND unless the digest names a contact dossier of this account."""
        query = select(dossiers.c.bytes).where(
            dossiers.c.digest == digest,
            dossiers.c.kind == CONTACTS,
            dossiers.c.subject == resource_name("accounts", account_id),
        )
        data = (await self._tx.connection.execute(query)).scalar()
        if data is None:
            raise not_found()
        return bytes(data)
