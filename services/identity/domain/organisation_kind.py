"""What an organisation is, and which roles exist in it."""

from collections.abc import Mapping
from enum import Enum

from services.common.kernel.principal import Role


class OrganisationKind(Enum):
    """PLATFORM runs the installation, INTAKE receives complaints, MEDIATION is a committee or centre."""

    PLATFORM = "PLATFORM"
    INTAKE = "INTAKE"
    MEDIATION = "MEDIATION"
    COURT = "COURT"


_OF_A_CENTRE = frozenset(Role) - {Role.COURT_CLERK, Role.JUDGE}

ROLES: Mapping[OrganisationKind, frozenset[Role]] = {
    OrganisationKind.PLATFORM: frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR}),
    # A mediation centre often takes complaints itself, and a hotline may mediate.
    OrganisationKind.INTAKE: _OF_A_CENTRE,
    OrganisationKind.MEDIATION: _OF_A_CENTRE,
    OrganisationKind.COURT: frozenset({Role.ADMINISTRATOR, Role.COURT_CLERK, Role.JUDGE, Role.SUPERVISOR}),
}
