"""Which application or referral of a court has which number: each number once, however it is spelled."""

from uuid import UUID

from sqlalchemy import bindparam

from services.common.kernel.docket_numbers import docket_key
from services.common.storage.statement import Statement, inserting, selecting
from services.common.storage.transaction import Transaction
from services.court_link.storage.tables import docket_numbers

_KEYS = ("organisation_id", "series", "number_key")
_PASS_ON = Statement(
    docket_numbers.update().where(
        *(docket_numbers.c[name] == bindparam(f"the_{name}", type_=docket_numbers.c[name].type) for name in _KEYS)
    ),
    ("holder",),
)


class DocketNumbers:
    """The numbers that a court has given; its staff and the system see them."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def take(self, organisation_id: UUID, series: str, number: str, holder: UUID) -> UUID:
        """Who has the number now: ``holder``, unless another had it before."""
        row = {"organisation_id": organisation_id, "series": series, "number_key": docket_key(number)}
        values = {**row, "holder": holder}
        await inserting(docket_numbers, tuple(values), anew=False).run(self._tx.driver, **values)
        found = await selecting(docket_numbers, _KEYS).first(self._tx.driver, **row)
        return UUID(str(found["holder"])) if found else holder

    async def pass_on(self, organisation_id: UUID, series: str, number: str, holder: UUID) -> None:
        """The number is another's from now on."""
        await _PASS_ON.run(
            self._tx.driver,
            the_organisation_id=organisation_id,
            the_series=series,
            the_number_key=docket_key(number),
            holder=holder,
        )
