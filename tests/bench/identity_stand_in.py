"""Identity's two answers that intake needs, for measuring intake with PostgreSQL and NATS alone."""

from typing import Any

import grpc
from comity.identity.v1 import identity_service_pb2 as pb
from comity.identity.v1 import identity_service_pb2_grpc as pbg

from tests.kit.tokens import TokenIssuer


class IdentityStandIn(pbg.IdentityServiceServicer):
    """Publishes the test issuer's keys, and knows every organisation as one that receives complaints."""

    def __init__(self, issuer: TokenIssuer) -> None:
        self._issuer = issuer

    async def GetJsonWebKeySet(self, request: Any, context: Any) -> pb.GetJsonWebKeySetResponse:
        return pb.GetJsonWebKeySetResponse(key_set=await self._issuer.key_set())

    async def IssueServiceToken(self, request: Any, context: Any) -> pb.IssueServiceTokenResponse:
        response = pb.IssueServiceTokenResponse()
        response.access_token.token = self._issuer.service(request.service)
        response.access_token.expire_time.GetCurrentTime()
        response.access_token.expire_time.seconds += 600
        return response

    async def GetOrganisation(self, request: Any, context: Any) -> pb.GetOrganisationResponse:
        organisation = pb.Organisation(name=request.name, kind=pb.ORGANISATION_KIND_INTAKE, region_code="320102")
        return pb.GetOrganisationResponse(organisation=organisation)


async def serve(issuer: TokenIssuer) -> tuple[grpc.aio.Server, int]:
    """A running stand-in and its port."""
    server = grpc.aio.server()
    pbg.add_IdentityServiceServicer_to_server(IdentityStandIn(issuer), server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, port
