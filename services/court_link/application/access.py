"""Who reaches what: staff of a court what is before it, a party its own; anybody else is told nothing is there."""

from uuid import UUID

from services.common.kernel.errors import denied, not_found
from services.common.kernel.principal import Principal, Role
from services.court_link.domain.agreement import SealedAgreement

COURT_STAFF = (Role.COURT_CLERK, Role.JUDGE)


def is_staff(caller: Principal, organisation_id: UUID) -> bool:
    """Clerk or judge of that court."""
    return caller.holds_any(COURT_STAFF, organisation_id)


def courts_of(caller: Principal) -> list[UUID]:
    """The court organisations in which the caller is clerk or judge."""
    return [organisation for organisation in caller.roles if is_staff(caller, organisation)]


def require_role(caller: Principal, role: Role, organisation_id: UUID) -> None:
    """NOT_FOUND for who is not of that court; ROLE_REQUIRED (DENIED) for who is, in another role."""
    if caller.holds(role, organisation_id):
        return
    if is_staff(caller, organisation_id):
        raise denied("ROLE_REQUIRED", "您在本院的岗位无权进行此操作", f"this is for the {role.value} of the court")
    raise not_found()


def may_ask_about(caller: Principal, agreement: SealedAgreement) -> bool:
    """A party of the agreement, who runs the cases of the organisation that mediated, or a service."""
    return (
        bool(caller.service)
        or caller.account_id in agreement.accounts
        or caller.holds(Role.CASE_ADMINISTRATOR, agreement.organisation)
    )
