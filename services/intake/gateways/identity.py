"""What intake asks of identity: invitations, and organisations that intake has not heard of yet."""

from typing import Any
from uuid import UUID

from comity.identity.v1 import identity_service_pb2 as pb

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.kernel.ids import resource_name
from services.common.kernel.principal import Principal
from services.common.rpc.client import CALL_SECONDS, ServiceCredential, answered
from services.common.storage.database import Database
from services.intake.application.ports import InvitationRequest
from services.intake.domain.values import PrivateParticulars
from services.intake.storage.transaction import IntakeTransaction

_SYSTEM = Principal(service="system")


class IdentityInvitations:
    """Implements ``application.ports.CreateInvitation``."""

    def __init__(self, identity: Any, credential: ServiceCredential) -> None:
        self._identity = identity
        self._credential = credential

    async def __call__(self, request: InvitationRequest) -> str:
        private = request.party.particulars or PrivateParticulars()
        message = pb.CreateInvitationRequest(
            request_id=str(request.request_id),
            subject=resource_name("matters", request.matter),
            party=resource_name("parties", request.party.id),
            display_name=request.party.display_name,
            identity_number=private.identity_number,
            email=private.email,
            phone=private.phone,
            locale=private.locale,
        )
        metadata = await self._credential.metadata()
        call = self._identity.CreateInvitation(message, metadata=metadata, timeout=CALL_SECONDS)
        return str((await answered(call)).invitation.name)


class KnownOrganisations:
    """Implements ``application.ports.OrganisationDirectory``.

    Answers from memory, then from intake's own copy, which identity's events feed; only an organisation made a moment
    ago, whose event is still on its way, is asked of identity. What an organisation is never changes.
    """

    def __init__(self, database: Database[IntakeTransaction], identity: Any, credential: ServiceCredential) -> None:
        self._database = database
        self._identity = identity
        self._credential = credential
        self._known: dict[UUID, str] = {}

    async def kind(self, organisation_id: UUID) -> str | None:
        if organisation_id not in self._known:
            kind = await self._from_own_copy(organisation_id) or await self._from_identity(organisation_id)
            if kind is None:
                return None
            self._known[organisation_id] = kind
        return self._known[organisation_id]

    async def _from_own_copy(self, organisation_id: UUID) -> str | None:
        async with self._database.transaction(_SYSTEM) as tx:
            return await tx.organisations.kind(organisation_id)

    async def _from_identity(self, organisation_id: UUID) -> str | None:
        request = pb.GetOrganisationRequest(name=resource_name("organisations", organisation_id))
        try:
            metadata = await self._credential.metadata()
            response = await answered(self._identity.GetOrganisation(request, metadata=metadata, timeout=CALL_SECONDS))
        except DomainError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                return None
            raise
        return pb.OrganisationKind.Name(response.organisation.kind).removeprefix("ORGANISATION_KIND_")
