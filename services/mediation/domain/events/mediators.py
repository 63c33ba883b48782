"""What happened to a mediator of a roster."""

from dataclasses import dataclass
from uuid import UUID

from services.common.kernel.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class MediatorCreated(DomainEvent):
    mediator: UUID
    account: UUID
