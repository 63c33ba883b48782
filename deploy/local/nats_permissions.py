"""Who may say and hear what on NATS. Pure: from the names of services to subjects.

A service publishes its own events and nudges and reads the streams it consumes through one durable pull consumer on
each, named like the service. Everything else is refused by the server. Streams and consumers are made by the operator
(`streams.py`), because subjects cannot limit what such a request says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CONSUMES: Mapping[str, Sequence[str]] = {
    "intake": ("identity", "mediation", "court_link", "notify"),
    "mediation": ("identity", "intake", "court_link"),
    "court_link": ("identity", "mediation"),
    "notify": ("intake", "mediation", "court_link", "identity"),
    "identity": (),
}
"""Whose events each service reacts to (the table of services in the house plan)."""

OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Permissions:
    """Subjects a user may publish to and subscribe to; ``>`` and ``*`` are NATS wildcards."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NatsUser:
    """One user of the server. ``password`` must be letters and digits."""

    name: str
    password: str
    permissions: Permissions

    def __repr__(self) -> str:
        return f"NatsUser({self.name!r})"


EVERYTHING = Permissions(publish=(">",), subscribe=(">",))
"""For the operator's tools (backup, restore) and for test kits; no service holds it."""


def stream_name(service: str) -> str:
    """``COURT_LINK`` of ``court_link``."""
    return service.upper()


def permissions(service: str, consumes: Sequence[str]) -> Permissions:
    """What the service may do, when it reacts to the events of the services in ``consumes``.

    The client must connect with ``inbox_prefix="_INBOX.<service>"``, so that no service hears another's replies.
    """
    own = stream_name(service)
    return Permissions(
        publish=(
            f"comity.{service}.v1.>",
            f"comity.nudge.{service}",
            "$JS.API.INFO",
            f"$JS.API.STREAM.INFO.{own}",
            *(subject for producer in consumes for subject in _reading(stream_name(producer), service)),
        ),
        subscribe=(f"_INBOX.{service}.>", f"comity.nudge.{service}"),
    )


def service_users(passwords: Mapping[str, str], consumes: Mapping[str, Sequence[str]]) -> list[NatsUser]:
    """A user for every service in ``passwords``; it reads only streams of services that exist there."""
    return [
        NatsUser(
            service, password, permissions(service, [name for name in consumes.get(service, ()) if name in passwords])
        )
        for service, password in passwords.items()
    ]


def _reading(stream: str, durable: str) -> tuple[str, ...]:
    """The requests of a pull consumer that exists already."""
    return (
        f"$JS.API.STREAM.INFO.{stream}",
        f"$JS.API.CONSUMER.INFO.{stream}.{durable}",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}",
        f"$JS.ACK.{stream}.{durable}.>",
    )
