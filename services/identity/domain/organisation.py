"""An organisation: who runs the installation, takes complaints, mediates or judges."""

from dataclasses import dataclass
from uuid import UUID

from services.common.kernel.errors import changed_meanwhile
from services.common.kernel.events import Aggregate
from services.common.kernel.principal import Role
from services.identity.domain import errors
from services.identity.domain.events import OrganisationCreated, OrganisationTelephoneChanged
from services.identity.domain.organisation_kind import ROLES, OrganisationKind

NO_ORGANISATION = UUID(int=0)
"""Owns what belongs to a person and to no organisation: accounts, invitations, a person's certificates."""


@dataclass(slots=True, kw_only=True)
class Organisation(Aggregate):
    """``region_code`` follows GB/T 2260; ``sample`` marks a made-up one; ``telephone`` is whom people call, or empty.
    ``short_name`` stands in numbers.
    """

    display_name: str
    kind: OrganisationKind
    region_code: str
    identity_number: str
    sample: bool
    telephone: str = ""
    short_name: str = ""

    @classmethod
    def create(
        cls,
        id: UUID,
        display_name: str,
        kind: OrganisationKind,
        *,
        region_code: str = "",
        identity_number: str = "",
        sample: bool = False,
        telephone: str = "",
        short_name: str = "",
    ) -> "Organisation":
        organisation = cls(
            id=id,
            organisation_id=id,
            display_name=display_name,
            kind=kind,
            region_code=region_code,
            identity_number=identity_number,
            sample=sample,
            telephone=telephone,
            short_name=short_name,
        )
        organisation.record(OrganisationCreated(organisation=id, kind=kind, region_code=region_code))
        return organisation

    def require_version(self, version: int) -> None:
        """Raises STALE_VERSION when somebody was faster."""
        if version != self.version:
            raise changed_meanwhile()

    def change_telephone(self, telephone: str) -> None:
        """What is said already changes nothing."""
        if telephone != self.telephone:
            self.telephone = telephone
            self.record(OrganisationTelephoneChanged(organisation=self.id))

    def require_has(self, role: Role) -> None:
        """Raises ROLE_NOT_OF_THIS_KIND: court roles exist in courts only, and nothing else does there."""
        if role not in ROLES[self.kind]:
            raise errors.role_not_of_this_kind()
