"""Default deny: every method says who may call it (``comity.common.v1.access``).

A server with a method that does not say refuses to start. Which objects a caller then reaches is for the use case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from comity.common.v1 import access_pb2
from google.protobuf.descriptor import ServiceDescriptor

from services.common.kernel.errors import DomainError, ErrorKind, denied
from services.common.kernel.principal import Principal, Role

_ROLES = {access_pb2.Caller.Value(f"CALLER_{role.name}"): role for role in Role}


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call one method."""

    anyone: bool
    person: bool
    roles: frozenset[Role]
    services: frozenset[str]
    always: bool = False
    """Whether it is answered before the service has begun."""

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
            table[f"/{service.full_name}/{method.name}"] = _rule(options.Extensions[access_pb2.access])
    return table


def _rule(access: access_pb2.Access) -> Rule:
    callers = set(access.callers)
    return Rule(
        anyone=access_pb2.CALLER_ANYONE in callers,
        person=access_pb2.CALLER_PERSON in callers,
        roles=frozenset(_ROLES[caller] for caller in callers if caller in _ROLES),
        services=frozenset(access.services),
    )
