"""Identity and mediation at the other end of the wire: they keep the contract, hold made-up data, and nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import grpc
from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.identity.v1 import identity_service_pb2_grpc as identity_grpc
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb
from comity.mediation.v1 import mediation_service_pb2_grpc as mediation_grpc

from services.common.rpc.client import chunks
from services.identity.authority.profiles import Subject
from tests.kit.clock import FakeClock
from tests.kit.signing import Authorities, SteppingClock
from tests.kit.tokens import TokenIssuer


@dataclass
class FollowingClock(SteppingClock):
    """The authorities' clock: that of the test now running."""

    followed: FakeClock | None = None

    def now(self) -> Any:
        return self.followed.now() if self.followed else super().now()


@dataclass
class Identity(identity_grpc.IdentityServiceServicer):
    """Issues certificates and service tokens; knows organisations; remembers invitations."""

    authorities: Authorities
    tokens: TokenIssuer
    clock: FakeClock
    courts: set[str] = field(default_factory=set)
    platform: UUID = field(default_factory=uuid4)
    invitations: dict[str, identity_pb.Invitation] = field(default_factory=dict)
    refuses_certificates: bool = False
    refuses_invitations: bool = False
    refuses_invitations_to: str = ""
    """A phone."""

    async def GetJsonWebKeySet(self, request: Any, context: Any) -> Any:
        return identity_pb.GetJsonWebKeySetResponse(key_set=await self.tokens.key_set())

    async def IssueServiceToken(self, request: Any, context: Any) -> Any:
        token = identity_pb.AccessToken(token=self.tokens.service(request.service))
        token.expire_time.FromDatetime(self.clock.now() + timedelta(minutes=10))
        return identity_pb.IssueServiceTokenResponse(access_token=token)

    async def GetOrganisation(self, request: Any, context: Any) -> Any:
        court = request.name in self.courts
        kind = identity_pb.ORGANISATION_KIND_COURT if court else identity_pb.ORGANISATION_KIND_MEDIATION
        if request.name == f"organisations/{self.platform}":
            kind = identity_pb.ORGANISATION_KIND_PLATFORM
        return identity_pb.GetOrganisationResponse(
            organisation=identity_pb.Organisation(name=request.name, display_name=request.name, kind=kind, sample=True)
        )

    async def GetAccount(self, request: Any, context: Any) -> Any:
        return identity_pb.GetAccountResponse(account=identity_pb.Account(display_name="样本法官"))

    async def CreateInvitation(self, request: Any, context: Any) -> Any:
        if self.refuses_invitations or request.phone == self.refuses_invitations_to != "":
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "refused")
        known = self.invitations.get(request.request_id)
        if known is None:
            known = identity_pb.Invitation(name=f"invitations/{uuid4()}", subject=request.subject, party=request.party)
            self.invitations[request.request_id] = known
        return identity_pb.CreateInvitationResponse(invitation=known)

    async def IssueCertificate(self, request: Any, context: Any) -> Any:
        if self.refuses_certificates:
            context.set_code(grpc.StatusCode.PERMISSION_DENIED)
            context.set_details("refused")
            return identity_pb.IssueCertificateResponse()
        name = request.signer.display_name or request.organisation or "文本固化 Document key"
        subject = Subject(name, f"signer-{request.slot}", request.document_number, request.slot, request.freezing)
        chain = self.authorities.certificates.issue(request.certificate_request, subject, self.clock.now())
        return identity_pb.IssueCertificateResponse(chain=chain)

    async def GetTrustAnchors(self, request: Any, context: Any) -> Any:
        return identity_pb.GetTrustAnchorsResponse(certificates=self.authorities.roots)

    async def GetRevocationData(self, request: Any, context: Any) -> Any:
        data = self.authorities.revocation(list(request.certificates))
        return identity_pb.GetRevocationDataResponse(
            ocsp_responses=data.ocsp_responses, revocation_lists=data.revocation_lists
        )

    async def CreateTimestamp(self, request: Any, context: Any) -> Any:
        return identity_pb.CreateTimestampResponse(response=self.authorities.timestamp(request.request))


@dataclass
class Mediation(mediation_grpc.MediationServiceServicer):
    """Serves dossiers and documents by digest."""

    objects: dict[bytes, bytes] = field(default_factory=dict)

    def keep(self, content: bytes) -> bytes:
        digest = sha256(content).digest()
        self.objects[digest] = content
        return digest

    async def ReadAgreementDossier(self, request: Any, context: Any) -> AsyncIterator[Any]:
        for chunk in chunks(self.objects[request.digest]):
            yield mediation_pb.ReadAgreementDossierResponse(chunk=chunk)

    async def ReadDocument(self, request: Any, context: Any) -> AsyncIterator[Any]:
        for chunk in chunks(self.objects[request.digest]):
            yield mediation_pb.ReadDocumentResponse(chunk=chunk)


@asynccontextmanager
async def serving(add: Any, servicer: Any) -> AsyncIterator[str]:
    """The address of a server with this one servicer."""
    server = grpc.aio.server()
    add(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)
