"""Pulling contact cards by their digest from whoever owns them, before a reaction's transaction."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from comity.common.v1 import dossier_pb2
from comity.identity.v1 import identity_service_pb2

from services.common.rpc.client import CALL_SECONDS, STREAM_SECONDS, ServiceCredential, answered, pull
from services.notify.domain.values import Card

Read = Callable[[str, bytes, tuple[tuple[str, str], ...]], AsyncIterator[Any]]
"""(subject, digest, call metadata): the stream of an owner's ReadContactDossier."""


class ContactCards:
    """Reads the contact dossiers of one owner."""

    def __init__(self, read: Read, credential: ServiceCredential) -> None:
        self._read = read
        self._credential = credential

    async def pull(self, subject: str, digest: bytes) -> tuple[Card, ...]:
        """The cards that the digest names. Raises UNAVAILABLE while the owner does not answer."""
        metadata = await self._credential.metadata()
        data = await pull(lambda: self._read(subject, digest, metadata), digest)
        dossier = dossier_pb2.ContactDossier.FromString(data)
        return tuple(_card(subject, card) for card in dossier.cards)


class OrganisationDirectory:
    """What identity says of an organisation now."""

    def __init__(self, identity: Any, credential: ServiceCredential) -> None:
        self._identity = identity
        self._credential = credential

    async def ask(self, organisation: str) -> identity_service_pb2.Organisation:
        """Raises UNAVAILABLE while identity does not answer."""
        request = identity_service_pb2.GetOrganisationRequest(name=organisation)
        metadata = await self._credential.metadata()
        response = await answered(self._identity.GetOrganisation(request, metadata=metadata, timeout=CALL_SECONDS))
        found: identity_service_pb2.Organisation = response.organisation
        return found


Ask = Callable[[str], Awaitable[identity_service_pb2.Organisation]]
"""The organisation of a resource name."""


def reader(stub_method: Any, request: type[Any], field: str) -> Read:
    """A Read from a generated stub: ``field`` is the request's field for the subject."""

    def read(subject: str, digest: bytes, metadata: tuple[tuple[str, str], ...]) -> AsyncIterator[Any]:
        message = request(digest=digest, **{field: subject})
        stream: AsyncIterator[Any] = stub_method(message, metadata=metadata, timeout=STREAM_SECONDS)
        return stream

    return read


def _card(subject: str, card: dossier_pb2.ContactCard) -> Card:
    return Card(
        recipient=card.recipient,
        subject=subject,
        account=card.account,
        display_name=card.display_name,
        locale=card.locale or "zh",
        email=card.email,
        phone=card.phone,
    )


Pull = Callable[[str, bytes], Awaitable[tuple[Card, ...]]]
