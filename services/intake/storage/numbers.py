"""Numbers for matters, taken in blocks so that no filing waits for another's commit."""

import asyncio
from collections import defaultdict
from uuid import UUID

from services.common.kernel.principal import Principal
from services.common.storage.database import Database
from services.intake.storage.transaction import IntakeTransaction

_SYSTEM = Principal(service="system")


class BlockNumbers:
    """Implements ``application.ports.Numbers``. A restart leaves a gap of what remained of the block."""

    def __init__(self, database: Database[IntakeTransaction]) -> None:
        self._database = database
        self._left: dict[tuple[UUID, int], list[int]] = defaultdict(list)
        self._lock = asyncio.Lock()

    async def next(self, organisation_id: UUID, year: int) -> str:
        left = self._left[organisation_id, year]
        if not left:
            async with self._lock:
                if not left:
                    left.extend(reversed(await self._take(organisation_id, year)))
        return f"{year}-{left.pop():06d}" if left else await self.next(organisation_id, year)

    def give_back(self, organisation_id: UUID, year: int, number: str) -> None:
        """One that was not used is the next."""
        self._left[organisation_id, year].append(int(number.rpartition("-")[2]))

    async def _take(self, organisation_id: UUID, year: int) -> range:
        async with self._database.transaction(_SYSTEM) as tx:
            return await tx.organisations.take_numbers(organisation_id, year)
