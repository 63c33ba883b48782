"""Asking identity who an organisation is, and what the person is called who calls just now."""

from typing import Any
from uuid import UUID

from comity.identity.v1 import identity_service_pb2 as pb

from services.common.kernel.ids import resource_name
from services.common.rpc.bearer import carried, carrying
from services.common.rpc.client import CALL_SECONDS, ServiceCredential, answered
from services.court_link.application.ports import OrganisationFacts


class IdentityDirectory:
    """A ``Directory`` over gRPC."""

    def __init__(self, identity: Any, credential: ServiceCredential) -> None:
        self._identity = identity
        self._credential = credential

    async def facts(self, organisation: UUID) -> OrganisationFacts:
        request = pb.GetOrganisationRequest(name=resource_name("organisations", organisation))
        metadata = await self._credential.metadata()
        call = self._identity.GetOrganisation(request, metadata=metadata, timeout=CALL_SECONDS)
        found = (await answered(call)).organisation
        return OrganisationFacts(
            is_court=found.kind == pb.ORGANISATION_KIND_COURT,
            mediates=found.kind == pb.ORGANISATION_KIND_MEDIATION,
            sample=found.sample,
            display_name=found.display_name,
        )

    async def name_of_caller(self, context: Any) -> str:
        """What identity has on file of the person whose call this is, asked with that person's own token."""
        metadata = (carrying(carried(context.invocation_metadata())),)
        request = pb.GetAccountRequest(name="accounts/me")
        call = self._identity.GetAccount(request, metadata=metadata, timeout=CALL_SECONDS)
        return str((await answered(call)).account.display_name)
