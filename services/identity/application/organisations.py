"""Entering and reading organisations."""

from dataclasses import dataclass
from uuid import UUID

from services.identity.application.caller import require_administrator
from services.identity.application.ports import Tx
from services.identity.domain import errors
from services.identity.domain.organisation import Organisation
from services.identity.domain.organisation_kind import OrganisationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOrganisation:
    display_name: str
    kind: OrganisationKind
    region_code: str
    identity_number: str
    administrator: UUID
    sample: bool
    telephone: str = ""
    short_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOrganisationTelephone:
    id: UUID
    version: int
    telephone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOrganisations:
    """``after`` is the (name, id) of the last one seen."""

    kind: OrganisationKind | None
    after: tuple[str, UUID] | None
    size: int


async def create_organisation(tx: Tx, command: CreateOrganisation) -> Organisation:
    """Enters an organisation with its first administrator; only the platform's administrators may.

    Raises NOT_ITS_ADMINISTRATOR, COURT_ROLE_SEPARATION (DENIED), NOT_FOUND for the account.
    """
    platform = await tx.organisations.platform()
    if platform is None:
        raise errors.not_its_administrator()
    await require_administrator(tx, platform.id)
    account = await tx.accounts.get(command.administrator, for_update=True)
    organisation = Organisation.create(
        tx.new_id(),
        command.display_name,
        command.kind,
        region_code=command.region_code,
        identity_number=command.identity_number,
        sample=command.sample,
        telephone=command.telephone,
        short_name=command.short_name.strip(),
    )
    account.administer_new(organisation)
    await tx.organisations.save(organisation)
    await tx.accounts.save(account)
    return organisation


async def change_organisation_telephone(tx: Tx, command: ChangeOrganisationTelephone) -> Organisation:
    """Its administrator says under which number it is asked. Raises NOT_FOUND, NOT_ITS_ADMINISTRATOR, STALE_VERSION."""
    await require_administrator(tx, command.id)
    organisation = await tx.organisations.get(command.id, for_update=True)
    organisation.require_version(command.version)
    organisation.change_telephone(command.telephone)
    if organisation.events:
        await tx.organisations.save(organisation)
    return organisation


async def get_organisation(tx: Tx, organisation_id: UUID) -> Organisation:
    """Raises NOT_FOUND."""
    return await tx.organisations.get(organisation_id)


async def list_organisations(tx: Tx, command: ListOrganisations) -> tuple[Organisation, ...]:
    """Organisations by name; names of organisations are public among those who are signed in."""
    return await tx.organisations.page(command.kind, command.after, command.size)
