"""Who is calling: a person or a service, with the roles an organisation gave."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID


class Role(Enum):
    """What a person does in an organisation. Court roles belong to court organisations only."""

    INTAKE_OFFICER = "INTAKE_OFFICER"
    MEDIATOR = "MEDIATOR"
    CASE_ADMINISTRATOR = "CASE_ADMINISTRATOR"
    SEAL_KEEPER = "SEAL_KEEPER"
    SUPERVISOR = "SUPERVISOR"
    COURT_CLERK = "COURT_CLERK"
    JUDGE = "JUDGE"
    ADMINISTRATOR = "ADMINISTRATOR"


@dataclass(frozen=True, slots=True)
class Principal:
    """The authenticated caller. ``service`` names a service; otherwise ``account_id`` names a person.

    ``roles`` maps an organisation's id to the roles the person holds there. A party holds no role: what a party may do
    follows from the matters and cases the account is bound to. ``session_id`` is the sign-in that a person's token is of.
    """

    account_id: UUID | None = None
    service: str = ""
    roles: dict[UUID, frozenset[Role]] = field(default_factory=dict)
    token_id: str = ""
    session_id: UUID | None = None
    subject: str = field(init=False, compare=False)
    """How the caller is named in the event log."""

    def __post_init__(self) -> None:
        person = f"accounts/{self.account_id}" if self.account_id else "anonymous"
        object.__setattr__(self, "subject", f"services/{self.service}" if self.service else person)

    @property
    def anonymous(self) -> bool:
        return self.account_id is None and not self.service

    def holds(self, role: Role, organisation_id: UUID) -> bool:
        return role in self.roles.get(organisation_id, frozenset())

    def holds_any(self, roles: Iterable[Role], organisation_id: UUID) -> bool:
        return not self.roles.get(organisation_id, frozenset()).isdisjoint(roles)

    def organisations(self, role: Role) -> list[UUID]:
        """The organisations in which the caller holds the role."""
        return [organisation for organisation, roles in self.roles.items() if role in roles]
