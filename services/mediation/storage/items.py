"""Items in and out of their table, read shelf by shelf: what is hidden from the reader is not even passed over."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, bindparam, func, literal, select, true, tuple_

from services.common.storage.statement import Statement
from services.common.storage.transaction import Transaction
from services.mediation.domain.item import Item
from services.mediation.storage.kinds import ITEMS
from services.mediation.storage.repositories import NOBODY, Repository


class ItemRepository(Repository[Item]):
    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx, ITEMS, Item, _columns)

    async def on_shelves(self, case_id: UUID, shelves: Sequence[str], after: UUID | None, size: int) -> list[Item]:
        """So many of those on these shelves of the case, in the order of creation."""
        values = {"case": case_id, "shelves": sorted(set(shelves)), "after": after or NOBODY, "size": size}
        return [self.build(row) for row in await ON_SHELVES.rows(self._tx.driver, **values)]


def _columns(item: Item) -> dict[str, object]:
    return {
        "case_id": item.case_id,
        "compartment": item.compartment.name,
        "party": item.party,
        "mediator_account": item.mediator_account,
        "released": item.release_time is not None,
        "shelf": item.shelf,
    }


def _on_shelves() -> Statement:
    """For each shelf the stretch of the index ``items_on_shelf`` where it goes on.

    Said as a stretch and in the order of that index, whatever the planner believes: by equal values and the id alone it
    would at times go along the primary key, past everything that lies between.
    """
    table, size, case = ITEMS.table, bindparam("size", type_=Integer), bindparam("case", type_=Uuid)
    shelf = func.unnest(bindparam("shelves", type_=ARRAY(Text))).table_valued("name").render_derived("shelf")
    place = tuple_(table.c.case_id, table.c.shelf, table.c.id)
    on_one = (
        select(table)
        .where(
            place > tuple_(case, shelf.c.name, bindparam("after", type_=Uuid)),
            place <= tuple_(case, shelf.c.name, literal(_LAST, Uuid)),
        )
        .order_by(table.c.case_id, table.c.shelf, table.c.id)
        .limit(size)
        .lateral("on_one")
    )
    return Statement(select(on_one).select_from(shelf.join(on_one, true())).order_by(on_one.c.id).limit(size))


_LAST = UUID(int=2**128 - 1)
ON_SHELVES = _on_shelves()
