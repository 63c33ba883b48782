"""Asking identity who an organisation is."""

from typing import Any
from uuid import UUID

from comity.identity.v1 import identity_service_pb2 as pb

from services.common.kernel.ids import resource_name
from services.common.rpc.client import CALL_SECONDS, ServiceCredential, answered
from services.court_link.application.ports import OrganisationFacts


class IdentityOrganisations:
    """An ``OrganisationDirectory`` over gRPC."""

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
        )
