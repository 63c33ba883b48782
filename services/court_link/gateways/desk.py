"""The embedded court desk: a docket whose unique filing key makes filing again give the same receipt."""

from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.common.documents.canonical import canonical_json
from services.common.storage.codec import to_json
from services.common.storage.database import Database
from services.common.storage.transaction import SYSTEM
from services.court_link.application.ports import FilingPackage, Receipt
from services.court_link.storage.tables import docket
from services.court_link.storage.transaction import CourtLinkTransaction


class EmbeddedDesk:
    """A ``CourtGateway`` for courts whose clerks work at this service's own desk."""

    def __init__(self, database: Database[CourtLinkTransaction]) -> None:
        self._database = database

    async def file(self, package: FilingPackage, key: str) -> Receipt:
        """Enters the filing, or finds it entered."""
        async with self._database.transaction(SYSTEM) as tx:
            entry = {
                "filing_key": key,
                "court_id": package.court,
                "package_digest": sha256(canonical_json(to_json(package))).digest(),
                "receive_time": tx.now,
            }
            await tx.connection.execute(insert(docket).values(entry).on_conflict_do_nothing())
            query = select(docket.c.number, docket.c.receive_time).where(docket.c.filing_key == key)
            row = (await tx.connection.execute(query)).one()
        return Receipt(receipt_number=f"收字〔{row.receive_time.year}〕{row.number}号", receive_time=row.receive_time)
