"""Domain events and the aggregates that record them."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent:
    """Something that happened, in the past tense. Its fields carry the names of the fields of its protobuf message."""


@dataclass(slots=True, kw_only=True)
class Aggregate:
    """What changes as one: an id, an owning organisation, a version, and the events not yet saved.

    ``version`` counts the events of the aggregate's log and ``head`` is the hash of the last of them (32 bytes, zeros
    before the first). Both are set by storage only.
    """

    id: UUID
    organisation_id: UUID
    version: int = 0
    head: bytes = bytes(32)
    events: list[DomainEvent] = field(default_factory=list, repr=False)

    def record(self, event: DomainEvent) -> None:
        self.events.append(event)
