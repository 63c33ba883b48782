"""Who mediation asks, made up: identity over the real authorities, intake and court_link by their dossiers. 样本 SAMPLE."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import grpc
from comity.common.v1 import dossier_pb2
from comity.court_link.v1 import court_link_service_pb2
from comity.court_link.v1.court_link_service_pb2_grpc import (
    CourtLinkServiceServicer,
)
from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.identity.v1.identity_service_pb2_grpc import (
    IdentityServiceServicer,
)
from comity.intake.v1 import intake_service_pb2
from comity.intake.v1.intake_service_pb2_grpc import IntakeServiceServicer

from services.identity.authority.certificate_authority import CertificateAuthority
from services.identity.authority.profiles import Subject
from services.identity.authority.timestamp_authority import TimestampAuthority
from tests.kit.clock import FlowingClock
from tests.kit.tokens import TokenIssuer

ORGANISATION_NAME = "样本市消费纠纷人民调解委员会"


class StandInIdentity(IdentityServiceServicer):
    """Identity as mediation needs it: real certificates and time stamps, no network of its own behind."""

    def __init__(self, issuer: TokenIssuer, clock: FlowingClock) -> None:
        self._issuer = issuer
        self._clock = clock
        self.certificates = CertificateAuthority.create(ORGANISATION_NAME, clock.now())
        self.timestamps = TimestampAuthority.create(self.certificates, ORGANISATION_NAME, clock)
        self.issued: list[str] = []
        self.short_name = ""
        self.asked: list[identity_pb.IssueCertificateRequest] = []
        self.gate = asyncio.Event()
        """Closed, a certificate is waited for."""
        self.gate.set()
        self.at_the_gate = 0
        """How many ask for a certificate just now."""
        self.organisation_name = ORGANISATION_NAME
        self.down = False
        self.refuses = False
        self.platform = uuid4()

    async def IssueServiceToken(self, request: Any, context: Any) -> identity_pb.IssueServiceTokenResponse:
        token = identity_pb.AccessToken(token=self._issuer.service(request.service))
        token.expire_time.FromDatetime(self._clock.now() + timedelta(minutes=10))
        return identity_pb.IssueServiceTokenResponse(access_token=token)

    async def GetOrganisation(self, request: Any, context: Any) -> identity_pb.GetOrganisationResponse:
        found = identity_pb.Organisation(
            name=request.name, display_name=self.organisation_name, region_code="320100", sample=True
        )
        found.short_name = self.short_name
        if request.name == f"organisations/{self.platform}":
            found.kind = identity_pb.ORGANISATION_KIND_PLATFORM
        return identity_pb.GetOrganisationResponse(organisation=found)

    async def GetTrustAnchors(self, request: Any, context: Any) -> identity_pb.GetTrustAnchorsResponse:
        return identity_pb.GetTrustAnchorsResponse(certificates=[self.certificates.root_der])

    async def IssueCertificate(self, request: Any, context: Any) -> identity_pb.IssueCertificateResponse:
        if self.down:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "down")
        if self.refuses and request.slot != "freeze":
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "the proof is refused")
        self.asked.append(request)
        self.at_the_gate += 1
        try:
            await self.gate.wait()
        finally:
            self.at_the_gate -= 1
        self.issued.append(request.slot)
        subject = Subject(
            request.signer.display_name or (self.organisation_name if request.organisation else "样本 SAMPLE"),
            "sample",
            request.document_number,
            request.slot,
            request.freezing,
            request.signer.on_behalf_of,
            request.signer.title,
        )
        chain = self.certificates.issue(request.certificate_request, subject, self._clock.now())
        return identity_pb.IssueCertificateResponse(chain=chain)

    async def CreateTimestamp(self, request: Any, context: Any) -> identity_pb.CreateTimestampResponse:
        return identity_pb.CreateTimestampResponse(response=self.timestamps.respond(request.request))

    async def GetRevocationData(self, request: Any, context: Any) -> identity_pb.GetRevocationDataResponse:
        responses, lists = self.certificates.statements(list(request.certificates), self._clock.now(), [])
        return identity_pb.GetRevocationDataResponse(ocsp_responses=responses, revocation_lists=lists)


class StandInSources(IntakeServiceServicer, CourtLinkServiceServicer):
    """Gives dossiers out by digest."""

    def __init__(self) -> None:
        self.dossiers: dict[bytes, bytes] = {}

    def keep(self, message: Any) -> bytes:
        data = message.SerializeToString(deterministic=True)
        digest = hashlib.sha256(data).digest()
        self.dossiers[digest] = data
        return digest

    async def ReadMatterDossier(self, request: Any, context: Any) -> AsyncIterator[Any]:
        chunk = dossier_pb2.Chunk(data=self.dossiers[request.digest])
        yield intake_service_pb2.ReadMatterDossierResponse(chunk=chunk)

    async def ReadReferralDossier(self, request: Any, context: Any) -> AsyncIterator[Any]:
        chunk = dossier_pb2.Chunk(data=self.dossiers[request.digest])
        yield court_link_service_pb2.ReadReferralDossierResponse(chunk=chunk)
