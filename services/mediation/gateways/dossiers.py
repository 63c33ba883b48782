"""Pulls dossiers from intake and court_link, and the facts of an organisation from identity."""

from typing import Any

from comity.court_link.v1 import court_link_service_pb2 as court_pb
from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.intake.v1 import intake_service_pb2 as intake_pb

from services.common.rpc.client import CALL_SECONDS, STREAM_SECONDS, ServiceCredential, answered, pull
from services.mediation.domain.case_facts import OrganisationFacts


class PulledDossiers:
    """Implements ``messaging.consume.Dossiers`` over gRPC."""

    def __init__(self, intake: Any, court_link: Any, identity: Any, credential: ServiceCredential) -> None:
        self._intake = intake
        self._court_link = court_link
        self._identity = identity
        self._credential = credential

    async def matter(self, name: str, digest: bytes) -> bytes:
        request = intake_pb.ReadMatterDossierRequest(matter=name, digest=digest)
        metadata = await self._credential.metadata()
        return await pull(
            lambda: self._intake.ReadMatterDossier(request, metadata=metadata, timeout=STREAM_SECONDS), digest
        )

    async def referral(self, name: str, digest: bytes) -> bytes:
        request = court_pb.ReadReferralDossierRequest(referral=name, digest=digest)
        metadata = await self._credential.metadata()
        return await pull(
            lambda: self._court_link.ReadReferralDossier(request, metadata=metadata, timeout=STREAM_SECONDS), digest
        )

    async def organisation(self, name: str) -> OrganisationFacts:
        request = identity_pb.GetOrganisationRequest(name=name)
        metadata = await self._credential.metadata()
        response = await answered(self._identity.GetOrganisation(request, metadata=metadata, timeout=CALL_SECONDS))
        found = response.organisation
        return OrganisationFacts(
            display_name=found.display_name,
            region_code=found.region_code,
            sample=found.sample,
            short_name=found.short_name,
        )
