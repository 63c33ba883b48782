"""Contact dossiers by digest: what an event named stays readable as it was."""

from collections.abc import Callable, Sequence
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
EncodeCards = Callable[[ContactCard, Sequence[ContactCard]], bytes]
"""The card of an account, and one for each contact that it had before."""


class Dossiers:
    def __init__(self, tx: Transaction, encode: EncodeCards) -> None:
        self._tx = tx
        self._encode = encode

    async def keep(self, card: ContactCard, former: Sequence[ContactCard] = ()) -> bytes:
        """Keeps the dossier of a card, with those to be told of a change; its SHA-256."""
        data = self._encode(card, former)
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
