"""Which domain event is which message, and which of them leave the service."""

from collections.abc import Mapping
from dataclasses import dataclass

from comity.common.v1.calendar_events_pb2 import CalendarYearLoaded as CalendarYearLoadedMessage
from google.protobuf.message import DecodeError, Message

from services.common.convert import Converter
from services.common.kernel.events import DomainEvent
from services.common.storage.calendar_years import CalendarYearLoaded
from services.common.storage.transaction import KEPT, EncodedEvent


@dataclass(frozen=True, slots=True)
class EventKind:
    """``name`` is ``aggregate.past_tense``. A private event is kept in the log and never published."""

    name: str
    message: type[Message]
    published: bool = True


_OF_THE_RUNTIME: dict[type[DomainEvent], EventKind] = {
    CalendarYearLoaded: EventKind("calendar_year.loaded", CalendarYearLoadedMessage, published=False)
}


class EventCatalogue:
    """The events of one service, and those that the runtime has in every one; an ``EventEncoder``."""

    def __init__(self, service: str, converter: Converter, kinds: Mapping[type[DomainEvent], EventKind]) -> None:
        self._prefix = f"comity.{service}.v1."
        self._converter = converter
        self._kinds = _OF_THE_RUNTIME | dict(kinds)
        self._messages = {kind.name: kind.message for kind in self._kinds.values()}

    def encode(self, event: DomainEvent) -> EncodedEvent:
        kind = self._kinds[type(event)]
        payload: bytes = self._converter.write(event, kind.message).SerializeToString(deterministic=True)
        return EncodedEvent(kind.name, self._prefix + kind.name if kind.published else "", payload)

    def reads(self, type: str, payload: bytes) -> bool:
        """Whether the payload is a message of this type of event."""
        if type == KEPT.type:
            return not payload
        message = self._messages.get(type)
        try:
            return message is not None and message.FromString(payload) is not None
        except DecodeError:
            return False
