"""Who operates an installation: the administrators of the platform's own organisation, and of no other one."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from comity.identity.v1 import identity_service_pb2 as pb

from services.common.kernel.errors import DomainError, ErrorKind, denied
from services.common.kernel.ids import resource_name
from services.common.kernel.principal import Principal, Role
from services.common.rpc.client import CALL_SECONDS, ServiceCredential, answered

IsPlatform = Callable[[UUID], Awaitable[bool]]


class Operators:
    """A token says of which organisations somebody is administrator; which of them is the platform, identity says."""

    def __init__(self, is_platform: IsPlatform) -> None:
        self._is_platform = is_platform
        self._known: dict[UUID, bool] = {}

    async def require(self, caller: Principal) -> None:
        """Raises OPERATOR_REQUIRED (DENIED); UNAVAILABLE while identity cannot be asked."""
        for organisation in caller.organisations(Role.ADMINISTRATOR):
            if organisation not in self._known:  # What an organisation is never changes.
                self._known[organisation] = await self._is_platform(organisation)
            if self._known[organisation]:
                return
        raise denied("OPERATOR_REQUIRED", "仅限平台管理员操作", "this is for the administrators of the platform")


def asking(identity: Any, credential: ServiceCredential) -> IsPlatform:
    """By asking identity."""

    async def is_platform(organisation: UUID) -> bool:
        request = pb.GetOrganisationRequest(name=resource_name("organisations", organisation))
        metadata = await credential.metadata()
        try:
            found = await answered(identity.GetOrganisation(request, metadata=metadata, timeout=CALL_SECONDS))
        except DomainError as refusal:
            if refusal.kind is ErrorKind.NOT_FOUND:
                return False
            raise
        return bool(found.organisation.kind == pb.ORGANISATION_KIND_PLATFORM)

    return is_platform
