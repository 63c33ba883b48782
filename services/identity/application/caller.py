"""Who calls, and whether that account administers an organisation now, whatever its token still says."""

from uuid import UUID

from services.common.kernel.errors import not_found
from services.common.kernel.principal import Role
from services.identity.application.ports import Tx
from services.identity.domain import errors


def own_id(tx: Tx) -> UUID:
    """The account of the person who calls. Raises NOT_FOUND for a service, which has none."""
    if tx.caller.account_id is None:
        raise not_found()
    return tx.caller.account_id


async def require_administrator(tx: Tx, organisation_id: UUID) -> None:
    """Raises NOT_ITS_ADMINISTRATOR (DENIED) unless the caller administers this very organisation at this moment."""
    caller = await tx.accounts.get(own_id(tx))
    if not caller.holds(Role.ADMINISTRATOR, organisation_id):
        raise errors.not_its_administrator()
    tx.authority = f"organisations/{organisation_id} ADMINISTRATOR"
