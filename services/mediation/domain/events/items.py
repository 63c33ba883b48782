"""What happened to an item of a compartment."""

from dataclasses import dataclass
from uuid import UUID

from services.common.kernel.events import DomainEvent
from services.mediation.domain.vocabulary import Compartment


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAdded(DomainEvent):
    item: UUID
    case: UUID
    compartment: Compartment
    party: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PressureReported(DomainEvent):
    item: UUID
    case: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReleased(DomainEvent):
    item: UUID
    party: UUID
