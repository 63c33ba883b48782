"""The embedded court desk: a docket whose unique filing key makes filing again give the same receipt."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.common.documents.canonical import canonical_json
from services.common.kernel.house import local_day
from services.common.storage.codec import to_json
from services.common.storage.database import Database
from services.common.storage.transaction import SYSTEM
from services.court_link.application.ports import FilingPackage, Receipt
from services.court_link.storage.tables import docket, receipt_numbers
from services.court_link.storage.transaction import CourtLinkTransaction


class EmbeddedDesk:
    """A ``CourtGateway`` for courts whose clerks work at this service's own desk."""

    def __init__(self, database: Database[CourtLinkTransaction]) -> None:
        self._database = database

    async def file(self, package: FilingPackage, key: str) -> Receipt:
        """Enters the filing under the court's next number of the year, or finds it entered."""
        async with self._database.transaction(SYSTEM) as tx:
            # Of many calls at once with one key the first takes a number: the others wait for it here.
            year = local_day(tx.now).year
            number = await _hold_numbers(tx, package.court, year) + 1
            query = select(docket.c.number, docket.c.receive_time).where(docket.c.filing_key == key)
            entered = (await tx.connection.execute(query)).one_or_none()
            if entered is not None:
                return _receipt(entered.number, entered.receive_time)
            await _enter(tx, package, key, year, number)
            return _receipt(number, tx.now)


def _receipt(number: int, received: datetime) -> Receipt:
    return Receipt(receipt_number=f"收字〔{local_day(received).year}〕{number}号", receive_time=received)


async def _hold_numbers(tx: CourtLinkTransaction, court: UUID, year: int) -> int:
    """The last number that the court gave in the year, held until the transaction ends."""
    first = insert(receipt_numbers).values(court_id=court, year=year, last=0)
    held = first.on_conflict_do_update(index_elements=["court_id", "year"], set_={"last": receipt_numbers.c.last})
    return int((await tx.connection.execute(held.returning(receipt_numbers.c.last))).scalar_one())


async def _enter(tx: CourtLinkTransaction, package: FilingPackage, key: str, year: int, number: int) -> None:
    entry = {
        "filing_key": key,
        "number": number,
        "court_id": package.court,
        "package_digest": sha256(canonical_json(to_json(package))).digest(),
        "receive_time": tx.now,
    }
    await tx.connection.execute(insert(docket).values(entry))
    own = (receipt_numbers.c.court_id == package.court) & (receipt_numbers.c.year == year)
    await tx.connection.execute(update(receipt_numbers).where(own).values(last=number))
