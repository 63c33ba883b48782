"""Which events of one source wait for something that is away: told once for each reason, and shown as a gauge."""

from datetime import datetime

from nats.aio.msg import Msg

from services.common.telemetry import EVENTS_WAITING_SECONDS


class WaitingEvents:
    """Those of one consumer, by their ids."""

    def __init__(self, source: str) -> None:
        self._gauge = EVENTS_WAITING_SECONDS.labels(source)
        self._since: dict[str, datetime] = {}
        self._reasons: set[tuple[str, str]] = set()

    def told(self, message: Msg, reason: str, now: datetime) -> bool:
        """Notes that it waits. Whether it was said already that events of its kind wait for this."""
        self._since[_id_of(message)] = time_of(message)
        self._gauge.set(max((now - min(self._since.values())).total_seconds(), 0.0))
        before = (message.subject, reason) in self._reasons
        self._reasons.add((message.subject, reason))
        return before

    def ended(self, message: Msg) -> None:
        """It was applied or parked; when nothing waits any more, the next outage is told again."""
        if self._since.pop(_id_of(message), None) is not None and not self._since:
            self._reasons.clear()
            self._gauge.set(0)


def time_of(message: Msg) -> datetime:
    """When it happened, aware UTC."""
    return datetime.fromisoformat((message.headers or {})["ce-time"])


def _id_of(message: Msg) -> str:
    return (message.headers or {}).get("ce-id", "")  # What cannot be decoded may lack it.
