"""Default deny: every method says who may call it (``comity.common.v1.access``), and how large its request may be.

A server with a method that does not say refuses to start. Which objects a caller then reaches is for the use case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from comity.common.v1 import access_pb2
from google.protobuf.descriptor import ServiceDescriptor

from services.common.kernel.errors import DomainError, ErrorKind, denied
from services.common.kernel.principal import Principal, Role

REQUEST_BYTES = 64 * 1024
"""The largest request of a method that says nothing else (``max_request_bytes``)."""
OPEN_REQUEST_BYTES = 8 * 1024
"""The same of a method that anybody may call."""

_ROLES = {access_pb2.Caller.Value(f"CALLER_{role.name}"): role for role in Role}


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call one method."""

    anyone: bool
    person: bool
    roles: frozenset[Role]
    services: frozenset[str]
    always: bool = False
    """Whether it is answered before the service has begun, and counted with nobody's calls: health."""
    request_bytes: int = REQUEST_BYTES
    """The largest message it takes."""

    def admit(self, principal: Principal) -> None:
        """Raises UNAUTHENTICATED for a stranger, ACCESS_DENIED (DENIED) for the wrong caller."""
        if self.anyone:
            return
        if principal.anonymous:
            raise DomainError(ErrorKind.UNAUTHENTICATED, "UNAUTHENTICATED", "请先登录", "sign in first")
        if principal.service:
            allowed = principal.service in self.services
        else:
            allowed = self.person or any(self.roles & held for held in principal.roles.values())
        if not allowed:
            raise denied("ACCESS_DENIED", "您无权进行此操作", "you may not do this")


def rules(descriptors: Iterable[ServiceDescriptor]) -> Mapping[str, Rule]:
    """Full method name (``/package.Service/Method``) to rule. Raises SystemExit naming a method without one."""
    table: dict[str, Rule] = {}
    for service in descriptors:
        for method in service.methods:
            options = method.GetOptions()
            if not options.HasExtension(access_pb2.access):
                raise SystemExit(f"Cannot start: {method.full_name} does not say who may call it")
            table[f"/{service.full_name}/{method.name}"] = _rule(
                options.Extensions[access_pb2.access], options.Extensions[access_pb2.max_request_bytes]
            )
    return table


def _rule(access: access_pb2.Access, request_bytes: int) -> Rule:
    callers = set(access.callers)
    anyone = access_pb2.CALLER_ANYONE in callers
    return Rule(
        anyone=anyone,
        person=access_pb2.CALLER_PERSON in callers,
        roles=frozenset(_ROLES[caller] for caller in callers if caller in _ROLES),
        services=frozenset(access.services),
        request_bytes=request_bytes or (OPEN_REQUEST_BYTES if anyone else REQUEST_BYTES),
    )
